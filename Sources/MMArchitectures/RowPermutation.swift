/// The order of rows that GGML's rotary embedding wants, undone.
///
/// A head of 2n rows holds, by pairs, the rows that turn together: row 2j of the source is row j of the head, and row
/// 2j + 1 is row n + j. (The converter of llama.cpp stores `reshape(heads, 2, n).swapaxes(1, 2)` of the rows.)
struct RowPermutation: Sendable, Hashable {
    let headCount: Int
    /// Even.
    let rowsPerHead: Int

    /// Nil where the rows do not make heads of an even width.
    init?(rowCount: Int, headCount: Int) {
        guard headCount > 0, rowCount % headCount == 0, (rowCount / headCount) % 2 == 0, rowCount > 0 else {
            return nil
        }
        self.headCount = headCount
        rowsPerHead = rowCount / headCount
    }

    /// Which row of the source is row `row` of the result.
    func sourceRow(_ row: Int) -> Int {
        let (head, inside) = row.quotientAndRemainder(dividingBy: rowsPerHead)
        let half = rowsPerHead / 2
        return head * rowsPerHead + (inside < half ? 2 * inside : 2 * (inside - half) + 1)
    }

    /// The source rows that enclose those of `rows`, which lie in one head.
    func enclosing(_ rows: Range<Int>) -> Range<Int> {
        let half = rowsPerHead / 2
        let middle = rows.lowerBound / rowsPerHead * rowsPerHead + half
        guard rows.lowerBound < middle, rows.upperBound > middle else {
            return sourceRow(rows.lowerBound)..<sourceRow(rows.upperBound - 1) + 1
        }
        // The first half's lowest row or the second half's first, and the highest likewise.
        let lowest = min(sourceRow(rows.lowerBound), sourceRow(middle))
        let highest = max(sourceRow(middle - 1), sourceRow(rows.upperBound - 1))
        return lowest..<highest + 1
    }
}

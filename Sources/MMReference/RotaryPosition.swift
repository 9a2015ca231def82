/// Where an element of a sequence is: in time, and for a patch of a picture its row and column. Text has one number for
/// all three (Qwen2-VL, arXiv 2409.12191).
package struct RotaryPosition: Sendable, Hashable {
    package var time: Int
    package var row: Int
    package var column: Int

    package init(time: Int, row: Int, column: Int) {
        self.time = time
        self.row = row
        self.column = column
    }

    /// The position of text.
    package init(_ index: Int) {
        self.init(time: index, row: index, column: index)
    }

    /// 0 time, 1 row, 2 column.
    subscript(axis: Int) -> Int {
        switch axis {
        case 0: time
        case 1: row
        default: column
        }
    }
}

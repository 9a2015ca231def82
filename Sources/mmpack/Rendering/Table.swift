/// Columns of text, numbers to the right.
struct Table {
    enum Alignment {
        case left
        case right
    }

    private let alignments: [Alignment]
    private var rows: [[String]]

    init(_ columns: [(title: String, alignment: Alignment)]) {
        alignments = columns.map(\.alignment)
        rows = [columns.map(\.title)]
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    /// The lines, each ended by a newline, without trailing spaces.
    var text: String {
        let widths = alignments.indices.map { column in rows.map { Self.width($0[column]) }.max() ?? 0 }
        var text = ""
        for row in rows {
            // Spaces are owed until something follows them.
            var owed = 0
            for (column, cell) in row.enumerated() {
                let space = widths[column] - Self.width(cell)
                if alignments[column] == .right { owed += space }
                if !cell.isEmpty {
                    text += String(repeating: " ", count: owed)
                    text += cell
                    owed = 0
                }
                if alignments[column] == .left { owed += space }
                owed += 2
            }
            text += "\n"
        }
        return text
    }

    /// Characters; to count those of plain ASCII takes no look at how they combine.
    private static func width(_ cell: String) -> Int {
        cell.utf8.allSatisfy { $0 < 0x80 } ? cell.utf8.count : cell.count
    }
}

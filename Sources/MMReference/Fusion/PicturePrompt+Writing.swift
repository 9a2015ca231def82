package import MMArchitectures
package import MMBytes

extension PicturePrompt {
    /// A picture as the text of a prompt has it: how its tiles lie, and how many tokens all of them have.
    package struct Place: Sendable, Hashable {
        package let grid: TileGrid
        package let tileCount: Int
        package let tokenCount: Int
        package let labels: TileLabels

        package init(grid: TileGrid, tileCount: Int, tokenCount: Int, labels: TileLabels = .none) {
            self.grid = grid
            self.tileCount = tileCount
            self.tokenCount = tokenCount
            self.labels = labels
        }
    }

    /// How many pictures `prompt` has places for.
    package func placeCount(in prompt: ByteString) -> Int { Self.parts(of: prompt.bytes, around: marker).count - 1 }

    /// The prompt with the tokens of pictures, in order, in their places; before it where it has no places. Nil where
    /// it has more or fewer.
    package func writing(_ pictures: [Place], into prompt: ByteString) -> ByteString? {
        var parts = Self.parts(of: prompt.bytes, around: marker)
        if parts.count == 1 {
            let lead = pictures.map { _ in unmarked }.joined()
            parts = Self.parts(of: Array(lead.utf8) + prompt.bytes, around: marker)
        }
        guard parts.count == pictures.count + 1 else { return nil }
        var text = parts[0]
        for (index, picture) in pictures.enumerated() {
            text += Array(self.text(of: picture, number: index).utf8)
            if index == pictures.count - 1 { text += Array(textBegin.utf8) }
            text += parts[index + 1]
        }
        return ByteString(text + Array(textEnd.utf8))
    }

    private func text(of picture: Place, number: Int) -> String {
        if picture.labels != .none, picture.tileCount > 1, picture.grid.count == picture.tileCount {
            return labelled(picture, number: number)
        }
        if let crops, picture.tileCount > 1 {
            let tokens = String(repeating: token, count: picture.tokenCount / picture.tileCount)
            let whole = begin + tokens + end
            let parts = [String](repeating: whole, count: picture.tileCount - 1)
            return crops.begin + whole + crops.between + parts.joined(separator: crops.separator)
        }
        guard let tiles, picture.tileCount > 1, picture.grid.count == picture.tileCount else {
            return begin + String(repeating: token, count: picture.tokenCount) + end
        }
        let tokens = String(repeating: token, count: picture.tokenCount / picture.tileCount)
        var text = ""
        for row in 1...max(picture.grid.rows, 1) {
            for column in 1...max(picture.grid.columns, 1) {
                text += tiles.cell.replacing("{row}", with: "\(row)").replacing("{column}", with: "\(column)") + tokens
            }
            text += tiles.rowEnd
        }
        return text + tiles.end + begin + tokens + end
    }

    /// The tiles in their order, each with what says where it lies.
    private func labelled(_ picture: Place, number: Int) -> String {
        let tokens = begin + String(repeating: token, count: picture.tokenCount / picture.tileCount) + end
        let isSeparated = picture.labels == .separators
        let whole = (isSeparated ? ":" : "(\(number),0,0)") + tokens
        var text = picture.grid.overview == .first ? whole : ""
        for row in stride(from: 1, through: picture.grid.rows, by: 1) {
            for column in stride(from: 1, through: picture.grid.columns, by: 1) {
                text += isSeparated ? (column > 1 ? "," : "") : "(\(number),\(row),\(column))"
                text += tokens
            }
            text += isSeparated ? "<n>" : ""
        }
        return picture.grid.overview == .last ? text + whole : text
    }

    /// What stands before, between and behind the places of `marker`, which is not empty.
    private static func parts(of text: [UInt8], around marker: String) -> [[UInt8]] {
        let marker = Array(marker.utf8)
        var parts: [[UInt8]] = [[]]
        var index = 0
        while index < text.count {
            if text[index] == marker[0], text[index...].starts(with: marker) {
                parts.append([])
                index += marker.count
            } else {
                parts[parts.count - 1].append(text[index])
                index += 1
            }
        }
        return parts
    }
}

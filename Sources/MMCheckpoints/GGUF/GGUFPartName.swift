internal import MMBytes

/// The name of one part of a split set: `PREFIX-00002-of-00003.gguf`, counted from 1.
struct GGUFPartName: Hashable {
    let prefix: String
    let number: Int
    let count: Int

    /// Nil for a name of another form.
    init?(_ fileName: String) {
        guard fileName.hasSuffix(".gguf") else { return nil }
        let fields = fileName.dropLast(5).split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count >= 4, fields[fields.count - 2] == "of",
            let number = Self.number(fields[fields.count - 3]), let count = Self.number(fields[fields.count - 1]),
            number >= 1, number <= count
        else { return nil }
        prefix = fields.dropLast(3).joined(separator: "-")
        self.number = number
        self.count = count
    }

    /// Part `number` of the same set, spelled.
    func fileName(ofPart number: Int) -> String {
        "\(prefix)-\(number.zeroPadded(toDigits: 5))-of-\(count.zeroPadded(toDigits: 5)).gguf"
    }

    private static func number(_ digits: Substring) -> Int? {
        guard digits.utf8.count == 5, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return Int(digits)
    }
}

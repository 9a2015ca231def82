/// A line of formats/tables/normalization.txt.
struct NormalizationFact {
    enum Kind {
        case canonical([UInt32], composes: Bool)
        case compatible([UInt32])
        case combiningClass(UInt8)
    }

    var first: UInt32
    var last: UInt32
    var kind: Kind

    /// `S=A B`, `S:A B`, `S~A B` or `S-T@C`, as the head of the table tells; nil for anything else.
    init?(_ line: ArraySlice<UInt8>) {
        guard let place = line.firstIndex(where: { "=:~@".utf8.contains($0) }) else { return nil }
        let bounds = line[..<place].split(separator: UInt8(ascii: "-")).compactMap { Self.number($0, radix: 16) }
        let values = line[(place + 1)...].split(separator: 0x20)
        guard let first = bounds.first, let last = bounds.last, first <= last, !values.isEmpty else { return nil }
        self.first = first
        self.last = last
        if line[place] == UInt8(ascii: "@") {
            guard let value = Self.number(values[0], radix: 10), let value = UInt8(exactly: value) else { return nil }
            kind = .combiningClass(value)
            return
        }
        let mapping = values.compactMap { Self.number($0, radix: 16) }
        guard mapping.count == values.count, first == last else { return nil }
        kind =
            line[place] == UInt8(ascii: "~")
            ? .compatible(mapping) : .canonical(mapping, composes: line[place] == UInt8(ascii: "="))
    }

    private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> UInt32? {
        UInt32(String(decoding: digits, as: UTF8.self), radix: radix).flatMap { $0 < 0x110000 ? $0 : nil }
    }
}

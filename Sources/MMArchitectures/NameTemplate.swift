internal import MMBytes

/// A tensor's name with places to fill: `{prefix}` (one of the description's prefixes), `{i}` (a layer, in decimal; also
/// `{i+1}`, `{2i}` or `{2i+1}` for names that count otherwise), `{e}` (an expert, likewise) and `{arch}` (what the GGUF
/// file calls its architecture).
package struct NameTemplate: Sendable, Hashable {
    package let text: String
    let segments: [Segment]

    enum Segment: Sendable, Hashable {
        case literal([UInt8])
        case place(Place)
    }

    enum Place: Sendable, Hashable {
        case prefix
        /// The number `times` * layer + `plus`.
        case layer(times: Int, plus: Int)
        case expert
        case architecture

        /// Nil for a text that is none of the places.
        init?(_ text: String) {
            switch text {
            case "prefix": self = .prefix
            case "e": self = .expert
            case "arch": self = .architecture
            default:
                let parts = text.split(separator: "i", maxSplits: 1, omittingEmptySubsequences: false)
                guard parts.count == 2, let times = parts[0].isEmpty ? 1 : Int(parts[0]), (1...9).contains(times),
                    let plus = parts[1].isEmpty ? 0 : parts[1].hasPrefix("+") ? Int(parts[1].dropFirst()) : nil,
                    (0...9).contains(plus)
                else { return nil }
                self = .layer(times: times, plus: plus)
            }
        }
    }

    /// Nil for a place that is not known, and for an open brace without its end.
    package init?(_ text: String) {
        var segments: [Segment] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let literal = rest.prefix { $0 != UInt8(ascii: "{") }
            if !literal.isEmpty { segments.append(.literal(Array(literal))) }
            rest = rest.dropFirst(literal.count)
            guard !rest.isEmpty else { break }
            guard let end = rest.firstIndex(of: UInt8(ascii: "}")),
                let place = Place(String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self))
            else { return nil }
            segments.append(.place(place))
            rest = rest[(end + 1)...]
        }
        self.text = text
        self.segments = segments
    }

    /// The template with `{e}` filled.
    func numbered(_ number: Int) -> NameTemplate {
        NameTemplate(
            text: text.replacing("{e}", with: number.description),
            segments: segments.map { $0 == .place(.expert) ? .literal(Array(number.description.utf8)) : $0 }
        )
    }

    private init(text: String, segments: [Segment]) {
        self.text = text
        self.segments = segments
    }

    var hasLayer: Bool {
        segments.contains { if case .place(.layer) = $0 { true } else { false } }
    }

    var hasExpert: Bool { segments.contains(.place(.expert)) }

    /// The name with its places filled; a place for which nothing is given stays empty.
    func filled(
        layer: Int? = nil,
        expert: Int? = nil,
        prefix: ByteString = "",
        architecture: ByteString = ""
    ) -> ByteString {
        var bytes: [UInt8] = []
        for segment in segments {
            switch segment {
            case .literal(let literal): bytes += literal
            case .place(.prefix): bytes += prefix.bytes
            case .place(.architecture): bytes += architecture.bytes
            case .place(.layer(let times, let plus)): if let layer { bytes += (times * layer + plus).description.utf8 }
            case .place(.expert): if let expert { bytes += expert.description.utf8 }
            }
        }
        return ByteString(bytes)
    }

    /// Whether `name` is this template with `prefix` filled in, some layer and some expert, and which.
    func match(_ name: ByteString, prefix: ByteString = "") -> NameMatch? {
        var rest = name.bytes[...]
        var layer: Int?
        var expert: Int?
        for segment in segments {
            switch segment {
            case .literal(let literal):
                guard rest.starts(with: literal) else { return nil }
                rest = rest.dropFirst(literal.count)
            case .place(.prefix):
                guard rest.starts(with: prefix.bytes) else { return nil }
                rest = rest.dropFirst(prefix.count)
            case .place(.architecture): return nil
            case .place(.layer(let times, let plus)):
                var number = layer.map { times * $0 + plus }
                guard Self.takeNumber(from: &rest, into: &number), let number, number >= plus,
                    (number - plus).isMultiple(of: times)
                else { return nil }
                layer = (number - plus) / times
            case .place(.expert): guard Self.takeNumber(from: &rest, into: &expert) else { return nil }
            }
        }
        return rest.isEmpty ? NameMatch(layer: layer, expert: expert) : nil
    }

    /// Far more layers and experts than there are, and few enough to calculate with.
    private static let numberLimit = 1 << 40

    /// Takes a number in its one spelling ("01" is another name than "1") that is the one found before, if any was.
    private static func takeNumber(from rest: inout ArraySlice<UInt8>, into found: inout Int?) -> Bool {
        let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        guard let number = Int(String(decoding: digits, as: UTF8.self)), number <= numberLimit,
            number.description.utf8.count == digits.count,
            found == nil || found == number
        else { return false }
        found = number
        rest = rest.dropFirst(digits.count)
        return true
    }
}

extension NameTemplate: CustomStringConvertible {
    package var description: String { text }
}

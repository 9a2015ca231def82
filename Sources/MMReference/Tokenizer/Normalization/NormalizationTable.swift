import CFormats

/// formats/tables/normalization.txt: what Unicode normalization needs to know of each scalar (UAX 15).
///
/// Hangul syllables are not in it; they are computed (Unicode Standard, 3.12).
struct NormalizationTable: Sendable {
    struct Entry: Sendable {
        /// The whole canonical decomposition, as a range of `decompositions`; empty for none.
        var canonical: Range<UInt32> = 0..<0
        /// The same of the compatibility decomposition.
        var compatible: Range<UInt32> = 0..<0
        var combiningClass: UInt8 = 0
        /// Whether some scalar before this one composes with it.
        var isSecond = false
    }

    /// No scalar from here on has an entry.
    private static let scalarLimit: UInt32 = 0x30000

    /// For each scalar its place in `entries`; 0 is the entry of a scalar of which there is nothing to know.
    private var places = [UInt16](repeating: 0, count: Int(scalarLimit))
    private var entries = [Entry()]
    private(set) var decompositions: [UInt32] = []
    /// The scalar that two others compose to, by the first in the upper and the second in the lower half.
    private var compositions: [UInt64: UInt32] = [:]

    /// The table that the program was built with.
    static func embedded() throws(TokenizerError) -> NormalizationTable { try parsed.get() }

    private static let parsed: Result<NormalizationTable, TokenizerError> = {
        let table = unsafe mmf_normalization()
        // The bytes are a constant of the program, `count` long.
        let bytes = unsafe Array(UnsafeBufferPointer(start: table.pointer, count: table.count))
        return Result { () throws(TokenizerError) in try NormalizationTable(bytes) }
    }()

    private init(_ bytes: [UInt8]) throws(TokenizerError) {
        var canonical: [UInt32: [UInt32]] = [:]
        var compatible: [UInt32: [UInt32]] = [:]
        for line in bytes.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            guard let fact = NormalizationFact(line), fact.last < Self.scalarLimit else {
                let text = String(decoding: line, as: UTF8.self)
                throw TokenizerError(.wrongType(expected: "a line of the table"), at: "normalization.txt: \(text)")
            }
            switch fact.kind {
            case .combiningClass(let value):
                for scalar in fact.first...fact.last { change(scalar) { $0.combiningClass = value } }
            case .canonical(let mapping, let composes):
                canonical[fact.first] = mapping
                guard composes, mapping.count == 2 else { continue }
                compositions[UInt64(mapping[0]) << 32 | UInt64(mapping[1])] = fact.first
                change(mapping[1]) { $0.isSecond = true }
            case .compatible(let mapping): compatible[fact.first] = mapping
            }
        }
        let both = canonical.merging(compatible) { first, _ in first }
        for scalar in both.keys.sorted() {
            if let mapping = canonical[scalar] {
                let range = append(mapping, by: canonical)
                change(scalar) { $0.canonical = range }
            }
            let range = append(both[scalar] ?? [], by: both)
            change(scalar) { $0.compatible = range }
        }
    }

    private mutating func change(_ scalar: UInt32, _ change: (inout Entry) -> Void) {
        guard scalar < Self.scalarLimit else { return }
        if places[Int(scalar)] == 0 {
            places[Int(scalar)] = UInt16(truncatingIfNeeded: entries.count)
            entries.append(Entry())
        }
        change(&entries[Int(places[Int(scalar)])])
    }

    /// Decomposes what a mapping leads to until nothing decomposes any more.
    private mutating func append(_ mapping: [UInt32], by mappings: [UInt32: [UInt32]]) -> Range<UInt32> {
        let start = UInt32(truncatingIfNeeded: decompositions.count)
        var left = Array(mapping.reversed())
        while let scalar = left.popLast() {
            if let further = mappings[scalar] { left += further.reversed() } else { decompositions.append(scalar) }
        }
        return start..<UInt32(truncatingIfNeeded: decompositions.count)
    }

    func entry(of scalar: UInt32) -> Entry {
        scalar < Self.scalarLimit ? entries[Int(places[Int(scalar)])] : entries[0]
    }

    func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        compositions[UInt64(first) << 32 | UInt64(second)]
    }
}

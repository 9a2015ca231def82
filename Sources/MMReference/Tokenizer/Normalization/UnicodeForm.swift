/// One of the four Unicode normalization forms (UAX 15): NFC, NFD, NFKC, NFKD.
///
/// Takes time in proportion to the text, however many combining marks follow each other in it.
struct UnicodeForm: Sendable {
    /// Decomposes by compatibility too (the K forms).
    let isCompatible: Bool
    /// Composes after decomposing (the C forms).
    let composes: Bool
    let table: NormalizationTable

    init(isCompatible: Bool, composes: Bool) throws(TokenizerError) {
        self.isCompatible = isCompatible
        self.composes = composes
        table = try NormalizationTable.embedded()
    }

    /// Scalars below it are in every form but NFKC and NFKD, and those below U+0300 do not compose with what is before.
    private static let firstMark: UInt32 = 0x300

    func append(_ source: Span<UInt8>, to output: inout [UInt8]) {
        var block: [UInt32] = []
        var position = 0
        while position < source.count {
            let first = source[position]
            if first < 0x80 {
                flush(&block, to: &output)
                // An ASCII scalar may be what a mark behind it composes with.
                if position + 1 < source.count, source[position + 1] < 0x80 {
                    output.append(first)
                } else {
                    block.append(UInt32(first))
                }
                position += 1
                continue
            }
            let (scalar, length) = source.scalar(at: position)
            position += length
            decompose(scalar, into: &block, output: &output)
        }
        flush(&block, to: &output)
    }

    private func decompose(_ scalar: UInt32, into block: inout [UInt32], output: inout [UInt8]) {
        let syllable = scalar &- Hangul.syllableBase
        if syllable < Hangul.syllableCount {
            flush(&block, to: &output)
            if composes {
                block.append(scalar)
                return
            }
            block.append(Hangul.leadBase + syllable / Hangul.pairCount)
            block.append(Hangul.vowelBase + syllable % Hangul.pairCount / Hangul.tailCount)
            let tail = syllable % Hangul.tailCount
            if tail > 0 { block.append(Hangul.tailBase + tail) }
            return
        }
        let entry = table.entry(of: scalar)
        let mapping = isCompatible ? entry.compatible : entry.canonical
        guard !mapping.isEmpty else {
            push(scalar, entry, into: &block, output: &output)
            return
        }
        for index in mapping {
            let part = table.decompositions[Int(index)]
            push(part, table.entry(of: part), into: &block, output: &output)
        }
    }

    /// A block is a starter with all that may be sorted behind it or composed with it; its elements are scalars with
    /// their combining classes in the upper eight bits.
    private func push(
        _ scalar: UInt32,
        _ entry: NormalizationTable.Entry,
        into block: inout [UInt32],
        output: inout [UInt8]
    ) {
        let isSecond = entry.isSecond || Hangul.isVowelOrTail(scalar)
        if entry.combiningClass == 0, !isSecond { flush(&block, to: &output) }
        block.append(UInt32(entry.combiningClass) << 24 | scalar)
    }

    private func flush(_ block: inout [UInt32], to output: inout [UInt8]) {
        guard !block.isEmpty else { return }
        if block.count > 1 {
            Self.sortMarks(&block)
            if composes { compose(&block) }
        }
        for element in block { output.append(scalar: element & 0x1F_FFFF) }
        block.removeAll(keepingCapacity: true)
    }

    /// Sorts each run of marks by class, equal ones in their order.
    private static func sortMarks(_ block: inout [UInt32]) {
        var start = 0
        while start < block.count {
            guard block[start] >> 24 != 0 else {
                start += 1
                continue
            }
            var end = start + 1
            while end < block.count, block[end] >> 24 != 0 { end += 1 }
            if end - start > 1 { sort(&block, start..<end) }
            start = end
        }
    }

    private static func sort(_ block: inout [UInt32], _ range: Range<Int>) {
        guard range.count > 16 else {
            for index in range.dropFirst() {
                let element = block[index]
                var place = index
                while place > range.lowerBound, block[place - 1] >> 24 > element >> 24 {
                    block[place] = block[place - 1]
                    place -= 1
                }
                block[place] = element
            }
            return
        }
        var starts = [Int](repeating: 0, count: 257)
        for index in range { starts[Int(block[index] >> 24) + 1] += 1 }
        for value in 1..<257 { starts[value] += starts[value - 1] }
        let run = Array(block[range])
        for element in run {
            block[range.lowerBound + starts[Int(element >> 24)]] = element
            starts[Int(element >> 24)] += 1
        }
    }

    /// Composes what is not blocked (UAX 15, definition D117), in place.
    private func compose(_ block: inout [UInt32]) {
        var kept = 0
        var starter: Int?
        for index in 0..<block.count {
            let element = block[index]
            let value = element >> 24
            if let starter, kept == starter + 1 || block[kept - 1] >> 24 < value,
                let composed = composition(block[starter] & 0x1F_FFFF, element & 0x1F_FFFF)
            {
                block[starter] = composed
                continue
            }
            if value == 0 { starter = kept }
            block[kept] = element
            kept += 1
        }
        block.removeSubrange(kept...)
    }

    private func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        Hangul.composition(first, second) ?? table.composition(first, second)
    }
}

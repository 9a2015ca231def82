/// SentencePiece's `precompiled_charsmap`: what characters, or short sequences of them, are normalized to.
///
/// Layout (sentencepiece, normalizer.cc): the byte count of a trie (32 bits, little endian), the units of a double-array
/// trie as Darts-clone lays them out (32 bits each), then texts that each end with a zero byte; a key's value is the
/// offset of its text. Every index is checked as it is followed, so that any bytes are safe.
struct CharacterMap: Sendable {
    private let units: [UInt32]
    private let texts: [UInt8]

    /// nil where the trie's size does not fit the bytes. No bytes are a map without entries.
    init?(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else {
            units = []
            texts = []
            return
        }
        guard bytes.count >= 4 else { return nil }
        func word(_ offset: Int) -> UInt32 {
            UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
                | UInt32(bytes[offset + 3]) << 24
        }
        let byteCount = Int(word(0))
        guard byteCount % 4 == 0, byteCount <= bytes.count - 4 else { return nil }
        units = (0..<byteCount / 4).map { word(4 + 4 * $0) }
        texts = Array(bytes[(4 + byteCount)...])
    }

    /// The text of the shortest key that begins `key`, or of the longest; and how many bytes that key has.
    func match(_ key: Span<UInt8>, at position: Int, isLongest: Bool) -> (text: Range<Int>, length: Int)? {
        guard let root = units.first else { return nil }
        var node = Self.offset(root)
        var found: (value: Int, length: Int)?
        var next = position
        while next < key.count, key[next] != 0 {
            node ^= Int(key[next])
            guard node < units.count, units[node] & 0x8000_00FF == UInt32(key[next]) else { break }
            let unit = units[node]
            node ^= Self.offset(unit)
            next += 1
            guard unit >> 8 & 1 == 1, node < units.count else { continue }
            found = (Int(units[node] & 0x7FFF_FFFF), next - position)
            if !isLongest { break }
        }
        guard let found, found.value < texts.count else { return nil }
        let end = texts[found.value...].firstIndex(of: 0) ?? texts.count
        return (found.value..<end, found.length)
    }

    private static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & (1 << 9)) >> 6)) }

    func append(_ text: Range<Int>, to output: inout [UInt8]) { output += texts[text] }

    /// Normalizes as the `Precompiled` normalizer of the `tokenizers` library does: a grapheme cluster of fewer than six
    /// bytes becomes the text of the shortest key that begins it, whatever follows that key in it; other clusters go
    /// scalar by scalar.
    func appendClusters(of source: Span<UInt8>, to output: inout [UInt8]) {
        let text = String(copying: source)
        var index = text.startIndex
        var position = 0
        while index < text.endIndex {
            let next = text.index(after: index)
            let end = Swift.min(position + text.utf8.distance(from: index, to: next), source.count)
            index = next
            let cluster = source.extracting(position..<end)
            position = end
            if cluster.count < 6, let (text, _) = match(cluster, at: 0, isLongest: false) {
                append(text, to: &output)
            } else {
                appendScalars(of: cluster, to: &output)
            }
        }
    }

    private func appendScalars(of cluster: Span<UInt8>, to output: inout [UInt8]) {
        var position = 0
        while position < cluster.count {
            let end = cluster.positionAfterScalar(at: position)
            let scalar = cluster.extracting(position..<end)
            if let (text, _) = match(scalar, at: 0, isLongest: false) {
                append(text, to: &output)
            } else {
                output.append(scalar)
            }
            position = end
        }
    }
}

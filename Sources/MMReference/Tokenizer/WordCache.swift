/// Where words of a text were seen before in it, so that a repeated word is not merged again.
///
/// Of a fixed size that depends on the text's length alone; a newer word takes the place of an older one.
struct WordCache {
    private struct Entry {
        var wordStart: UInt32 = 0
        var wordCount: UInt32 = 0
        var idStart: UInt32 = 0
        var idCount: UInt32 = 0
    }

    private static let slotLimit = 16_384

    private var entries: [Entry]

    init(byteCount: Int) {
        var slotCount = 16
        while slotCount < byteCount / 8, slotCount < Self.slotLimit { slotCount *= 2 }
        entries = [Entry](repeating: Entry(), count: slotCount)
    }

    func slot(of word: Span<UInt8>) -> Int {
        // FNV-1a (Fowler, Noll, Vo), 64 bits; a collision costs a merge, nothing else.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in word.indices { hash = (hash ^ UInt64(word[index])) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 29) & (entries.count - 1)
    }

    /// The ids of `word` as a range of those made so far.
    func entry(_ slot: Int, word: Span<UInt8>, in text: Span<UInt8>) -> Range<Int>? {
        let entry = entries[slot]
        guard word.count > 0, Int(entry.wordCount) == word.count else { return nil }
        let start = Int(entry.wordStart)
        for index in word.indices where text[start + index] != word[index] { return nil }
        return Int(entry.idStart)..<Int(entry.idStart) + Int(entry.idCount)
    }

    /// Both ranges are below `Tokenizer.textLimit` or a small multiple of it, so they fit.
    mutating func remember(_ slot: Int, word: Range<Int>, ids: Range<Int>) {
        entries[slot] = Entry(
            wordStart: UInt32(truncatingIfNeeded: word.lowerBound),
            wordCount: UInt32(truncatingIfNeeded: word.count),
            idStart: UInt32(truncatingIfNeeded: ids.lowerBound),
            idCount: UInt32(truncatingIfNeeded: ids.count)
        )
    }
}

import MMBytes

/// The tokens of a tokenizer as its file spells them, by id and by text.
struct Vocabulary: Sendable {
    /// Four million: sixteen times the largest vocabulary in use.
    static let tokenLimit = 4_194_304

    private(set) var tokens = ByteArena()
    /// Open addressing over `tokens`: id + 1, or 0 for free; the count is a power of two above twice the tokens.
    private var slots: [UInt32]

    /// Numbers `tokens` from 0. Throws `TokenizerError` for a text that stands twice and for too many tokens.
    ///
    /// `unlisted` are ids that `id(of:)` does not find.
    init(_ tokens: [ByteString], unlisted: Set<UInt32> = [], at place: String) throws(TokenizerError) {
        guard tokens.count <= Self.tokenLimit else {
            throw TokenizerError(.tooMany("tokens", count: tokens.count, allowed: Self.tokenLimit), at: place)
        }
        var slotCount = 16
        while slotCount < tokens.count * 2 { slotCount *= 2 }
        slots = [UInt32](repeating: 0, count: slotCount)
        for (index, token) in tokens.enumerated() {
            let id = UInt32(index)
            self.tokens.append(token.bytes)
            guard !unlisted.contains(id) else { continue }
            let slot = slot(of: token.bytes.span)
            guard slots[slot] == 0 else {
                throw TokenizerError(.duplicateToken(token, first: slots[slot] - 1, second: id), at: place)
            }
            slots[slot] = id + 1
        }
    }

    var count: Int { tokens.count }

    /// The id of the token spelled `text`.
    func id(of text: Span<UInt8>) -> UInt32? {
        let found = slots[slot(of: text)]
        return found == 0 ? nil : found - 1
    }

    func id(of text: ByteString) -> UInt32? { id(of: text.bytes.span) }

    /// The slot that holds `text`, or the free one where it belongs.
    private func slot(of text: Span<UInt8>) -> Int {
        var hasher = Hasher()
        // The buffer is valid for the closure, which only reads it.
        unsafe text.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        var slot = hasher.finalize() & (slots.count - 1)
        while slots[slot] != 0, !tokens.equals(Int(slots[slot] - 1), text) { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }
}

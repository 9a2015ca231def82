/// Token ids for models without a tokenizer.
package enum SeededTokens {
    /// `count` ids below `vocabularyCount`, which is positive; the same on every platform.
    package static func ids(count: Int, vocabularyCount: Int, seed: UInt64) -> [UInt32] {
        precondition(vocabularyCount > 0)
        var generator = SplitMix64(seed: seed)
        // The high half of a 64 x 64 bit product: uniform up to 2^-32 for any vocabulary.
        return (0..<count).map { _ in
            UInt32(truncatingIfNeeded: generator.next().multipliedFullWidth(by: UInt64(vocabularyCount)).high)
        }
    }
}

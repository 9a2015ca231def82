extension Tokenizer {
    /// The bytes that an id stands for; none for an id outside the vocabulary, which a padded model may produce.
    package func bytes(of id: UInt32) -> ArraySlice<UInt8> {
        id < vocabulary.count ? decodedTokens[Int(id)] : []
    }

    package func isSpecial(_ id: UInt32) -> Bool { specialIDs.contains(id) }

    /// The bytes of a sequence, which are not UTF-8 when ids cut a character.
    package func decode(_ ids: [UInt32], skippingSpecialTokens: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        for id in ids where !(skippingSpecialTokens && isSpecial(id)) { output += bytes(of: id) }
        return output
    }
}

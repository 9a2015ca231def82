extension Tokenizer {
    /// The bytes that an id below the count stands for.
    func bytes(of id: UInt32, isFirst: Bool) -> ArraySlice<UInt8> {
        guard isFirst, decoder.tellsFirst else { return decodedTokens[Int(id)] }
        let token = Array(vocabulary.tokens[Int(id)])
        return decoder.bytes(of: token, isAdded: addedIDs.contains(id), isFirst: true)[...]
    }

    package func isSpecial(_ id: UInt32) -> Bool { specialIDs.contains(id) }

    /// The bytes of a sequence, which are not UTF-8 when ids cut a character. An id outside the vocabulary, which a
    /// padded model may produce, has none.
    package func decode(_ ids: [UInt32], skippingSpecialTokens: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        var state = DecodingState(self)
        for id in ids where !(skippingSpecialTokens && isSpecial(id)) { state.append(id, of: self, to: &output) }
        return output
    }
}

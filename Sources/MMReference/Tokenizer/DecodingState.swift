/// How far the decoding of a sequence has come: what becomes of a token depends on whether text went before it.
struct DecodingState: Sendable {
    private var isFirst = true
    private var strippableCount: Int

    init(_ tokenizer: Tokenizer) {
        strippableCount = tokenizer.decoder.strippedStartCount
    }

    /// Appends the bytes of the next token of the sequence.
    mutating func append(_ id: UInt32, of tokenizer: Tokenizer, to output: inout [UInt8]) {
        guard id < tokenizer.vocabulary.count else { return }
        var bytes = tokenizer.bytes(of: id, isFirst: isFirst)
        isFirst = false
        let stripped = tokenizer.decoder.strippedStart
        while strippableCount > 0, !bytes.isEmpty {
            guard bytes.starts(with: stripped) else {
                strippableCount = 0
                break
            }
            bytes = bytes.dropFirst(stripped.count)
            strippableCount -= 1
        }
        output += bytes
    }
}

/// The normalization that a SentencePiece unigram model carries, as GGUF's "t5" tokenizers state it: a character map, and
/// what becomes of spaces.
///
/// Source: sentencepiece, normalizer.cc, and llama.cpp's llm_tokenizer_ugm, which add U+2581 before the text and for
/// every space.
struct PieceSpacing: Sendable {
    /// U+2581, which stands for a space in pieces.
    static let space: [UInt8] = [0xE2, 0x96, 0x81]

    let map: CharacterMap
    /// Puts a space before the first word.
    let prefixesSpace: Bool
    /// Makes one space of several, and drops those at the ends.
    let mergesSpaces: Bool

    func append(_ source: Span<UInt8>, to output: inout [UInt8]) {
        var mapped: [UInt8] = []
        var position = 0
        while position < source.count {
            if let (text, length) = map.match(source, at: position, isLongest: true) {
                map.append(text, to: &mapped)
                position += length
            } else {
                let end = source.positionAfterScalar(at: position)
                mapped.append(source.extracting(position..<end))
                position = end
            }
        }
        var isInWord = false
        var isFirst = true
        for byte in mapped {
            if byte != 0x20 {
                if !isInWord, mergesSpaces || prefixesSpace && isFirst { output += Self.space }
                isFirst = false
                isInWord = true
                output.append(byte)
            } else {
                isInWord = false
                if !mergesSpaces { output += Self.space }
            }
        }
    }
}

import MMBytes
import MMCheckpoints
import MMReference
import MMTestSupport
import Testing

/// Added tokens, and spaces around them, as llama.cpp takes them: fixtures/tokenizers/make_llama.py.
@Suite struct LlamaTokenizerTests {
    @Test(
        .enabled(if: Fixture.model("gemma-3-270m-q4_k_m.gguf") != nil),
        arguments: [
            ("smollm2-llama", "smollm2-135m-instruct-q4_1.gguf"), ("gemma3-llama", "gemma-3-270m-q4_k_m.gguf"),
        ]
    )
    func encodesAsLlamaCppDoes(golden name: String, model: String) throws {
        let path = try #require(Fixture.model(model))
        let tokenizer = try Tokenizer(metadata: try GGUFFile(path: path).metadata)
        let golden = try TokenizerGolden.json("real/\(name).json")
        let texts = try TokenizerGolden.strings() + TokenizerGolden.texts(golden["texts"])
        let pairs = try #require(golden["ids"]?.elements).map { try TokenizerGolden.lines($0) }
        #expect(texts.count == pairs.count)
        for (text, pair) in zip(texts, pairs) {
            #expect(try tokenizer.encode(text) == pair[0], "\(ByteString(text))")
            let plain = try tokenizer.encode(text, addSpecialTokens: false, parseSpecial: false)
            #expect(plain == pair[1], "\(ByteString(text)), special tokens not parsed")
        }
    }
}

import MMBytes
import MMReference
import Testing

@Suite struct TokenizerTests {
    /// A word so long that a quadratic merge would be seen, merged as a short one would be.
    @Test func mergesLongWordsAsShortOnes() throws {
        let tokenizer = try TokenizerGolden.tokenizer("gpt2")
        let word = Array(String(repeating: "the", count: 8_000).utf8)
        let ids = try tokenizer.encode(word, addSpecialTokens: false)
        #expect(tokenizer.decode(ids) == word)
        let short = try tokenizer.encode(Array(word.prefix(30)), addSpecialTokens: false)
        #expect(ids.prefix(short.count - 2) == short.prefix(short.count - 2))
    }

    /// Any bytes come through without a trap, and as the text that they are repaired to.
    @Test func takesAnyBytes() throws {
        let tokenizer = try TokenizerGolden.tokenizer("llama3")
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for length in 0..<300 {
            let bytes = (0..<length).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            let ids = try tokenizer.encode(bytes, addSpecialTokens: false)
            #expect(tokenizer.decode(ids) == Array(String(decoding: bytes, as: UTF8.self).utf8))
        }
    }

    @Test func holdsBackACharacterThatIsCut() throws {
        let tokenizer = try TokenizerGolden.tokenizer("gpt2")
        let ids = try "a🙂é".utf8.map { byte in
            var spelling = ""
            for id in UInt32(0)..<UInt32(tokenizer.vocabularyCount) where tokenizer.decode([id]) == [byte] {
                spelling = String(id)
                break
            }
            return try #require(UInt32(spelling))
        }
        var stream = TokenStreamDecoder(tokenizer)
        #expect(ids.map { String(decoding: stream.append($0), as: UTF8.self) } == ["a", "", "", "", "🙂", "", "é"])
        #expect(stream.finish() == [])
        #expect(stream.append(ids[1]) == [])
        #expect(String(decoding: stream.finish(), as: UTF8.self) == "\u{FFFD}")
        #expect(String(decoding: stream.append(ids[2]), as: UTF8.self) == "\u{FFFD}")
    }

    @Test func passesOverIDsOutsideTheVocabulary() throws {
        let tokenizer = try TokenizerGolden.tokenizer("gpt2")
        #expect(tokenizer.decode([UInt32(tokenizer.vocabularyCount), .max]) == [])
    }

    @Test(arguments: [
        "gpt-2", "smollm", "starcoder", "refact", "command-r", "llama-bpe", "llama3", "glm4", "qwen2", "qwen35",
        "minicpm5",
        "seed-coder", "bailingmoe", "exaone-moe", "tekken", "gpt-4o", "llama4", "granite-embed-multi-97m", "tiny_aya",
        "youtu",
        "deepseek-llm", "deepseek-coder", "deepseek-v3", "falcon", "bloom", "viking", "default",
    ])
    func knowsThePreTokenizer(name: String) throws {
        let metadata = try #require(try TokenizerGolden.json("gpt2/gguf.json")["metadata"])
        let tokenizer = try Tokenizer(metadata: metadata.replacing(["tokenizer.ggml.pre"], with: .text(name)))
        let text = "The 12345 boats, they've gone; été 港口!\n\n  x += 1"
        let ids = try tokenizer.encode(text, addSpecialTokens: false)
        #expect(tokenizer.decode(ids) == Array(text.utf8))
    }
}

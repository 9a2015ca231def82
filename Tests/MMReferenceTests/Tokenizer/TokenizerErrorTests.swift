import MMBytes
import MMReference
import Testing

/// A description that cannot be used is refused with the place and the name of what is wrong.
@Suite struct TokenizerErrorTests {
    func refusal(_ path: [ByteString], _ value: JSONValue?) throws -> String {
        let document = try TokenizerGolden.json("qwen2/tokenizer.json").replacing(path, with: value)
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: document) }
        #expect(error?.category == .badData)
        return error?.description ?? ""
    }

    func metadataRefusal(_ key: ByteString, _ value: JSONValue?) throws -> String {
        let metadata = try #require(try TokenizerGolden.json("smollm2/gguf.json")["metadata"])
        let changed = metadata.replacing([key], with: value)
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(metadata: changed) }
        return error?.description ?? ""
    }

    @Test func namesTheComponentAndItsPlace() throws {
        let words: JSONValue = [
            "type": "Sequence", "pretokenizers": [["type": "BertPreTokenizer"], ["type": "ByteLevel"]],
        ]
        let message = try refusal(["pre_tokenizer"], words)
        #expect(message == "tokenizer: pre_tokenizer.pretokenizers[0]: the component BertPreTokenizer is not supported")
        #expect(try refusal(["normalizer"], ["type": "BertNormalizer"]).contains("normalizer: the component"))
        let nested: JSONValue = ["type": "Sequence", "normalizers": [["type": "Nmt"]]]
        #expect(try refusal(["normalizer"], nested).contains("normalizer.normalizers[0]: the component Nmt"))
        #expect(try refusal(["decoder"], ["type": "WordPiece"]).contains("decoder: the component WordPiece"))
        #expect(try refusal(["decoder"], nil).contains("decoder: missing"))
        #expect(try refusal(["post_processor"], ["type": "BertProcessing"]).contains("post_processor: the component"))
        #expect(try refusal(["model", "type"], "WordPiece").contains("model: the component WordPiece"))
        #expect(try refusal(["model", "type"], "Unigram").contains("a Unigram model of bytes"))
        #expect(try refusal(["model", "byte_fallback"], true).contains("model: byte_fallback"))
        #expect(try refusal(["model", "dropout"], 0.1).contains("model: dropout"))
        #expect(try refusal(["model", "end_of_word_suffix"], "</w>").contains("end_of_word_suffix"))
        #expect(try refusal(["model", "unk_token"], "nowhere").contains("\"nowhere\" is not in the vocabulary"))
        let twice: JSONValue = [
            "type": "Sequence", "pretokenizers": [["type": "ByteLevel"], ["type": "ByteLevel"]],
        ]
        #expect(try refusal(["pre_tokenizer"], twice).contains("pretokenizers[0]: ByteLevel before"))
    }

    @Test func namesTheMergeOutsideTheVocabulary() throws {
        #expect(
            try refusal(["model", "merges"], ["a b", "zqx q"])
                == "tokenizer: model.merges[0]: the merge \"a b\" needs the token \"ab\", which is not in the vocabulary"
        )
        #expect(try refusal(["model", "merges"], [["o", "u"], ["zqx", "q"]]).contains("needs the token \"zqx\""))
        #expect(try refusal(["model", "merges"], ["o u", "o u"]).contains("the merge \"o u\" is listed twice"))
        #expect(try refusal(["model", "merges"], ["ou"]).contains("is not a pair"))
        #expect(try refusal(["model", "merges"], ["o u x"]).contains("is not a pair"))
        #expect(try refusal(["model", "merges"], [["o"]]).contains("model.merges[0]"))
        #expect(try refusal(["model", "merges"], "o u").contains("model.merges: not an array"))
    }

    @Test func namesTheIDThatIsTakenOrMissing() throws {
        #expect(try refusal(["model", "vocab", "a"], 1).contains("id 1 has two tokens"))
        #expect(try refusal(["model", "vocab", "extra"], 5_000).contains("no token has the id"))
        #expect(try refusal(["model", "vocab", "a"], nil).contains("no token has the id"))
        #expect(try refusal(["model", "vocab", "extra"], -1).contains("id -1 is outside"))
        #expect(try refusal(["model", "vocab", "extra"], .integer(.max)).contains("is outside the vocabulary of"))
        #expect(try refusal(["model", "vocab", "extra"], 1.5).contains("model.vocab.extra: not an integer"))
        #expect(try refusal(["model", "vocab"], []).contains("model.vocab"))
        let added: JSONValue = [["id": 3, "content": "a"]]
        #expect(try refusal(["added_tokens"], added).contains("added_tokens[0]: the added token \"a\" has"))
        let long = JSONValue.string(ByteString([UInt8](repeating: 0x61, count: 600)))
        #expect(try refusal(["added_tokens"], [["id": 1_000, "content": long]]).contains("600 bytes"))
        #expect(try refusal(["added_tokens"], [["id": 1_000, "content": ""]]).contains("0 bytes"))
    }

    @Test func namesThePatternThatCannotBeRead() throws {
        let split: JSONValue = [
            "type": "Split", "pattern": ["Regex": "\\p{Han}+"], "behavior": "Isolated", "invert": false,
        ]
        let sequence: JSONValue = ["type": "Sequence", "pretokenizers": [split, ["type": "ByteLevel"]]]
        let message = try refusal(["pre_tokenizer"], sequence)
        #expect(message.contains("pre_tokenizer.pretokenizers[0].pattern.Regex: split pattern \\p{Han}+"))
        #expect(message.contains("unknown property \\p{Han}"))
    }

    @Test func namesTheMetadataKey() throws {
        let unknown = try metadataRefusal("tokenizer.ggml.pre", "martian")
        let known = "tokenizer: tokenizer.ggml.pre: unknown pre-tokenizer \"martian\"; known are a.x-4.0, "
        #expect(unknown.hasPrefix(known))
        #expect(unknown.contains("smollm"))
        #expect(try metadataRefusal("tokenizer.ggml.pre", nil).contains("tokenizer.ggml.pre: missing"))
        #expect(try metadataRefusal("tokenizer.ggml.model", "bert").contains("unknown tokenizer model \"bert\""))
        #expect(try metadataRefusal("tokenizer.ggml.model", "llama").contains("tokenizer.ggml.scores: missing"))
        #expect(try metadataRefusal("tokenizer.ggml.tokens", nil).contains("tokenizer.ggml.tokens: missing"))
        #expect(try metadataRefusal("tokenizer.ggml.tokens", ["a", "a"]).contains("\"a\" has two ids, 0 and 1"))
        #expect(try metadataRefusal("tokenizer.ggml.tokens", ["a", 1]).contains("tokenizer.ggml.tokens[1]"))
        #expect(try metadataRefusal("tokenizer.ggml.token_type", [1]).contains("tokenizer.ggml.token_type: not an"))
        #expect(try metadataRefusal("tokenizer.ggml.merges", ["x"]).contains("tokenizer.ggml.merges[0]"))
        #expect(try metadataRefusal("tokenizer.ggml.bos_token_id", 9_999_999).contains("bos_token_id: id 9999999"))
        #expect(try metadataRefusal("tokenizer.ggml.eos_token_id", -1).contains("eos_token_id: id -1"))
        #expect(try metadataRefusal("tokenizer.ggml.bos_token_id", nil).contains("bos_token_id: missing"))
    }

    @Test func readsTheConfigurationBesideIt() throws {
        let document = try TokenizerGolden.json("qwen2/tokenizer.json")
        let tokenizer = try Tokenizer(
            tokenizerJSON: document,
            tokenizerConfiguration: ["bos_token": ["content": "<|begin|>"], "eos_token": "<|end|>"],
            generationConfiguration: ["eos_token_id": [3, 1, 99_999], "bos_token_id": 5]
        )
        let end = try #require(tokenizer.id(of: "<|end|>"))
        #expect(tokenizer.beginningOfSequenceID == tokenizer.id(of: "<|begin|>"))
        #expect(tokenizer.endOfSequenceID == end)
        #expect(tokenizer.endOfGenerationIDs == [1, 3, end])
        #expect(throws: TokenizerError.self) {
            try Tokenizer(tokenizerJSON: document, tokenizerConfiguration: ["eos_token": "</nowhere>"])
        }
    }
}

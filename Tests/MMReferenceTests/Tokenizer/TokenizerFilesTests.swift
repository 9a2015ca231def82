import MMBytes
import MMCheckpoints
import MMReference
import MMTestSupport
import Testing

/// A GGUF file's tokenizer as a tokenizer.json.
@Suite struct TokenizerFilesTests {
    private static func written(_ metadata: JSONValue) throws -> (files: TokenizerFiles, tokenizer: Tokenizer) {
        let files = try TokenizerFiles(metadata: metadata, contextLength: 64)
        let tokenizer = try Tokenizer(
            tokenizerJSON: try JSONValue(parsing: files.tokenizer),
            tokenizerConfiguration: files.configuration,
            generationConfiguration: files.generation
        )
        return (files, tokenizer)
    }

    @Test(arguments: ["gpt2", "llama3", "qwen2", "smollm2", "llama2", "gemma", "t5"])
    func givesTheSameIds(style: String) throws {
        let metadata = try PieceTokenizerTests.metadata(style)
        let (files, written) = try Self.written(metadata)
        let own = try Tokenizer(metadata: metadata)
        #expect(files.configuration["model_max_length"] == 64)
        #expect(written.vocabularyCount == own.vocabularyCount)
        #expect(written.beginningOfSequenceID == own.beginningOfSequenceID)
        #expect(written.endOfSequenceID == own.endOfSequenceID)
        #expect(written.endOfGenerationIDs == own.endOfGenerationIDs)
        for text in try TokenizerGolden.strings() {
            let ids = try own.encode(text)
            // A map of characters goes by grapheme clusters in tokenizer.json, by scalars in a unigram GGUF.
            guard try written.encode(text) != ids else { continue }
            #expect(style == "t5" && !text.allSatisfy { $0 < 0x80 }, "\(ByteString(text))")
        }
    }

    @Test(
        .enabled(if: Fixture.model("gemma-3-270m-q4_k_m.gguf") != nil),
        arguments: ["smollm2-135m-instruct-q4_1.gguf", "gemma-3-270m-q4_k_m.gguf"]
    )
    func givesTheSameIdsForARealModel(model: String) throws {
        let path = try #require(Fixture.model(model))
        let metadata = try GGUFFile(path: path).metadata
        let (_, written) = try Self.written(metadata)
        let own = try Tokenizer(metadata: metadata)
        let text = try Fixture.bytes("tokenizers/real/text.txt")
        #expect(try written.encode(text) == (try own.encode(text)))
        for text in try TokenizerGolden.strings() {
            #expect(try written.encode(text) == (try own.encode(text)), "\(ByteString(text))")
        }
        #expect(written.endOfGenerationIDs == own.endOfGenerationIDs)
    }

    /// What is between the tokens of a merge is in the file as it is, and so is what JSON has to escape.
    @Test func writesWhatTheLibraryReads() throws {
        let metadata = try PieceTokenizerTests.metadata("llama2")
        let document = try JSONValue(parsing: try TokenizerFiles(metadata: metadata, contextLength: nil).tokenizer)
        #expect(document["version"] == "1.0")
        #expect(document.value(at: "model.type") == "BPE")
        #expect(document.value(at: "model.byte_fallback") == true)
        #expect(document.value(at: "normalizer.normalizers.0.prepend") == "▁")
        #expect(document.value(at: "post_processor.single.0.SpecialToken.id") == "<s>")
        let merges = try #require(document.value(at: "model.merges")?.elements)
        let vocabulary = try #require(document.value(at: "model.vocab")?.members)
        let known = Set(vocabulary.map(\.name))
        #expect(!merges.isEmpty)
        for merge in merges {
            let parts = (merge.elements ?? []).compactMap(\.string)
            #expect(parts.count == 2 && known.contains(parts[0]) && known.contains(parts[1]))
            #expect(known.contains(ByteString(parts[0].bytes + parts[1].bytes)))
        }
    }
}

import MMBytes
import MMCheckpoints
import MMReference
import MMTestSupport
import Testing

/// SmolLM2-135M-Instruct's own tokenizer, where the file has been fetched.
@Suite(.enabled(if: Fixture.model("smollm2-135m-instruct-q4_1.gguf") != nil))
struct RealTokenizerTests {
    static func tokenizer() throws -> Tokenizer {
        let path = try #require(Fixture.model("smollm2-135m-instruct-q4_1.gguf"))
        return try Tokenizer(metadata: try GGUFFile(path: path).metadata)
    }

    @Test func encodesTwoThousandWordsAsTheLibraryDoes() throws {
        let tokenizer = try Self.tokenizer()
        let golden = try TokenizerGolden.json("real/smollm2-135m-instruct.json")
        let text = try Fixture.bytes("tokenizers/real/text.txt")
        let ids = try TokenizerGolden.ids(golden["ids"])
        #expect(tokenizer.vocabularyCount == 49_152)
        #expect(try tokenizer.encode(text) == ids)
        for (string, ids) in zip(try TokenizerGolden.strings(), try TokenizerGolden.lines(golden["strings"])) {
            #expect(try tokenizer.encode(string) == ids, "\(ByteString(string))")
        }
        let chat = try #require(golden.value(at: "chat.text")?.string)
        #expect(try tokenizer.encode(chat) == (try TokenizerGolden.ids(golden.value(at: "chat.ids"))))
        #expect(tokenizer.beginningOfSequenceID == 1)
        #expect(tokenizer.endOfSequenceID == 2)
        #expect(tokenizer.endOfGenerationIDs == [0, 2])
    }
}

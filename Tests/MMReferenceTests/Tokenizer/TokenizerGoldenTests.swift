import MMBytes
import MMReference
import MMTestSupport
import Testing

@Suite struct TokenizerGoldenTests {
    @Test(arguments: TokenizerGolden.styles)
    func encodesAsTheLibraryDoes(style: String) throws {
        let tokenizer = try TokenizerGolden.tokenizer(style)
        let golden = try TokenizerGolden.json("\(style)/golden.json")
        let strings = try TokenizerGolden.strings()
        #expect(strings.count >= 200)
        let parsed = try TokenizerGolden.lines(golden["ids"])
        let template = try TokenizerGolden.lines(golden["template"])
        let unparsed = try TokenizerGolden.lines(golden["unparsed"])
        #expect(parsed.count == strings.count)
        for (index, text) in strings.enumerated() {
            let shown = ByteString(text)
            #expect(try tokenizer.encode(text, addSpecialTokens: false) == parsed[index], "\(shown)")
            #expect(try tokenizer.encode(text) == template[index], "\(shown)")
            let taken = try tokenizer.encode(text, addSpecialTokens: false, parseSpecial: false)
            #expect(taken == unparsed[index], "\(shown)")
        }
    }

    @Test(arguments: TokenizerGolden.styles)
    func decodesAsTheLibraryDoes(style: String) throws {
        let tokenizer = try TokenizerGolden.tokenizer(style)
        let golden = try TokenizerGolden.json("\(style)/golden.json")
        let lines = try TokenizerGolden.lines(golden["ids"])
        let decoded = try TokenizerGolden.texts(golden["decoded"])
        let skipped = try TokenizerGolden.texts(golden["skipped"])
        for (index, ids) in lines.enumerated() {
            #expect(ByteString(tokenizer.decode(ids)).string == ByteString(decoded[index]).string)
            let plain = tokenizer.decode(ids, skippingSpecialTokens: true)
            #expect(ByteString(plain).string == ByteString(skipped[index]).string)
            var stream = TokenStreamDecoder(tokenizer)
            let streamed = ids.flatMap { stream.append($0) } + stream.finish()
            #expect(streamed == decoded[index])
        }
    }

    @Test(arguments: TokenizerGolden.styles)
    func repairsMalformedTextAsPythonDoes(style: String) throws {
        let tokenizer = try TokenizerGolden.tokenizer(style)
        let golden = try TokenizerGolden.lines(try TokenizerGolden.json("\(style)/golden.json")["malformed"])
        let texts = try TokenizerGolden.malformed()
        #expect(texts.count == golden.count)
        for (text, ids) in zip(texts, golden) {
            #expect(try tokenizer.encode(text, addSpecialTokens: false) == ids, "\(text)")
        }
    }

    @Test(arguments: TokenizerGolden.byteStyles)
    func readsTheSameTokenizerFromMetadata(style: String) throws {
        let golden = try TokenizerGolden.json("\(style)/gguf.json")
        let tokenizer = try Tokenizer(metadata: try #require(golden["metadata"]))
        let strings = try TokenizerGolden.strings()
        let lines = try TokenizerGolden.lines(golden["ids"])
        let beginning = try #require(tokenizer.beginningOfSequenceID)
        for (text, ids) in zip(strings, lines) {
            #expect(try tokenizer.encode(text, addSpecialTokens: false) == ids, "\(ByteString(text))")
            #expect(try tokenizer.encode(text) == [beginning] + ids)
        }
        let end = try #require(tokenizer.endOfSequenceID)
        #expect(tokenizer.endOfGenerationIDs == [end])
        #expect(tokenizer.id(of: "<|end|>") == end)
    }

    @Test func cutsAsEachPreTokenizerDoes() throws {
        let document = try TokenizerGolden.json("gpt2/tokenizer.json")
        let golden = try TokenizerGolden.json("variants.json")
        let texts = try TokenizerGolden.texts(golden["texts"])
        for variant in try #require(golden["variants"]?.elements) {
            let component = try #require(variant["pre_tokenizer"])
            let tokenizer = try Tokenizer(tokenizerJSON: document.replacing(["pre_tokenizer"], with: component))
            let shown = String(decoding: component.serialized(), as: UTF8.self)
            for (text, ids) in zip(texts, try TokenizerGolden.lines(variant["ids"])) {
                let found = try tokenizer.encode(text, addSpecialTokens: false)
                #expect(found == ids, "\(shown) on \(ByteString(text))")
            }
        }
    }
}

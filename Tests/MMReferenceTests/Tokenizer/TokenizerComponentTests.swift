import MMBytes
import MMReference
import Testing

/// Normalizers, pre-tokenizers and decoders one by one, in a tokenizer that spells any text.
@Suite struct TokenizerComponentTests {
    func variants(_ list: String, _ member: ByteString, _ body: (Tokenizer, JSONValue, String) throws -> Void) throws {
        let document = try TokenizerGolden.json("mistral/tokenizer.json")
        let golden = try TokenizerGolden.json("components.json")
        let variants = try #require(golden[ByteString(list)]?.elements)
        #expect(variants.count >= 10)
        for variant in variants {
            let component = try #require(variant["component"])
            let tokenizer = try Tokenizer(tokenizerJSON: document.replacing([member], with: component))
            let shown = String(decoding: component.serialized(), as: UTF8.self)
            try body(tokenizer, try #require(variant[member]), shown)
        }
    }

    @Test(arguments: [("normalizers", "normalizer"), ("pre_tokenizers", "pre_tokenizer")])
    func encodesAsWithEachComponent(list: String, member: String) throws {
        let texts = try TokenizerGolden.texts(try TokenizerGolden.json("components.json")["texts"])
        try variants(list, ByteString(member)) { tokenizer, golden, shown in
            for (text, ids) in zip(texts, try TokenizerGolden.lines(golden)) {
                let found = try tokenizer.encode(text, addSpecialTokens: false)
                #expect(found == ids, "\(shown) on \(ByteString(text))")
            }
        }
    }

    @Test func decodesAsEachDecoderDoes() throws {
        let ids = try TokenizerGolden.lines(try TokenizerGolden.json("components.json")["ids"])
        try variants("decoders", "decoder") { tokenizer, golden, shown in
            for (line, text) in zip(ids, try TokenizerGolden.texts(golden)) {
                #expect(ByteString(tokenizer.decode(line)) == ByteString(text), "\(shown) on \(line)")
                var stream = TokenStreamDecoder(tokenizer)
                #expect(line.flatMap { stream.append($0) } + stream.finish() == text, "\(shown)")
            }
        }
    }

    static let scalars = (UInt32(0)..<0x30000).compactMap(Unicode.Scalar.init)

    /// FNV-1a, 64 bits.
    static func checksum(_ bytes: [UInt8]) -> String {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @Test(arguments: ["NFC", "NFD", "NFKC", "NFKD"])
    func normalizesEveryScalar(form: String) throws {
        // Every byte is a token and there are no others: what comes back is the normalized text.
        let bytes = (0..<256).map { value in
            let digits = String(value, radix: 16, uppercase: true)
            return JSONMember(name: ByteString("<0x\(value < 16 ? "0" : "")\(digits)>"), value: .integer(value))
        }
        let document: JSONValue = [
            "normalizer": ["type": .text(form)],
            "decoder": ["type": "Sequence", "decoders": [["type": "ByteFallback"], ["type": "Fuse"]]],
            "model": ["type": "BPE", "byte_fallback": true, "vocab": .object(bytes), "merges": []],
        ]
        let tokenizer = try Tokenizer(tokenizerJSON: document)
        let checksums = try TokenizerGolden.json("forms.json")["checksums"]
        let golden = try #require(checksums?[ByteString(form)]?.elements).compactMap { $0.string }
        var alone = ""
        var between = ""
        for scalar in Self.scalars {
            alone.unicodeScalars.append(contentsOf: [scalar, "\n"])
            if scalar.value > 0x2FF { between.unicodeScalars.append(contentsOf: ["a", "\u{315}", scalar, "\u{327}", "\n"]) }
        }
        for (text, expected) in zip([alone, between], golden) {
            #expect(ByteString(Self.checksum(tokenizer.decode(try tokenizer.encode(text)))) == expected)
        }
    }

    func refusal(_ member: ByteString, _ value: JSONValue) throws -> String {
        let document = try TokenizerGolden.json("mistral/tokenizer.json").replacing([member], with: value)
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(tokenizerJSON: document) }
        return error?.description ?? ""
    }

    @Test func namesTheOptionAndItsPlace() throws {
        let map: JSONValue = ["type": "Precompiled", "precompiled_charsmap": "AAA"]
        #expect(try refusal("normalizer", map).contains("normalizer.precompiled_charsmap: not a character map"))
        #expect(try refusal("normalizer", ["type": "Prepend"]).contains("normalizer.prepend: missing"))
        let wide: JSONValue = ["type": "Metaspace", "replacement": "ab"]
        #expect(try refusal("pre_tokenizer", wide).contains("pre_tokenizer.replacement: not one character"))
        let scheme: JSONValue = ["type": "Metaspace", "prepend_scheme": "sometimes"]
        #expect(try refusal("pre_tokenizer", scheme).contains("the prepend_scheme sometimes"))
        let parts: JSONValue = [["type": "ByteFallback"], ["type": "Strip", "content": " ", "start": 1]]
        #expect(try refusal("decoder", ["type": "Sequence", "decoders": parts]).contains("decoder.decoders[1]: Strip"))
        let ends: JSONValue = [["type": "Fuse"], ["type": "Strip", "content": " ", "stop": 1]]
        #expect(try refusal("decoder", ["type": "Sequence", "decoders": ends]).contains("at the end of the text"))
        let expression: JSONValue = ["type": "Replace", "pattern": ["Regex": "a"], "content": "b"]
        #expect(try refusal("decoder", expression).contains("decoder.pattern: a Regex"))
    }

    /// A replacement cannot make a text of any length.
    @Test func refusesTextsThatGrowTooLong() throws {
        let long = JSONValue.string(ByteString([UInt8](repeating: 0x62, count: 1 << 20)))
        let document = try TokenizerGolden.json("mistral/tokenizer.json")
            .replacing(["normalizer"], with: ["type": "Replace", "pattern": ["String": "a"], "content": long])
        let tokenizer = try Tokenizer(tokenizerJSON: document)
        let error = #expect(throws: TokenizerError.self) { try tokenizer.encode(String(repeating: "a", count: 300)) }
        #expect(error?.description.contains("normalized text: a text of 314572800 bytes") == true)
    }
}

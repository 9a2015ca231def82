import MMBytes
import MMReference
import Testing

/// SentencePiece vocabularies: byte pairs with scores, and unigram models.
@Suite struct PieceTokenizerTests {
    /// The metadata of a golden; the character map stands in the tokenizer.json beside it.
    static func metadata(_ style: String) throws -> JSONValue {
        let metadata = try #require(try TokenizerGolden.json("\(style)/gguf.json")["metadata"])
        guard style == "t5" else { return metadata }
        let normalizers = try TokenizerGolden.json("t5/tokenizer.json").value(at: "normalizer.normalizers")
        let text = try #require(normalizers?.elements?.first?["precompiled_charsmap"]?.string)
        let bytes = base64(text.bytes).map { JSONValue.integer(Int($0)) }
        return metadata.replacing(["tokenizer.ggml.precompiled_charsmap"], with: .array(bytes))
    }

    static func base64(_ text: [UInt8]) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let values = Dictionary(uniqueKeysWithValues: alphabet.enumerated().map { ($1, $0) })
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for value in text.compactMap({ values[$0] }) {
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        return bytes
    }

    @Test(arguments: ["llama2", "gemma", "t5"])
    func encodesMetadataAsSentencePieceDoes(style: String) throws {
        let tokenizer = try Tokenizer(metadata: try Self.metadata(style))
        let golden = try TokenizerGolden.json("\(style)/gguf.json")
        let lines = try TokenizerGolden.lines(golden["ids"])
        let decoded = try TokenizerGolden.texts(golden["decoded"])
        for (index, text) in try TokenizerGolden.strings().enumerated() {
            let ids = try tokenizer.encode(text, addSpecialTokens: false, parseSpecial: false)
            #expect(ids == lines[index], "\(ByteString(text))")
            // sentencepiece decodes the unknown token to a text of its own.
            guard style != "t5" else { continue }
            #expect(tokenizer.decode(ids) == decoded[index], "\(ByteString(text))")
            var stream = TokenStreamDecoder(tokenizer)
            #expect(ids.flatMap { stream.append($0) } + stream.finish() == decoded[index])
        }
    }

    @Test func addsWhatTheKindImplies() throws {
        let llama = try Tokenizer(metadata: try Self.metadata("llama2"))
        let t5 = try Tokenizer(metadata: try Self.metadata("t5"))
        #expect(try llama.encode("") == [1])
        #expect(llama.endOfGenerationIDs == [2])
        #expect(try t5.encode("") == [1])
        let bare = try Self.metadata("llama2").replacing(["tokenizer.ggml.add_bos_token"], with: false)
        #expect(try Tokenizer(metadata: bare).encode("") == [])
    }

    /// Each piece of text between added tokens gets a space, as in llama.cpp.
    @Test func putsASpaceBehindAddedTokens() throws {
        let tokenizer = try Tokenizer(metadata: try Self.metadata("llama2"))
        let hello = try tokenizer.encode("Hello", addSpecialTokens: false)
        #expect(try tokenizer.encode("<s>Hello</s>Hello", addSpecialTokens: false) == [1] + hello + [2] + hello)
    }

    @Test(arguments: ["llama2", "mistral", "gemma"])
    func takesAnyBytes(style: String) throws {
        let tokenizer = try TokenizerGolden.tokenizer(style)
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        for length in 0..<200 {
            // A space at the beginning would be the one that two of them put there.
            let bytes = [0x78] + (0..<length).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            let ids = try tokenizer.encode(bytes, addSpecialTokens: false)
            #expect(tokenizer.decode(ids) == Array(String(decoding: bytes, as: UTF8.self).utf8))
        }
    }

    /// A word so long that quadratic work would be seen.
    @Test(arguments: TokenizerGolden.pieceStyles)
    func encodesLongWords(style: String) throws {
        let tokenizer = try TokenizerGolden.tokenizer(style)
        let word = Array(String(repeating: "theharbour", count: 8_000).utf8)
        let ids = try tokenizer.encode(word, addSpecialTokens: false)
        #expect(tokenizer.decode(ids) == word)
        let marks = Array(("a" + String(repeating: "\u{301}\u{327}", count: 20_000)).utf8)
        #expect(try tokenizer.encode(marks, addSpecialTokens: false).isEmpty == false)
    }

    func refusal(_ key: ByteString, _ value: JSONValue?, style: String = "llama2") throws -> String {
        let changed = try Self.metadata(style).replacing([key], with: value)
        let error = #expect(throws: TokenizerError.self) { try Tokenizer(metadata: changed) }
        return error?.description ?? ""
    }

    @Test func namesTheMetadataThatIsWrong() throws {
        #expect(try refusal("tokenizer.ggml.scores", nil).contains("tokenizer.ggml.scores: missing"))
        #expect(try refusal("tokenizer.ggml.scores", [1]).contains("not an array of 800 scores"))
        let scores = JSONValue.array(Array(repeating: .number(.nan), count: 800))
        #expect(try refusal("tokenizer.ggml.scores", scores).contains("tokenizer.ggml.scores[0]: not a finite"))
        let types = JSONValue.array(Array(repeating: 7, count: 800))
        #expect(try refusal("tokenizer.ggml.token_type", types).contains("token_type[0]: not a token type"))
        #expect(try refusal("tokenizer.ggml.precompiled_charsmap", [300], style: "t5").contains("[0]: not a byte"))
        #expect(try refusal("tokenizer.ggml.precompiled_charsmap", [1, 2], style: "t5").contains("a character map"))
        #expect(try refusal("tokenizer.ggml.precompiled_charsmap", [8, 0, 0, 0, 1], style: "t5").contains("a character"))
        let unknown = try refusal("tokenizer.ggml.unknown_token_id", 9_999, style: "t5")
        #expect(unknown.contains("unknown_token_id: id 9999"))
    }

    /// Whatever a character map holds, it is followed without a trap.
    @Test func takesAnyCharacterMap() throws {
        let metadata = try Self.metadata("t5")
        let map = try #require(metadata["tokenizer.ggml.precompiled_charsmap"]?.elements)
        let texts = try TokenizerGolden.strings()
        var state: UInt64 = 7
        for round in 0..<12 {
            var changed = Array(map.prefix(round % 2 == 0 ? map.count : 4 + 4 * 256))
            if changed.count < map.count { changed.replaceSubrange(0..<4, with: [0, 4, 0, 0]) }
            for _ in 0..<2_000 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = 4 + Int(state >> 33) % (changed.count - 4)
                changed[place] = .integer(Int(state >> 24 & 255))
            }
            let tokenizer = try Tokenizer(
                metadata: metadata.replacing(["tokenizer.ggml.precompiled_charsmap"], with: .array(changed))
            )
            for text in texts { #expect(throws: Never.self) { try tokenizer.encode(text) } }
        }
    }
}

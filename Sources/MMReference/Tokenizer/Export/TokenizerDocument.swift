import MMBytes

/// Writes the tokenizer.json of a tokenizer that was read from a GGUF file's metadata.
struct TokenizerDocument {
    let parts: TokenizerParts
    let node: DescriptionNode

    private static let space: JSONValue = .string(ByteString(PieceSpacing.space))

    func text() throws(TokenizerError) -> [UInt8] {
        var text = Array(#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":"#.utf8)
        JSONValue.array(parts.addedTokens.map(\.json)).write(into: &text, layout: .compact)
        let (components, writeModel) = try written()
        for component in components {
            text += ",\"\(component.name)\":".utf8
            component.value.write(into: &text, layout: .compact)
        }
        text += ",\"model\":".utf8
        try writeModel(&text)
        text += "}\n".utf8
        return text
    }

    private typealias Writing = (inout [UInt8]) throws(TokenizerError) -> Void

    /// Everything but the model, and what writes that.
    private func written() throws(TokenizerError) -> ([JSONMember], Writing) {
        switch parts.model {
        case .bytePair: (try bytePairComponents(), writeBytePairs)
        case .scoredPair: (scoredPairComponents(), writeScoredPairs)
        case .unigram: (try unigramComponents(), writeUnigram)
        }
    }

    // MARK: byte-pair encoding of bytes

    private func bytePairFamily() throws(TokenizerError) -> PreTokenizerTable.Family {
        let name = try node.required(MetadataKey.pre, "the name of a split pattern").string()
        return try PreTokenizerTable.embedded().family(named: name, at: MetadataKey.pre)
    }

    private func bytePairComponents() throws(TokenizerError) -> [JSONMember] {
        let splits = try bytePairFamily().splits.map { pattern -> JSONValue in
            ["type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false]
        }
        let bytes: JSONValue = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false,
        ]
        return [
            JSONMember(name: "normalizer", value: .null),
            JSONMember(name: "pre_tokenizer", value: ["type": "Sequence", "pretokenizers": .array(splits + [bytes])]),
            JSONMember(name: "post_processor", value: template ?? bytes),
            JSONMember(name: "decoder", value: bytes),
        ]
    }

    private func writeBytePairs(into text: inout [UInt8]) throws(TokenizerError) {
        let ignoresMerges = try bytePairFamily().ignoresMerges
        text += #"{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"#.utf8
        text +=
            #""end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":\#(ignoresMerges),"#
            .utf8
        writeVocabulary(into: &text)
        text += #","merges":["#.utf8
        for (index, element) in try node.required(MetadataKey.merges, "the merges").elements().enumerated() {
            let (left, right) = try MergeTable.parts(of: try element.string(), at: element.path)
            if index > 0 { text.append(UInt8(ascii: ",")) }
            JSONValue.array([.string(ByteString(left)), .string(ByteString(right))])
                .write(into: &text, layout: .compact)
        }
        text += "]}".utf8
    }

    // MARK: SentencePiece's byte-pair encoding

    private func scoredPairComponents() -> [JSONMember] {
        let addsPrefix = parts.decoder.strippedStartCount > 0
        var normalizers: [JSONValue] = [["type": "Replace", "pattern": ["String": " "], "content": Self.space]]
        if addsPrefix { normalizers.insert(["type": "Prepend", "prepend": Self.space], at: 0) }
        return [
            JSONMember(name: "normalizer", value: ["type": "Sequence", "normalizers": .array(normalizers)]),
            JSONMember(name: "pre_tokenizer", value: .null),
            JSONMember(name: "post_processor", value: template ?? .null),
            JSONMember(name: "decoder", value: pieceDecoder(stripsPrefix: addsPrefix)),
        ]
    }

    private func pieceDecoder(stripsPrefix: Bool) -> JSONValue {
        var decoders: [JSONValue] = [
            ["type": "Replace", "pattern": ["String": Self.space], "content": " "], ["type": "ByteFallback"],
            ["type": "Fuse"],
        ]
        if stripsPrefix { decoders.append(["type": "Strip", "content": " ", "start": 1, "stop": 0]) }
        return ["type": "Sequence", "decoders": .array(decoders)]
    }

    private func writeScoredPairs(into text: inout [UInt8]) throws(TokenizerError) {
        let listed = try MetadataVocabulary(node)
        let unknown = try TokenizerParts.id(node, MetadataKey.unknown, standard: 0, count: parts.vocabulary.count)
        let unknownText = unknown.map { JSONValue.string(parts.text(of: $0)) } ?? .null
        text += #"{"type":"BPE","dropout":null,"unk_token":"#.utf8
        unknownText.write(into: &text, layout: .compact)
        text += #","continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":true,"#.utf8
        text += #""byte_fallback":\#(listed.kinds.contains(.byte)),"ignore_merges":false,"#.utf8
        writeVocabulary(into: &text)
        text += #","merges":["#.utf8
        try ScoredMerges(vocabulary: parts.vocabulary, scores: try listed.scores(node)).write(into: &text)
        text += "]}".utf8
    }

    // MARK: unigram

    private func unigramComponents() throws(TokenizerError) -> [JSONMember] {
        let addsPrefix = try node.flag(MetadataKey.addsSpacePrefix, standard: false)
        let mergesSpaces = try node.flag(MetadataKey.mergesSpaces, standard: false)
        var normalizers: [JSONValue] = []
        if let map = node.member(MetadataKey.characterMap) {
            var bytes: [UInt8] = []
            for element in try map.elements() { bytes.append(UInt8(truncatingIfNeeded: try element.integer())) }
            normalizers.append(["type": "Precompiled", "precompiled_charsmap": .text(Base64.encode(bytes))])
        }
        if mergesSpaces {
            normalizers += [
                ["type": "Strip", "strip_left": true, "strip_right": true],
                ["type": "Replace", "pattern": ["Regex": " {2,}"], "content": " "],
            ]
        }
        let spacing: JSONValue = [
            "type": "Metaspace", "replacement": Self.space, "split": true,
            "prepend_scheme": addsPrefix || mergesSpaces ? "always" : "never",
        ]
        return [
            JSONMember(name: "normalizer", value: ["type": "Sequence", "normalizers": .array(normalizers)]),
            JSONMember(name: "pre_tokenizer", value: spacing),
            JSONMember(name: "post_processor", value: template ?? .null),
            JSONMember(name: "decoder", value: spacing),
        ]
    }

    private func writeUnigram(into text: inout [UInt8]) throws(TokenizerError) {
        let listed = try MetadataVocabulary(node)
        let scores = try node.required(MetadataKey.scores, "a score for each token").elements()
        let unknown = try TokenizerParts.id(node, MetadataKey.unknown, standard: 2, count: parts.vocabulary.count)
        text += #"{"type":"Unigram","unk_id":\#(unknown.map(Int.init) ?? 0),"#.utf8
        text += #""byte_fallback":\#(listed.kinds.contains(.byte)),"vocab":["#.utf8
        for (index, score) in scores.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            let value = listed.kinds[index] == .userDefined ? 0 : score.value
            JSONValue.array([.string(parts.text(of: UInt32(index))), value]).write(into: &text, layout: .compact)
        }
        text += "]}".utf8
    }

    // MARK: what they share

    private func writeVocabulary(into text: inout [UInt8]) {
        text += #""vocab":{"#.utf8
        for index in 0..<parts.vocabulary.count {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            JSONValue.string(parts.text(of: UInt32(index))).write(into: &text, layout: .compact)
            text += ":\(index)".utf8
        }
        text.append(UInt8(ascii: "}"))
    }

    /// What goes around a text; nil where nothing does.
    private var template: JSONValue? {
        guard !parts.prefixIDs.isEmpty || !parts.suffixIDs.isEmpty else { return nil }
        func sequence(_ name: JSONValue, _ type: Int) -> [JSONValue] {
            func special(_ id: UInt32) -> JSONValue {
                ["SpecialToken": ["id": .string(parts.text(of: id)), "type_id": .integer(type)]]
            }
            let inner: JSONValue = ["Sequence": ["id": name, "type_id": .integer(type)]]
            return parts.prefixIDs.map(special) + [inner] + parts.suffixIDs.map(special)
        }
        let tokens = Set(parts.prefixIDs + parts.suffixIDs).sorted().map { id -> JSONMember in
            let text = parts.text(of: id)
            return JSONMember(
                name: text,
                value: ["id": .string(text), "ids": [.integer(Int(id))], "tokens": [.string(text)]]
            )
        }
        return [
            "type": "TemplateProcessing", "single": .array(sequence("A", 0)),
            "pair": .array(sequence("A", 0) + sequence("B", 1)), "special_tokens": .object(tokens),
        ]
    }
}

extension AddedToken {
    /// One element of `added_tokens`.
    fileprivate var json: JSONValue {
        [
            "id": .integer(Int(id)), "content": .string(content), "single_word": .bool(isSingleWord),
            "lstrip": .bool(stripsLeft), "rstrip": .bool(stripsRight), "normalized": .bool(isNormalized),
            "special": .bool(isSpecial),
        ]
    }
}

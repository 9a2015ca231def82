package import MMBytes

/// The files in which Hugging Face keeps a tokenizer, for one that came in a GGUF file's metadata.
///
/// tokenizer.json is that of the `tokenizers` library, version "1.0". GGUF has no merges for SentencePiece's byte-pair
/// encoding: they are all the ways to put a token together of two others, those of the highest score first, which is how
/// transformers makes them of a tokenizer.model.
package struct TokenizerFiles: Sendable {
    /// tokenizer.json.
    package let tokenizer: [UInt8]
    /// tokenizer_config.json.
    package let configuration: JSONValue
    /// generation_config.json.
    package let generation: JSONValue

    /// - Parameter contextLength: the longest text in tokens, where that is known.
    /// Throws `TokenizerError` for metadata that hold no tokenizer, as `Tokenizer.init(metadata:)` does, and for one with
    /// too many merges.
    package init(metadata: JSONValue, contextLength: Int?) throws(TokenizerError) {
        let node = DescriptionNode(value: metadata, path: "")
        let parts = try TokenizerParts(metadata: node)
        let document = TokenizerDocument(parts: parts, node: node)
        tokenizer = try document.text()
        let padding = try TokenizerParts.id(node, MetadataKey.padding, standard: nil, count: parts.vocabulary.count)
        let unknown = try TokenizerParts.id(node, MetadataKey.unknown, standard: nil, count: parts.vocabulary.count)
        var members = [
            JSONMember(name: "tokenizer_class", value: "PreTrainedTokenizerFast"),
            JSONMember(name: "clean_up_tokenization_spaces", value: false),
        ]
        if let contextLength { members.append(JSONMember(name: "model_max_length", value: .integer(contextLength))) }
        let named: [(ByteString, UInt32?)] = [
            ("bos_token", parts.beginningOfSequenceID), ("eos_token", parts.endOfSequenceID), ("pad_token", padding),
            ("unk_token", unknown),
        ]
        for case (let name, let id?) in named {
            members.append(JSONMember(name: name, value: .string(parts.text(of: id))))
        }
        if let template = node.member(MetadataKey.chatTemplate) {
            members.append(JSONMember(name: "chat_template", value: .string(try template.string())))
        }
        configuration = .object(members)
        generation = Self.generation(parts, padding: padding)
    }

    private static func generation(_ parts: TokenizerParts, padding: UInt32?) -> JSONValue {
        var members: [JSONMember] = []
        if let id = parts.beginningOfSequenceID {
            members.append(JSONMember(name: "bos_token_id", value: .integer(Int(id))))
        }
        let ends = Set(parts.endOfGenerationIDs).sorted().map { JSONValue.integer(Int($0)) }
        if let first = ends.first {
            members.append(JSONMember(name: "eos_token_id", value: ends.count == 1 ? first : .array(ends)))
        }
        if let padding { members.append(JSONMember(name: "pad_token_id", value: .integer(Int(padding)))) }
        return .object(members)
    }
}

extension TokenizerParts {
    /// A token as the file spells it.
    func text(of id: UInt32) -> ByteString { ByteString(vocabulary.tokens[Int(id)]) }
}

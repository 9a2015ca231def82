internal import MMBytes
internal import MMCheckpoints
internal import MMReference
internal import MMTensors

/// Finds the tokenizer among the files that travel with a model.
enum ModelTokenizer {
    /// The tokenizer of tokenizer.json, else of a GGUF file's metadata; nil where a model has neither.
    static func tokenizer(of assets: [Asset]) throws -> Tokenizer? {
        if let document = try json("tokenizer.json", in: assets) {
            return try Tokenizer(
                tokenizerJSON: document,
                tokenizerConfiguration: try json("tokenizer_config.json", in: assets),
                generationConfiguration: try json("generation_config.json", in: assets)
            )
        }
        guard let section = assets.first(where: { $0.name == Asset.ggufMetadataName }) else { return nil }
        let metadata = try GGUFMetadata(parsing: section.bytes).asJSON
        return metadata["tokenizer.ggml.model"] == nil ? nil : try Tokenizer(metadata: metadata)
    }

    static func json(_ name: String, in assets: [Asset]) throws -> JSONValue? {
        do {
            return try assets.first { $0.name == name }.map { try JSONValue(parsing: $0.bytes) }
        } catch let error as ParseError {
            throw error.inFile(name)
        }
    }
}

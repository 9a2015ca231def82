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
                generationConfiguration: try generation(in: assets)
            )
        }
        guard let metadata = try metadata(in: assets), metadata["tokenizer.ggml.model"] != nil else { return nil }
        return try Tokenizer(metadata: metadata)
    }

    /// What names the ids that end generation: generation_config.json, else config.json or the text model's part of it.
    private static func generation(in assets: [Asset]) throws -> JSONValue? {
        if let generation = try json("generation_config.json", in: assets) { return generation }
        let configuration = try json("config.json", in: assets)
        return configuration?["eos_token_id"] == nil ? configuration?["text_config"] ?? configuration : configuration
    }

    /// The metadata of the GGUF file that the model came from.
    static func metadata(in assets: [Asset]) throws -> JSONValue? {
        try assets.first { $0.name == Asset.ggufMetadataName }.map { try GGUFMetadata(parsing: $0.bytes).asJSON }
    }

    static func json(_ name: String, in assets: [Asset]) throws -> JSONValue? {
        do {
            return try assets.first { $0.name == name }.map { try JSONValue(parsing: $0.bytes) }
        } catch let error as ParseError {
            throw error.inFile(name)
        }
    }
}

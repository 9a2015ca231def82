package import MMBytes
package import MMTensors

/// A GGUF file of text and the one of its vision tower and connector (`mmproj`), as one model: the tensors of the text
/// first, then the others'.
package struct GGUFPair: TensorSource {
    private let text: any TensorSource
    private let projector: any TensorSource
    package let tensors: [TensorDescriptor]
    package let metadata: JSONValue
    package let assets: [Asset]
    package let files: [SourceFile]

    /// Throws `GGUFPairError` for files that are not a text model and a projector, or of which each says that it belongs
    /// to another model than the other.
    package init(
        text: any TensorSource,
        textPath: String,
        projector: any TensorSource,
        projectorPath: String
    ) throws {
        let rules = GGUFPairRules(text: text, projector: projector)
        if let reason = rules.violation {
            throw GGUFPairError(reason, textPath: textPath, projectorPath: projectorPath)
        }
        self.text = text
        self.projector = projector
        tensors = text.tensors + projector.tensors
        metadata = .gguf(text: text.metadata, projector: projector.metadata)
        assets =
            try text.assets
            + projector.assets.map { asset in
                asset.name == Asset.ggufMetadataName
                    ? Asset(name: Asset.ggufProjectorMetadataName, bytes: asset.bytes) : asset
            }
        files = text.files + projector.files
    }

    package var format: String { "gguf" }
    package var configuration: ModelConfiguration { .gguf(metadata) }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        let textCount = text.tensors.count
        if index < textCount {
            try text.read(index, at: offset, into: &destination)
        } else {
            try projector.read(index - textCount, at: offset, into: &destination)
        }
    }

    package func load(_ index: Int) throws -> TensorBytes {
        let textCount = text.tensors.count
        return index < textCount ? try text.load(index) : try projector.load(index - textCount)
    }

    package func extent(_ index: Int) -> FileExtent? {
        let textCount = text.tensors.count
        return index < textCount ? text.extent(index) : projector.extent(index - textCount)
    }
}

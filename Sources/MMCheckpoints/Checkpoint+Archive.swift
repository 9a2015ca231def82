package import MMArchives
internal import MMBytes
internal import MMStorage
package import MMTensors

extension Checkpoint {
    /// Opens what an archive holds at its top, or in its one folder: a Hugging Face folder, a GGUF model (a split set is
    /// one), or two of which one is the vision tower and connector of the other.
    ///
    /// Throws `ArchiveError` where that is none of them or several, and what opening them as files would.
    package static func open(_ archive: Archive) throws -> any TensorSource {
        let folder: any InputFolder = archive.folder
        let names = try folder.names()
        let weights = names.filter { $0.hasSuffix(".gguf") }
        if weights.isEmpty || names.contains(where: { $0.hasSuffix(".safetensors") }) {
            guard names.contains(where: { $0.hasSuffix(".safetensors") || $0 == HuggingFaceIndex.fileName }) else {
                throw ArchiveError(.noModel(hint: hint(names)), path: archive.path)
            }
            return try HuggingFaceFolder(folder)
        }
        let firsts = firstParts(weights)
        guard firsts.count <= 2 else { throw ArchiveError(.severalModels(firsts), path: archive.path) }
        let models = try firsts.map { try GGUFSplitSet.open(folder.file($0), in: folder) }
        guard models.count == 2 else { return models[0] }
        return try pair(models, named: firsts.map { folder.path(of: $0) })
    }

    /// A file of each model: of a split set the part that comes first.
    private static func firstParts(_ names: [ByteString]) -> [ByteString] {
        var sets: Set<String> = []
        return names.filter { name in
            guard let part = GGUFPartName(name.string) else { return true }
            return sets.insert(part.fileName(ofPart: 1)).inserted
        }
    }

    private static func pair(_ models: [any TensorSource], named paths: [String]) throws -> any TensorSource {
        let isFirstProjector = GGUFPairRules.isProjector(models[0])
        let (text, projector) = isFirstProjector ? (1, 0) : (0, 1)
        return try GGUFPair(
            text: models[text],
            textPath: paths[text],
            projector: models[projector],
            projectorPath: paths[projector]
        )
    }

    private static func hint(_ names: [ByteString]) -> String? {
        if names.contains("data.pkl") { return "a PyTorch checkpoint; safetensors is read" }
        let others: [ByteString] = [".bin", ".pt", ".pth", ".npz", ".h5", ".onnx"]
        return names.first { name in others.contains { name.hasSuffix($0) } }.map { "\"\($0)\" is no such file" }
    }
}

internal import MMBytes
internal import MMTensors

/// The tensors of a source by name, and how an architecture's names are spelled in it.
struct NameIndex: Sendable {
    let spelling: Spelling
    private let indices: [ByteString: Int]

    enum Spelling: Sendable, Hashable {
        case huggingFace(prefix: ByteString)
        case gguf
        case bundle
    }

    init(_ tensors: [TensorDescriptor], spelling: Spelling) {
        self.spelling = spelling
        indices = Self.index(tensors)
    }

    /// For Hugging Face names, the prefix under which most tensors of the description are found.
    init(_ tensors: [TensorDescriptor], huggingFaceNamesOf description: ArchitectureDescription) {
        let indices = Self.index(tensors)
        var best: (prefix: ByteString, count: Int) = (description.prefixes.first ?? "", 0)
        for prefix in description.prefixes {
            let names = description.rules.flatMap(\.huggingFaceNames).map { $0.filled(layer: 0, prefix: prefix) }
            let count = names.count { indices[$0] != nil }
            if count > best.count { best = (prefix, count) }
        }
        self.indices = indices
        spelling = .huggingFace(prefix: best.prefix)
    }

    private static func index(_ tensors: [TensorDescriptor]) -> [ByteString: Int] {
        Dictionary(tensors.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// What a rule's tensor may be called here.
    func names(of rule: ArchitectureDescription.TensorRule, layer: Int?) -> [ByteString] {
        switch spelling {
        case .huggingFace(let prefix): rule.huggingFaceNames.map { $0.filled(layer: layer, prefix: prefix) }
        case .gguf: rule.ggufNames.map { $0.filled(layer: layer) }
        case .bundle: [rule.name.filled(layer: layer)]
        }
    }

    /// The index of a rule's tensor in the source, or nil.
    func index(of rule: ArchitectureDescription.TensorRule, layer: Int?) -> Int? {
        for name in names(of: rule, layer: layer) {
            if let index = indices[name] { return index }
        }
        return nil
    }

    /// Whether the tensor of a bundle name is in the source.
    func contains(_ bundleName: ByteString, of description: ArchitectureDescription) -> Bool {
        guard let (rule, match) = description.rule(forBundleName: bundleName) else { return false }
        return index(of: rule, layer: match.layer) != nil
    }

    /// Whether an ignored tensor of the description is called `name` here.
    func matches(_ ignored: ArchitectureDescription.IgnoredTensor, _ name: ByteString) -> Bool {
        switch spelling {
        case .huggingFace(let prefix): ignored.huggingFaceNames.contains { $0.match(name, prefix: prefix) != nil }
        case .gguf: ignored.ggufNames.contains { $0.match(name) != nil }
        case .bundle: false
        }
    }
}

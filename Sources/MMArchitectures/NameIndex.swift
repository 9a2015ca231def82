internal import MMBytes
internal import MMTensors

/// The tensors of a source by name, and how an architecture's names are spelled in it.
struct NameIndex: Sendable {
    let spelling: Spelling
    private let tensors: [TensorDescriptor]
    private let indices: [ByteString: Int]

    enum Spelling: Sendable, Hashable {
        case huggingFace(prefix: ByteString)
        case gguf
        case bundle
    }

    init(_ tensors: [TensorDescriptor], spelling: Spelling) {
        self.spelling = spelling
        self.tensors = tensors
        indices = Self.index(tensors)
    }

    /// For Hugging Face names, the prefix under which most tensors of the description are found.
    init(_ tensors: [TensorDescriptor], huggingFaceNamesOf description: ArchitectureDescription) {
        let indices = Self.index(tensors)
        var best: (prefix: ByteString, count: Int) = (description.prefixes.first ?? "", 0)
        for prefix in description.prefixes {
            let count = description.rules.flatMap(\.huggingFace).count { origin in
                indices[origin.name.filled(layer: 0, expert: 0, prefix: prefix)] != nil
            }
            if count > best.count { best = (prefix, count) }
        }
        self.tensors = tensors
        self.indices = indices
        spelling = .huggingFace(prefix: best.prefix)
    }

    private static func index(_ tensors: [TensorDescriptor]) -> [ByteString: Int] {
        Dictionary(tensors.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// Where a rule's tensor may lie here.
    func origins(of rule: ArchitectureDescription.TensorRule) -> [TensorOrigin] {
        switch spelling {
        case .huggingFace: rule.huggingFace
        case .gguf: rule.gguf
        case .bundle: [TensorOrigin(name: rule.name)]
        }
    }

    /// What an origin is called here; of a stack, one expert.
    func name(of origin: TensorOrigin, layer: Int?, expert: Int = 0) -> ByteString {
        switch spelling {
        case .huggingFace(let prefix): origin.name.filled(layer: layer, expert: expert, prefix: prefix)
        case .gguf, .bundle: origin.name.filled(layer: layer, expert: expert)
        }
    }

    func index(named name: ByteString) -> Int? { indices[name] }

    /// The first origin of a rule's tensor that is in the source, and the index of its tensor, a stack's first.
    func find(_ rule: ArchitectureDescription.TensorRule, layer: Int?) -> (origin: TensorOrigin, index: Int)? {
        candidates(for: rule, layer: layer).first
    }

    /// All origins of a rule's tensor that are in the source, in the order of the rule.
    func candidates(
        for rule: ArchitectureDescription.TensorRule,
        layer: Int?
    ) -> [(origin: TensorOrigin, index: Int)] {
        origins(of: rule).compactMap { origin in indices[name(of: origin, layer: layer)].map { (origin, $0) } }
    }

    /// The source's tensor of a bundle name; nil where it has none.
    func descriptor(of bundleName: ByteString, of description: ArchitectureDescription) -> TensorDescriptor? {
        guard let (rule, match) = description.rule(forBundleName: bundleName),
            let found = find(rule, layer: match.layer)
        else { return nil }
        return tensors[found.index]
    }

    /// Whether the tensor of a bundle name is in the source.
    func contains(_ bundleName: ByteString, of description: ArchitectureDescription) -> Bool {
        guard let (rule, match) = description.rule(forBundleName: bundleName) else { return false }
        return find(rule, layer: match.layer) != nil
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

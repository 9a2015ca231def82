package import MMBytes
internal import MMTensors

/// The known architecture that an unknown checkpoint resembles most.
package struct NearestArchitecture: Sendable, Hashable {
    package let id: String
    /// Tensors whose name and number of dimensions fit the architecture.
    package let matchingCount: Int
    package let tensorCount: Int

    /// Percentage of the tensors that fit, rounded down.
    package var percentage: Int { tensorCount == 0 ? 0 : matchingCount * 100 / tensorCount }

    package var json: JSONValue {
        ["architecture": .text(id), "matching": .integer(matchingCount), "tensors": .integer(tensorCount)]
    }

    init(id: String, matchingCount: Int, tensorCount: Int) {
        self.id = id
        self.matchingCount = matchingCount
        self.tensorCount = tensorCount
    }

    /// Nil when a member is missing or of another type.
    init?(_ json: JSONValue) {
        guard let id = json["architecture"]?.string, let matching = json["matching"]?.integer,
            let tensors = json["tensors"]?.integer, matching >= 0, tensors >= matching, tensors < 1 << 32
        else { return nil }
        self.init(id: id.string, matchingCount: matching, tensorCount: tensors)
    }

    /// The best of a catalog: by the share of tensors that fit, and by how much the spelled type begins alike.
    static func search(
        _ tensors: [TensorDescriptor],
        type: ByteString?,
        in catalog: ArchitectureCatalog
    ) -> NearestArchitecture? {
        var best: (score: Double, nearest: NearestArchitecture)?
        for description in catalog.architectures {
            let rules = description.rules
            let matching = tensors.count { tensor in rules.contains { description.fits(tensor, $0) } }
            let share = tensors.isEmpty ? 0 : Double(matching) / Double(tensors.count)
            let types = description.match.modelTypes + description.match.ggufArchitectures
            let likeness = type.map { type in types.map { Self.likeness(type, $0) }.max() ?? 0 } ?? 0
            let score = share + likeness / 2
            if score > best?.score ?? -1 {
                let nearest = NearestArchitecture(
                    id: description.id,
                    matchingCount: matching,
                    tensorCount: tensors.count
                )
                best = (score, nearest)
            }
        }
        return best?.nearest
    }

    /// Length of the common beginning by that of the longer text.
    private static func likeness(_ first: ByteString, _ second: ByteString) -> Double {
        let common = zip(first.bytes, second.bytes).prefix { $0 == $1 }.count
        return Double(common) / Double(max(first.count, second.count, 1))
    }
}

extension ArchitectureDescription {
    /// Whether a tensor is called like the rule's in any spelling, and has as many dimensions.
    func fits(_ tensor: TensorDescriptor, _ rule: TensorRule) -> Bool {
        if rule.shape.count == tensor.shape.rank, rule.name.match(tensor.name) != nil { return true }
        return rule.gguf.contains { $0.fits(tensor, rank: rule.shape.count, prefixes: [""]) }
            || rule.huggingFace.contains { $0.fits(tensor, rank: rule.shape.count, prefixes: prefixes) }
    }
}

extension TensorOrigin {
    /// Whether a tensor is called like this one, and has as many dimensions as one of a tensor with `rank`.
    fileprivate func fits(_ tensor: TensorDescriptor, rank: Int, prefixes: [ByteString]) -> Bool {
        let isStack = if case .stack = assembly { true } else { false }
        guard tensor.shape.rank == (isStack ? rank - 1 : rank) else { return false }
        return prefixes.contains { name.match(tensor.name, prefix: $0) != nil }
    }
}

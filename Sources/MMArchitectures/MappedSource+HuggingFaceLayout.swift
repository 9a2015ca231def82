internal import MMBytes
internal import MMTensors

extension MappedSource {
    /// Which tensors of a Hugging Face checkpoint the tensors go to: the usual layout of a known architecture, the same
    /// names of an unknown one. A tensor that Hugging Face keeps in config.json instead has none.
    package func huggingFaceClaims() throws -> [CoverageLedger.Claim] {
        let scopes = try parts().map { part in
            CoverageBuilder(
                description: part.description,
                source: base,
                names: NameIndex([], huggingFaceNamesOf: part.description),
                knobs: part.knobs
            )
        }
        guard !scopes.isEmpty else {
            return tensors.map { CoverageLedger.Claim(name: $0.name, sourceName: $0.name, operation: nil) }
        }
        var claims: [CoverageLedger.Claim] = []
        for tensor in tensors {
            for scope in scopes {
                guard let found = try scope.huggingFaceClaims(of: tensor) else { continue }
                claims += found
                break
            }
        }
        return claims
    }
}

extension CoverageBuilder {
    /// The tensors of the usual Hugging Face layout that a tensor of the model goes to; nil for one of another part.
    fileprivate func huggingFaceClaims(of tensor: TensorDescriptor) throws -> [CoverageLedger.Claim]? {
        guard let (rule, match) = description.rule(forBundleName: tensor.name) else { return nil }
        guard let origin = usualOrigin(of: rule) else { return [] }
        let layer = try match.layer.map { try LayerKnobs($0, of: description, knobs: knobs) }
        func claim(_ operation: LayoutOperation?, expert: Int = 0) -> CoverageLedger.Claim {
            let name = names.name(of: origin, layer: match.layer, expert: expert)
            return CoverageLedger.Claim(name: tensor.name, sourceName: name, operation: operation)
        }
        switch origin.assembly {
        case .whole, .numbered: return [claim(nil)]
        case .frames(let other):
            let second = names.name(of: TensorOrigin(name: other), layer: match.layer)
            return [
                claim(.frame(0)),
                CoverageLedger.Claim(name: tensor.name, sourceName: second, operation: .frame(1)),
            ]
        case .stack:
            return (0..<(tensor.shape.dimensions.first ?? 0)).map { claim(.element($0), expert: $0) }
        case .rows(let start, _):
            let start = try count(start, layer: layer, of: tensor.name)
            let dimensions = tensor.shape.dimensions
            return [claim(.rows(start: start, count: dimensions[max(0, dimensions.count - 2)]))]
        }
    }

    /// The usual place of a tensor: of several, that which begins like the names of the part.
    private func usualOrigin(of rule: ArchitectureDescription.TensorRule) -> TensorOrigin? {
        guard let prefix = description.prefixes.first?.string, let dot = prefix.firstIndex(of: ".") else {
            return rule.huggingFace.first
        }
        return rule.huggingFace.first { $0.name.text.hasPrefix(prefix[...dot]) } ?? rule.huggingFace.first
    }
}

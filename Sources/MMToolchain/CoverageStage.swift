internal import MMArchitectures
internal import MMBytes
internal import MMParity
internal import MMTensors

/// Stage two of verify, the ledger: what the bundle says that it holds against what it holds, and against the source
/// where given.
struct CoverageStage {
    let bundle: ModelSource
    let source: ModelSource?

    func run() throws -> VerifyStage {
        let tensors = bundle.mapped.tensors
        var failures = unclaimed(tensors)
        var figures: [JSONMember] = [
            JSONMember(name: "tensors", value: .integer(tensors.count)),
            JSONMember(name: "architecture", value: bundle.mapped.model.architectureID.map { .text($0) } ?? .null),
            JSONMember(name: "ledger", value: bundle.ledger),
        ]
        if let source {
            let pairing = TensorPairing(base: source.mapped, other: bundle.mapped)
            failures += pairing.missingInOther.map { "tensor \($0) of the source is not in the bundle" }
            failures += pairing.missingInBase.map { "tensor \($0) is not in the source" }
            for pair in pairing.pairs {
                let (base, other) = (source.mapped.tensors[pair.base], tensors[pair.other])
                if base.shape != other.shape {
                    failures.append("tensor \(pair.name) has shape \(other.shape); the source has \(base.shape)")
                }
            }
            let held = Set(try bundle.mapped.assets)
            failures += knobFailures(source)
            let assets = try source.mapped.assets
            failures += assets.filter { !held.contains($0) }.map {
                "asset \(ByteString($0.name)) differs or is missing"
            }
            figures.append(JSONMember(name: "assets", value: .integer(assets.count)))
        }
        let against = source == nil ? "" : ", all of the source and no others"
        return VerifyStage(
            .coverage,
            summary: failures.isEmpty ? "\(tensors.count) tensors\(against)" : "\(failures.count) differences",
            failures: failures,
            figures: .object(figures)
        )
    }

    /// Where the tensors and those that the ledger says were taken over are not the same. A ledger of another writer
    /// may list none.
    private func unclaimed(_ tensors: [TensorDescriptor]) -> [String] {
        guard let claims = bundle.ledger["claimed"]?.elements else { return [] }
        let claimed = claims.compactMap { $0["name"]?.string }
        let (held, listed) = (Set(tensors.map(\.name)), Set(claimed))
        return tensors.map(\.name).filter { !listed.contains($0) }.map { "tensor \($0) is not in the ledger" }
            + claimed.filter { !held.contains($0) }.map { "tensor \($0) of the ledger is not in the bundle" }
    }

    /// Facts of the model that the bundle has otherwise than its source: a norm's epsilon is in no tensor. Those of
    /// another format are told otherwise from the start.
    private func knobFailures(_ source: ModelSource) -> [String] {
        guard bundle.sourceFormat == source.sourceFormat else { return [] }
        let (base, other) = (source.mapped.model, bundle.mapped.model)
        guard base.architectureID == other.architectureID else { return [] }
        // What a vision-language model says itself is of its connector.
        let own = base.components.isEmpty ? nil : Component.connector.rawValue
        var failures = Self.differences(of: other.knobs, from: base.knobs, in: own)
        for part in base.components {
            guard let same = other.components.first(where: { $0.component == part.component }) else { continue }
            failures += Self.differences(of: same.knobs, from: part.knobs, in: part.component.rawValue)
        }
        return failures
    }

    private static func differences(of other: Knobs, from base: Knobs, in part: String?) -> [String] {
        base.entries.compactMap { entry in
            guard let value = other[entry.name], value != entry.value else { return nil }
            return "\(part.map { "\($0): " } ?? "")\(entry.name) is \(value); the source has \(entry.value)"
        }
    }
}

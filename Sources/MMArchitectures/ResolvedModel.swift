package import MMBytes

/// What is known of the model that a source's tensors belong to.
package struct ResolvedModel: Sendable, Hashable {
    /// Nil for an architecture that no description covers.
    package let architectureID: String?
    package let knobs: Knobs
    /// Nil where the reference model cannot run the checkpoint; `reason` says why.
    package let decoder: DecoderConfiguration?
    /// Likewise of a model with a vision tower.
    package var vision: VisionConfiguration?
    package var connector: ConnectorConfiguration?
    /// A sentence that says why the model cannot be verified by running it.
    package let reason: String?
    /// For an unknown architecture.
    package let nearest: NearestArchitecture?

    package var isVerifiable: Bool { reason == nil }

    /// The `model` member of a bundle's manifest, from which the same model is resolved again.
    package var json: JSONValue {
        var members = [
            JSONMember(name: "architecture", value: architectureID.map { .text($0) } ?? .null),
            JSONMember(name: "verifiable", value: .bool(isVerifiable)),
        ]
        if architectureID != nil {
            members.append(JSONMember(name: "knobs", value: knobs.json))
            members.append(JSONMember(name: "origins", value: knobs.originsJSON))
        }
        if let reason { members.append(JSONMember(name: "reason", value: .text(reason))) }
        if let nearest { members.append(JSONMember(name: "nearest", value: nearest.json)) }
        return .object(members)
    }
}

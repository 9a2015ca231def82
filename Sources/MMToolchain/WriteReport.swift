internal import MMArchitectures
package import MMBundles
package import MMBytes
internal import MMCodecs
package import MMQuantization

/// What convert or quantize made.
package struct WriteReport: Sendable {
    package let summary: BundleSummary
    package let sourceByteCount: Int
    package let architecture: String?
    /// Why the model cannot be verified by running it; nil where it can.
    package let unverifiableReason: String?
    package let sourceNotes: [String]
    package let quantization: QuantizationReport?
    /// How the roles of the tensors were found, where the architecture did not tell them.
    package let quantizationNote: String?
    package let verification: VerifyReport?

    init(
        summary: BundleSummary,
        source: ModelSource,
        quantization: QuantizationReport?,
        quantizationNote: String?,
        verification: VerifyReport?
    ) {
        self.summary = summary
        sourceByteCount = source.byteCount
        architecture = source.mapped.model.architectureID
        unverifiableReason = source.mapped.model.reason
        sourceNotes = source.notes
        self.quantization = quantization
        self.quantizationNote = quantizationNote
        self.verification = verification
    }

    /// What a user should know beyond the figures.
    package var notes: [String] {
        var notes: [String] = []
        if let unverifiableReason { notes.append(unverifiableReason) }
        if let quantizationNote { notes.append(quantizationNote) }
        if let count = quantization?.requantizedCount, count > 0 {
            notes.append(
                "\(count) tensors were quantized in the source already and were requantized: the errors of both add up"
            )
        }
        return notes + sourceNotes
    }

    package var json: JSONValue {
        var members = [
            JSONMember(name: "paths", value: .array(summary.paths.map { .text($0) })),
            JSONMember(name: "identity", value: .text(summary.identity.hexadecimal)),
            JSONMember(name: "nbytes", value: .integer(summary.byteCount)),
            JSONMember(name: "source_nbytes", value: .integer(sourceByteCount)),
            JSONMember(name: "tensors", value: .integer(summary.tensorCount)),
            JSONMember(name: "architecture", value: architecture.map { .text($0) } ?? .null),
            JSONMember(name: "verifiable", value: .bool(unverifiableReason == nil)),
            JSONMember(name: "notes", value: .array(notes.map { .text($0) })),
        ]
        if let quantization { members.append(JSONMember(name: "quantization", value: quantization.json)) }
        if let verification { members.append(JSONMember(name: "verification", value: verification.json)) }
        return .object(members)
    }
}

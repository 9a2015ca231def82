package import MMBytes
package import MMParity

/// What verify found.
package struct VerifyReport: Sendable {
    package let bundlePath: String
    package let identity: String
    package let sourcePath: String?
    package let recipe: String
    package let limits: VerifyLimits
    package let stages: [VerifyStage]
    /// Worst tensors first; empty when there was no source.
    package let comparisons: [TensorComparison]

    package var isPassed: Bool { stages.allSatisfy { $0.verdict != .failed } }

    /// Schema: formats/schemas/verify.json.
    package var json: JSONValue {
        [
            "bundle": .text(bundlePath),
            "identity": .text(identity),
            "source": sourcePath.map { .text($0) } ?? .null,
            "recipe": .text(recipe),
            "passed": .bool(isPassed),
            "limits": limits.json,
            "stages": .array(stages.map(\.json)),
            "tensors": .array(comparisons.map(\.json)),
        ]
    }
}

package import MMBytes

/// Why two GGUF files are not the text and the pictures' part of one model.
package struct GGUFPairError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case notGGUF
        case notAProjector(architecture: ByteString?)
        case notAText(architecture: ByteString?)
        case widths(text: Int, projector: Int)
        case identities(key: ByteString, text: ByteString, projector: ByteString)
        case duplicateTensor(ByteString)
    }

    package let reason: Reason
    package let textPath: String
    package let projectorPath: String

    @inline(never)
    package init(_ reason: Reason, textPath: String, projectorPath: String) {
        self.reason = reason
        self.textPath = textPath
        self.projectorPath = projectorPath
    }

    package var category: ErrorCategory { .badData }

    package var description: String {
        let (text, projector) = (ByteString(textPath), ByteString(projectorPath))
        let what =
            switch reason {
            case .notGGUF: "both must be GGUF files"
            case .notAProjector(let architecture):
                "the general.architecture of \(projector) is \(Self.quoted(architecture)), expected \"clip\""
            case .notAText(let architecture):
                "the general.architecture of \(text) is \(Self.quoted(architecture)), expected that of a text model"
            case .widths(let width, let other):
                "\(projector) gives tokens of width \(other), and \(text) takes tokens of width \(width)"
            case .identities(let key, let one, let other):
                "\(key) is \"\(one)\" in \(text) and \"\(other)\" in \(projector)"
            case .duplicateTensor(let name): "tensor \(name) is in both"
            }
        return "\(text) and \(projector) do not make one model: \(what)"
    }

    private static func quoted(_ name: ByteString?) -> String { name.map { "\"\($0)\"" } ?? "missing" }
}

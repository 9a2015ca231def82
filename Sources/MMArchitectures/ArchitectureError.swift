package import MMBytes
package import MMTensors

/// A checkpoint that says it is of an architecture and does not keep to its description.
package struct ArchitectureError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        /// `others` more are missing too.
        case missingTensor(names: [ByteString], others: Int)
        /// `others` more are not known either.
        case unexpectedTensor(others: Int)
        case wrongShape(found: Shape, expected: [Int])
        case wrongKnobType(found: String, expected: String)
        case missingKnob(keys: [String])
        case unknownKnob
        case contradiction(String)
        case tooManyLayers(found: Int, tensorCount: Int)
        /// Some bytes of the tensor belong to no tensor of the model.
        case partlyClaimed(claimed: Int, byteCount: Int)
        case badStack(count: Int, tensorCount: Int)
        case badRows(start: Int, total: Int)
        case unknownComponent(type: String, known: [String])
        case notPermutable(rowCount: Int, headCount: Int)
        case wrongType(found: ElementType, expected: ElementType)
        case badFactor(index: Int)
        case expression(ExpressionError)
        case malformedModel(expected: String)
        case inexpressible(String)
        /// The projector belongs to text models of other architectures.
        case otherTextModel(found: ByteString, expected: [ByteString])
    }

    package let reason: Reason
    package let architecture: String
    /// The tensor or the knob.
    package let subject: ByteString

    @inline(never)
    package init(_ reason: Reason, architecture: String, subject: ByteString) {
        self.reason = reason
        self.architecture = architecture
        self.subject = subject
    }

    package var category: ErrorCategory { .badData }

    package var description: String { "\(ByteString(architecture)): \(reasonText)" }

    private var reasonText: String {
        switch reason {
        case .missingTensor(let names, let others):
            "tensor \(subject) is missing: no \(names.map(\.description).joined(separator: " or "))\(Self.more(others))"
        case .unexpectedTensor(let others):
            "tensor \(subject) is not one of this architecture\(Self.more(others))"
        case .wrongShape(let found, let expected): "tensor \(subject): shape \(found), expected \(expected)"
        case .wrongKnobType(let found, let expected): "\(subject) is \(found), expected \(expected)"
        case .missingKnob(let keys): "\(subject) is missing: no \(keys.joined(separator: " or "))"
        case .unknownKnob: "knob \(subject) is not one of this architecture"
        case .contradiction(let text): "\(subject): \(text)"
        case .tooManyLayers(let found, let tensorCount):
            "\(subject) says \(found) layers, and the file has \(tensorCount) tensors"
        case .partlyClaimed(let claimed, let byteCount):
            "tensor \(subject): \(claimed) of its \(byteCount) bytes are used by this architecture"
        case .badStack(let count, let tensorCount):
            "tensor \(subject) cannot be stacked from \(count) tensors of the \(tensorCount) in the file"
        case .badRows(let start, let total): "tensor \(subject) cannot be rows \(start) and following of \(total)"
        case .unknownComponent(let type, let known):
            "its \(subject) model is of type \(ByteString(type)); known here are \(known.joined(separator: ", "))"
        case .notPermutable(let rowCount, let headCount):
            "tensor \(subject): \(rowCount) rows cannot be ordered as \(headCount) heads of an even width"
        case .wrongType(let found, let expected): "tensor \(subject): type \(found), expected \(expected)"
        case .badFactor(let index): "tensor \(subject): element \(index) is not a positive number"
        case .expression(let error): "\(subject): \(error.description)"
        case .malformedModel(let expected): "model description of the bundle: \(subject) is not \(expected)"
        case .otherTextModel(let found, let expected):
            "a projector of type \"\(subject)\" belongs to a text model of architecture "
                + "\(expected.map { "\"\($0)\"" }.joined(separator: " or ")), not \"\(found)\""
        case .inexpressible(let text): "config.json cannot describe this model: \(text)"
        }
    }

    private static func more(_ count: Int) -> String { count == 0 ? "" : ", and \(count) more" }
}

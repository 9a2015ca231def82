package import MMBytes

/// An architecture description that does not keep to its schema: a defect of the program that embeds it.
package struct DescriptionError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case notJSON(ParseError)
        case missingMember(String)
        case unknownMember(ByteString)
        case wrongType(expected: String)
        case notOneOf([String])
        case badExpression(ExpressionError)
        case badTemplate(String)
        case unknownName(String)
        case duplicate(String)
    }

    package let reason: Reason
    /// Where in the description, such as `llama: tensors[2].shape`.
    package let place: String

    @inline(never)
    package init(_ reason: Reason, place: String) {
        self.reason = reason
        self.place = place
    }

    package var category: ErrorCategory { .internalFault }

    package var description: String { "architecture description \(ByteString(place)): \(reasonText)" }

    private var reasonText: String {
        switch reason {
        case .notJSON(let error): error.description
        case .missingMember(let name): "\"\(name)\" is missing"
        case .unknownMember(let name): "\"\(name)\" is not a member of the schema"
        case .wrongType(let expected): "not \(expected)"
        case .notOneOf(let allowed): "not one of \(allowed.joined(separator: ", "))"
        case .badExpression(let error): error.description
        case .badTemplate(let text):
            "\"\(text)\" has a place that is not {prefix}, {i}, {e} or {arch}, or one that is out of place"
        case .unknownName(let name): "\(name) is not known here"
        case .duplicate(let name): "\(name) is there twice"
        }
    }
}

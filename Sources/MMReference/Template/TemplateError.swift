package import MMBytes

/// A chat template that cannot be read or rendered, and the place in its source.
package struct TemplateError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        /// A construct of Jinja that is not in the subset.
        case unsupported(String)
        case syntax(found: String, expected: String)
        /// The template called `raise_exception`.
        case raised(ByteString)
        /// An undefined value where a defined one is needed.
        case undefined(String)
        case wrongType(operation: String, found: String)
        case wrongValue(String)
        case tooLarge(String, allowed: Int)
        /// The template asks for the time of day, and none was given.
        case clock
    }

    package let reason: Reason
    package let position: TemplatePosition

    @inline(never)
    init(_ reason: Reason, at position: TemplatePosition) {
        self.reason = reason
        self.position = position
    }

    package var category: ErrorCategory { .badData }

    package var description: String { "chat template: line \(position.line), column \(position.column): \(text)" }

    private var text: String {
        switch reason {
        case .unsupported(let what): "\(what) is not supported"
        case .syntax(let found, let expected): "found \(found), expected \(expected)"
        case .raised(let message): "the template refuses the messages: \(message)"
        case .undefined(let what): "\(what) is undefined"
        case .wrongType(let operation, let found): "\(operation) does not take \(found)"
        case .wrongValue(let what): what
        case .tooLarge(let what, let allowed): "\(what) above the limit of \(allowed)"
        case .clock: "strftime_now asks for the time of day; SOURCE_DATE_EPOCH gives it one"
        }
    }
}

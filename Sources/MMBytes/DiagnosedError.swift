/// An error that says what, where, what was found and what is allowed, and which exit code it deserves.
///
/// `description` is one line for a person; control characters from the input are escaped in it.
public protocol DiagnosedError: Error, Sendable, Hashable, CustomStringConvertible {
    var category: ErrorCategory { get }
}

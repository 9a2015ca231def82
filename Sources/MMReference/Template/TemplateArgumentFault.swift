internal import MMBytes

/// An argument that a callee does not take; its place is added where it is caught.
struct TemplateArgumentFault: Error {
    var callee: String
    /// The name of the argument, where it has one.
    var extra: ByteString?

    var reason: TemplateError.Reason {
        .unsupported(extra.map { "the argument \($0) of \(callee)" } ?? "that many arguments of \(callee)")
    }
}

internal import MMBytes

/// What `set` and `for` assign to.
enum TemplateTarget: Sendable {
    case name(ByteString)
    /// A member of a namespace.
    case member(ByteString, ByteString)
    case tuple([TemplateTarget])
}

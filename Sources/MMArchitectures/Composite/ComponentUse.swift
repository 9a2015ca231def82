internal import MMBytes

/// A part of a vision-language model that has a description of its own.
struct ComponentUse: Sendable, Hashable {
    /// text or vision.
    let component: Component
    /// Where config.json describes the part: the first path that holds an object counts, "" is config.json itself.
    let paths: [String]
    /// What `{prefix}` may stand for in the names of the part.
    let prefixes: [ByteString]
    /// The descriptions that the part may have: the one whose type config.json names, or the first where it names none.
    let architectures: [String]
    /// Whether no publication says what the part is.
    let isAssumed: Bool
}

/// What a chat template may ask for: templates come from strangers.
package struct TemplateLimits: Sendable, Hashable {
    /// Longest source in bytes.
    package var sourceByteCount = 1 << 20
    /// Deepest nesting of brackets and blocks in the source.
    package var nestingDepth = 64
    /// Deepest expression as a tree; long chains of operators nest too.
    package var expressionDepth = 100
    /// Most operations of one rendering; eight bytes touched are one, an element made
    /// is three.
    package var stepCount = 10_000_000
    /// Most bytes of output.
    package var outputByteCount = 1 << 25
    /// Deepest recursion of statements, expressions and macro calls together.
    package var callDepth = 160
    /// Deepest nesting of lists in lists.
    package var valueDepth = 100
    /// Longest `range`, as in jinja2's sandbox (MAX_RANGE).
    package var rangeCount = 100_000

    package init() {}
}

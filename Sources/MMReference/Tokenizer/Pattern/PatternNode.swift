/// A split pattern as a tree. Its depth is bounded by the parser.
indirect enum PatternNode: Sendable, Hashable {
    case one(ScalarClass)
    /// In order; an empty list matches nothing at any place.
    case sequence([PatternNode])
    /// The first that leads to a match.
    case alternation([PatternNode])
    case repetition(PatternNode, Repetition)
    case group(PatternNode, Fence)
    case assertion(Assertion)

    struct Repetition: Sendable, Hashable {
        var minimum: Int
        /// nil for no bound.
        var maximum: Int?
        var mode: Mode

        enum Mode: Sendable, Hashable {
            case greedy
            case lazy
            case possessive
        }
    }

    /// A group that is left only once: what it matched is not tried in another way afterwards.
    enum Fence: Int32, Sendable, Hashable {
        /// `(?>...)`
        case atomic
        /// `(?=...)`
        case lookahead
        /// `(?!...)`
        case negativeLookahead
    }

    enum Assertion: Int32, Sendable, Hashable {
        /// `^`, at the start of the text or after a line feed, as in Oniguruma's default syntax.
        case lineStart
        /// `$`, at the end of the text or before a line feed, as in Oniguruma's default syntax.
        case lineEnd
        /// `\A`
        case textStart
        /// `\z`
        case textEnd
        /// `\Z`, at the end of the text or before its last line feed.
        case lastLineEnd
        /// `\b`
        case wordBoundary
        /// `\B`
        case noWordBoundary
    }

    /// Whether the node can match without consuming anything.
    var matchesEmpty: Bool {
        switch self {
        case .one: false
        case .sequence(let nodes): nodes.allSatisfy(\.matchesEmpty)
        case .alternation(let nodes): nodes.contains(where: \.matchesEmpty)
        case .repetition(let node, let repetition): repetition.minimum == 0 || node.matchesEmpty
        case .group(let node, let fence): fence != .atomic || node.matchesEmpty
        case .assertion: true
        }
    }
}

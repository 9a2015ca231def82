internal import MMBytes

/// A statement of a template, with its place.
struct TemplateStatement: Sendable {
    struct Branch: Sendable {
        var condition: TemplateExpression
        var body: [TemplateStatement]
    }

    struct Loop: Sendable {
        var target: TemplateTarget
        var sequence: TemplateExpression
        var filter: TemplateExpression?
        var body: [TemplateStatement] = []
        var otherwise: [TemplateStatement] = []
    }

    struct Capture: Sendable {
        var target: TemplateTarget
        /// Filters over the captured text, which the target's name stands for.
        var shaping: TemplateExpression?
        var body: [TemplateStatement]
    }

    struct Macro: Sendable {
        var name: ByteString
        var parameters: [(name: ByteString, standard: TemplateExpression?)] = []
        var body: [TemplateStatement] = []
    }

    enum Kind: Sendable {
        case text(ByteString)
        case output(TemplateExpression)
        case condition([Branch], otherwise: [TemplateStatement])
        case loop(Loop)
        case assign(TemplateTarget, TemplateExpression)
        case capture(Capture)
        case macro(Macro)
        /// Statements with names of their own.
        case scope([TemplateStatement])
        case stopLoop
        case nextElement
    }

    let kind: Kind
    let position: TemplatePosition
}

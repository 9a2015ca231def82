/// A small total expression over knobs: numbers, `+ - * / % ^`, comparisons, `== != && || !`, `?:`, parentheses,
/// `sqrt round ceil`, `count` of a list's elements, names, `list[index]`, `value in list`, `none`, and texts in single quotes for comparing.
///
/// Computed in doubles. `%` takes the sign of its right side, `^` binds tighter than a sign and to the right, `round`
/// takes halves away from zero; `&&`, `||` and `?:` evaluate only what they need.
/// Nothing is in `none`, and everything may be compared with it. Every evaluation ends: there are no loops, and the
/// depth is limited.
package struct Expression: Sendable, Hashable {
    package let text: String
    let root: Node

    indirect enum Node: Sendable, Hashable {
        case constant(KnobValue)
        case name(String)
        case call(Function, Node)
        case negative(Node)
        case not(Node)
        case or(Node, Node)
        case and(Node, Node)
        case equal(Node, Node)
        case binary(Operation, Node, Node)
        case choice(Node, Node, Node)
        /// An element of a list, counted from 0.
        case element(Node, Node)
        /// Whether a list has an element that equals.
        case membership(Node, Node)
    }

    enum Function: String, Sendable, Hashable, CaseIterable {
        case sqrt, round, ceil, count
    }

    /// What two numbers are put to.
    enum Operation: String, Sendable, Hashable {
        case lessOrEqual = "<="
        case greaterOrEqual = ">="
        case less = "<"
        case greater = ">"
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divided = "/"
        case modulo = "%"
        case power = "^"
    }

    /// Longest expression in bytes, and deepest nesting: both far above what a description needs, both low enough
    /// for the recursion of parsing and evaluating.
    static let byteCountLimit = 512
    static let depthLimit = 32

    package init(parsing text: String) throws(ExpressionError) {
        var parser = try ExpressionParser(text)
        self.text = text
        root = try parser.whole()
    }

    /// An expression that is one value.
    package init(constant: KnobValue) {
        text = constant.description
        root = .constant(constant)
    }

    /// Every name that the expression mentions, in order of appearance.
    package var names: [String] {
        var found: [String] = []
        Self.collect(root, into: &found)
        return found
    }

    private static func collect(_ node: Node, into found: inout [String]) {
        switch node {
        case .constant: break
        case .name(let name): if !found.contains(name) { found.append(name) }
        case .call(_, let inner), .negative(let inner), .not(let inner): collect(inner, into: &found)
        case .or(let left, let right), .and(let left, let right), .equal(let left, let right),
            .binary(_, let left, let right), .element(let left, let right), .membership(let left, let right):
            collect(left, into: &found)
            collect(right, into: &found)
        case .choice(let condition, let first, let second):
            collect(condition, into: &found)
            collect(first, into: &found)
            collect(second, into: &found)
        }
    }
}

extension Expression: CustomStringConvertible {
    package var description: String { text }
}

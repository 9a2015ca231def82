internal import MMBytes

/// A value of the template language, which has Python's types.
///
/// Values do not change, but for the members of a namespace: transformers renders in jinja2's immutable sandbox.
/// Namespaces and macros are indices of the evaluator's tables, so that no cycle of references can arise.
enum TemplateValue: Sendable {
    /// With what an error says was undefined.
    case undefined(String)
    case null
    case bool(Bool)
    case integer(Int)
    case double(Double)
    /// Valid UTF-8.
    case string(ByteString)
    case list(TemplateList)
    case tuple(TemplateList)
    indirect case dictionary(TemplateDictionary)
    case namespace(Int)
    case macro(Int)
    /// The `loop` of a for block.
    indirect case loop(TemplateLoop)
    case function(TemplateFunction)
    indirect case method(TemplateValue, ByteString)

    static func text(_ text: some Sequence<UInt8>) -> TemplateValue { .string(ByteString(text)) }

    /// The type as an error names it.
    var typeName: String {
        switch self {
        case .undefined: "an undefined value"
        case .null: "none"
        case .bool: "a boolean"
        case .integer: "an integer"
        case .double: "a float"
        case .string: "a string"
        case .list: "a list"
        case .tuple: "a tuple"
        case .dictionary: "a dictionary"
        case .namespace: "a namespace"
        case .macro: "a macro"
        case .loop: "a loop"
        case .function(let function): "the function \(function.rawValue)"
        case .method(_, let name): "the method \(name)"
        }
    }

    var isTrue: Bool {
        switch self {
        case .undefined, .null: false
        case .bool(let bool): bool
        case .integer(let integer): integer != 0
        case .double(let double): double != 0
        case .string(let string): !string.isEmpty
        case .list(let list), .tuple(let list): !list.elements.isEmpty
        case .dictionary(let dictionary): dictionary.count > 0
        case .namespace, .macro, .loop, .function, .method: true
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    /// The number that Python computes with: booleans count as 0 and 1.
    var integer: Int? {
        switch self {
        case .bool(let bool): bool ? 1 : 0
        case .integer(let integer): integer
        default: nil
        }
    }

    var double: Double? {
        if case .double(let double) = self { double } else { integer.map { Double($0) } }
    }

    var string: ByteString? {
        if case .string(let string) = self { string } else { nil }
    }

    /// Levels of values in this one.
    var depth: Int {
        switch self {
        case .list(let list), .tuple(let list): list.depth
        case .dictionary(let dictionary): dictionary.depth
        case .loop(let loop): loop.list.depth + 1
        case .method(let value, _): value.depth + 1
        default: 0
        }
    }
}

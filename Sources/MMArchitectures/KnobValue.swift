package import MMBytes

/// What a knob can be, and what an expression evaluates to.
package enum KnobValue: Sendable, Hashable {
    /// Finite.
    case number(Double)
    case flag(Bool)
    case text(ByteString)
    /// Scalars, such as one a layer.
    case list([KnobValue])
    /// A knob that the source leaves open; it takes part in no arithmetic.
    case none
}

extension KnobValue {
    /// Most elements of a list: far more than a model has layers or rotary frequencies.
    static let listLimit = 1 << 16

    /// The scalar or the list of scalars that a JSON value holds; nil for objects, for lists of anything else and for
    /// lists beyond the limit.
    package init?(_ json: JSONValue) {
        switch json {
        case .null: self = .none
        case .bool(let flag): self = .flag(flag)
        case .integer(let integer): self = .number(Double(integer))
        case .number(let number): self = .number(number)
        case .string(let text): self = .text(text)
        case .array(let elements):
            let values = elements.count <= Self.listLimit ? elements.compactMap(KnobValue.init(scalar:)) : []
            guard values.count == elements.count else { return nil }
            self = .list(values)
        case .object: return nil
        }
    }

    /// Whole numbers come out as integers, so that one value has one spelling.
    package var json: JSONValue {
        switch self {
        case .number(let number):
            if let integer = Int(exactly: number), integer.magnitude <= Self.exactLimit {
                .integer(integer)
            } else {
                .number(number)
            }
        case .flag(let flag): .bool(flag)
        case .text(let text): .string(text)
        case .list(let values): .array(values.map(\.json))
        case .none: .null
        }
    }

    /// The scalar that a JSON value holds; nil for arrays and objects.
    private init?(scalar json: JSONValue) {
        if json.elements != nil { return nil }
        self.init(json)
    }

    /// The number as a count: whole and exactly representable.
    package var integer: Int? {
        guard case .number(let number) = self, let integer = Int(exactly: number), integer.magnitude <= Self.exactLimit
        else { return nil }
        return integer
    }

    /// 2^53: up to here every integer is a double of its own.
    private static let exactLimit: UInt = 1 << 53
}

extension KnobValue: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text(let text): "'\(text)'"
        default: ByteString(json.serialized()).description
        }
    }
}

package import MMBytes

/// What a knob can be, and what an expression evaluates to.
package enum KnobValue: Sendable, Hashable {
    /// Finite.
    case number(Double)
    case flag(Bool)
    case text(ByteString)
    /// A knob that the source leaves open; it takes part in no arithmetic.
    case none
}

extension KnobValue {
    /// The scalar that a JSON value holds; nil for arrays and objects.
    package init?(_ json: JSONValue) {
        switch json {
        case .null: self = .none
        case .bool(let flag): self = .flag(flag)
        case .integer(let integer): self = .number(Double(integer))
        case .number(let number): self = .number(number)
        case .string(let text): self = .text(text)
        case .array, .object: return nil
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
        case .none: .null
        }
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

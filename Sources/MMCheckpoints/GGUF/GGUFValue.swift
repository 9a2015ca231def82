package import MMBytes

/// A metadata value with the type that the file gives it.
package enum GGUFValue: Sendable, Hashable {
    case u8(UInt8)
    case i8(Int8)
    case u16(UInt16)
    case i16(Int16)
    case u32(UInt32)
    case i32(Int32)
    case f32(Float)
    case bool(Bool)
    case string(ByteString)
    case array(GGUFArray)
    case u64(UInt64)
    case i64(Int64)
    case f64(Double)

    /// The value of any integer type, where it fits an Int.
    package var integer: Int? {
        switch self {
        case .u8(let value): Int(value)
        case .i8(let value): Int(value)
        case .u16(let value): Int(value)
        case .i16(let value): Int(value)
        case .u32(let value): Int(value)
        case .i32(let value): Int(value)
        case .u64(let value): Int(exactly: value)
        case .i64(let value): Int(value)
        case .f32, .f64, .bool, .string, .array: nil
        }
    }

    package var string: ByteString? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    package var asJSON: JSONValue {
        switch self {
        case .u8(let value): .integer(Int(value))
        case .i8(let value): .integer(Int(value))
        case .u16(let value): .integer(Int(value))
        case .i16(let value): .integer(Int(value))
        case .u32(let value): .integer(Int(value))
        case .i32(let value): .integer(Int(value))
        case .f32(let value): .number(Double(value))
        case .bool(let value): .bool(value)
        case .string(let value): .string(value)
        case .array(let value): value.asJSON
        case .u64(let value): Int(exactly: value).map(JSONValue.integer) ?? .number(Double(value))
        case .i64(let value): .integer(Int(value))
        case .f64(let value): .number(value)
        }
    }
}

package import MMBytes

/// The elements of an array value, all of one type.
package enum GGUFArray: Sendable, Hashable {
    case u8([UInt8])
    case i8([Int8])
    case u16([UInt16])
    case i16([Int16])
    case u32([UInt32])
    case i32([Int32])
    case f32([Float])
    case bool([Bool])
    case string([ByteString])
    case u64([UInt64])
    case i64([Int64])
    case f64([Double])

    package var asJSON: JSONValue {
        switch self {
        case .u8(let values): .array(values.map { .integer(Int($0)) })
        case .i8(let values): .array(values.map { .integer(Int($0)) })
        case .u16(let values): .array(values.map { .integer(Int($0)) })
        case .i16(let values): .array(values.map { .integer(Int($0)) })
        case .u32(let values): .array(values.map { .integer(Int($0)) })
        case .i32(let values): .array(values.map { .integer(Int($0)) })
        case .f32(let values): .array(values.map { .number(Double($0)) })
        case .bool(let values): .array(values.map { .bool($0) })
        case .string(let values): .array(values.map { .string($0) })
        case .u64(let values): .array(values.map { GGUFValue.u64($0).asJSON })
        case .i64(let values): .array(values.map { .integer(Int($0)) })
        case .f64(let values): .array(values.map { .number($0) })
        }
    }
}

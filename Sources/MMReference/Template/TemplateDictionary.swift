internal import MMBytes

/// A dictionary in the order of insertion, with keys that are equal as Python's are: 1, 1.0 and True are one.
struct TemplateDictionary: Sendable {
    enum Key: Sendable, Hashable {
        case null
        case integer(Int)
        case double(Double)
        case string(ByteString)

        /// The key of a value; nil for one that cannot be a key here.
        init?(_ value: TemplateValue) {
            switch value {
            case .null: self = .null
            case .bool, .integer: self = .integer(value.integer ?? 0)
            case .double(let double): self = Int(exactly: double).map { .integer($0) } ?? .double(double)
            case .string(let string): self = .string(string)
            default: return nil
            }
        }
    }

    private(set) var keys: [TemplateValue] = []
    private(set) var values: [TemplateValue] = []
    private var places: [Key: Int] = [:]
    /// 1 and the depth of the deepest value.
    private(set) var depth = 1

    var count: Int { keys.count }

    subscript(key: Key) -> TemplateValue? { places[key].map { values[$0] } }

    subscript(name: ByteString) -> TemplateValue? { self[.string(name)] }

    func place(of key: Key) -> Int? { places[key] }

    /// A key that is there keeps its place and takes the new value.
    mutating func set(_ key: Key, spelled: TemplateValue, to value: TemplateValue) {
        depth = max(depth, value.depth + 1)
        if let place = places[key] {
            values[place] = value
        } else {
            places[key] = keys.count
            keys.append(spelled)
            values.append(value)
        }
    }

    mutating func set(_ name: ByteString, to value: TemplateValue) {
        set(.string(name), spelled: .string(name), to: value)
    }

    /// Pairs of key and value.
    var items: [TemplateValue] { zip(keys, values).map { .tuple(TemplateList([$0, $1])) } }
}

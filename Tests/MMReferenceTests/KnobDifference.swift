/// The knobs of a configuration by name, such as "rope.theta", those of a list's elements without their place.
enum KnobDifference {
    private struct Leaf {
        let name: String
        let text: String
    }

    /// All of them; what is nil has no parts.
    static func names(of value: Any) -> Set<String> { Set(leaves(of: value, named: "").map(\.name)) }

    /// Those in which two configurations differ.
    static func names(_ first: Any, _ second: Any) -> Set<String> {
        let (a, b) = (grouped(first), grouped(second))
        return Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }
    }

    private static func grouped(_ value: Any) -> [String: [String]] {
        Dictionary(grouping: leaves(of: value, named: ""), by: \.name).mapValues { $0.map(\.text) }
    }

    private static func leaves(of value: Any, named name: String) -> [Leaf] {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            guard let wrapped = mirror.children.first?.value else { return [Leaf(name: name, text: "nil")] }
            return [Leaf(name: name, text: "there")] + leaves(of: wrapped, named: name)
        case .struct where !mirror.children.isEmpty:
            return mirror.children.flatMap { child in
                leaves(of: child.value, named: (name.isEmpty ? "" : "\(name).") + (child.label ?? ""))
            }
        case .collection:
            return [Leaf(name: name, text: "\(mirror.children.count)")]
                + mirror.children.flatMap { leaves(of: $0.value, named: name) }
        default: return [Leaf(name: name, text: "\(value)")]
        }
    }
}

/// The knobs of a configuration by name, such as "rope.theta", those of a list's elements without their place.
enum KnobDifference {
    /// All of them; what is nil has no parts.
    static func names(of value: Any, prefix: String = "") -> Set<String> {
        Set(leaves(value, prefix: prefix).map(\.name))
    }

    /// Those in which two configurations differ.
    static func names(_ first: Any, _ second: Any) -> Set<String> {
        let (a, b) = (grouped(first), grouped(second))
        return Set(a.keys).union(b.keys).filter { a[$0] != b[$0] }
    }

    private static func grouped(_ value: Any) -> [String: [String]] {
        Dictionary(grouping: leaves(value, prefix: ""), by: \.name).mapValues { $0.map(\.text) }
    }

    private static func leaves(_ value: Any, prefix: String) -> [(name: String, text: String)] {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional:
            guard let wrapped = mirror.children.first?.value else { return [(prefix, "nil")] }
            return [(prefix, "there")] + leaves(wrapped, prefix: prefix)
        case .struct where !mirror.children.isEmpty:
            return mirror.children.flatMap { child in
                leaves(child.value, prefix: (prefix.isEmpty ? "" : "\(prefix).") + (child.label ?? ""))
            }
        case .collection:
            return [(prefix, "\(mirror.children.count)")]
                + mirror.children.flatMap { leaves($0.value, prefix: prefix) }
        default: return [(prefix, "\(value)")]
        }
    }
}

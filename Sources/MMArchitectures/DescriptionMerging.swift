internal import MMBytes

/// Descriptions that extend another: what they say takes the place of what the other says, member by member.
///
/// Members of `knobs`, `gguf_keys`, `layers` and `hf_config.members` replace those of the same name; a new one comes
/// before the next that replaces another, or behind all. A knob that becomes an expression loses its place in GGUF, which
/// `gguf_keys` may give it again. `runs` are added, an entry of `tensors` changes the members of the rule of that name, and every other member
/// replaces the whole.
struct DescriptionMerging {
    /// All descriptions, the unfinished ones among them, by id.
    let all: [ByteString: JSONValue]

    /// Longest chain of descriptions that extend each other.
    static let depthLimit = 8

    /// The description `value` with everything that it extends. Throws `DescriptionError` for one that is not there.
    func resolved(_ value: JSONValue) throws(DescriptionError) -> JSONValue {
        var chain = [value]
        while let parent = chain[chain.count - 1]["extends"] {
            let place = chain[chain.count - 1]["id"]?.string?.string ?? "description"
            guard let name = parent.string, let found = all[name], chain.count < Self.depthLimit else {
                throw DescriptionError(.unknownName(parent.string?.description ?? "?"), place: "\(place).extends")
            }
            chain.append(found)
        }
        var merged = chain.removeLast()
        while let child = chain.popLast() { merged = try merge(child, onto: merged) }
        return merged
    }

    private func merge(_ child: JSONValue, onto base: JSONValue) throws(DescriptionError) -> JSONValue {
        var members = (base.members ?? []).filter { $0.name != "abstract" }
        for member in child.members ?? [] where member.name != "extends" {
            let old = base[member.name]
            let value: JSONValue
            switch (member.name, old) {
            case ("knobs", .some(let old)), ("layers", .some(let old)):
                value = Self.merge(members: member.value, onto: old)
            case ("gguf_keys", _): continue
            case ("runs", .some(let old)): value = .array((old.elements ?? []) + (member.value.elements ?? []))
            case ("tensors", .some(let old)): value = try patch(old, with: member.value, of: child)
            case ("hf_config", .some(let old)):
                let inner = Self.merge(
                    members: member.value["members"] ?? .object([]),
                    onto: old["members"] ?? .object([])
                )
                value = Self.set("members", to: inner, in: Self.merge(members: member.value, onto: old))
            default: value = member.value
            }
            members = Self.set(member.name, to: value, in: .object(members)).members ?? []
        }
        let computed = Set((child["knobs"]?.members ?? []).filter { $0.value.members == nil }.map(\.name))
        let keys = (base["gguf_keys"]?.members ?? []).filter { !computed.contains($0.name) }
        let merged = Self.merge(members: child["gguf_keys"] ?? .object([]), onto: .object(keys))
        return Self.set("gguf_keys", to: merged, in: .object(members))
    }

    private static func merge(members child: JSONValue, onto base: JSONValue) -> JSONValue {
        var members = base.members ?? []
        // From the last, so that where the next one lies is known.
        var place = members.count
        for member in (child.members ?? []).reversed() {
            if let index = members.firstIndex(where: { $0.name == member.name }) {
                members[index] = member
                place = index
            } else {
                members.insert(member, at: place)
            }
        }
        return .object(members)
    }

    private static func set(_ name: ByteString, to value: JSONValue, in object: JSONValue) -> JSONValue {
        var members = object.members ?? []
        if let index = members.firstIndex(where: { $0.name == name }) {
            members[index] = JSONMember(name: name, value: value)
        } else {
            members.append(JSONMember(name: name, value: value))
        }
        return .object(members)
    }

    /// Changes the rules of `tensors`, those of layers among them, that `patches` name.
    private func patch(
        _ tensors: JSONValue,
        with patches: JSONValue,
        of child: JSONValue
    ) throws(DescriptionError) -> JSONValue {
        var left: [ByteString: JSONValue] = [:]
        for patch in patches.elements ?? [] { if let name = patch["name"]?.string { left[name] = patch } }
        let patched = Self.apply(&left, to: tensors)
        if let stranger = left.keys.min() {
            let place = child["id"]?.string?.string ?? "description"
            throw DescriptionError(.unknownName(stranger.description), place: "\(place).tensors")
        }
        return patched
    }

    private static func apply(_ patches: inout [ByteString: JSONValue], to tensors: JSONValue) -> JSONValue {
        var rules: [JSONValue] = []
        for rule in tensors.elements ?? [] {
            if let inner = rule["tensors"] {
                rules.append(set("tensors", to: apply(&patches, to: inner), in: rule))
            } else if let name = rule["name"]?.string, let patch = patches.removeValue(forKey: name) {
                rules.append(merge(members: patch, onto: rule))
            } else {
                rules.append(rule)
            }
        }
        return .array(rules)
    }
}

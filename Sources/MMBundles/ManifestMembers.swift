internal import MMBytes
internal import MMCodecs

/// The members of one manifest object, taken one by one: missing, mistyped and unknown ones are errors.
struct ManifestMembers {
    private let what: String
    private let members: [JSONMember]
    private var takenCount = 0

    /// `what` names the object in errors.
    init(_ value: JSONValue, what: String) throws(BundleError) {
        guard let members = value.members else { throw BundleError(.wrongMember(what, expected: "an object")) }
        self.what = what
        self.members = members
    }

    mutating func optional(_ name: ByteString) -> JSONValue? {
        guard let member = members.first(where: { $0.name == name }) else { return nil }
        takenCount += 1
        return member.value
    }

    mutating func value(_ name: ByteString) throws(BundleError) -> JSONValue {
        guard let value = optional(name) else { throw BundleError(.missingMember("\(what).\(name)")) }
        return value
    }

    mutating func object(_ name: ByteString) throws(BundleError) -> JSONValue {
        let value = try value(name)
        guard value.members != nil else { throw wrong(name, "an object") }
        return value
    }

    mutating func array(_ name: ByteString, limit: Int) throws(BundleError) -> [JSONValue] {
        guard let elements = try value(name).elements else { throw wrong(name, "an array") }
        guard elements.count <= limit else {
            throw BundleError(.tooLarge(what: "number of \(name)", found: elements.count, allowed: limit))
        }
        return elements
    }

    /// A string of 1 to `limit` bytes.
    mutating func string(
        _ name: ByteString,
        limit: Int = BundleFormat.nameByteCountLimit
    ) throws(BundleError) -> ByteString {
        guard let string = try value(name).string, (1...limit).contains(string.count) else {
            throw wrong(name, "a string of 1 to \(limit) bytes")
        }
        return string
    }

    /// A count: an integer that is not negative.
    mutating func count(_ name: ByteString) throws(BundleError) -> Int {
        guard let integer = try value(name).integer, integer >= 0 else { throw wrong(name, "an integer from 0") }
        return integer
    }

    mutating func digest(_ name: ByteString) throws(BundleError) -> SHA256Digest {
        guard let digest = SHA256Digest(hexadecimal: try string(name).bytes) else {
            throw wrong(name, "64 lowercase hexadecimal digits")
        }
        return digest
    }

    /// Version 1 has no other members: what a reader does not know it must not pass over.
    mutating func finish(known: Set<ByteString>) throws(BundleError) {
        guard takenCount != members.count else { return }
        for member in members where !known.contains(member.name) { throw BundleError(.unexpectedMember(member.name)) }
    }

    @inline(never)
    private func wrong(_ name: ByteString, _ expected: String) -> BundleError {
        BundleError(.wrongMember("\(what).\(name)", expected: expected))
    }
}

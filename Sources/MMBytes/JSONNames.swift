/// The names that an object has so far: looked through while they are few, hashed when they are many.
struct JSONNames {
    private static let scanLimit = 12
    private var hashed = NameSet()

    /// Takes in `name`; false when it is among those of `members` or was taken in before.
    mutating func insert(_ name: ByteString, after members: [JSONMember]) -> Bool {
        if members.count < Self.scanLimit { return !members.contains { $0.name == name } }
        if hashed.isEmpty {
            for member in members { _ = hashed.insert(member.name) }
        }
        return hashed.insert(name)
    }
}

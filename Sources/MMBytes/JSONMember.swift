/// One name and value of a JSON object.
public struct JSONMember: Sendable, Hashable {
    public var name: ByteString
    public var value: JSONValue

    public init(name: ByteString, value: JSONValue) {
        self.name = name
        self.value = value
    }
}

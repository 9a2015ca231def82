package import MMBytes

/// One key and value of a file's metadata.
package struct GGUFEntry: Sendable, Hashable {
    package let key: ByteString
    package let value: GGUFValue
}

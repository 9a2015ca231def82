package import MMBytes
internal import MMTensors

/// The key-value metadata of a GGUF file, in the order of the file.
package struct GGUFMetadata: Sendable, Hashable {
    package let version: UInt32
    package let entries: [GGUFEntry]
    private let indices: [ByteString: Int]

    init(version: UInt32, entries: [GGUFEntry]) {
        self.version = version
        self.entries = entries
        indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.key, $0) })
    }

    /// Reads a key-value section alone, as the asset `Asset.ggufMetadataName` holds it: u32 version, u64 count, pairs.
    ///
    /// `name` (that of the asset by default) stands for the path in what this throws, `GGUFError`.
    package init(parsing section: [UInt8], name: String? = nil) throws {
        let name = name ?? Asset.ggufMetadataName
        do {
            // UInt8 has no padding.
            var reader = unsafe GGUFReader(section.span.bytes, fileByteCount: section.count, path: name)
            let version = try reader.version()
            let count = try reader.keyCount()
            self.init(version: version, entries: try reader.entries(count: count))
            guard reader.offset == section.count else {
                let left = section.count - reader.offset
                throw GGUFError(.sectionTrailingBytes(found: left), path: name, offset: reader.offset)
            }
        } catch let error as ParseError {
            throw GGUFError(error, path: name)
        }
    }

    package subscript(key: ByteString) -> GGUFValue? {
        indices[key].map { entries[$0].value }
    }

    /// The metadata as an object; numbers beyond 63 bits become doubles.
    package var asJSON: JSONValue {
        .object(entries.map { JSONMember(name: $0.key, value: $0.value.asJSON) })
    }
}

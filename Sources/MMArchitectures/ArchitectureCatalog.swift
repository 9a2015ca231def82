internal import CFormats
package import MMBytes

/// Every architecture that mmpack knows, sorted by id.
package struct ArchitectureCatalog: Sendable, Hashable {
    package let architectures: [ArchitectureDescription]

    package init(_ architectures: [ArchitectureDescription]) {
        self.architectures = architectures.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    }

    /// The descriptions of formats/architectures/, embedded in the program. Throws `DescriptionError` where one does
    /// not keep to the schema, which the tests rule out.
    package static func embedded() throws(DescriptionError) -> ArchitectureCatalog {
        try shared.get()
    }

    package subscript(id: ByteString) -> ArchitectureDescription? {
        architectures.first { ByteString($0.id) == id }
    }

    /// The text of each embedded description, in the order of the table.
    package static var embeddedTexts: [[UInt8]] {
        (0..<mmf_architecture_count()).map { index in
            // The table lives as long as the program and says how long it is.
            let table = unsafe mmf_architecture(index)
            return unsafe Array(UnsafeBufferPointer(start: table.pointer, count: table.count))
        }
    }

    private static let shared: Result<ArchitectureCatalog, DescriptionError> = {
        do throws(DescriptionError) {
            var architectures: [ArchitectureDescription] = []
            for text in embeddedTexts { architectures.append(try ArchitectureDescription(parsing: text)) }
            return .success(ArchitectureCatalog(architectures))
        } catch {
            return .failure(error)
        }
    }()
}

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

    /// The descriptions of JSON texts, those that only others extend left out. Throws `DescriptionError` for a text that
    /// does not keep to the schema.
    package init(parsing texts: [[UInt8]]) throws(DescriptionError) {
        var values: [JSONValue] = []
        for text in texts {
            do throws(ParseError) { values.append(try JSONValue(parsing: text)) } catch {
                throw DescriptionError(.notJSON(error), place: "description")
            }
        }
        let named = values.compactMap { value in value["id"]?.string.map { ($0, value) } }
        let merging = DescriptionMerging(all: Dictionary(named) { first, _ in first })
        var architectures: [ArchitectureDescription] = []
        for value in values where value["abstract"] == nil {
            architectures.append(try ArchitectureDescription(try merging.resolved(value)))
        }
        self.init(architectures)
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
            return .success(try ArchitectureCatalog(parsing: embeddedTexts))
        } catch {
            return .failure(error)
        }
    }()
}

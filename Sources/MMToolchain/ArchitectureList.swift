internal import MMArchitectures
package import MMBytes

/// inspect --architectures: every architecture that mmpack knows.
package struct ArchitectureList: Sendable {
    package struct Row: Sendable {
        package let id: String
        package let title: String
        /// "verified" or "assumed".
        package let status: String
        /// What config.json and GGUF call it.
        package let types: String
        /// What no publication gives.
        package let assumed: [String]
    }

    package let rows: [Row]
    /// Schema: formats/schemas/architectures.json.
    package let json: JSONValue

    package init() throws {
        let catalog = try ArchitectureCatalog.embedded()
        rows = catalog.architectures.map { description in
            let names = description.typeNames
            let gguf = names.gguf.isEmpty ? "" : "; GGUF \(names.gguf.map(\.description).joined(separator: ", "))"
            return Row(
                id: description.id,
                title: description.title,
                status: description.status.rawValue,
                types: names.huggingFace.map(\.description).joined(separator: ", ") + gguf,
                assumed: description.assumptions
            )
        }
        json = ["architectures": .array(catalog.architectures.map(\.summary))]
    }
}

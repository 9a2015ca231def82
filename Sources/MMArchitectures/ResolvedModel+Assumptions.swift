internal import MMBytes

extension ResolvedModel {
    /// What no publication gives of the model and its parts, so that their descriptions chose it.
    ///
    /// Throws `DescriptionError` where an embedded description is broken, which the tests rule out.
    package func assumptions() throws(DescriptionError) -> [String] {
        let catalog = try ArchitectureCatalog.embedded()
        let ids = [architectureID].compactMap(\.self) + components.map(\.architectureID)
        return ids.compactMap { catalog[ByteString($0)] }.flatMap(\.assumptions)
    }
}

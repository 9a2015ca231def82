package import MMBytes

/// What export tar wrote.
package struct TarExportReport: Sendable, Hashable {
    package struct File: Sendable, Hashable {
        package let name: String
        /// Where its bytes begin in the archive.
        package let offset: Int
        package let byteCount: Int
    }

    package let path: String
    /// In the order of the archive.
    package let files: [File]
    package let byteCount: Int

    /// Schema: formats/schemas/export-tar.json.
    package var json: JSONValue {
        let files = files.map { file -> JSONValue in
            ["name": .text(file.name), "offset": .integer(file.offset), "nbytes": .integer(file.byteCount)]
        }
        return ["path": .text(path), "files": .array(files), "nbytes": .integer(byteCount)]
    }
}

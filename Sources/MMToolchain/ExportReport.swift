package import MMBytes

/// What export wrote.
package struct ExportReport: Sendable, Hashable {
    package let folder: String
    /// Plain file names, in the order written.
    package let files: [String]
    package let tensorCount: Int
    package let byteCount: Int
    /// What a user should know of the files.
    package let notes: [String]

    /// Schema: formats/schemas/export.json.
    package var json: JSONValue {
        [
            "folder": .text(folder), "files": .array(files.map { .text($0) }), "tensors": .integer(tensorCount),
            "nbytes": .integer(byteCount), "notes": .array(notes.map { .text($0) }),
        ]
    }
}

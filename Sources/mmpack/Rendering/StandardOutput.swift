internal import MMBytes
internal import MMStorage
internal import SystemPackage

/// Data.
enum StandardOutput {
    static func write(_ text: String) throws {
        try write(bytes: Array(text.utf8))
    }

    static func write(json: JSONValue) throws {
        try write(bytes: json.serialized(.pretty) + [0x0A])
    }

    /// Throws `FileError` when not all bytes could be written; does not return when nobody reads them any more.
    static func write(bytes: [UInt8]) throws {
        guard let error = Process.write(bytes, to: 1) else { return }
        if Errno(rawValue: error) == .brokenPipe { Interruption.endByClosedPipe() }
        throw FileError(.write, Errno(rawValue: error), path: "standard output")
    }
}

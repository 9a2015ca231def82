internal import CFormats
internal import MMBytes

/// What a device has for an app: formats/tables/devices.json.
package struct PlanDevice: Sendable, Hashable {
    package let id: String
    package let title: String
    /// What an app may take.
    package let appByteCount: Int
    /// Whether that is a guess.
    package let isAssumed: Bool

    /// Every device of the table.
    ///
    /// Throws `ToolchainError.malformedTable` where the embedded table is broken, which the tests rule out.
    package static func all() throws -> [PlanDevice] {
        let table = unsafe mmf_devices()
        // Embedded in the program, so valid for ever, for `count` bytes.
        let bytes = unsafe Array(UnsafeBufferPointer(start: table.pointer, count: table.count))
        guard let rows = try JSONValue(parsing: bytes)["devices"]?.elements else {
            throw ToolchainError(.malformedTable, path: "devices")
        }
        return try rows.map { row in
            guard let id = row["id"]?.string, let title = row["title"]?.string,
                let appByteCount = row["app_nbytes"]?.integer
            else { throw ToolchainError(.malformedTable, path: "devices") }
            return PlanDevice(
                id: id.string,
                title: title.string,
                appByteCount: appByteCount,
                isAssumed: row["assumed"] == true
            )
        }
    }

    /// The device called `name`, or all of them. Throws `ToolchainError.unknownName` for a name that none has.
    static func chosen(_ name: String?) throws -> [PlanDevice] {
        let all = try all()
        guard let name else { return all }
        guard let device = all.first(where: { $0.id == name.lowercased() }) else {
            throw ToolchainError(.unknownName(allowed: all.map(\.id)), path: name)
        }
        return [device]
    }
}

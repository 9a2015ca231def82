import MMBytes
import MMCodecs

/// A bundle of one file taken apart, changed, and sealed again with right digests: what an attacker can make.
struct BundleForge {
    private let head: [UInt8]
    var table: [UInt8]
    var manifest: [UInt8]
    private let tableOffset: Int

    init(_ bytes: [UInt8]) {
        func little(_ offset: Int) -> Int { (0..<8).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
        tableOffset = little(32)
        head = Array(bytes[..<tableOffset])
        table = Array(bytes[tableOffset..<tableOffset + 72 * little(40)])
        manifest = Array(bytes[little(48)...])
    }

    var text: String {
        get { String(decoding: manifest, as: UTF8.self) }
        set { manifest = Array(newValue.utf8) }
    }

    /// Replaces the first occurrence; false when there is none.
    mutating func replace(_ old: String, by new: String) -> Bool {
        guard let range = text.firstRange(of: old) else { return false }
        text.replaceSubrange(range, with: new)
        return true
    }

    /// The bundle with everything that follows from tables and manifest set right.
    func sealed(oldTable: [UInt8]) -> [UInt8] {
        var copy = self
        _ = copy.replace(SHA256Digest(of: oldTable).hexadecimal, by: SHA256Digest(of: table).hexadecimal)
        var bytes = head + table
        let manifestOffset = (bytes.count + 63) / 64 * 64
        bytes += [UInt8](repeating: 0, count: manifestOffset - bytes.count) + copy.manifest
        func set(_ value: [UInt8], at offset: Int) { bytes.replaceSubrange(offset..<offset + value.count, with: value) }
        func set(_ value: Int, at offset: Int) { set((0..<8).map { UInt8(value >> (8 * $0) & 255) }, at: offset) }
        set(bytes.count, at: 24)
        set(table.count / 72, at: 40)
        set(manifestOffset, at: 48)
        set(copy.manifest.count, at: 56)
        set(SHA256Digest(of: copy.manifest).bytes, at: 64)
        set(SHA256Digest(of: table).bytes, at: 96)
        set(SHA256Digest(of: Array(bytes[..<16_352])).bytes, at: 16_352)
        return bytes
    }
}

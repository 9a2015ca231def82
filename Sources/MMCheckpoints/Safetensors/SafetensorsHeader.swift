internal import MMBytes
internal import MMStorage
internal import MMTensors

/// The header of a file, validated: tensors in the order of their bytes, which they cover without hole or overlap.
struct SafetensorsHeader {
    let entries: [SafetensorsEntry]
    let metadata: [JSONMember]
    /// Where each tensor's bytes begin in the file.
    let offsets: [Int]

    /// Reads and checks the header of `file`; throws `SafetensorsError` or `FileError`.
    init(_ file: InputFile) throws {
        let prefixByteCount = Safetensors.prefixByteCount
        guard file.byteCount >= prefixByteCount else {
            throw SafetensorsError(
                .truncated(needed: prefixByteCount, available: file.byteCount),
                path: file.path,
                offset: 0
            )
        }
        let prefix = try file.bytes(at: 0, byteCount: prefixByteCount)
        // UInt8 has no padding.
        var prefixReader = unsafe ByteReader(prefix.span.bytes)
        let claimed = try prefixReader.little(UInt64.self)
        guard claimed <= Safetensors.headerByteLimit else {
            throw SafetensorsError(
                .headerTooLarge(found: claimed, allowed: Safetensors.headerByteLimit),
                path: file.path,
                offset: 0
            )
        }
        let byteCount = Int(claimed)
        guard byteCount >= 2 else {
            throw SafetensorsError(.headerTooSmall(found: claimed), path: file.path, offset: 0)
        }
        guard byteCount <= file.byteCount - prefixByteCount else {
            throw SafetensorsError(
                .headerTruncated(needed: byteCount, available: file.byteCount - prefixByteCount),
                path: file.path,
                offset: prefixByteCount
            )
        }
        let text = try file.bytes(at: prefixByteCount, byteCount: byteCount)
        var parser = try SafetensorsHeaderParser(text, path: file.path)
        try parser.parse()
        metadata = parser.metadata
        let dataOffset = prefixByteCount + byteCount
        entries = try Self.ordered(
            parser.entries,
            dataByteCount: file.byteCount - dataOffset,
            dataOffset: dataOffset,
            path: file.path
        )
        // Inside the file, as just compared.
        offsets = entries.map { dataOffset + Int($0.begin) }
    }

    /// The entries in the order of their bytes, empty ones first, those at the same place as the header has them;
    /// throws where they leave a hole, overlap, or do not end where the file does.
    private static func ordered(
        _ entries: [SafetensorsEntry],
        dataByteCount: Int,
        dataOffset: Int,
        path: String
    ) throws(SafetensorsError) -> [SafetensorsEntry] {
        let order = entries.indices.sorted {
            (entries[$0].begin, entries[$0].end, $0) < (entries[$1].begin, entries[$1].end, $1)
        }
        var position: UInt64 = 0
        for index in order {
            let entry = entries[index]
            guard entry.end <= UInt64(dataByteCount) else {
                throw SafetensorsError(
                    .dataTruncated(needed: entry.end, available: dataByteCount),
                    path: path,
                    tensor: entry.descriptor.name,
                    offset: dataOffset
                )
            }
            guard entry.begin == position else {
                let reason: SafetensorsError.Reason =
                    entry.begin > position
                    ? .hole(found: entry.begin, expected: position)
                    : .overlap(found: entry.begin, expected: position)
                // Below dataByteCount, as compared just above.
                let offset = dataOffset + Int(entry.begin)
                throw SafetensorsError(reason, path: path, tensor: entry.descriptor.name, offset: offset)
            }
            position = entry.end
        }
        // At most dataByteCount, as compared in the loop.
        let end = Int(position)
        guard end == dataByteCount else {
            throw SafetensorsError(.trailingBytes(found: dataByteCount - end), path: path, offset: dataOffset + end)
        }
        return order.map { entries[$0] }
    }
}

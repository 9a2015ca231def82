internal import MMBytes
internal import MMCodecs
internal import MMStorage

/// What a writer has finished, in a temporary file beside its output: after a crash another goes on from there.
///
/// Lines of text, each behind the XXH3 of the rest of it, so that one that was cut off is no line: the job's key; the name
/// of each file as it begins; each chunk; and each tensor, which ends its chunks. Nothing in it is believed before the
/// bytes that it speaks of have been read again. Not synchronised: the writer's thread owns it.
final class WriteJournal: @unchecked Sendable {
    private let output: AtomicOutput
    private var pending: [UInt8] = []
    private var end = 0
    /// Bytes of weights that the lines in `pending` speak of.
    private var pendingWeightByteCount = 0

    /// So much of what was finished is done again at most.
    private static let flushByteCount = 1 << 20

    /// A tensor whose chunks have all been written.
    struct Tensor {
        let digest: SHA256Digest
        /// Where it begins.
        let file: Int
        let firstChunk: Int
        let chunks: [(file: Int, row: ChunkRow)]
    }

    init(path: String, key: SHA256Digest) throws(FileError) {
        output = try AtomicOutput(path: path)
        append("job \(key.hexadecimal)")
        try flush()
    }

    func begin(_ file: AtomicOutput) {
        append("file \(FileSystem.name(of: file.temporaryPath))")
    }

    func add(_ row: ChunkRow, file: Int) {
        let numbers = [file, row.offset, row.storedByteCount, row.logicalByteCount, Int(row.encoding.rawValue)]
        let text = numbers.map(\.description).joined(separator: " ")
        append("chunk \(text) \(String(row.xxh3, radix: 16)) \(row.digest.hexadecimal)")
        pendingWeightByteCount += row.storedByteCount
    }

    func end(tensor digest: SHA256Digest, file: Int, firstChunk: Int) throws(FileError) {
        append("tensor \(digest.hexadecimal) \(file) \(firstChunk)")
        if pendingWeightByteCount >= Self.flushByteCount { try flush() }
    }

    private func append(_ text: String) {
        pending += "\(Self.mark(of: text)) \(text)\n".utf8
    }

    /// All tensors are written.
    func finish() throws(FileError) { try flush() }

    /// Removes the file: the output has its name.
    func discard() { output.discard() }

    private func flush() throws(FileError) {
        let lines = pending
        // UInt8 has no padding.
        try output.write(unsafe lines.span.bytes, at: end)
        end += lines.count
        pending = []
        pendingWeightByteCount = 0
    }

    private static func mark(of text: String) -> String {
        let bytes = Array(text.utf8)
        // UInt8 has no padding.
        return String(unsafe XXH3.hash(bytes.span.bytes), radix: 16)
    }

    /// What the journal at `path` says; nil where it is none, or another job's.
    static func read(_ path: String, key: SHA256Digest) -> (files: [String], tensors: [Tensor])? {
        guard let file = try? InputFile(path: path), file.byteCount <= byteCountLimit,
            let bytes = try? file.bytes(at: 0, byteCount: file.byteCount)
        else { return nil }
        var files: [String] = []
        var tensors: [Tensor] = []
        var chunks: [(file: Int, row: ChunkRow)] = []
        var isOfJob = false
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let parts = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 1)
            guard parts.count == 2, mark(of: String(parts[1])) == parts[0] else { break }
            let fields = parts[1].split(separator: " ")
            guard isOfJob || fields == ["job", key.hexadecimal[...]] else { return nil }
            isOfJob = true
            switch (fields[0], fields.count) {
            case ("file", _): files.append(String(parts[1].dropFirst("file ".count)))
            case ("chunk", 8):
                guard let chunk = chunk(fields) else { return (files, tensors) }
                chunks.append(chunk)
            case ("tensor", 4):
                guard let digest = SHA256Digest(hexadecimal: Array(fields[1].utf8)), let file = Int(fields[2]),
                    let firstChunk = Int(fields[3])
                else { return (files, tensors) }
                tensors.append(Tensor(digest: digest, file: file, firstChunk: firstChunk, chunks: chunks))
                chunks = []
            default: break
            }
        }
        return isOfJob ? (files, tensors) : nil
    }

    /// 200 bytes a chunk of 256 KiB: of 300 GB.
    private static let byteCountLimit = 256 << 20

    private static func chunk(_ fields: [Substring]) -> (file: Int, row: ChunkRow)? {
        let numbers = fields[1...5].compactMap { Int($0) }
        guard numbers.count == 5, numbers.allSatisfy({ $0 >= 0 }), let encoding = UInt32(exactly: numbers[4]),
            let encoding = ChunkEncoding(rawValue: encoding), let xxh3 = UInt64(fields[6], radix: 16),
            let digest = SHA256Digest(hexadecimal: Array(fields[7].utf8)),
            numbers[2] <= BundleFormat.chunkByteCount, numbers[1].adding(numbers[2]) != nil
        else { return nil }
        let row = ChunkRow(
            offset: numbers[1],
            storedByteCount: numbers[2],
            logicalByteCount: numbers[3],
            encoding: encoding,
            xxh3: xxh3,
            digest: digest
        )
        return (numbers[0], row)
    }
}

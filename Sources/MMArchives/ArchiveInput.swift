internal import MMBytes
internal import MMStorage

/// What libarchive reads: the file as it is, or what it decompresses to.
///
/// The bytes that it unpacks to are counted here, tar headers and padding among them. Not synchronised: one pass owns it.
final class ArchiveInput {
    let file: InputFile
    private let decoder: (any StreamDecoder)?
    private let buffer = PageBuffer(capacity: byteCount)
    /// Bytes that were handed on or skipped.
    private(set) var position = 0
    /// What went wrong in a call from libarchive, which knows no Swift errors.
    var failure: (any Error)?

    private static let byteCount = 1 << 18

    init(_ file: InputFile, kind: ArchiveKind) throws(ArchiveError) {
        self.file = file
        switch kind {
        case .tar, .zip: decoder = nil
        case .tarGzip: decoder = try GzipDecoder(file)
        case .tarZstandard: decoder = try ZstandardStreamDecoder(file)
        }
    }

    /// The next bytes, valid until the next call; none at the end.
    func next() throws -> UnsafeRawBufferPointer {
        let buffer = buffer
        let count: Int
        if let decoder {
            count = try decoder.fill(buffer)
            let allowed = ArchiveLimits.unpackedByteCount(of: file.byteCount)
            guard count <= allowed - position else {
                throw ArchiveError(
                    .expandsTooFar(byteCount: position.adding(count) ?? .max, allowed: allowed),
                    path: file.path
                )
            }
        } else {
            count = min(Self.byteCount, file.byteCount - position)
            var bytes = buffer.mutableBytes(count)
            try file.read(at: position, into: &bytes)
        }
        position += count
        // Just filled; the buffer lives as long as self.
        return unsafe UnsafeRawBufferPointer(start: buffer.pointer, count: count)
    }

    /// Goes on by at most `count` bytes where that needs no reading, and returns by how many.
    func skip(_ count: Int) -> Int {
        guard decoder == nil, count > 0 else { return 0 }
        let skipped = min(count, file.byteCount - position)
        position += skipped
        return skipped
    }

    /// Goes to a place counted from the start (0), from here (1) or from the end (2); nil where there is none.
    func seek(_ offset: Int, from whence: Int32) -> Int? {
        let origins: [Int32: Int] = [0: 0, 1: position, 2: file.byteCount]
        guard decoder == nil, let origin = origins[whence], let place = origin.adding(offset),
            (0...file.byteCount).contains(place)
        else { return nil }
        position = place
        return place
    }

    /// Reads what a compressed file has left, so that its checksum is held to its content: zeros, and not many.
    func finish() throws {
        guard decoder != nil else { return }
        var allowed = ArchiveLimits.paddingByteCount
        while true {
            let start = position
            let bytes = try unsafe next()
            if unsafe bytes.isEmpty { return }
            allowed -= bytes.count
            // The bytes are valid until the next call of `next`.
            let nonZero = unsafe bytes.firstIndex { $0 != 0 }
            guard allowed >= 0, nonZero == nil else {
                throw ArchiveError(.trailingBytes(offset: start + (nonZero ?? 0)), path: file.path)
            }
        }
    }
}

internal import MMCodecs
internal import MMStorage
internal import MMTensors

/// The SHA-256 of files, one after another, as far as they have been read.
///
/// After an error every step throws it again.
struct FileChain {
    private let files: [SourceFile]
    private var reading: ReadAhead?
    /// What has been read of the file under way and not been hashed.
    private var slice: (bytes: PageBuffer, range: Range<Int>)?
    private var hasher = SHA256Hasher()
    private var failure: (any Error)?
    private(set) var digests: [SHA256Digest] = []
    private(set) var hashedByteCount = 0

    /// So many that the threads seldom wait for each other, and so small that all are at home in the last-level cache.
    private static let sliceByteCount = 1 << 19
    private static let sliceCount = 8

    init(_ files: [SourceFile]) {
        self.files = files
    }

    /// Hashes at most `limit` bytes more; false when there are none.
    mutating func advance(_ limit: Int) throws -> Bool {
        guard let (buffer, range) = try nextBytes(limit) else { return false }
        hasher.update(buffer.bytes(range.upperBound).extracting(range))
        finished(range)
        return true
    }

    /// Hashes `bytes` into another message, and as many bytes of the files, if there are so many, in the same time.
    mutating func advance(with other: inout SHA256Hasher, _ bytes: RawSpan) throws {
        var done = 0
        while done < bytes.byteCount, let (buffer, range) = try nextBytes(bytes.byteCount - done) {
            SHA256Hasher.update(
                &other,
                bytes.extracting(done..<done + range.count),
                and: &hasher,
                buffer.bytes(range.upperBound).extracting(range)
            )
            done += range.count
            finished(range)
        }
        other.update(bytes.extracting(done..<bytes.byteCount))
    }

    /// Up to `limit` bytes that come next, of the next file that has any.
    private mutating func nextBytes(_ limit: Int) throws -> (PageBuffer, Range<Int>)? {
        if let failure { throw failure }
        do {
            while true {
                if let slice, !slice.range.isEmpty { return (slice.bytes, slice.range.prefix(limit)) }
                guard digests.count < files.count else { return nil }
                let ahead = reading ?? startReading()
                if let next = try ahead.next() {
                    slice = (next.bytes, 0..<next.byteCount)
                } else {
                    digests.append(hasher.finalize())
                    hasher = SHA256Hasher()
                    (reading, slice) = (nil, nil)
                }
            }
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func startReading() -> ReadAhead {
        let ahead = ReadAhead(
            files[digests.count].file,
            sliceByteCount: Self.sliceByteCount,
            sliceCount: Self.sliceCount
        )
        reading = ahead
        return ahead
    }

    private mutating func finished(_ range: Range<Int>) {
        slice?.range.removeFirst(range.count)
        hashedByteCount += range.count
    }
}

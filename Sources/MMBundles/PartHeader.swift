internal import MMBytes
internal import MMCodecs

/// The header page of a part: 16,384 bytes at its start, written last.
struct PartHeader: Sendable, Hashable {
    var partNumber: Int
    var partCount: Int
    var byteCount: Int
    var chunkTableOffset: Int
    var chunkCount: Int
    /// 0 in a part without a manifest.
    var manifestOffset: Int
    /// 0 in a part without a manifest.
    var manifestByteCount: Int
    /// SHA-256 of the manifest: the bundle's identity.
    var identity: SHA256Digest
    var chunkTableDigest: SHA256Digest

    var chunkTableByteCount: Int { chunkCount * BundleFormat.chunkRowByteCount }

    /// The whole page.
    func serialized() -> [UInt8] {
        var page = ByteWriter()
        page.append(BundleFormat.magic)
        page.little(BundleFormat.version)
        page.little(UInt32(BundleFormat.headerByteCount))
        page.little(UInt32(partNumber))
        page.little(UInt32(partCount))
        for value in [byteCount, chunkTableOffset, chunkCount, manifestOffset, manifestByteCount] {
            page.little(UInt64(value))
        }
        page.append(identity.bytes)
        page.append(chunkTableDigest.bytes)
        page.append(repeatElement(0, count: BundleFormat.headerDigestOffset - page.bytes.count))
        page.append(SHA256Digest(of: page.bytes).bytes)
        return page.bytes
    }
}

extension PartHeader {
    /// Checks and reads the page of the part at `path`, whose length is `fileByteCount`. Throws `BundleError`.
    init(parsing page: [UInt8], fileByteCount: Int, path: String) throws(BundleError) {
        func little(_ offset: Int, _ count: Int) -> UInt64 {
            (0..<count).reversed().reduce(0) { $0 << 8 | UInt64(page[offset + $1]) }
        }
        guard page.starts(with: BundleFormat.magic) else { throw BundleError(.notABundle, path: path) }
        let version = UInt32(little(8, 4))
        guard version == BundleFormat.version else { throw BundleError(.unsupportedVersion(version), path: path) }
        guard page.count == BundleFormat.headerByteCount,
            let stated = SHA256Digest(page[BundleFormat.headerDigestOffset...]),
            SHA256Digest(of: Array(page[..<BundleFormat.headerDigestOffset])) == stated
        else { throw BundleError(.damagedHeader, path: path) }
        guard little(24, 8) == UInt64(fileByteCount) else {
            throw BundleError(.wrongByteCount(found: fileByteCount, stated: little(24, 8)), path: path)
        }
        guard let identity = SHA256Digest(page[64..<96]), let chunkTableDigest = SHA256Digest(page[96..<128]),
            let chunkTableOffset = Int(exactly: little(32, 8)), let chunkCount = Int(exactly: little(40, 8)),
            let manifestOffset = Int(exactly: little(48, 8)), let manifestByteCount = Int(exactly: little(56, 8))
        else { throw BundleError(.damagedHeader, path: path) }
        self.init(
            partNumber: Int(little(16, 4)),
            partCount: Int(little(20, 4)),
            byteCount: fileByteCount,
            chunkTableOffset: chunkTableOffset,
            chunkCount: chunkCount,
            manifestOffset: manifestOffset,
            manifestByteCount: manifestByteCount,
            identity: identity,
            chunkTableDigest: chunkTableDigest
        )
        try check(page, path: path)
    }

    /// The extents lie where the format puts them, and nothing else is in the page.
    private func check(_ page: [UInt8], path: String) throws(BundleError) {
        func expect(_ field: String, _ found: Int, _ expected: Int) throws(BundleError) {
            guard found == expected else {
                throw BundleError(
                    .wrongHeaderField(field, found: UInt64(found), expected: UInt64(max(0, expected))),
                    path: path
                )
            }
        }
        let pageByteCount = Int(page[12]) | Int(page[13]) << 8 | Int(page[14]) << 16 | Int(page[15]) << 24
        try expect("length of the page", pageByteCount, BundleFormat.headerByteCount)
        // The bytes of an array are its elements; the page is longer than both bounds.
        let reserved = unsafe page.span.bytes.extracting(128..<BundleFormat.headerDigestOffset)
        if let offset = reserved.firstNonZeroOffset {
            throw BundleError(.nonZeroPadding(offset: 128 + offset), path: path)
        }
        guard (1...BundleFormat.partCountLimit).contains(partCount), (1...partCount).contains(partNumber) else {
            throw BundleError(
                .wrongHeaderField("part number", found: UInt64(partNumber), expected: UInt64(partCount)),
                path: path
            )
        }
        guard chunkTableOffset >= BundleFormat.headerByteCount, chunkTableOffset <= byteCount,
            chunkTableOffset % BundleFormat.chunkAlignment == 0
        else {
            throw BundleError(
                .wrongHeaderField("offset of the chunk table", found: UInt64(chunkTableOffset), expected: 16_384),
                path: path
            )
        }
        let room = (byteCount - chunkTableOffset) / BundleFormat.chunkRowByteCount
        guard chunkCount <= room else {
            throw BundleError(.tooLarge(what: "number of chunks", found: chunkCount, allowed: room), path: path)
        }
        let tableEnd = chunkTableOffset + chunkTableByteCount
        guard partNumber == 1 else {
            try expect("offset of the manifest", manifestOffset, 0)
            try expect("length of the manifest", manifestByteCount, 0)
            return try expect("end of the chunk table", tableEnd, byteCount)
        }
        let manifestStart = tableEnd.roundedUp(toMultipleOf: BundleFormat.chunkAlignment) ?? tableEnd
        try expect("offset of the manifest", manifestOffset, manifestStart)
        guard manifestByteCount <= BundleFormat.manifestByteCountLimit else {
            throw BundleError(
                .tooLarge(
                    what: "length of the manifest",
                    found: manifestByteCount,
                    allowed: BundleFormat.manifestByteCountLimit
                ),
                path: path
            )
        }
        try expect("length of the manifest", manifestByteCount, byteCount - manifestStart)
    }
}

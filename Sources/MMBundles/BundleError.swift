public import MMBytes
public import MMCodecs

/// A bundle that is damaged, hostile, incomplete or not what a reader of version 1 knows; or content that no bundle
/// can hold.
public struct BundleError: DiagnosedError {
    public enum Reason: Sendable, Hashable {
        // The file and its header page.
        case notABundle
        case unsupportedVersion(UInt32)
        case wrongByteCount(found: Int, stated: UInt64)
        case damagedHeader
        case wrongHeaderField(String, found: UInt64, expected: UInt64)
        // Parts.
        case wrongPartName(expected: String)
        case missingPart(Int, count: Int)
        case severalSets([String])
        case mixedParts(Int, count: Int, found: SHA256Digest, expected: SHA256Digest)
        // Chunk tables.
        case damagedChunkTable
        case malformedChunkRow(row: Int)
        case unknownEncoding(UInt32, row: Int)
        case reservedEncoding(String, row: Int)
        case misplacedChunk(row: Int, found: Int, expected: Int)
        case wrongChunkByteCount(row: Int, found: Int, expected: Int)
        case wrongChunkEncoding(row: Int)
        case wrongChunkCount(found: Int, expected: Int)
        // The manifest.
        case damagedManifest
        case malformedManifest(ParseError)
        case missingMember(String)
        case unexpectedMember(ByteString)
        case wrongMember(String, expected: String)
        case tooLarge(what: String, found: Int, allowed: Int)
        case duplicateName
        case badName
        case unknownType(ByteString)
        case impossibleShape
        case wrongChunkRange(part: Int, firstChunk: Int, chunkCount: Int)
        // Contents.
        case damagedChunk(row: Int)
        case undecodableChunk(CodecError, row: Int)
        case wrongDigest
        case nonZeroPadding(offset: Int)
        case readOutside(offset: Int, byteCount: Int, allowed: Int)
        // Writing.
        case wrongContentCount(String, found: Int, expected: Int)
        case largerThanShard(byteCount: Int, shardByteCount: Int)
        case manifestLargerThanShard(byteCount: Int, shardByteCount: Int)
        case closed
    }

    public let reason: Reason
    /// The file, where there is one.
    public let path: String?
    /// The tensor or asset.
    public let subject: ByteString?

    @inline(never)
    public init(_ reason: Reason, path: String? = nil, subject: ByteString? = nil) {
        self.reason = reason
        self.path = path
        self.subject = subject
    }

    public var category: ErrorCategory {
        switch reason {
        case .missingPart: .missingInput
        case .readOutside, .closed, .wrongContentCount: .internalFault
        default: .badData
        }
    }

    public var description: String {
        var place = ""
        if let path { place += "\(ByteString(path)): " }
        if let subject { place += "\"\(subject)\": " }
        return place + reason.text
    }
}

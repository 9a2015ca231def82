internal import MMBytes
internal import MMCodecs

extension BundleError.Reason {
    /// What is wrong, what was found, what is allowed.
    var text: String {
        switch self {
        case .notABundle: "not an mmpack bundle: the first 8 bytes are others"
        case .unsupportedVersion(let version): "format version \(version); this program reads version 1"
        case .wrongByteCount(let found, let stated): "the file has \(found) bytes; its header says \(stated)"
        case .damagedHeader: "the header page does not match its digest"
        case .wrongHeaderField(let field, let found, let expected):
            "header: \(field) is \(found); \(expected) expected"
        case .wrongPartName(let expected): "this part of a set must be called \(ByteString(expected))"
        case .missingPart(let number, let count): "part \(number) of \(count) is missing"
        case .severalSets(let names):
            "several bundles match: \(names.map { ByteString($0).description }.joined(separator: ", ")); name one"
        case .mixedParts(let number, let count, let found, let expected):
            "a part of bundle \(found.hexadecimal.prefix(16)); part \(number) of \(count) of "
                + "\(expected.hexadecimal.prefix(16)) expected"
        default: chunkText
        }
    }

    private var chunkText: String {
        switch self {
        case .damagedChunkTable: "the chunk table does not match its digest"
        case .malformedChunkRow(let row): "chunk \(row): its row holds an impossible number"
        case .unknownEncoding(let id, let row): "chunk \(row): unknown codec \(id)"
        case .reservedEncoding(let name, let row):
            "chunk \(row): codec \(name) belongs to a later version of the format"
        case .misplacedChunk(let row, let found, let expected):
            "chunk \(row) starts at \(found); \(expected) expected"
        case .wrongChunkByteCount(let row, let found, let expected):
            "chunk \(row) has \(found) bytes; \(expected) expected"
        case .wrongChunkEncoding(let row): "chunk \(row) has a codec that is not allowed there"
        case .wrongChunkCount(let found, let expected): "\(found) chunks in the table; \(expected) are used"
        default: manifestText
        }
    }

    private var manifestText: String {
        switch self {
        case .damagedManifest: "the manifest does not match the bundle's identity"
        case .malformedManifest(let error): "manifest: \(error)"
        case .missingMember(let member): "manifest: \"\(member)\" is missing"
        case .unexpectedMember(let member): "manifest: version 1 has no member \"\(member)\""
        case .wrongMember(let member, let expected): "manifest: \"\(member)\" is not \(expected)"
        case .tooLarge(let what, let found, let allowed): "\(what) is \(found); at most \(allowed) is allowed"
        case .duplicateName: "the name occurs twice"
        case .badName: "not an allowed name"
        case .unknownType(let type): "unknown type \"\(type)\""
        case .impossibleShape: "the shape does not fit the type, or its size does not fit 63 bits"
        case .wrongChunkRange(let part, let firstChunk, let chunkCount):
            "chunks \(firstChunk) + \(chunkCount) of part \(part) are not those that follow the tensor before"
        default: contentText
        }
    }

    private var contentText: String {
        switch self {
        case .damagedChunk(let row): "chunk \(row): the stored bytes do not match their checksum"
        case .undecodableChunk(let error, let row): "chunk \(row): \(error)"
        case .wrongDigest: "the bytes do not match their SHA-256"
        case .nonZeroPadding(let offset): "offset \(offset): a byte between the contents is not zero"
        case .readOutside(let offset, let byteCount, let allowed):
            "\(byteCount) bytes at \(offset) asked for; there are \(allowed)"
        case .wrongContentCount(let what, let found, let expected): "\(found) \(what); \(expected) expected"
        case .largerThanShard(let byteCount, let shardByteCount):
            "needs \(byteCount) bytes in one file; the shard size is \(shardByteCount)"
        case .manifestLargerThanShard(let byteCount, let shardByteCount):
            "manifest and assets need \(byteCount) bytes in one file; the shard size is \(shardByteCount)"
        case .closed: "the bundle was committed or discarded already"
        default: ""
        }
    }
}

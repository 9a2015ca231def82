internal import MMBytes
internal import MMCodecs
public import MMStorage
public import MMTensors
internal import Synchronization

/// An open bundle: everything but weights and assets has been checked, and these are when they are read.
///
/// A tensor's chunks are held to their XXH3 before any of their bytes is lent, read or decoded. Safe to use from several
/// threads at once.
public final class Bundle: TensorSource {
    public let manifest: BundleManifest
    public let tensors: [TensorDescriptor]
    public let files: [SourceFile]
    let parts: [BundleFile]
    let tables: ChunkTables
    let decoders = ChunkDecoderPool()
    let checks: ChunkChecks
    let access: BundleAccess
    let lazySpace = LazyMemorySpace()
    let decodedAssets = Mutex<[Asset]?>(nil)
    /// Of the parts, in order; empty where mapping is off.
    let mappings: [SharedMapping]

    public var format: String { BundleFormat.name }
    public var configuration: ModelConfiguration { .bundle(manifest.model) }

    /// Opens the bundle that `path` is a file of: OUT.mmpack, any part of a set, or the name that a set was written
    /// under.
    ///
    /// Throws `BundleError` for a bundle that is damaged, incomplete or hostile, `FileError` where a file cannot be
    /// read.
    public static func open(_ path: String, access: BundleAccess = BundleAccess()) throws -> Bundle {
        let named = BundlePaths(try BundlePaths(path).firstPath())
        let first = try BundleFile(path: named.path)
        let count = first.header.partCount
        guard count > 1 else { return try Bundle(parts: [first], access: access) }
        let expected = named.part(first.header.partNumber, of: count)
        guard FileSystem.name(of: named.path) == FileSystem.name(of: expected) else {
            throw BundleError(.wrongPartName(expected: FileSystem.name(of: expected)), path: named.path)
        }
        // Parts that have their names already, and those that a writer was killed before it gave them theirs.
        let commit = try BundleCommit(beside: named)
        var parts: [BundleFile] = []
        for number in 1...count {
            let final = named.part(number, of: count)
            let path = commit?.currentPath(of: final) ?? final
            guard FileSystem.exists(path) else { throw BundleError(.missingPart(number, count: count), path: path) }
            let isFirst = number == first.header.partNumber && path == final
            parts.append(isFirst ? first : try BundleFile(path: path))
        }
        return try Bundle(parts: parts, access: access)
    }

    /// A part of an archive is lent from its mapping where it begins at a multiple of this, as every member of a tar
    /// archive does: what the format aligns to a cache line then is.
    private static let mappedAlignment = BundleFormat.chunkAlignment

    /// Opens the one bundle that a folder or an archive holds, all files called `*.mmpack`; nil where it holds none.
    ///
    /// Throws as `open(_:access:)`.
    public static func open(
        in folder: any InputFolder,
        access: BundleAccess = BundleAccess()
    ) throws -> Bundle? {
        let names = try folder.names().filter { $0.hasSuffix(ByteString(BundlePaths.suffix)) }
        guard !names.isEmpty else { return nil }
        let parts = try names.map { try BundleFile(folder.file($0)) }.sorted {
            ($0.header.partNumber, $0.path) < ($1.header.partNumber, $1.path)
        }
        let count = parts[0].header.partCount
        if let missing = (1...count).first(where: { number in !parts.contains { $0.header.partNumber == number } }) {
            throw BundleError(.missingPart(missing, count: count), path: folder.path)
        }
        return try Bundle(parts: parts, access: access)
    }

    /// Opens files whose names do not matter, in the order of their numbers.
    static func open(parts paths: [String]) throws -> Bundle {
        try Bundle(parts: try paths.map { try BundleFile(path: $0) }, access: BundleAccess())
    }

    /// Whether `path` names a bundle, whole or not: by its first bytes or by its suffix. False for a folder, for
    /// nothing, and for any other file; throws `FileError` where it cannot be told.
    public static func isBundle(path: String) throws -> Bool {
        let first = try BundlePaths(path).firstPath()
        do throws(FileError) {
            let file = try InputFile(path: first)
            if FileSystem.name(of: path).hasSuffix(BundlePaths.suffix) { return true }
            guard file.byteCount >= BundleFormat.magic.count else { return false }
            return try file.bytes(at: 0, byteCount: BundleFormat.magic.count) == BundleFormat.magic
        } catch {
            switch error.reason {
            case .notRegularFile: return false
            case .failed where error.category == .missingInput: return false
            default: throw error
            }
        }
    }

    private init(parts: [BundleFile], access: BundleAccess) throws {
        let manifest = try Self.checkedManifest(of: parts)
        let tables = ChunkTables(files: parts)
        try BundleLayout(manifest: manifest).check(tables)
        self.access = access
        self.manifest = manifest
        self.parts = parts
        self.tables = tables
        tensors = manifest.tensors.map(\.descriptor)
        checks = ChunkChecks(chunkCount: tables.chunkCount)
        files = parts.map { SourceFile(name: FileSystem.name(of: $0.path), file: $0.file) }
        let isMapping =
            access.isMapping && parts.allSatisfy { $0.file.isMappable && $0.file.start % Self.mappedAlignment == 0 }
        mappings = isMapping ? parts.map { SharedMapping($0.file) } : []
    }

    /// The parts are those of one bundle, in order, and the manifest says the same of them as their headers.
    private static func checkedManifest(of parts: [BundleFile]) throws -> BundleManifest {
        guard let first = parts.first else { throw BundleError(.missingPart(1, count: 1)) }
        let identity = commonIdentity(of: parts)
        for (index, part) in parts.enumerated() {
            guard part.header.identity == identity else {
                throw BundleError(
                    .mixedParts(index + 1, count: parts.count, found: part.header.identity, expected: identity),
                    path: part.path
                )
            }
            try expect("part number", part.header.partNumber, index + 1, part)
            try expect("number of parts", part.header.partCount, parts.count, part)
        }
        let manifest = try first.manifest()
        guard manifest.parts.count == parts.count else {
            throw BundleError(
                .wrongMember("manifest.parts", expected: "as long as there are parts"),
                path: first.path
            )
        }
        for (part, stated) in zip(parts, manifest.parts) {
            try expect("offset of the chunk table", part.header.chunkTableOffset, stated.chunkTableOffset, part)
            try expect("number of chunks", part.header.chunkCount, stated.chunkCount, part)
            guard part.header.chunkTableDigest == stated.chunkTableDigest else {
                throw BundleError(.damagedChunkTable, path: part.path)
            }
        }
        return manifest
    }

    /// The identity that most parts have, of several the first: so that the foreign part is named and not the others.
    private static func commonIdentity(of parts: [BundleFile]) -> SHA256Digest {
        var counts: [SHA256Digest: Int] = [:]
        for part in parts { counts[part.header.identity, default: 0] += 1 }
        let most = counts.values.max()
        return parts.first { counts[$0.header.identity] == most }?.header.identity ?? .zeros
    }

    private static func expect(_ field: String, _ found: Int, _ expected: Int, _ part: BundleFile) throws {
        guard found == expected else {
            throw BundleError(
                .wrongHeaderField(field, found: UInt64(found), expected: UInt64(expected)),
                path: part.path
            )
        }
    }
}

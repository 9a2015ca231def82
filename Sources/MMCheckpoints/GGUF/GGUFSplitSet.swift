package import MMBytes
internal import MMStorage
package import MMTensors

/// A GGUF model split into parts `PREFIX-00001-of-0000N.gguf`, checked against each other; tensors part by part.
///
/// Metadata and the asset that holds it are the first part's: the others repeat what they have of it.
package struct GGUFSplitSet: TensorSource {
    private let parts: ConcatenatedTensors<GGUFFile>
    /// The metadata of the first part.
    package let keyValues: GGUFMetadata
    package let metadata: JSONValue
    package let assets: [Asset]
    package let files: [SourceFile]

    /// Opens the GGUF file at `path`: the whole set where it is a part of one, else the file alone.
    ///
    /// Throws `GGUFSplitError`, `GGUFError` or `FileError`.
    package static func open(path: String) throws -> any TensorSource {
        try open(InputFile(path: path))
    }

    /// Opens the file, with the other parts of its set from `folder`: the one that its path says where that is nil.
    static func open(_ file: InputFile, in folder: (any InputFolder)? = nil) throws -> any TensorSource {
        let member = try GGUFFile(file)
        let claimedCount = member.keyValues[GGUF.splitCountKey]?.integer ?? 0
        guard let name = GGUFPartName(FileSystem.name(of: file.path)) else {
            guard claimedCount <= 1 else {
                throw GGUFSplitError(.notNamedAsPart(count: claimedCount), path: file.path)
            }
            return member
        }
        if name.count == 1, member.keyValues[GGUF.splitCountKey] == nil { return member }
        return try GGUFSplitSet(
            member,
            named: name,
            in: try folder ?? AnchoredDirectory(path: FileSystem.folder(of: file.path))
        )
    }

    private init(_ member: GGUFFile, named name: GGUFPartName, in folder: any InputFolder) throws {
        let path = member.files[0].file.path
        AnchoredDirectory.prepareToOpen(fileCount: name.count)
        var files: [GGUFFile] = []
        for number in 1...name.count {
            files.append(number == name.number ? member : try Self.part(number, of: name, in: folder, beside: path))
        }
        let parts = ConcatenatedTensors(files)
        try Self.check(parts, count: name.count)
        self.parts = parts
        keyValues = files[0].keyValues
        metadata = files[0].metadata
        assets = files[0].assets
        self.files = files.flatMap(\.files)
    }

    private static func part(
        _ number: Int,
        of name: GGUFPartName,
        in folder: any InputFolder,
        beside path: String
    ) throws -> GGUFFile {
        let file: InputFile
        do {
            file = try folder.file(ByteString(name.fileName(ofPart: number)))
        } catch let error where error.category == .missingInput {
            throw GGUFSplitError(.missingPart(number: number, count: name.count), path: path)
        }
        return try GGUFFile(file)
    }

    /// Checks that the parts number themselves as their names do, count the same tensors, repeat the first part's
    /// metadata where they have any, and share no tensor.
    private static func check(_ parts: ConcatenatedTensors<GGUFFile>, count: Int) throws(GGUFSplitError) {
        guard let first = parts.members.first else { return }
        let firstTensorCount = try integer(GGUF.splitTensorCountKey, of: first)
        for (index, part) in parts.members.enumerated() {
            let path = part.files[0].file.path
            let number = try integer(GGUF.splitNumberKey, of: part)
            guard number == index else {
                throw GGUFSplitError(
                    .partNumber(found: number, expected: index),
                    path: path,
                    name: GGUF.splitNumberKey
                )
            }
            let partCount = try integer(GGUF.splitCountKey, of: part)
            guard partCount == count else {
                throw GGUFSplitError(
                    .partCount(found: partCount, expected: count),
                    path: path,
                    name: GGUF.splitCountKey
                )
            }
            let tensorCount = try integer(GGUF.splitTensorCountKey, of: part)
            guard tensorCount == firstTensorCount else {
                throw GGUFSplitError(
                    .tensorCountsDiffer(found: tensorCount, expected: firstTensorCount),
                    path: path,
                    name: GGUF.splitTensorCountKey
                )
            }
            try checkMetadata(of: part, against: first)
        }
        guard firstTensorCount == parts.tensors.count else {
            throw GGUFSplitError(
                .tensorCount(found: firstTensorCount, expected: parts.tensors.count),
                path: first.files[0].file.path,
                name: GGUF.splitTensorCountKey
            )
        }
        try checkNames(of: parts)
    }

    private static func integer(_ key: ByteString, of part: GGUFFile) throws(GGUFSplitError) -> Int {
        let path = part.files[0].file.path
        guard let value = part.keyValues[key] else { throw GGUFSplitError(.missingKey, path: path, name: key) }
        guard let integer = value.integer else { throw GGUFSplitError(.keyType, path: path, name: key) }
        return integer
    }

    /// A later part may lack keys, but not say anything that the first does not; padding is each file's own matter.
    private static func checkMetadata(of part: GGUFFile, against first: GGUFFile) throws(GGUFSplitError) {
        for entry in part.keyValues.entries where entry.key != GGUF.splitNumberKey && entry.key != GGUF.alignmentKey {
            let path = part.files[0].file.path
            guard let value = first.keyValues[entry.key] else {
                throw GGUFSplitError(.keyNotInFirstPart, path: path, name: entry.key)
            }
            // The numbers in the keys of a split set were compared as numbers, whatever their types.
            let isSplitKey = entry.key == GGUF.splitCountKey || entry.key == GGUF.splitTensorCountKey
            guard isSplitKey || value == entry.value else {
                throw GGUFSplitError(.otherValue, path: path, name: entry.key)
            }
        }
    }

    private static func checkNames(of parts: ConcatenatedTensors<GGUFFile>) throws(GGUFSplitError) {
        var names: Set<ByteString> = []
        for part in parts.members {
            for tensor in part.tensors where !names.insert(tensor.name).inserted {
                throw GGUFSplitError(.duplicateTensor, path: part.files[0].file.path, name: tensor.name)
            }
        }
    }

    package var format: String { "gguf" }
    package var tensors: [TensorDescriptor] { parts.tensors }
    package var configuration: ModelConfiguration { .gguf(metadata) }

    package func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        try parts.read(index, at: offset, into: &destination)
    }

    package func load(_ index: Int) throws -> TensorBytes {
        try parts.load(index)
    }

    package func extent(_ index: Int) -> FileExtent? {
        parts.extent(index)
    }
}

internal import MMBytes
internal import MMStorage

/// The names of a bundle's files: OUT.mmpack, or a set OUT-00001-of-0000N.mmpack in the same folder.
struct BundlePaths: Sendable {
    static let suffix = ".mmpack"

    /// As the caller wrote it.
    let path: String
    let folder: String
    /// The name without the suffix and without the numbers of a set.
    let stem: String
    /// The numbers of a set's file name.
    let number: (part: Int, count: Int)?

    init(_ path: String) {
        self.path = path
        folder = FileSystem.folder(of: path)
        let name = FileSystem.name(of: path)
        let base = name.hasSuffix(Self.suffix) ? String(name.dropLast(Self.suffix.count)) : name
        if name.hasSuffix(Self.suffix), let (stem, part, count) = Self.numbers(of: base) {
            self.stem = stem
            number = (part, count)
        } else {
            stem = base
            number = nil
        }
    }

    /// "X-00002-of-00003" parted; nil for another name.
    private static func numbers(of base: String) -> (stem: String, part: Int, count: Int)? {
        let bytes = Array(base.utf8)
        let tail = bytes.suffix(15)
        guard tail.count == 15, Array(tail.dropFirst(6).prefix(4)) == Array("-of-".utf8), tail.first == 0x2D else {
            return nil
        }
        func number(_ digits: ArraySlice<UInt8>) -> Int? {
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        guard let part = number(tail.dropFirst(1).prefix(5)), let count = number(tail.suffix(5)) else { return nil }
        return (String(decoding: bytes.dropLast(15), as: UTF8.self), part, count)
    }

    /// The path of part `part` of a set of `count`.
    func part(_ part: Int, of count: Int) -> String {
        "\(folder)/\(stem)-\(part.zeroPadded(toDigits: 5))-of-\(count.zeroPadded(toDigits: 5))\(Self.suffix)"
    }

    /// Paths of a finished bundle of so many parts.
    func finished(partCount: Int) -> [String] {
        partCount == 1 ? [path] : (1...partCount).map { part($0, of: partCount) }
    }

    /// The files that are there and belong to a bundle of this name: the single file, and parts of any set.
    func existing() throws(FileError) -> [String] {
        var paths = FileSystem.exists(path) ? [path] : []
        for name in try outputFolderNames() {
            let other = BundlePaths(folder + "/" + name.string)
            if other.number != nil, other.stem == stem, name.hasSuffix(ByteString(Self.suffix)), other.path != path {
                paths.append(other.path)
            }
        }
        return paths
    }

    /// Whether `name` is that of a file of a bundle of these names.
    func owns(_ name: String) -> Bool {
        let other = BundlePaths(folder + "/" + name)
        return AnchoredDirectory.isPlainName(ByteString(name)) && other.stem == stem && name.hasSuffix(Self.suffix)
    }

    /// Whether `name` is that of a file of such a bundle that has no name yet.
    func ownsTemporary(_ name: String) -> Bool {
        AnchoredDirectory.isPlainName(ByteString(name)) && name.hasPrefix(".\(stem.prefix(40))")
            && name.contains(".partial-")
    }

    /// The entries of the folder that the bundle is to be written to: without it, nothing can be created there.
    private func outputFolderNames() throws(FileError) -> [ByteString] {
        do throws(FileError) {
            return try FileSystem.names(in: folder)
        } catch {
            guard case .failed(_, let errno) = error.reason else { throw error }
            throw FileError(.create, errno, path: path)
        }
    }

    /// The file that an open of `path` means: the file itself, or the first that is there of the one set of that name.
    func firstPath() throws -> String {
        guard number == nil, !FileSystem.exists(path), path.hasSuffix(Self.suffix) else { return path }
        let others = ((try? FileSystem.names(in: folder)) ?? []).map { BundlePaths(folder + "/" + $0.string) }
        let parts = others.filter { $0.stem == stem && $0.number != nil }
        // A set without its first part is no bundle, and is named where there is no other. Sorted by name, so that the
        // first of each number of parts is its lowest.
        let firsts = parts.filter { $0.number?.part == 1 }
        let sets =
            firsts.isEmpty ? Dictionary(grouping: parts) { $0.number?.count ?? 0 }.values.compactMap(\.first) : firsts
        guard sets.count <= 1 else {
            throw BundleError(.severalSets(sets.map { FileSystem.name(of: $0.path) }.sorted()), path: path)
        }
        return sets.first?.path ?? path
    }
}

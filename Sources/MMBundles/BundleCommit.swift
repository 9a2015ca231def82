internal import MMBytes
package import MMStorage

/// A set that takes the place of another of as many parts: what is about to be renamed, in a file beside it that is on the
/// disk before the first rename. From then on the new set is the bundle, whatever happens: readers open the parts under
/// the names that they still have, and the next writer goes on where this one ended.
package struct BundleCommit: Sendable, Hashable {
    package struct Move: Sendable, Hashable {
        /// Names in the folder of the set.
        let temporary: String
        let final: String
    }

    private let folder: String
    private let path: String
    private let moves: [Move]
    /// Names of files of the older bundle that the new one has none of.
    private let removals: [String]

    private static let magic = "mmpack commit 1"
    private static let byteCountLimit = 64 << 20

    /// The commit that ended half-way beside a bundle of these names; nil where there is none.
    ///
    /// Throws `FileError` where one is there and cannot be read.
    init?(beside paths: BundlePaths) throws(FileError) {
        let path = Self.path(of: paths)
        guard FileSystem.exists(path) else { return nil }
        let file = try InputFile(path: path)
        guard file.byteCount <= Self.byteCountLimit else { return nil }
        let fields = try file.bytes(at: 0, byteCount: file.byteCount).split(separator: 0).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard fields.first == Self.magic, fields.count % 3 == 1 else { return nil }
        var moves: [Move] = []
        var removals: [String] = []
        for start in stride(from: 1, to: fields.count, by: 3) {
            // A record of another's hand must not reach other files.
            guard paths.owns(fields[start + 2]) else { return nil }
            switch fields[start] {
            case "move":
                guard paths.ownsTemporary(fields[start + 1]) else { return nil }
                moves.append(Move(temporary: fields[start + 1], final: fields[start + 2]))
            case "remove": removals.append(fields[start + 2])
            default: return nil
            }
        }
        (folder, self.path, self.moves, self.removals) = (paths.folder, path, moves, removals)
    }

    /// The commit of the files at `temporaries`, to be called `finals`, in the place of those at `older`.
    init(_ temporaries: [String], to finals: [String], over older: [String], paths: BundlePaths) {
        folder = paths.folder
        path = Self.path(of: paths)
        moves = zip(temporaries, finals).map {
            Move(temporary: FileSystem.name(of: $0), final: FileSystem.name(of: $1))
        }
        removals = older.filter { !finals.contains($0) }.map { FileSystem.name(of: $0) }
    }

    private static func path(of paths: BundlePaths) -> String { "\(paths.folder)/.\(paths.stem).mmpack.commit" }

    /// Where part `final` of the set is: under its temporary name, or its own by now.
    func currentPath(of final: String) -> String {
        let name = FileSystem.name(of: final)
        let temporary = moves.first { $0.final == name }.map { FileSystem.path(of: $0.temporary, in: folder) }
        if let temporary, FileSystem.exists(temporary) { return temporary }
        return final
    }

    /// Puts the record on the disk: now the new set is the bundle.
    package func write() throws(FileError) {
        var fields = [Self.magic]
        for move in moves { fields += ["move", move.temporary, move.final] }
        // The middle field says nothing; empty ones are not kept apart.
        for name in removals { fields += ["remove", "-", name] }
        try AtomicOutput.write(Array(fields.joined(separator: "\0").utf8), to: path)
    }

    /// Renames what has not been renamed, removes what is to go, and the record last.
    package func finish() throws(FileError) {
        for move in moves {
            let temporary = FileSystem.path(of: move.temporary, in: folder)
            guard FileSystem.exists(temporary) else { continue }
            try FileSystem.replace(FileSystem.path(of: move.final, in: folder), by: temporary)
        }
        for name in removals where FileSystem.exists(FileSystem.path(of: name, in: folder)) {
            try FileSystem.removeFile(FileSystem.path(of: name, in: folder))
        }
        try FileSystem.synchronizeFolder(of: path)
        try FileSystem.removeFile(path)
    }
}

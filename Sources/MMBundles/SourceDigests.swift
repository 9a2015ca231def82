internal import Dispatch
public import MMCodecs
public import MMTensors
internal import Synchronization

/// The SHA-256 of every source file, computed beside the digests of the tensors that are made of them: two messages
/// at once take the time of one.
///
/// A thread of its own hashes from the first moment until somebody has tensors to hash. From then on the files go on
/// with them.
public final class SourceDigests: Sendable {
    private let chain: Mutex<FileChain>
    private let byteCount: Int
    private let group = DispatchGroup()
    /// The thread has nothing to do any more.
    private let isTaken = Atomic<Bool>(false)

    /// Bytes that nobody who waits for the chain has to wait for longer than some microseconds.
    private static let stepByteCount = 65_536

    /// Starts at once. Whoever does not get to `finish` calls `cancel`.
    public init(_ files: [SourceFile]) {
        chain = Mutex(FileChain(files))
        byteCount = files.reduce(0) { $0.addingReportingOverflow($1.byteCount).partialValue }
        guard !files.isEmpty else { return }
        DispatchQueue(label: "mmpack.digests").async(group: group) { [self] in
            // An error comes again to whoever goes on.
            while !isTaken.load(ordering: .relaxed), (try? advance()) == true {}
        }
    }

    /// Hashes a little more of the files; false when all is hashed. Throws `FileError`.
    func advance() throws -> Bool {
        try chain.withLock { try $0.advance(Self.stepByteCount) }
    }

    /// Hashes the bytes of a tensor, and of the files in the same time. Throws the `FileError` of reading those.
    ///
    /// - Parameter share: how much of all tensors is hashed then: so much of the files is hashed before this returns. The
    ///   tensors cannot come long before the files, whose hashing alone would then be what everybody waits for.
    package func update(_ hasher: inout SHA256Hasher, _ bytes: RawSpan, share: Double) throws {
        isTaken.store(true, ordering: .relaxed)
        try chain.withLock { chain in
            try chain.advance(with: &hasher, bytes)
            let goal = Int(Double(byteCount) * share)
            while chain.hashedByteCount < goal, try chain.advance(goal - chain.hashedByteCount) {}
        }
    }

    /// Hashes what is left, and gives the digests in the order of the files. Throws `FileError`.
    public func finish() throws -> [SHA256Digest] {
        cancel()
        return try chain.withLock { chain in
            while try chain.advance(.max) {}
            return chain.digests
        }
    }

    /// Ends the thread.
    public func cancel() {
        isTaken.store(true, ordering: .relaxed)
        group.wait()
    }
}

internal import MMBytes
internal import MMCodecs
internal import MMStorage
internal import Synchronization

/// The compressed members of an archive, read at any place without unpacking them to a disk.
///
/// A compressed stream has one door, its beginning. So as many blocks as fit the memory are kept, and one that is not
/// among them costs a pass over the archive, which fetches with it those that come next in the plan: the order in which
/// whoever reads has said that it will. Reading in that order takes as many passes as the memory goes into the
/// members, whatever order they lie in; reading in no order is slow, and still right.
final class StreamedMembers: Sendable {
    /// Enough for a model of a gigabyte in one pass.
    static let defaultMemoryByteCount = 1 << 30

    private struct State {
        var store: BlockStore
        /// Blocks in the order in which they will be read.
        var plan: [Int]
        /// Where in the plan a block comes first.
        var places: [Int: Int] = [:]
        var passCount = 1
    }

    private let file: InputFile
    private let kind: ArchiveKind
    private let members: [ArchiveMember]
    private let blockCount: Int
    private let keptBlockCount: Int
    private let state: Mutex<State>

    static func keptBlockCount(memoryByteCount: Int) -> Int {
        max(8, memoryByteCount / BlockStore.blockByteCount)
    }

    init(_ file: InputFile, kind: ArchiveKind, scan: ArchiveScan) {
        self.file = file
        self.kind = kind
        members = scan.members
        blockCount = scan.blockCount
        keptBlockCount = scan.collector.store.count
        state = Mutex(State(store: scan.collector.store, plan: []))
    }

    /// Passes over the archive so far, the first among them.
    var passCount: Int { state.withLock { $0.passCount } }

    /// Fills `destination` from `offset` of the member whose blocks begin with `firstBlock`; the range lies inside.
    func read(firstBlock: Int, at offset: Int, into destination: inout MutableRawSpan) throws(FileError) {
        var filled = 0
        while filled < destination.byteCount {
            let position = offset + filled
            let start = position % BlockStore.blockByteCount
            let count = min(BlockStore.blockByteCount - start, destination.byteCount - filled)
            var piece = destination._mutatingExtracting(filled..<filled + count)
            try read(block: firstBlock + position / BlockStore.blockByteCount, at: start, into: &piece)
            filled += count
        }
    }

    /// Part of a block. Others wait for its copy, which is short, or for a pass, which brings what they want next.
    private func read(block: Int, at offset: Int, into destination: inout MutableRawSpan) throws(FileError) {
        try state.withLock { state throws(FileError) in
            if state.store.read(block, at: offset, into: &destination) { return }
            try fetch(block, &state)
            guard state.store.read(block, at: offset, into: &destination) else {
                throw FileError(.changedWhileReading, path: file.path)
            }
        }
    }

    /// Says in what order blocks will be read; those that are not named come afterwards in the order of the archive.
    func plan(_ order: [Int]) {
        var seen = Set<Int>()
        var plan = order.filter { seen.insert($0).inserted }
        if plan.count < blockCount { plan += (0..<blockCount).filter { !seen.contains($0) } }
        state.withLock {
            $0.plan = plan
            $0.places = Dictionary(uniqueKeysWithValues: plan.enumerated().map { ($1, $0) })
        }
    }

    /// Replaces what is kept by `number`, what follows it in the plan, and a little of what came before it: threads do not
    /// keep exactly to an order.
    private func fetch(_ number: Int, _ state: inout State) throws(FileError) {
        let place = state.places[number] ?? number
        let behind = min(keptBlockCount / 8, place)
        var wanted = Set<Int>()
        for step in 0..<min(keptBlockCount, blockCount) {
            let index = (place - behind + step) % blockCount
            wanted.insert(state.plan.isEmpty ? index : state.plan[index])
        }
        state.store.removeAll { !wanted.contains($0) }
        let missing = wanted.filter { !state.store.contains($0) }
        state.passCount += 1
        state.store = try pass(fetching: missing, into: state.store)
    }

    /// What was read once is read again: anything else than the first time means that the file was changed.
    /// After an error the store that was given holds none of them.
    private func pass(fetching missing: Set<Int>, into store: BlockStore) throws(FileError) -> BlockStore {
        do {
            var collector = BlockCollector(store, wanted: missing)
            let reader = try ArchiveReader(file, kind: kind)
            var next = 0
            while collector.completeCount < missing.count, let entry = try reader.next() {
                guard case .file = entry.kind else { continue }
                guard next < members.count, entry.byteCount == members[next].byteCount else {
                    throw FileError(.changedWhileReading, path: file.path)
                }
                let member = members[next]
                next += 1
                guard case .streamed(let firstBlock) = member.storage else { continue }
                let blocks = firstBlock..<firstBlock + BlockStore.count(of: member.byteCount)
                // Without its data read, a member of a zip is stepped over.
                let isMissed =
                    blocks.count < missing.count
                    ? blocks.contains { missing.contains($0) } : missing.contains { blocks.contains($0) }
                guard isMissed else { continue }
                collector.begin(firstBlock: firstBlock)
                do {
                    try reader.data(member.byteCount, of: member.name) { bytes in
                        collector.append(bytes)
                        if collector.completeCount == missing.count { throw Enough() }
                    }
                } catch is Enough {}
                collector.end()
            }
            try file.checkUnchanged()
            return collector.store
        } catch let error as FileError {
            throw error
        } catch {
            throw FileError(.changedWhileReading, path: file.path)
        }
    }

    /// Everything that a pass is for has been found.
    private struct Enough: Error {}

    /// The SHA-256 of every compressed member, by a pass of its own.
    func digests(isCancelled: () -> Bool) throws -> [ByteString: SHA256Digest] {
        var digests: [ByteString: SHA256Digest] = [:]
        let reader = try ArchiveReader(file, kind: kind)
        var next = 0
        while let entry = try reader.next(), !isCancelled() {
            guard case .file = entry.kind, next < members.count else { continue }
            let member = members[next]
            next += 1
            guard case .streamed = member.storage else { continue }
            var hasher = SHA256Hasher()
            try reader.data(member.byteCount, of: member.name) { bytes in
                if isCancelled() { throw Enough() }
                hasher.update(bytes)
            }
            digests[member.name] = hasher.finalize()
        }
        return digests
    }
}

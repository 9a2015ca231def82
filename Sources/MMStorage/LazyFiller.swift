internal import CFaults
internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The threads that fill lazy memory, and where they hear of a page that is touched and not there (userfaultfd(2)).
///
/// Ends with the last memory that it fills.
final class LazyFiller: Sendable {
    let faults: CInt
    /// A file of no bytes: what memory that cannot be filled becomes a mapping of.
    let nothing: CInt
    private let stop: CInt
    private let regions: Regions

    /// A second thread fills while one waits for the disk or decodes; more would wait for the same locks of the kernel.
    private static let threadCount = 2

    /// What the threads know; they do not keep the filler, which ends them.
    private final class Regions: Sendable {
        struct Region {
            weak var memory: LazyMemory?
            let start: UInt
            let end: UInt
        }

        let all = Mutex<[Region]>([])

        func memory(at address: UInt) -> LazyMemory? {
            all.withLock { all in all.first { $0.start <= address && address < $0.end }?.memory }
        }
    }

    /// Nil where the system has no such thing or refuses it.
    init?() {
        let opened = (faults: mmlazy_open(), stop: mmlazy_open_stop(), nothing: mmlazy_open_nothing())
        guard opened.faults != -1, opened.stop != -1, opened.nothing != -1 else {
            // close refuses -1; the others are ours.
            for descriptor in [opened.faults, opened.stop, opened.nothing] { _ = close(descriptor) }
            return nil
        }
        (faults, stop, nothing) = (opened.faults, opened.stop, opened.nothing)
        regions = Regions()
        let threads = DispatchGroup()
        for index in 0..<Self.threadCount {
            DispatchQueue(label: "mmpack.lazy.\(index)").async(group: threads) { [faults, stop, regions] in
                Self.serve(faults: faults, stop: stop, regions: regions)
            }
        }
        // Whoever lets go of the last memory may be one of the threads, which cannot wait for itself.
        threads.notify(queue: .global()) { [faults, stop, nothing] in
            for descriptor in [faults, stop, nothing] { _ = close(descriptor) }
        }
    }

    deinit {
        _ = mmlazy_stop(stop)
    }

    func add(_ memory: LazyMemory, addresses: Range<UInt>) {
        regions.all.withLock {
            $0.append(Regions.Region(memory: memory, start: addresses.lowerBound, end: addresses.upperBound))
        }
    }

    func remove(addresses: Range<UInt>) {
        regions.all.withLock { $0.removeAll { $0.start == addresses.lowerBound } }
    }

    private static func serve(faults: CInt, stop: CInt, regions: Regions) {
        var address: UInt = 0
        // `address` outlives the call.
        while unsafe mmlazy_wait(faults, stop, &address) == 1 {
            // Memory that is about to go is touched by nobody.
            regions.memory(at: address)?.fill(around: address)
        }
    }
}

internal import CFaults
internal import MMBytes
internal import Synchronization
internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Memory whose bytes are made when they are first touched, a window at a time (Linux, userfaultfd(2) in user mode).
///
/// Only the program's own loads are served: a system call that is handed bytes which nobody has touched fails with EFAULT,
/// and so does a device. A window that cannot be made is a SIGBUS when it is touched, which `MappingFaults` turns into the
/// error's line and an exit.
@safe public final class LazyMemory: Sendable {
    /// Fills `destination`, the bytes from `offset`.
    public typealias Fill = @Sendable (_ offset: Int, _ destination: inout MutableRawSpan) throws -> Void

    public let byteCount: Int
    private let filler: LazyFiller
    private let fill: Fill
    /// Whole pages, mapped in init and unmapped in deinit.
    private nonisolated(unsafe) let base: UnsafeMutableRawPointer
    private let mappedByteCount: Int
    private nonisolated(unsafe) let entry: OpaquePointer?
    /// A bit a window that was or is being filled.
    private let begun: Mutex<[Bool]>

    /// What is made at once: a multiple of every page size in use. At 256 KiB a fault costs 0.2 ms, and decoding is as
    /// fast as into memory that is all there.
    public static let windowByteCount = 262_144
    private static let scratch = ScratchPool()

    /// Nil where the system refuses. `path` is the file that the bytes are made from.
    init?(
        byteCount: Int,
        path: String,
        filler: LazyFiller,
        fill: @escaping Fill
    ) {
        guard byteCount > 0, let mappedByteCount = byteCount.roundedUp(toMultipleOf: Self.windowByteCount),
            let base = unsafe mmlazy_map(filler.faults, mappedByteCount)
        else { return nil }
        self.byteCount = byteCount
        self.filler = filler
        self.fill = fill
        unsafe self.base = unsafe base
        self.mappedByteCount = mappedByteCount
        // The paths are valid C strings for the call, which copies them.
        unsafe entry = mmfault_add_mapping(base, mappedByteCount, path, ByteString(path).description)
        begun = Mutex([Bool](repeating: false, count: mappedByteCount / Self.windowByteCount))
        filler.add(self, addresses: addresses)
    }

    deinit {
        filler.remove(addresses: addresses)
        if let entry = unsafe entry { unsafe mmfault_remove_mapping(entry) }
        // The mapping of init, whole, once; nobody reads it any more.
        _ = unsafe munmap(base, mappedByteCount)
    }

    private var addresses: Range<UInt> {
        let start = UInt(bitPattern: unsafe base)
        return start..<start + UInt(mappedByteCount)
    }

    /// The first byte; valid while self is, for `byteCount` bytes.
    @unsafe public var pointer: UnsafeRawPointer { unsafe UnsafeRawPointer(base) }

    /// Makes the window that `address`, which lies in this memory, is in; on a thread of the filler.
    func fill(around address: UInt) {
        let window = Int(address - addresses.lowerBound) / Self.windowByteCount
        // Whoever fills it wakes all that wait for it.
        let isFirst = begun.withLock { begun in
            defer { begun[window] = true }
            return !begun[window]
        }
        guard isFirst else { return }
        let offset = window * Self.windowByteCount
        do {
            try Self.scratch.withBuffer(capacity: Self.windowByteCount) { buffer in
                var bytes = buffer.mutableBytes(min(Self.windowByteCount, byteCount - offset))
                try fill(offset, &bytes)
                // A whole window of the mapping from a whole buffer; what lies behind the last byte is nobody's.
                guard unsafe mmlazy_fill(filler.faults, base + offset, buffer.pointer, Self.windowByteCount) == 0 else {
                    throw FileError(.map, .init(rawValue: errno), path: "lazy memory")
                }
            }
        } catch {
            refuse(offset, because: error)
        }
    }

    private func refuse(_ offset: Int, because error: any Error) {
        // The text is a valid C string for the call, which copies it.
        if let entry = unsafe entry { unsafe mmfault_explain(entry, "\(error)") }
        // A whole window of the mapping. Where even that fails, waiting for ever would be worse than ending here.
        guard unsafe mmlazy_poison(filler.faults, filler.nothing, base + offset, Self.windowByteCount) != 0 else {
            return
        }
        abort()
    }
}

internal import CFaults
internal import MMBytes
internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A whole file mapped read-only. The owner is shared; its bytes are lent inside a call.
///
/// A file that another process truncates while it is mapped raises SIGBUS on access. Every mapping is entered in the
/// table of `MappingFaults`, whose handler then names the file and ends the process in order.
@safe public final class MappedFile: Sendable {
    public let path: String
    public let byteCount: Int
    private nonisolated(unsafe) let base: UnsafeRawPointer?
    /// The entry in the table of mappings; nil for an empty file, and where the table could not grow.
    private nonisolated(unsafe) let entry: OpaquePointer?

    /// Maps the file that `file` has open; an empty file maps to nothing.
    public init(_ file: InputFile) throws(FileError) {
        path = file.path
        byteCount = file.byteCount
        guard file.byteCount > 0 else {
            unsafe base = nil
            unsafe entry = nil
            return
        }
        // A fresh mapping of the length that fstat gave, unmapped in deinit.
        let address = unsafe mmap(nil, file.byteCount, PROT_READ, MAP_SHARED, file.descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw FileError(.map, Errno(rawValue: errno), path: file.path)
        }
        unsafe base = UnsafeRawPointer(address)
        // The paths are valid C strings for the call, which copies them.
        unsafe entry = mmfault_add_mapping(address, file.byteCount, file.path, ByteString(file.path).description)
    }

    deinit {
        // Made in init; nobody reads the mapping any more.
        if let entry = unsafe entry { unsafe mmfault_remove_mapping(entry) }
        // The mapping made in init, whole, once.
        if let base = unsafe base { unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount) }
    }

    /// Lets go of the memory behind the whole pages of a range, which are read again from the file when they are needed:
    /// so that a file larger than memory can be gone through.
    public func letGo(offset: Int, byteCount: Int) {
        guard let base = unsafe base, offset >= 0, byteCount >= 0, byteCount <= self.byteCount - offset else { return }
        let page = Int(sysconf(CInt(_SC_PAGESIZE)))
        let first = (offset + page - 1) / page * page
        let end = (offset + byteCount) / page * page
        guard end > first else { return }
        // Whole pages inside the mapping; it is shared and never written, so nothing is lost.
        _ = unsafe madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }

    public var bytes: RawSpan {
        @_lifetime(borrow self) borrowing get {
            // The mapping lives as long as self.
            let span = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: byteCount))
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// The first byte, for C kernels; valid while self is. An empty file lends the address of nothing.
    @unsafe public var pointer: UnsafeRawPointer {
        unsafe base ?? UnsafeRawPointer(bitPattern: 16384).unsafelyUnwrapped
    }
}

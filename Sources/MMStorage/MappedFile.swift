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
    /// Bytes of the mapping before the first: a mapping begins at a page, a part of a file anywhere.
    private let leadByteCount: Int
    /// The entry in the table of mappings; nil for an empty file, and where the table could not grow.
    private nonisolated(unsafe) let entry: OpaquePointer?

    /// Maps the file that `file` has open, or the part of it that `file` is; an empty file maps to nothing.
    ///
    /// What is unpacked cannot be mapped: `InputFile.isMappable` comes first.
    public init(_ file: InputFile) throws(FileError) {
        precondition(file.isMappable)
        path = file.path
        leadByteCount = file.start % Self.pageByteCount
        byteCount = file.byteCount
        guard file.byteCount > 0 else {
            unsafe base = nil
            unsafe entry = nil
            return
        }
        // A fresh mapping inside the length that fstat gave, unmapped in deinit.
        let mappedByteCount = leadByteCount + file.byteCount
        let address = unsafe mmap(
            nil,
            mappedByteCount,
            PROT_READ,
            MAP_SHARED,
            file.descriptor,
            off_t(file.start - leadByteCount)
        )
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw FileError(.map, Errno(rawValue: errno), path: file.path)
        }
        // The lead is a part of the mapping.
        unsafe base = UnsafeRawPointer(address) + leadByteCount
        // The paths are valid C strings for the call, which copies them.
        unsafe entry = mmfault_add_mapping(address, mappedByteCount, file.path, ByteString(file.path).description)
    }

    deinit {
        // Made in init; nobody reads the mapping any more.
        if let entry = unsafe entry { unsafe mmfault_remove_mapping(entry) }
        // The mapping made in init, whole, once.
        guard let base = unsafe base else { return }
        unsafe munmap(UnsafeMutableRawPointer(mutating: base - leadByteCount), leadByteCount + byteCount)
    }

    /// Lets go of the memory behind the whole pages of a range, which are read again from the file when they are needed:
    /// so that a file larger than memory can be gone through.
    public func letGo(offset: Int, byteCount: Int) {
        guard let base = unsafe base, offset >= 0, byteCount >= 0, byteCount <= self.byteCount - offset else { return }
        let page = Self.pageByteCount
        let first = (leadByteCount + offset + page - 1) / page * page - leadByteCount
        let end = (leadByteCount + offset + byteCount) / page * page - leadByteCount
        guard end > first else { return }
        // Whole pages inside the mapping; it is shared and never written, so nothing is lost.
        _ = unsafe madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }

    private static let pageByteCount = Int(sysconf(CInt(_SC_PAGESIZE)))

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

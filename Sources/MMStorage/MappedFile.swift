internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// A file, or a window of one, mapped read-only. The owner is shared; its bytes are lent inside a call.
///
/// The bundle and the weights that the reference model reads are mapped whole. Sources are streamed through windows,
/// since mapping one costs a fraction of copying it out, and unmapping it lets its pages go. A file that another
/// process truncates while it is mapped raises SIGBUS on access.
@safe public final class MappedFile: Sendable {
    public let path: String
    public let byteCount: Int
    private nonisolated(unsafe) let base: UnsafeRawPointer?
    /// Bytes between the page that the mapping starts with and `base`.
    private let leadByteCount: Int

    /// Maps the file that `file` has open; an empty file maps to nothing.
    public convenience init(_ file: InputFile) throws(FileError) {
        try self.init(file, at: 0, byteCount: file.byteCount, flags: MAP_SHARED)
    }

    /// Maps `byteCount` bytes from `offset`, to be read at once from front to end.
    ///
    /// Throws `FileError`, also when the range leaves the file as it was opened.
    public convenience init(windowOf file: InputFile, at offset: Int, byteCount: Int) throws(FileError) {
        try file.checkRange(at: offset, byteCount: byteCount)
        #if canImport(Darwin)
        let flags = MAP_SHARED
        #else
        // One call enters all pages instead of a fault for every 16.
        let flags = MAP_SHARED | MAP_POPULATE
        #endif
        try self.init(file, at: offset, byteCount: byteCount, flags: flags)
    }

    /// The range lies in the file.
    private init(_ file: InputFile, at offset: Int, byteCount: Int, flags: CInt) throws(FileError) {
        path = file.path
        self.byteCount = byteCount
        leadByteCount = offset % Self.pageByteCount
        guard byteCount > 0 else {
            unsafe base = nil
            return
        }
        // A fresh mapping of a range that fstat said is there, from the page that it starts in; unmapped in deinit.
        let address = unsafe mmap(
            nil,
            leadByteCount + byteCount,
            PROT_READ,
            flags,
            file.descriptor,
            off_t(offset - leadByteCount)
        )
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw FileError(.map, Errno(rawValue: errno), path: file.path)
        }
        unsafe base = UnsafeRawPointer(address) + leadByteCount
    }

    deinit {
        // The mapping made in init, whole, once.
        if let base = unsafe base {
            unsafe munmap(UnsafeMutableRawPointer(mutating: base - leadByteCount), leadByteCount + byteCount)
        }
    }

    private static let pageByteCount = Int(getpagesize())

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

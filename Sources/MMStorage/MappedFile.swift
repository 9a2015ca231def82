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
/// A file that another process truncates while it is mapped raises SIGBUS on access: `InputFile` (pread) is the
/// road for sources, the mapping is for the bundle and for the weights that the reference model reads.
@safe public final class MappedFile: Sendable {
    public let path: String
    public let byteCount: Int
    private nonisolated(unsafe) let base: UnsafeRawPointer?

    /// Maps the file that `file` has open; an empty file maps to nothing.
    public init(_ file: InputFile) throws(FileError) {
        path = file.path
        byteCount = file.byteCount
        guard file.byteCount > 0 else {
            unsafe base = nil
            return
        }
        // A fresh mapping of the length that fstat gave, unmapped in deinit.
        let address = unsafe mmap(nil, file.byteCount, PROT_READ, MAP_SHARED, file.descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw FileError(.map, Errno(rawValue: errno), path: file.path)
        }
        unsafe base = UnsafeRawPointer(address)
    }

    deinit {
        // The mapping made in init, whole, once.
        if let base = unsafe base { unsafe munmap(UnsafeMutableRawPointer(mutating: base), byteCount) }
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

internal import SystemPackage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The one place where -1 becomes an error: retried on EINTR, errno taken at once.
enum SystemCall {
    static func run<Result: SignedInteger>(
        _ operation: FileError.Operation,
        path: String,
        _ call: () -> Result
    ) throws(FileError) -> Result {
        while true {
            let result = call()
            if result != -1 { return result }
            let error = Errno(rawValue: errno)
            if error != .interrupted { throw FileError(operation, error, path: path) }
        }
    }

    /// Descriptors that are left to the libraries: libdispatch opens files in /proc and ends the process where it cannot.
    private static let reservedDescriptorCount = 8

    /// Runs a call that opens a file that stays open; throws `.tooManyOpenFiles` while some are left.
    static func open(
        _ operation: FileError.Operation,
        path: String,
        _ call: () -> CInt
    ) throws(FileError) -> CInt {
        let descriptor = try run(operation, path: path, call)
        // The lowest free number is given, so that a high one means that few are left.
        guard Int(descriptor) < DescriptorLimit.current - reservedDescriptorCount else {
            _ = close(descriptor)
            throw FileError(operation, .tooManyOpenFiles, path: path)
        }
        return descriptor
    }
}

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
}

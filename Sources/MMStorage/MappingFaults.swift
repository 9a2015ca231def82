internal import CFaults

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What happens when a page of a mapped file is gone: another process has made the file shorter, or the disk has failed.
///
/// Swift cannot run in a signal handler, so the handler and what it needs to know are in C (CFaults).
public enum MappingFaults {
    /// From now on such an access ends the process in order: the temporary files are removed, a line with `prefix` and
    /// the file's name goes to standard error, and the exit code is `status`. A SIGBUS for another reason does what it
    /// did before.
    public static func endProcess(saying prefix: String, status: Int32) {
        // The prefix is a valid C string for the call, which copies it.
        _ = unsafe mmfault_install(prefix, status)
    }

    /// The mapped file that `address` lies in: a system call that reads it fails with EFAULT where an access would fault.
    static func path(of address: UnsafeRawPointer) -> String? {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX) + 1) { buffer in
            guard let base = buffer.baseAddress, unsafe mmfault_copy_path(address, base, buffer.count) else {
                return nil
            }
            // Ended by NUL within the buffer.
            return unsafe String(cString: base)
        }
    }
}

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// What the executable asks of the process it runs in.
enum Process {
    static func exit(_ status: ExitStatus) -> Never {
        exit(code: status.rawValue)
    }

    static func exit(code: Int32) -> Never {
        #if canImport(Glibc)
        Glibc.exit(code)
        #elseif canImport(Musl)
        Musl.exit(code)
        #else
        Darwin.exit(code)
        #endif
    }

    static func environment(_ name: String) -> String? {
        // The name is a valid C string for the call; the value is copied at once, before anything can change it.
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    static var standardErrorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static var identifier: Int32 { getpid() }

    static var processorCount: Int {
        max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    /// Seconds of a clock that only moves forward.
    static var seconds: Double {
        let now = ContinuousClock.now - start
        return Double(now.components.seconds) + Double(now.components.attoseconds) / 1e18
    }

    private static let start = ContinuousClock.now

    /// Opens what stands in for a closed standard stream, so that no file of ours gets its number and then a message: one
    /// that cannot be read or written, so that the loss is noticed.
    static func occupyStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number is taken, which is this one.
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes all bytes to a descriptor; the error number when it takes no more, nil when it took all.
    static func write(_ bytes: some Sequence<UInt8>, to descriptor: Int32) -> Int32? {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            // The slice's buffer is valid for the call, which reads exactly its count.
            let count = unsafe rest.withUnsafeBytes { buffer in
                #if canImport(Glibc)
                unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                unsafe Musl.write(descriptor, buffer.baseAddress, buffer.count)
                #else
                unsafe Darwin.write(descriptor, buffer.baseAddress, buffer.count)
                #endif
            }
            if count < 0 {
                let error = errno
                if error == EINTR { continue }
                return error
            }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}

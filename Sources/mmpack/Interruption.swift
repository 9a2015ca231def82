@unsafe @preconcurrency internal import Dispatch
internal import MMStorage

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Control-C, `kill`, a reader that has gone and a file that shrinks under its mapping leave no temporary file behind.
enum Interruption {
    private static let queue = DispatchQueue(label: "mmpack.signals")
    /// Kept for as long as the process runs; made once, touched by nobody afterwards.
    private nonisolated(unsafe) static let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler {
            AtomicOutput.removeAllTemporaries()
            Process.exit(code: 128 + number)
        }
        return source
    }

    static func removeTemporariesOnSignals() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // The dispatch source sees the signal; the default action would end the process first.
            _ = signal(number, SIG_IGN)
        }
        for source in unsafe sources { source.resume() }
        // Whoever writes sees EPIPE: with standard error gone the work goes on, with standard output gone it ends quietly.
        _ = signal(SIGPIPE, SIG_IGN)
        let erasure = Process.standardErrorIsTerminal ? ProgressLine.erasure : ""
        MappingFaults.endProcess(saying: erasure + "mmpack: error: ", status: ExitStatus.inputOutput.rawValue)
    }

    /// Ends the process as SIGPIPE does, which is what pipelines expect of a tool whose reader has enough.
    static func endByClosedPipe() -> Never {
        AtomicOutput.removeAllTemporaries()
        _ = signal(SIGPIPE, SIG_DFL)
        _ = raise(SIGPIPE)
        Process.exit(code: 128 + SIGPIPE)
    }
}

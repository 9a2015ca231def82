public import MMBytes
public import SystemPackage

/// A system call on a file that did not do what was asked.
public struct FileError: DiagnosedError {
    public enum Reason: Sendable, Hashable {
        case failed(Operation, Errno)
        case notRegularFile
        case notFolder
        case exists
        /// A folder, device, FIFO, socket or link has the name of an output.
        case notReplaceable
        case endsEarly(needed: Int, available: Int)
        case changedWhileReading
        case insufficientSpace(needed: Int, available: Int)
    }

    public enum Operation: String, Sendable, Hashable {
        case open, read, write, inspect, list, map
        case create
        case sync
        case rename
        case remove
    }

    public let reason: Reason
    public let path: String

    @inline(never)
    public init(_ reason: Reason, path: String) {
        self.reason = reason
        self.path = path
    }

    @inline(never)
    public init(_ operation: Operation, _ errno: Errno, path: String) {
        self.init(.failed(operation, errno), path: path)
    }

    public var category: ErrorCategory {
        switch reason {
        case .exists, .notReplaceable: .cannotCreate
        case .insufficientSpace, .changedWhileReading: .inputOutput
        case .notRegularFile, .notFolder, .endsEarly: .badData
        case .failed(_, .resourceTemporarilyUnavailable), .failed(_, .tooManyOpenFiles): .tryAgain
        case .failed(.open, .noSuchFileOrDirectory), .failed(.inspect, .noSuchFileOrDirectory),
            .failed(.list, .noSuchFileOrDirectory), .failed(.open, .notDirectory), .failed(.inspect, .notDirectory),
            .failed(.open, .tooManySymbolicLinkLevels), .failed(.open, .fileNameTooLong),
            .failed(.open, .permissionDenied):
            .missingInput
        case .failed(.create, .noSpace): .inputOutput
        case .failed(.create, _): .cannotCreate
        case .failed: .inputOutput
        }
    }

    public var description: String {
        let place = ByteString(path).description
        switch reason {
        case .failed(let operation, let errno): return "\(place): cannot \(operation.rawValue): \(errno)"
        case .notRegularFile: return "\(place): not a regular file"
        case .notFolder: return "\(place): not a folder"
        case .exists: return "\(place): exists already; --force replaces it"
        case .notReplaceable: return "\(place): not a regular file; an output replaces nothing else"
        case .endsEarly(let needed, let available):
            return "\(place): ends early: \(needed) bytes needed, \(available) there"
        case .changedWhileReading: return "\(place): changed while it was read"
        case .insufficientSpace(let needed, let available):
            return "\(place): not enough space: \(needed) bytes needed, \(available) free"
        }
    }
}

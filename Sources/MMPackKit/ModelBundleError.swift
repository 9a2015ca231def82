internal import MMBytes

/// Why a bundle cannot be opened or read.
public struct ModelBundleError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// A file is not there, or may not be opened.
        case missing
        /// The bundle is damaged, hostile, or of a later version.
        case damaged
        /// Reading failed, or the file changed meanwhile.
        case unreadable
        /// A passing condition: the same may succeed later.
        case tryAgain
        /// What was asked for does not exist: rows outside a tensor, memory of another size.
        case misuse
        /// Anything else: a defect.
        case other
    }

    public let kind: Kind
    /// One line: what, where, what was found and what is allowed.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    private init(_ error: any DiagnosedError) {
        let kind: Kind =
            switch error.category {
            case .missingInput: .missing
            case .badData: .damaged
            case .inputOutput, .cannotCreate: .unreadable
            case .tryAgain: .tryAgain
            case .usage, .internalFault: .other
            }
        self.init(kind, error.description)
    }

    /// Runs `body`, the package's own errors as this one.
    static func translating<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as any DiagnosedError {
            throw ModelBundleError(error)
        }
    }
}

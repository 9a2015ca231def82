internal import MMBytes

/// The exit codes of sysexits.h that build steps know, and 1 for a verification that failed.
enum ExitStatus: Int32 {
    case done = 0
    case verificationFailed = 1
    case usage = 64
    case badData = 65
    case missingInput = 66
    case internalFault = 70
    case cannotCreate = 73
    case inputOutput = 74
    case tryAgain = 75

    init(_ category: ErrorCategory) {
        self =
            switch category {
            case .usage: .usage
            case .badData: .badData
            case .missingInput: .missingInput
            case .internalFault: .internalFault
            case .cannotCreate: .cannotCreate
            case .inputOutput: .inputOutput
            case .tryAgain: .tryAgain
            }
    }
}

/// How convert or quantize ended.
package enum WriteOutcome: Sendable {
    case written(WriteReport)
    /// Verification failed, so the output was not made.
    case rejected(VerifyReport)
}

package import MMBytes

/// Why weights cannot be quantized.
package struct QuantizationError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case nonFinite(count: Int)
        case scaleOverflow(type: String)
        case undecodable(type: String)
        case unknownRecipe(allowed: [String])
        case nothingToQuantize
    }

    package let reason: Reason
    /// The tensor, or what was asked for.
    package let subject: ByteString

    @inline(never)
    package init(_ reason: Reason, subject: ByteString) {
        self.reason = reason
        self.subject = subject
    }

    package var category: ErrorCategory {
        if case .unknownRecipe = reason { .usage } else { .badData }
    }

    package var description: String {
        switch reason {
        case .nonFinite(let count):
            "tensor \(subject): \(count) elements are infinite or NaN; a quantized block cannot hold them"
        case .scaleOverflow(let type):
            "tensor \(subject): a weight is too large for the f16 of \(type), which ends at 65504"
        case .undecodable(let type): "tensor \(subject): \(type) cannot be decoded, so it cannot be quantized"
        case .unknownRecipe(let allowed): "unknown recipe \(subject); there are \(allowed.joined(separator: ", "))"
        case .nothingToQuantize:
            "recipe \(subject): the source has no tensor that it quantizes; convert keeps all as they are"
        }
    }
}

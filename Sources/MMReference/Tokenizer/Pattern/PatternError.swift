package import MMBytes

/// A split pattern that cannot be read, or that costs too much on a text.
package struct PatternError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case invalidUTF8
        case tooLong(scalarCount: Int, allowed: Int)
        case nestsTooDeep(allowed: Int)
        /// More instructions than `allowed` after counted repetitions were unrolled.
        case tooLarge(allowed: Int)
        case unsupported(String)
        case unexpectedEnd(expected: String)
        case malformed(String)
        case unknownProperty(String)
        case tooManySteps(byteCount: Int, allowed: Int)
    }

    package let reason: Reason
    /// Scalars from the start of the pattern; for `tooManySteps`, bytes from the start of the text.
    package let offset: Int
    package let pattern: ByteString

    @inline(never)
    init(_ reason: Reason, offset: Int, pattern: ByteString) {
        self.reason = reason
        self.offset = offset
        self.pattern = pattern
    }

    package var category: ErrorCategory { .badData }

    package var description: String {
        let shown = pattern.count > 200 ? "\(ByteString(pattern.bytes.prefix(200)))..." : pattern.description
        return "split pattern \(shown): \(text)"
    }

    private var text: String {
        switch reason {
        case .invalidUTF8: "the pattern is not valid UTF-8"
        case .tooLong(let count, let allowed): "\(count) scalars long; at most \(allowed) are allowed"
        case .nestsTooDeep(let allowed): "scalar \(offset): groups nest deeper than \(allowed)"
        case .tooLarge(let allowed): "scalar \(offset): more than \(allowed) instructions"
        case .unsupported(let what): "scalar \(offset): \(what) is not supported"
        case .unexpectedEnd(let expected): "ends where \(expected) is expected"
        case .malformed(let what): "scalar \(offset): \(what)"
        case .unknownProperty(let name):
            "scalar \(offset): unknown property \\p{\(name)}; known are Any, the general categories "
                + "(\(ScalarTraits.categoryNames.joined(separator: " "))) and their groups (L LC M N P S Z C)"
        case .tooManySteps(let byteCount, let allowed):
            "took more than \(allowed) steps on a text of \(byteCount) bytes, at offset \(offset)"
        }
    }
}

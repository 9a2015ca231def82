package import MMBytes

/// An expression that does not parse, or that has no value for these knobs.
package struct ExpressionError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case tooLong(byteCount: Int, allowed: Int)
        case tooDeep(allowed: Int)
        case unexpected(found: UInt8?, expected: String)
        case badNumber
        case unknownName(String)
        case unknownFunction(String)
        case wrongType(expected: String, found: KnobValue)
        case notFinite
        case notACount(Double)
        case noElement(index: Double, count: Int)
    }

    package let reason: Reason
    package let expression: String
    /// Bytes into the expression, where it does not parse.
    package let offset: Int?

    @inline(never)
    package init(_ reason: Reason, expression: String, offset: Int? = nil) {
        self.reason = reason
        self.expression = expression
        self.offset = offset
    }

    package var category: ErrorCategory {
        switch reason {
        case .tooLong, .tooDeep, .unexpected, .badNumber, .unknownName, .unknownFunction: .internalFault
        case .wrongType, .notFinite, .notACount, .noElement: .badData
        }
    }

    package var description: String {
        let place = offset.map { " at offset \($0)" } ?? ""
        return "expression \"\(ByteString(expression))\"\(place): \(reasonText)"
    }

    private var reasonText: String {
        switch reason {
        case .tooLong(let byteCount, let allowed): "\(byteCount) bytes long; at most \(allowed) are allowed"
        case .tooDeep(let allowed): "nests deeper than \(allowed) levels"
        case .unexpected(let found, let expected):
            "found \(found.map { ByteString([$0]).description } ?? "the end"), expected \(expected)"
        case .badNumber: "malformed number"
        case .unknownName(let name): "unknown name \(name)"
        case .unknownFunction(let name): "unknown function \(name); there are sqrt, round, ceil"
        case .wrongType(let expected, let found): "\(found) is not \(expected)"
        case .notFinite: "the result is not a finite number"
        case .noElement(let index, let count): "there is no element \(index) in a list of \(count)"
        case .notACount(let number): "the result \(number) is not a whole number from 0 to 2^53"
        }
    }
}

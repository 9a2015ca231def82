package import MMBytes

/// Why the parts of a split GGUF set are not one model.
package struct GGUFSplitError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case notNamedAsPart(count: Int)
        case missingPart(number: Int, count: Int)
        case missingKey
        case keyType
        case partNumber(found: Int, expected: Int)
        case partCount(found: Int, expected: Int)
        case tensorCount(found: Int, expected: Int)
        case tensorCountsDiffer(found: Int, expected: Int)
        case otherValue
        case keyNotInFirstPart
        case duplicateTensor
    }

    package let reason: Reason
    package let path: String
    /// The key or the tensor that it is about, where it is about one.
    package let name: ByteString?

    @inline(never)
    package init(_ reason: Reason, path: String, name: ByteString? = nil) {
        self.reason = reason
        self.path = path
        self.name = name
    }

    package var category: ErrorCategory { .badData }

    package var description: String {
        let about = name.map { ": \"\($0)\"" } ?? ""
        return "\(ByteString(path))\(about): \(reason.text)"
    }

    /// The rule that is broken, in the words of the fixtures.
    package var reasonName: String {
        switch reason {
        case .notNamedAsPart, .missingPart: "part-missing"
        case .missingKey: "missing-key"
        case .keyType: "wrong-type"
        case .partNumber: "wrong-split-number"
        case .partCount: "wrong-split-count"
        case .tensorCount, .tensorCountsDiffer: "wrong-tensor-count"
        case .otherValue, .keyNotInFirstPart: "other-model"
        case .duplicateTensor: "duplicate-name"
        }
    }
}

extension GGUFSplitError.Reason {
    fileprivate var text: String {
        switch self {
        case .notNamedAsPart(let count):
            "says that it is one of \(count) parts, but is not named PREFIX-NNNNN-of-NNNNN.gguf as they are"
        case .missingPart(let number, let count): "part \(number) of \(count) is missing"
        case .missingKey: "the key is missing, which every part of a split set has"
        case .keyType: "the key does not hold an integer"
        case .partNumber(let found, let expected): "holds \(found); the file's name makes it \(expected)"
        case .partCount(let found, let expected): "holds \(found); the file's name makes it \(expected)"
        case .tensorCount(let found, let expected): "holds \(found); the parts have \(expected) tensors"
        case .tensorCountsDiffer(let found, let expected): "holds \(found); the first part has \(expected)"
        case .otherValue: "the key has another value in the first part"
        case .keyNotInFirstPart: "the key is not in the first part"
        case .duplicateTensor: "the tensor is in another part as well"
        }
    }
}

package import MMBytes
package import MMTensors

/// What the safetensors format cannot hold.
package struct SafetensorsWriterError: DiagnosedError {
    package enum Reason: Sendable, Hashable {
        case type(ElementType)
        case name
        case duplicateName
        case tooManyTensors(allowed: Int)
        case tooLarge
        case headerTooLarge(found: Int, allowed: Int)
    }

    package let reason: Reason
    package let tensor: ByteString?

    @inline(never)
    package init(_ reason: Reason, tensor: ByteString? = nil) {
        self.reason = reason
        self.tensor = tensor
    }

    package var category: ErrorCategory {
        switch reason {
        case .type: .usage
        default: .badData
        }
    }

    package var description: String {
        let about = tensor.map { "tensor \"\($0)\": " } ?? ""
        return about + reason.text
    }
}

extension SafetensorsWriterError.Reason {
    fileprivate var text: String {
        switch self {
        case .type(let type): "safetensors has no type for \(type); choose f32, f16 or bf16"
        case .name: "safetensors cannot hold the name; UTF-8 without control characters is allowed"
        case .duplicateName: "the name stands twice among the tensors to write"
        case .tooManyTensors(let allowed): "more than \(allowed) tensors in one checkpoint"
        case .tooLarge: "the file does not fit 63 bits"
        case .headerTooLarge(let found, let allowed): "header of \(found) bytes; at most \(allowed) are allowed"
        }
    }
}

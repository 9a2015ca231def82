package import MMTensors

/// What a recipe does with one tensor.
package enum TensorTreatment: Sendable, Hashable {
    /// Stays as it is, by its role.
    case keep
    /// Is in the wanted type already, or in one as good, and is copied, not requantized.
    case copy
    case quantize(BlockQuantizer)
    /// The source is quantized in another type: errors add up, which the report says.
    case requantize(BlockQuantizer, from: ElementType)

    package var quantizer: BlockQuantizer? {
        switch self {
        case .keep, .copy: nil
        case .quantize(let quantizer), .requantize(let quantizer, _): quantizer
        }
    }

    /// One word for reports.
    package var word: String {
        switch self {
        case .keep: "kept"
        case .copy: "copied"
        case .quantize: "quantized"
        case .requantize: "requantized"
        }
    }
}

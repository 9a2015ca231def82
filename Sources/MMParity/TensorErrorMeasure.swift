internal import CKernels

/// The distance of a tensor's values from those of the tensor that it was made from.
package struct TensorErrorMeasure: Sendable, Hashable {
    /// Root of the mean squared difference, over that of the base's squares: 0 for equal tensors, infinite where the
    /// base is all zero and the other is not, NaN where either holds NaN.
    package let relativeRMSE: Double
    /// The largest absolute difference.
    package let maximumError: Double
    /// Of the angle between the two tensors as vectors: 1 for equal tensors.
    package let cosine: Double

    static let none = TensorErrorMeasure(relativeRMSE: 0, maximumError: 0, cosine: 1)

    private init(relativeRMSE: Double, maximumError: Double, cosine: Double) {
        self.relativeRMSE = relativeRMSE
        self.maximumError = maximumError
        self.cosine = cosine
    }

    init(_ sums: KernelErrorSums) {
        guard sums.unequal > 0, sums.squared_difference != 0 else {
            self = .none
            return
        }
        let norms = sums.squared_a.squareRoot() * sums.squared_b.squareRoot()
        self.init(
            relativeRMSE: (sums.squared_difference / sums.squared_a).squareRoot(),
            maximumError: sums.squared_difference.isNaN ? .nan : sums.max_difference,
            cosine: norms == 0 ? 0 : sums.product / norms
        )
    }
}

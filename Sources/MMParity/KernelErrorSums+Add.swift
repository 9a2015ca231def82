internal import CKernels

extension KernelErrorSums {
    /// Adds the sums of another slab.
    mutating func add(_ other: KernelErrorSums) {
        squared_difference += other.squared_difference
        squared_a += other.squared_a
        squared_b += other.squared_b
        product += other.product
        max_difference = max(max_difference, other.max_difference)
        unequal += other.unequal
        count += other.count
    }
}

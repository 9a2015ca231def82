extension Int {
    /// The sum, or nil when it overflows: sizes from files must never trap.
    @inlinable
    public func adding(_ other: Int) -> Int? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }

    /// The product, or nil when it overflows.
    @inlinable
    public func multiplied(by other: Int) -> Int? {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? nil : product
    }

    /// The smallest multiple of `alignment` (a power of two) that is not below self, or nil when it overflows.
    @inlinable
    public func roundedUp(toMultipleOf alignment: Int) -> Int? {
        guard let sum = adding(alignment - 1) else { return nil }
        return sum & ~(alignment - 1)
    }

    /// How many parts of `size` cover self, both non-negative; `size` is positive.
    @inlinable
    public func dividedRoundingUp(by size: Int) -> Int {
        self / size + (self % size == 0 ? 0 : 1)
    }
}

extension Int {
    /// The share of `0..<self` that part `part` of `parts` has; bounds are multiples of 16 but for the end, so that
    /// two parts do not write the same cache line of a row.
    func share(_ part: Int, of parts: Int) -> Range<Int> {
        let units = (self + 15) / 16
        return Swift.min(units * part / parts * 16, self)..<Swift.min(units * (part + 1) / parts * 16, self)
    }
}

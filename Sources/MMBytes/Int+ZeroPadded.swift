extension Int {
    /// The decimal digits of a number that is not negative, with zeros in front where there are fewer than `digitCount`.
    package func zeroPadded(toDigits digitCount: Int) -> String {
        let digits = description
        return String(repeating: "0", count: Swift.max(0, digitCount - digits.utf8.count)) + digits
    }
}

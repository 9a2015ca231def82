import MMBytes

/// How many steps a split pattern may take on one text, whatever the pieces that the text is in.
struct PatternBudget {
    private static let stepsPerByte = 256
    /// Enough for any short text.
    private static let leastStepLimit = 1_000_000

    let textByteCount: Int
    let stepLimit: Int
    var stepCount = 0

    init(textByteCount: Int) {
        self.textByteCount = textByteCount
        stepLimit = max(Self.leastStepLimit, textByteCount.multiplied(by: Self.stepsPerByte) ?? .max)
    }
}

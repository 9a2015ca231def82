package import MMReference

/// Tokens that two models are run on, with the pictures among them as each model reads them.
package struct ComparedSequence: Sendable {
    package let ids: [UInt32]
    package let base: SequenceLayout
    package let other: SequenceLayout
    /// Stands for tokens of pictures: nobody predicts it, and what a model predicts there says nothing.
    package let placeholder: UInt32?

    /// Text.
    package init(_ ids: [UInt32]) {
        self.init(ids, base: SequenceLayout(), other: SequenceLayout(), placeholder: nil)
    }

    package init(_ ids: [UInt32], base: SequenceLayout, other: SequenceLayout, placeholder: UInt32?) {
        self.ids = ids
        self.base = base
        self.other = other
        self.placeholder = placeholder
    }

    func isPicture(_ position: Int) -> Bool { ids[position] == placeholder }

    /// The token behind `position` that a model is held to; nil at the end of what it sees together.
    func next(_ position: Int, end: Int) -> UInt32? {
        position + 1 < end && !isPicture(position + 1) ? ids[position + 1] : nil
    }

    /// Positions that see each other must be evaluated together.
    var longestBlock: Int { (base.blocks + other.blocks).map(\.count).max() ?? 0 }
}

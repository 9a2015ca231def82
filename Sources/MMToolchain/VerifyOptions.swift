/// What verify is asked to do.
package struct VerifyOptions: Sendable {
    /// Text to evaluate; nil for the built-in one.
    package var text: [UInt8]?
    /// Files of pictures to evaluate, by a model that takes them; none for pictures that are drawn.
    package var images: [String] = []
    /// Tokens of text to evaluate at most.
    package var tokenLimit = 512
    /// Replaces the recipe's limit on the mean KL divergence, in nats a token.
    package var maximumDivergence: Double?
    /// Replaces the recipe's limit on top-1 agreement, 0 to 1.
    package var minimumAgreement: Double?
    /// Replaces the recipe's limit on the mean departure of an activation, a share.
    package var maximumDeparture: Double?
    /// Whether tensors are mapped; without it they are read.
    package var isMapping = true
    /// Questions that a model of drawn pictures is asked.
    package var probeCount = 640
    package var width: Int

    package init(width: Int) {
        self.width = width
    }
}

/// How products with weights are computed.
package enum ProductArithmetic: Sendable, Hashable {
    /// In f32; a position's results do not depend on how many others are evaluated with it.
    case exact
    /// As `exact`, but the inputs of one to four positions at a time are rounded to 16 bits where that is faster: each by
    /// at most the 65534th part of the largest of its 32. Good enough to generate, not to compare.
    case rounded
}

/// What a tensor does in its model: the one fact that decides whether it may be quantized.
package enum TensorRole: String, Sendable, Hashable, CaseIterable {
    case embed, head, linear, experts, router, norm, bias, pos, conv, depthwise, scale, vector
    /// A tensor of an architecture that no description covers.
    case unknown
}

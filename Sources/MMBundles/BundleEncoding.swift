/// How a tensor is stored in a bundle.
public enum BundleEncoding: String, Sendable, Hashable, CaseIterable {
    /// As its logical bytes, in one extent that a mapping can lend.
    case raw
    /// In chunks that are decoded when they are read.
    case compact
}

internal import MMBundles
internal import MMStorage

/// How the tensors of a bundle come into memory.
public struct ModelAccess: Sendable, Hashable {
    /// Lends raw tensors from the mapped file. Without it they are read, which suits network disks.
    public var isMapping = true
    /// Holds what is lent from the mapping to its checksums first, which reads it once. Without it a raw tensor is usable
    /// before any of its bytes is read; `ModelBundle.verify` once after the download then stands for it. What is read or
    /// decoded is always checked.
    public var isChecking = true
    /// Decodes compact tensors page by page where they are touched, rather than whole when they are loaded. Linux only;
    /// elsewhere, and where the system refuses, loading decodes. System calls and devices cannot be handed bytes that
    /// nobody has touched, and damage is a SIGBUS when it is touched.
    public var isLazy = false
    /// Keeps the memory of tensors that were let go of for those that are loaded next, up to the most that was in use at
    /// once: for a model that is gone through layer by layer. Fresh memory costs more than decoding into it.
    public var isRecycling = false

    public init() {}

    var bundleAccess: BundleAccess {
        BundleAccess(
            isMapping: isMapping,
            isChecking: isChecking,
            isLazy: isLazy,
            arena: isRecycling ? PageArena() : nil
        )
    }
}

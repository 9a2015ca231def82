public import MMStorage

/// How the tensors of an open bundle come into memory.
public struct BundleAccess: Sendable {
    /// Lends raw tensors from mapped files. Without it they are read, which suits network disks.
    public var isMapping: Bool
    /// Holds what is lent from a mapping to its checksums first, which reads it. Whoever has verified the bundle since it
    /// was written can do without: a tensor is then usable before any of its bytes is read. What is read or decoded is
    /// always checked.
    public var isChecking: Bool
    /// Lends compact tensors as memory that is decoded where it is touched, where the system can (`LazyMemory`); elsewhere
    /// they are decoded when they are loaded.
    public var isLazy: Bool
    /// Where memory for loaded tensors comes from and goes back to; without it each has memory of its own.
    public var arena: PageArena?

    public init(isMapping: Bool = true, isChecking: Bool = true, isLazy: Bool = false, arena: PageArena? = nil) {
        self.isMapping = isMapping
        self.isChecking = isChecking
        self.isLazy = isLazy
        self.arena = arena
    }
}

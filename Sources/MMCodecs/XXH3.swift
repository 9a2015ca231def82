internal import CXXHash

/// XXH3 with 64 bits, seed 0 (the xxHash specification, version 0.8): detects damage, resists no attacker.
@safe public final class XXH3: @unchecked Sendable {
    /// Owned by this object; one thread at a time uses it.
    private let state: OpaquePointer?

    public init() {
        unsafe state = XXH3_createState()
        // A state that could not be allocated is nil, and libxxhash then does nothing; memory of this size is there.
        unsafe precondition(state != nil, "out of memory")
        reset()
    }

    deinit {
        _ = unsafe XXH3_freeState(state)
    }

    /// Starts over.
    public func reset() {
        _ = unsafe XXH3_64bits_reset(state)
    }

    public func update(_ bytes: RawSpan) {
        // The buffer is read inside the closure only.
        unsafe bytes.withUnsafeBytes { _ = unsafe XXH3_64bits_update(state, $0.baseAddress, $0.count) }
    }

    /// The hash of all bytes since the start.
    public var digest: UInt64 { unsafe XXH3_64bits_digest(state) }

    /// The hash of `bytes`.
    public static func hash(_ bytes: RawSpan) -> UInt64 {
        // The buffer is read inside the closure only; libxxhash takes a null address with length 0.
        unsafe bytes.withUnsafeBytes { unsafe XXH3_64bits($0.baseAddress, $0.count) }
    }
}

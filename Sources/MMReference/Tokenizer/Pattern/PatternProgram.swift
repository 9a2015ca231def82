/// A split pattern as instructions for `PatternMatcher`.
struct PatternProgram: Sendable {
    enum Operation: Sendable {
        /// Match one scalar of class `a`.
        case one
        /// Match `b` to `c` scalars of class `a` (c < 0: no bound), as many as there are, fewer when that fails.
        case run
        /// The same, without giving any back.
        case possessiveRun
        /// Go on at `a`.
        case jump
        /// Go on with the next instruction; when that fails, at `a`. Skipped straight to `a` where the next scalar
        /// is not in the leading set `b`.
        case branch
        /// Go on at `a`; when that fails, with the next instruction.
        case branchAway
        /// Open a fence of kind `b` (`PatternNode.Fence`); the text goes on at `a` behind it.
        case fence
        /// The innermost fence has matched.
        case closeFence
        /// Assertion `a` (`PatternNode.Assertion`).
        case assertion
        case match
    }

    struct Instruction: Sendable {
        var operation: Operation
        var a: Int32 = 0
        var b: Int32 = 0
        var c: Int32 = 0
    }

    /// A class with its ASCII members spread out.
    struct CompiledClass: Sendable {
        let asciiLow: UInt64
        let asciiHigh: UInt64
        let traits: UInt32
        let absentTraits: UInt32
        /// The class's part of `rangeBounds`, two values a range, ascending.
        let boundsStart: Int32
        let boundsEnd: Int32
        let isNegated: Bool
    }

    /// The scalars with which a match of some node can begin.
    struct LeadingSet: Sendable, Hashable {
        var asciiLow: UInt64 = 0
        var asciiHigh: UInt64 = 0
        /// Whether it may also begin with a scalar outside ASCII; not told apart further.
        var hasOthers = false

        mutating func formUnion(_ other: LeadingSet) {
            asciiLow |= other.asciiLow
            asciiHigh |= other.asciiHigh
            hasOthers = hasOthers || other.hasOthers
        }

        func mayBegin(withByte byte: UInt8) -> Bool {
            if byte < 64 { return asciiLow >> UInt64(byte) & 1 != 0 }
            if byte < 128 { return asciiHigh >> UInt64(byte - 64) & 1 != 0 }
            return hasOthers
        }
    }

    var instructions: [Instruction] = []
    var classes: [CompiledClass] = []
    var rangeBounds: [UInt32] = []
    var leadingSets: [LeadingSet] = []
    /// The leading set of the whole pattern; nil when it can match nothing.
    var leadingSet: LeadingSet?
}

/// A set of Unicode scalars: what stands between brackets in a pattern, or one scalar, or `\p{L}`.
struct ScalarClass: Sendable, Hashable {
    /// Members by trait (`ScalarTraits` bits): a scalar with any of these.
    var traits: UInt32 = 0
    /// Members by the absence of a trait: a scalar without one of these (`\S`, `\W`).
    var absentTraits: UInt32 = 0
    /// Members by value.
    var ranges: [ClosedRange<UInt32>] = []
    var isNegated = false

    init() {}

    init(traits: UInt32) {
        self.traits = traits
    }

    init(absentTraits: UInt32) {
        self.absentTraits = absentTraits
    }

    init(_ scalars: UInt32...) {
        ranges = scalars.map { $0...$0 }
    }

    /// What `.` matches: everything but the line feed.
    static var anyButLineFeed: ScalarClass {
        var result = ScalarClass(0x0A)
        result.isNegated = true
        return result
    }

    /// What `\w` matches outside brackets, or `\W`.
    static func word(isNegated: Bool) -> ScalarClass {
        var result = ScalarClass(traits: ScalarTraits.word)
        result.ranges = ScalarTraits.latinNumbers
        result.isNegated = isNegated
        return result
    }

    mutating func formUnion(_ other: ScalarClass) {
        traits |= other.traits
        absentTraits |= other.absentTraits
        ranges += other.ranges
    }

    /// The ranges in ascending order, without overlap.
    var mergedRanges: [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    func contains(_ scalar: UInt32) -> Bool {
        let bits = ScalarTraits.bits(of: scalar)
        let isMember = bits & traits != 0 || ~bits & absentTraits != 0 || ranges.contains { $0.contains(scalar) }
        return isMember != isNegated
    }

    /// Bit `n` of the pair is set when the ASCII scalar `n` is a member.
    var asciiMembers: (low: UInt64, high: UInt64) {
        var low: UInt64 = 0
        var high: UInt64 = 0
        for scalar in UInt32(0)..<64 where contains(scalar) { low |= 1 << UInt64(scalar) }
        for scalar in UInt32(64)..<128 where contains(scalar) { high |= 1 << UInt64(scalar - 64) }
        return (low, high)
    }
}

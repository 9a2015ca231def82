/// The arithmetic of Hangul syllables (Unicode Standard, 3.12).
enum Hangul {
    static let syllableBase: UInt32 = 0xAC00
    static let leadBase: UInt32 = 0x1100
    static let vowelBase: UInt32 = 0x1161
    /// One before the first tail.
    static let tailBase: UInt32 = 0x11A7
    static let leadCount: UInt32 = 19
    static let vowelCount: UInt32 = 21
    /// The tails and none.
    static let tailCount: UInt32 = 28
    /// Syllables with one lead.
    static let pairCount = vowelCount * tailCount
    static let syllableCount = leadCount * pairCount

    static func isVowelOrTail(_ scalar: UInt32) -> Bool {
        scalar &- vowelBase < vowelCount || scalar &- tailBase &- 1 < tailCount - 1
    }

    /// A lead and a vowel make a syllable, and a syllable without a tail takes one.
    static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        let (lead, vowel) = (first &- leadBase, second &- vowelBase)
        if lead < leadCount, vowel < vowelCount { return syllableBase + lead * pairCount + vowel * tailCount }
        let (syllable, tail) = (first &- syllableBase, second &- tailBase)
        guard syllable < syllableCount, syllable % tailCount == 0, tail > 0, tail < tailCount else { return nil }
        return first + tail
    }
}

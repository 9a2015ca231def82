import MMBytes

/// A token that is found in the text as it stands, before the text is cut into words.
struct AddedToken: Sendable, Hashable {
    var id: UInt32
    var content: ByteString
    /// A control token: skipped on request when decoding, and taken as text where special tokens are not parsed.
    var isSpecial = false
    /// Searched in the normalized text, not in the text as given.
    var isNormalized = false
    /// Only where no word character (`\w`) is next to it.
    var isSingleWord = false
    /// Takes the white space before it along.
    var stripsLeft = false
    /// Takes the white space behind it along.
    var stripsRight = false
}

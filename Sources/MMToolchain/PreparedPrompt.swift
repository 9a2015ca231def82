package import MMBytes
internal import MMReference

/// A prompt as a decoder takes it.
package struct PreparedPrompt {
    /// The text, a marker in the place of each picture.
    package let spelled: ByteString
    /// The tokens of text and pictures.
    package let ids: [UInt32]
    let layout: SequenceLayout
}

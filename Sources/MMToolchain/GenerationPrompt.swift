package import MMBytes

/// What the model continues.
package enum GenerationPrompt: Sendable, Hashable {
    /// A text as it stands.
    case text(ByteString)
    /// One turn of a user, as the model's chat template spells it.
    case chat(user: ByteString, system: ByteString?)
}

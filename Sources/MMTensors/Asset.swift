/// A file that travels with the weights, verbatim: tokenizer, chat template, configuration, licence.
public struct Asset: Sendable, Hashable {
    /// A plain file name, such as "tokenizer.json". The key-value section of a GGUF file travels as "gguf-metadata".
    public let name: String
    public let bytes: [UInt8]

    public init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Name of the asset that holds a GGUF file's key-value section as in the file: u32 version, u64 count, pairs.
    public static let ggufMetadataName = "gguf-metadata"

    /// The same of the file of a vision tower and connector beside a GGUF file of text.
    public static let ggufProjectorMetadataName = "gguf-metadata-mmproj"
}

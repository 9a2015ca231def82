package import MMBundles
package import MMQuantization

/// What convert and quantize are asked to do.
package struct WriteOptions: Sendable {
    package var sourcePath: String
    /// The file of vision tower and connector beside a GGUF file of text.
    package var projectorPath: String?
    package var outputPath: String
    /// Nil for a lossless conversion.
    package var recipe: QuantizationRecipe?
    package var profile: BundleProfile
    package var shardByteCount: Int
    package var isReplacing: Bool
    /// Goes on where a run of the same job was killed.
    package var isResuming = false
    /// Verifies the bundle against its source before it appears.
    package var verification: VerifyOptions?
    package var width: Int
    package var sourceDateEpoch: Int?

    package init(sourcePath: String, outputPath: String, width: Int) {
        self.sourcePath = sourcePath
        self.outputPath = outputPath
        self.width = width
        profile = .device
        shardByteCount = 4 << 30
        isReplacing = false
    }
}

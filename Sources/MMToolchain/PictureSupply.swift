internal import MMArchitectures
internal import MMBytes
internal import MMReference

/// The pictures that verify runs a model on: those of the user, else drawn ones, prepared as the files that travel with
/// the model say; waves in the tower's own size where they do not say it.
struct PictureSupply {
    /// At most.
    let count: Int
    /// Where the pictures come from.
    private let origin: String
    private let vision: VisionConfiguration
    private let images: [String]
    /// Nil for waves.
    private let processor: ImageProcessor?

    static let drawnCount = 2
    /// More of drawn pictures are not needed.
    static let tokensWanted = 256
    private static let seed: UInt64 = 20_240_314

    /// - Throws: `ToolchainError.noImageProcessor` for pictures of the user that nothing says how to prepare;
    ///   `ImageProcessorError` for what says it wrongly; `ParseError`.
    init(_ bundle: ModelSource, vision: VisionConfiguration, images: [String]) throws {
        self.vision = vision
        self.images = images
        guard images.isEmpty else {
            guard let processor = try ModelImageProcessor.processor(of: try bundle.mapped.assets) else {
                throw ToolchainError(.noImageProcessor, path: bundle.path)
            }
            self.processor = processor
            count = images.count
            origin = "given"
            return
        }
        count = Self.drawnCount
        // A processor that this version does not know, or that makes what the tower does not take, is no reason not
        // to look at the weights.
        let made = try? ModelImageProcessor.processor(of: try bundle.mapped.assets)
        if let made, let first = try? PreparedPicture(made.process(try Self.drawn(0))),
            (try? first.check(for: vision)) != nil
        {
            processor = made
            origin = "drawn"
        } else {
            processor = nil
            origin = "seeded"
        }
    }

    /// Pictures in words, for the report.
    func words(_ count: Int) -> String { "\(count) \(origin) picture\(count == 1 ? "" : "s")" }

    /// - Throws: `FileError`, `PictureError`, `ImageProcessorError`; `VisionError` for a tower that takes no size.
    func picture(_ index: Int) throws -> PreparedPicture {
        guard let processor else {
            let inputs = try SeededPictures.inputs(count: index + 1, for: vision, seed: Self.seed)
            return PreparedPicture(inputs[index])
        }
        let picture = images.isEmpty ? try Self.drawn(index) : try Picture(path: images[index])
        return PreparedPicture(try processor.process(picture, among: count))
    }

    /// Wide, then high.
    private static func drawn(_ index: Int) throws -> Picture {
        let (long, short) = (320, 240)
        return try Picture.drawn(
            index: index,
            width: index.isMultiple(of: 2) ? long : short,
            height: index.isMultiple(of: 2) ? short : long
        )
    }
}

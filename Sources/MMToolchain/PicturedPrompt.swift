internal import MMArchitectures
internal import MMBytes
internal import MMReference
internal import MMStorage

/// A prompt with pictures: its text with their tokens in place, and what the tower and the connector made of them.
struct PicturedPrompt {
    let text: ByteString
    private let pictures: [PictureTokens]
    private let fusion: FusionConfiguration

    /// Reads and prepares the pictures, and writes them into the prompt as the family does.
    ///
    /// - Parameter isPanning: as of `GenerationSession.prepare`.
    /// - Throws: `ToolchainError` for a model that takes no pictures or that no image processor belongs to, for crops
    ///   that it does not make, and for a prompt with another number of places; `FileError`, `PictureError` and
    ///   `ImageProcessorError` of the pictures; `VisionError` for a picture that the tower does not take.
    init(
        _ prompt: ByteString,
        images: [String],
        isPanning: Bool,
        of source: ModelSource,
        width decoderWidth: Int,
        team: ThreadTeam
    ) throws {
        let model = source.mapped.model
        guard let vision = model.vision, let connector = model.connector, let fusion = model.fusion else {
            throw ToolchainError(.takesNoPictures, path: source.path)
        }
        let assets = try source.mapped.assets
        guard let processor = try ModelImageProcessor.processor(of: assets, isPanning: isPanning) else {
            throw ToolchainError(.noImageProcessor, path: source.path)
        }
        if isPanning {
            guard case .panAndScan = processor.configuration.tiling, fusion.prompt.crops != nil else {
                throw ToolchainError(.takesNoCrops, path: source.path)
            }
        }
        let places = fusion.prompt.placeCount(in: prompt)
        guard places == 0 || places == images.count else {
            throw ToolchainError(.picturesDoNotFit(places: places, pictures: images.count), path: source.path)
        }
        let prepared = try images.map { path in
            PreparedPicture(try processor.process(try Picture(path: path), among: images.count))
        }
        let reader = try PictureReader(
            source: source.mapped,
            vision: vision,
            connector: connector,
            fusion: fusion,
            decoderWidth: decoderWidth,
            team: team
        )
        let pictures = try prepared.map { try reader.read($0) }
        let written = zip(prepared, pictures).map { picture, tokens in
            PicturePrompt.Place(
                grid: picture.grid,
                tileCount: picture.tiles.count,
                tokenCount: tokens.count,
                labels: picture.labels
            )
        }
        guard let text = fusion.prompt.writing(written, into: prompt) else {
            throw ToolchainError(.picturesDoNotFit(places: places, pictures: images.count), path: source.path)
        }
        self.text = text
        self.pictures = pictures
        self.fusion = fusion
    }

    /// Where the pictures' tokens are in the ids of `text`.
    ///
    /// - Throws: `VisionError` for a tokenizer that does not have the token that stands for a picture's.
    func layout(of ids: [UInt32]) throws -> SequenceLayout {
        try SequenceLayout(of: ids, pictures: pictures, fusion: fusion, prefixCount: ids.count)
    }
}

internal import MMArchitectures
internal import MMBytes
internal import MMReference
internal import MMStorage

/// A prompt with pictures as a decoder takes it.
struct PicturedPrompt {
    let ids: [UInt32]
    let layout: SequenceLayout

    /// Reads and prepares the pictures, and writes them into the prompt as the family does.
    ///
    /// - Parameter isTemplated: whether a chat template wrote the prompt.
    /// - Throws: `ToolchainError` for a model that takes no pictures or that no image processor belongs to, and for a
    ///   prompt with another number of places; `FileError`, `PictureError` and `ImageProcessorError` of the pictures;
    ///   `VisionError` for a picture that the tower does not take, and for a tokenizer that does not have the token
    ///   that stands for a picture's.
    init(
        _ prompt: ByteString,
        images: [String],
        isTemplated: Bool = false,
        of source: ModelSource,
        width decoderWidth: Int,
        tokenizer: Tokenizer,
        team: ThreadTeam
    ) throws {
        let model = source.mapped.model
        guard let vision = model.vision, let connector = model.connector, let fusion = model.fusion else {
            throw ToolchainError(.takesNoPictures, path: source.path)
        }
        guard let processor = try ModelImageProcessor.processor(of: source.mapped.assets) else {
            throw ToolchainError(.noImageProcessor, path: source.path)
        }
        let places = fusion.prompt.placeCount(in: prompt)
        // What a template writes has a place for each picture, and special tokens of its own.
        guard places == images.count || places == 0 && !isTemplated else {
            throw ToolchainError(.picturesDoNotFit(places: places, pictures: images.count), path: source.path)
        }
        let pictures = try images.map { path in
            PreparedPicture(try processor.process(try Picture(path: path), among: images.count))
        }
        guard fusion.mask != .pictures || pictures.allSatisfy({ $0.tiles.count == 1 }) else {
            throw ToolchainError(
                .cannotRun("pictures in crops (do_pan_and_scan) cannot be written into a prompt"),
                path: source.path
            )
        }
        let reader = try PictureReader(
            source: source.mapped,
            vision: vision,
            connector: connector,
            fusion: fusion,
            decoderWidth: decoderWidth,
            team: team
        )
        let tokens = try pictures.map { try reader.read($0) }
        let written = zip(pictures, tokens).map { picture, tokens in
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
        ids = try tokenizer.encode(text, addSpecialTokens: fusion.prompt.addsSpecialTokens && !isTemplated)
        layout = try SequenceLayout(of: ids, pictures: tokens, fusion: fusion, prefixCount: ids.count)
    }
}

internal import MMArchitectures
internal import MMReference
internal import MMStorage

/// A model as it is run: the decoder, and what reads pictures for it where it takes them.
struct RunnableModel: Sendable {
    let decoder: ReferenceDecoder
    let reader: PictureReader?

    /// - Parameter isStreaming: keeps one layer of the decoder in memory at a time.
    /// - Throws: as `ReferenceDecoder.init` and `PictureReader.init`.
    init(
        _ source: MappedSource,
        decoder configuration: DecoderConfiguration,
        team: ThreadTeam,
        isStreaming: Bool = false
    ) throws {
        decoder = try ReferenceDecoder(
            source: source,
            configuration: configuration,
            team: team,
            isStreaming: isStreaming
        )
        guard let vision = source.model.vision, let connector = source.model.connector,
            let fusion = source.model.fusion
        else {
            reader = nil
            return
        }
        reader = try PictureReader(
            source: source,
            vision: vision,
            connector: connector,
            fusion: fusion,
            decoderWidth: configuration.modelWidth,
            team: team
        )
    }
}

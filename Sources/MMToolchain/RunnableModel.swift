internal import MMArchitectures
internal import MMReference
internal import MMStorage

/// A model as verify runs it: the decoder, and what reads pictures for it where it takes them.
struct RunnableModel: Sendable {
    let decoder: ReferenceDecoder
    let reader: PictureReader?

    /// One layer's weights of decoder and tower are in memory at a time: a model far larger than memory can be proven.
    ///
    /// - Throws: as `ReferenceDecoder.init` and `PictureReader.init`.
    init(_ source: MappedSource, decoder configuration: DecoderConfiguration, team: ThreadTeam) throws {
        decoder = try ReferenceDecoder(source: source, configuration: configuration, team: team, isStreaming: true)
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
            team: team,
            isStreaming: true
        )
    }
}

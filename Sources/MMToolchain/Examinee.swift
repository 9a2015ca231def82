internal import MMArchitectures
internal import MMBytes
internal import MMReference
internal import MMStorage

/// A model that is asked questions about pictures.
struct Examinee {
    private let decoder: ReferenceDecoder
    private let reader: PictureReader
    private let state: DecoderState
    private let path: String

    /// Most tokens of a question with its picture and its answer.
    private static let tokenLimit = 512

    /// Nil for a model that takes other pictures than `Scene` draws, or that cannot be run.
    ///
    /// - Throws: as `ReferenceDecoder.init` and `PictureReader.init`.
    init?(_ source: ModelSource, team: ThreadTeam) throws {
        let model = source.mapped.model
        guard source.takesScenes, let configuration = model.decoder, let vision = model.vision,
            let connector = model.connector, let fusion = model.fusion
        else { return nil }
        path = source.path
        decoder = try ReferenceDecoder(source: source.mapped, configuration: configuration, team: team)
        reader = try PictureReader(
            source: source.mapped,
            vision: vision,
            connector: connector,
            fusion: fusion,
            decoderWidth: configuration.modelWidth,
            team: team
        )
        state = try decoder.makeState(capacity: min(Self.tokenLimit, configuration.contextLength ?? Self.tokenLimit))
    }

    var vocabularyCount: Int { decoder.configuration.vocabularyCount }

    /// What the model says at each token of the right answer, the one that ends it among them: logits, one row each.
    ///
    /// - Throws: `ToolchainError.picturesDoNotFit` for a chat template that has no place for the picture;
    ///   `ReferenceError`, `VisionError`.
    func logits(of paper: SceneExam.Paper) throws -> [[Float]] {
        let tokens = try reader.read(paper.picture)
        let place = PicturePrompt.Place(
            grid: paper.picture.grid,
            tileCount: paper.picture.tiles.count,
            tokenCount: tokens.count,
            labels: paper.picture.labels
        )
        let prompt = reader.fusion.prompt
        guard prompt.placeCount(in: paper.text) == 1, let text = prompt.writing([place], into: paper.text) else {
            throw ToolchainError(
                .picturesDoNotFit(places: prompt.placeCount(in: paper.text), pictures: 1),
                path: path
            )
        }
        let question = try paper.tokenizer.encode(text, addSpecialTokens: false)
        let ids = question + paper.answerIDs.dropLast()
        state.rewind()
        state.layout = try SequenceLayout(
            of: ids,
            pictures: [tokens],
            fusion: reader.fusion,
            prefixCount: question.count
        )
        var rows: [[Float]] = []
        try decoder.evaluate(ids, state: state) { position, logits in
            guard position >= question.count - 1 else { return }
            var row: [Float] = []
            row.reserveCapacity(logits.count)
            for index in logits.indices { row.append(logits[index]) }
            rows.append(row)
        }
        return rows
    }
}

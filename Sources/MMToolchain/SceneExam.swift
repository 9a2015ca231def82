internal import MMArchitectures
internal import MMBytes
internal import MMReference
internal import MMTensors

/// Questions about drawn pictures, spelled as the files that travel with a model say.
struct SceneExam {
    /// A question with its picture and its right answer.
    struct Paper {
        let kind: SceneQuestion.Kind
        let picture: PreparedPicture
        /// The prompt, with one token in the place of the picture's.
        let text: ByteString
        /// The tokens of the right answer and the one that ends it.
        let answerIDs: [UInt32]
        let tokenizer: Tokenizer
    }

    private let processor: ImageProcessor
    private let tokenizer: Tokenizer
    private let chat: ModelChat
    private let marks: PicturePrompt
    private let endID: UInt32

    /// Nil for a model that takes other pictures, or that lacks what tells how it is asked.
    init?(_ model: ModelSource) throws {
        guard model.takesScenes, let marks = model.mapped.model.fusion?.prompt,
            let processor = try ModelImageProcessor.processor(of: try model.mapped.assets),
            let tokenizer = try ModelTokenizer.tokenizer(of: try model.mapped.assets),
            let chat = try ModelChat(assets: try model.mapped.assets, tokenizer: tokenizer, secondsSince1970: nil),
            let endID = tokenizer.endOfSequenceID ?? tokenizer.endOfGenerationIDs.min()
        else { return nil }
        self.processor = processor
        self.tokenizer = tokenizer
        self.chat = chat
        self.marks = marks
        self.endID = endID
    }

    func paper(_ probe: SceneProbe) throws -> Paper {
        Paper(
            kind: probe.question.kind,
            picture: PreparedPicture(try processor.process(probe.scene.picture())),
            text: try chat.prompt(user: ByteString(probe.question.text), system: nil, pictureCount: 1, marks: marks),
            answerIDs: try tokenizer.encode(ByteString(probe.question.answer), addSpecialTokens: false) + [endID],
            tokenizer: tokenizer
        )
    }
}

extension ModelSource {
    /// Whether it is a model of the size of the pictures that `Scene` draws.
    var takesScenes: Bool {
        mapped.model.architectureID == "mm1" && mapped.model.vision?.imageSide == Scene.side
    }
}

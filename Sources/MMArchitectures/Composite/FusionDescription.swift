internal import MMBytes

/// What a description says of the sequence: the choices, and the knob that holds the id of the placeholder.
struct FusionDescription: Sendable, Hashable {
    let placeholder: String
    let mask: FusionConfiguration.Mask
    let positions: FusionConfiguration.Positions
    let arrangement: FusionConfiguration.Arrangement
    let prompt: PicturePrompt
    /// Whether no publication says it.
    let isAssumed: Bool

    init(_ value: JSONValue, place: String) throws(DescriptionError) {
        var object = try StrictObject(value, place: place)
        isAssumed = object.takeIfPresent("assumed") == true
        placeholder = try object.string("placeholder")
        mask = try object.choice("mask")
        positions = try object.choice("positions")
        arrangement = try object.choice("arrangement")
        prompt = try PicturePrompt(try object.take("prompt"), place: object.place(of: "prompt"))
        try object.finish()
    }

    func configuration(_ reader: KnobReader) throws(ArchitectureError) -> FusionConfiguration {
        guard let id = reader.knobs[placeholder]?.integer, id >= 0, id <= Int(Int32.max) else {
            throw reader.wrongType(placeholder, "the id of the token that stands for a picture's")
        }
        return FusionConfiguration(
            placeholderID: id,
            mask: mask,
            positions: positions,
            arrangement: arrangement,
            prompt: prompt
        )
    }
}

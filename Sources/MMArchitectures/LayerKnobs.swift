internal import MMBytes

/// The facts of one layer: what its expressions see beside the model's knobs.
struct LayerKnobs: Sendable {
    private let values: [String: KnobValue]

    /// Evaluates the layer knobs of `description` for layer `index`.
    init(_ index: Int, of description: ArchitectureDescription, knobs: Knobs) throws(ArchitectureError) {
        var values: [String: KnobValue] = ["i": .number(Double(index))]
        for knob in description.layerKnobs {
            do throws(ExpressionError) {
                values[knob.name] = try knob.value.evaluate { values[$0] ?? knobs[$0] }
            } catch {
                throw ArchitectureError(
                    .expression(error),
                    architecture: description.id,
                    subject: ByteString(knob.name)
                )
            }
        }
        self.values = values
    }

    subscript(name: String) -> KnobValue? { values[name] }

    var index: Int { values["i"]?.integer ?? 0 }
}

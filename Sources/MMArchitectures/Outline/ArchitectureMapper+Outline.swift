internal import MMBytes
internal import MMTensors

extension ArchitectureMapper {
    /// Every tensor of the description that a model with these knobs has. A tensor that may be missing is taken to be.
    ///
    /// Throws `ArchitectureError` for knobs that make no tensor, or more than a checkpoint has.
    func outline(_ knobs: Knobs, type: ElementType) throws(ArchitectureError) -> [OutlineTensor] {
        var tensors: [OutlineTensor] = []
        for group in description.groups {
            guard let layerCount = group.layerCount else {
                for rule in group.tensors { try append(rule, layer: nil, knobs, type, to: &tensors) }
                continue
            }
            let count = try evaluated("layers", layer: nil, knobs) { value throws(ExpressionError) in
                try layerCount.count(value)
            }
            for index in 0..<count {
                let layer = try LayerKnobs(index, of: description, knobs: knobs)
                for rule in group.tensors { try append(rule, layer: layer, knobs, type, to: &tensors) }
            }
        }
        return tensors
    }

    private func append(
        _ rule: ArchitectureDescription.TensorRule,
        layer: LayerKnobs?,
        _ knobs: Knobs,
        _ type: ElementType,
        to tensors: inout [OutlineTensor]
    ) throws(ArchitectureError) {
        let name = rule.name.filled(layer: layer?.index)
        func holds(_ expression: Expression?, otherwise: Bool) throws(ArchitectureError) -> Bool {
            guard let expression else { return otherwise }
            return try evaluated(name, layer: layer, knobs) { value throws(ExpressionError) in
                try expression.flag(value)
            }
        }
        guard try holds(rule.condition, otherwise: true), try !holds(rule.optional, otherwise: false) else { return }
        var dimensions: [Int] = []
        for dimension in rule.shape {
            dimensions.append(
                try evaluated(name, layer: layer, knobs) { value throws(ExpressionError) in
                    try dimension.count(value)
                }
            )
        }
        guard let shape = Shape(dimensions), tensors.count < TensorDescriptor.countLimit,
            let descriptor = TensorDescriptor(name: name, type: type, shape: shape)
        else {
            throw ArchitectureError(
                .contradiction("there are too many tensors, or this one is too large"),
                architecture: description.id,
                subject: name
            )
        }
        tensors.append(OutlineTensor(descriptor: descriptor, role: rule.role, component: rule.component))
    }

    private func evaluated<Value>(
        _ subject: ByteString,
        layer: LayerKnobs?,
        _ knobs: Knobs,
        _ body: ((String) -> KnobValue?) throws(ExpressionError) -> Value
    ) throws(ArchitectureError) -> Value {
        do throws(ExpressionError) { return try body { layer?[$0] ?? knobs[$0] } } catch {
            throw ArchitectureError(.expression(error), architecture: description.id, subject: subject)
        }
    }
}

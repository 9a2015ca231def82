package import MMBytes
package import MMTensors

extension MappedSource {
    /// A config.json from which transformers builds the same model, for a checkpoint that came without one.
    ///
    /// `type` is what the exported weights are mostly stored as. Nil for an unknown architecture, and for one that no
    /// config.json is known for; throws `ArchitectureError` where config.json has no way to say what the knobs say.
    package func huggingFaceConfiguration(type: ElementType) throws -> JSONValue? {
        let parts = try parts()
        guard let own = parts.first, let decoder = model.decoder,
            parts.allSatisfy({ $0.description.configurationTemplate != nil })
        else { return nil }
        var members = try own.configurationMembers()
        if own.component == nil, parts.count == 1 { members += decoder.rotaryMembers }
        for part in parts.dropFirst() {
            guard let component = part.component else { continue }
            var inner = try part.configurationMembers()
            if component == .text {
                inner += decoder.rotaryMembers
                if let isTied = part.knobs["tied"] {
                    members.append(JSONMember(name: "tie_word_embeddings", value: isTied.json))
                }
            }
            let name = ByteString("\(component.rawValue)_config")
            members.append(JSONMember(name: name, value: .object(inner.sorted { $0.name < $1.name })))
        }
        if let name = type.torchName { members.append(JSONMember(name: "torch_dtype", value: .text(name))) }
        return .object(members.sorted { $0.name < $1.name })
    }
}

extension ModelPart {
    /// What the description has for config.json, filled with the knobs.
    fileprivate func configurationMembers() throws -> [JSONMember] {
        guard let template = description.configurationTemplate else { return [] }
        if let violation = try description.violation(of: template.conditions, knobs) {
            throw ArchitectureError(.inexpressible(violation), architecture: description.id, subject: "config.json")
        }
        var members: [JSONMember] = []
        for member in template.members {
            guard let value = try filled(member.value) else { continue }
            members.append(JSONMember(name: member.name, value: value))
        }
        return members
    }

    /// Nil for a knob that says nothing.
    private func filled(_ value: ArchitectureDescription.ConfigurationMember.Value) throws -> JSONValue? {
        switch value {
        case .literal(let value): return value
        case .knob(let knob): return knobs[knob].flatMap { $0 == .none ? nil : $0.json }
        case .float(let knob):
            guard case .number(let number) = knobs[knob] else { return nil }
            return .number(number)
        case .list(let values): return .array(try values.compactMap { try filled($0) })
        case .pairs(let knob):
            guard case .list(let values) = knobs[knob], values.count % 2 == 0 else { return nil }
            return .array(
                stride(from: 0, to: values.count, by: 2).map { .array([values[$0].json, values[$0 + 1].json]) }
            )
        case .layers(let name):
            var indices: [JSONValue] = []
            for index in 0..<(knobs["n_layers"]?.integer ?? 0) {
                let layer = try LayerKnobs(index, of: description, knobs: knobs)
                if layer[name] == .flag(true) { indices.append(.integer(index)) }
            }
            return .array(indices)
        }
    }
}

extension DecoderConfiguration {
    /// What config.json has of rotary embedding, in the old spelling, which every version of transformers reads.
    fileprivate var rotaryMembers: [JSONMember] {
        var scaling = rope.huggingFaceScaling(contextLength)
        if let axes = rope.axes {
            let sections = JSONValue.array(axes.sections.map { .integer($0) })
            scaling = .object(
                (scaling.members ?? [JSONMember(name: "rope_type", value: "default")]) + [
                    JSONMember(name: "mrope_section", value: sections),
                    JSONMember(name: "mrope_interleaved", value: .bool(axes.order == .interleaved)),
                ]
            )
        }
        var members = [
            JSONMember(name: "rope_theta", value: KnobValue.number(rope.theta).json),
            JSONMember(name: "rope_scaling", value: scaling),
        ]
        if rope.width != headWidth {
            let share = Double(rope.width) / Double(headWidth)
            members.append(JSONMember(name: "partial_rotary_factor", value: .number(share)))
        }
        return members
    }
}

extension RotaryEmbedding {
    /// `rope_scaling` of config.json; null where there is none.
    fileprivate func huggingFaceScaling(_ contextLength: Int?) -> JSONValue {
        switch scaling {
        case .none: return .null
        case .linear(let factor): return ["rope_type": "linear", "factor": .number(factor)]
        case .llama3(let factor, let low, let high, let original):
            return [
                "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": .number(low),
                "high_freq_factor": .number(high), "original_max_position_embeddings": KnobValue.number(original).json,
            ]
        case .dynamic(let factor, _): return ["rope_type": "dynamic", "factor": .number(factor)]
        case .yarn(let factor, let fast, let slow, let original, let isTruncated):
            return [
                "rope_type": "yarn", "factor": .number(factor), "beta_fast": .number(fast), "beta_slow": .number(slow),
                "original_max_position_embeddings": KnobValue.number(original).json, "truncate": .bool(isTruncated),
                "attention_factor": .number(attentionFactor),
            ]
        case .longRope(let short, let long, let original):
            return [
                "rope_type": "longrope", "attention_factor": .number(attentionFactor),
                "short_factor": .array(short.map { .number($0) }), "long_factor": .array(long.map { .number($0) }),
                "original_max_position_embeddings": .integer(original),
            ]
        case .factors(let factors):
            if factors.allSatisfy({ $0 == 1 }) { return .null }
            if let bands = llama3Bands(of: factors) {
                return RotaryEmbedding(theta: theta, width: width, scaling: bands).huggingFaceScaling(contextLength)
            }
            // LongRoPE is the kind that takes a factor for every frequency; both lists alike, and no attention factor.
            let list = JSONValue.array(factors.map { .number(Double($0.description) ?? Double($0)) })
            return [
                "rope_type": "longrope", "factor": 1.0, "attention_factor": 1.0, "short_factor": list,
                "long_factor": list, "original_max_position_embeddings": .integer(contextLength ?? 1),
            ]
        }
    }

    /// The parameters of Llama 3.1's bands that give these factors; nil where none of the usual ones do.
    ///
    /// Low 1 and high 4 are Meta's in every release; the original context is 8192 there, and other powers of two in
    /// models made in their image.
    private func llama3Bands(of factors: [Float]) -> Scaling? {
        guard let factor = factors.max() else { return nil }
        for exponent in [13] + Array(5...20) {
            let bands = Scaling.llama3(
                factor: Double(factor),
                lowFrequencyFactor: 1,
                highFrequencyFactor: 4,
                originalContextLength: Double(1 << exponent)
            )
            let candidate = RotaryEmbedding(theta: theta, width: width, scaling: bands)
            let expected = candidate.frequencyDivisors(sequenceLength: 1)
            // The converter computes the bands in f32.
            if zip(expected, factors).allSatisfy({ abs($0 - Double($1)) <= 1e-5 * $0 }) { return bands }
        }
        return nil
    }
}

extension ElementType {
    /// What torch calls a type of plain numbers.
    fileprivate var torchName: String? {
        switch self {
        case .f32: "float32"
        case .f16: "float16"
        case .bf16: "bfloat16"
        case .f64: "float64"
        default: nil
        }
    }
}

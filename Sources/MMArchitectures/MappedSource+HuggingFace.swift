package import MMBytes
package import MMTensors

extension MappedSource {
    /// Which tensors of a Hugging Face checkpoint the tensors go to: the usual layout of a known architecture, the same
    /// names of an unknown one. A tensor that Hugging Face keeps in config.json instead has none.
    package func huggingFaceClaims() throws -> [CoverageLedger.Claim] {
        guard let architecture else {
            return tensors.map { CoverageLedger.Claim(name: $0.name, sourceName: $0.name, operation: nil) }
        }
        guard architecture.graph != .visionLanguage else {
            throw ArchitectureError(
                .inexpressible("it has several parts, and came from GGUF"),
                architecture: architecture.id,
                subject: "layout"
            )
        }
        let scope = CoverageBuilder(
            description: architecture,
            source: base,
            names: NameIndex([], huggingFaceNamesOf: architecture),
            knobs: model.knobs
        )
        var claims: [CoverageLedger.Claim] = []
        for tensor in tensors { claims += try scope.huggingFaceClaims(of: tensor) }
        return claims
    }

    /// A config.json from which transformers builds the same model, for a checkpoint that came without one.
    ///
    /// `type` is what the exported weights are mostly stored as. Nil for an unknown architecture; throws
    /// `ArchitectureError` where config.json has no way to say what the knobs say.
    package func huggingFaceConfiguration(type: ElementType) throws -> JSONValue? {
        guard let architecture, let template = architecture.configurationTemplate, let decoder = model.decoder else {
            return nil
        }
        if let violation = try architecture.violation(of: template.conditions, model.knobs) {
            throw ArchitectureError(.inexpressible(violation), architecture: architecture.id, subject: "config.json")
        }
        var members: [JSONMember] = []
        for member in template.members {
            switch member.value {
            case .literal(let value): members.append(JSONMember(name: member.name, value: value))
            case .knob(let knob):
                guard let value = model.knobs[knob], value != .none else { continue }
                members.append(JSONMember(name: member.name, value: value.json))
            }
        }
        // The old spelling, which every version of transformers reads.
        members.append(JSONMember(name: "rope_theta", value: KnobValue.number(decoder.rope.theta).json))
        members.append(JSONMember(name: "rope_scaling", value: decoder.rope.huggingFaceScaling(decoder.contextLength)))
        if decoder.rope.width != decoder.headWidth {
            let share = Double(decoder.rope.width) / Double(decoder.headWidth)
            members.append(JSONMember(name: "partial_rotary_factor", value: .number(share)))
        }
        if let name = type.torchName { members.append(JSONMember(name: "torch_dtype", value: .text(name))) }
        return .object(members.sorted { $0.name < $1.name })
    }
}

extension CoverageBuilder {
    /// The tensors of the usual Hugging Face layout that a tensor of the model goes to.
    fileprivate func huggingFaceClaims(of tensor: TensorDescriptor) throws -> [CoverageLedger.Claim] {
        guard let (rule, match) = description.rule(forBundleName: tensor.name), let origin = rule.huggingFace.first
        else {
            return []
        }
        let layer = try match.layer.map { try LayerKnobs($0, of: description, knobs: knobs) }
        func claim(_ operation: LayoutOperation?, expert: Int = 0) -> CoverageLedger.Claim {
            let name = names.name(of: origin, layer: match.layer, expert: expert)
            return CoverageLedger.Claim(name: tensor.name, sourceName: name, operation: operation)
        }
        switch origin.assembly {
        case .whole, .numbered: return [claim(nil)]
        case .frames(let other):
            let second = names.name(of: TensorOrigin(name: other), layer: match.layer)
            return [
                claim(.frame(0)),
                CoverageLedger.Claim(name: tensor.name, sourceName: second, operation: .frame(1)),
            ]
        case .stack:
            return (0..<(tensor.shape.dimensions.first ?? 0)).map { claim(.element($0), expert: $0) }
        case .rows(let start, _):
            let start = try count(start, layer: layer, of: tensor.name)
            let dimensions = tensor.shape.dimensions
            return [claim(.rows(start: start, count: dimensions[max(0, dimensions.count - 2)]))]
        }
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

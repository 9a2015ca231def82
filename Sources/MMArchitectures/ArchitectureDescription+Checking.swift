internal import MMBytes

extension ArchitectureDescription {
    var rules: [TensorRule] { groups.flatMap(\.tensors) }

    /// Every name that an expression uses must be a knob before it, and every tensor that is spoken of must be there.
    func checkNames() throws(DescriptionError) {
        var known: Set<String> = []
        for knob in knobs {
            let place = "\(id): knobs.\(knob.name)"
            switch knob.rule {
            case .computed(let expression): try check(expression, known, place: place)
            case .absence(let tensor): try check(tensor: tensor, place: place)
            case .rowCount(let tensor, let fallback):
                try check(tensor: tensor, place: place)
                try check(fallback, known, place: place)
            case .read(let reading):
                try check(reading.fallback, known, place: place)
                for source in reading.ggufSources {
                    switch source {
                    case .key, .length, .indices, .token: break
                    case .presence(let tensor): try check(tensor: tensor, place: place)
                    case .value(let expression): try check(expression, known, place: place)
                    }
                }
            }
            guard known.insert(knob.name).inserted, knob.name != "i" else {
                throw DescriptionError(.duplicate(knob.name), place: place)
            }
        }
        var inLayer = known
        inLayer.insert("i")
        for knob in layerKnobs {
            try check(knob.value, inLayer, place: "\(id): layers.\(knob.name)")
            guard inLayer.insert(knob.name).inserted else {
                throw DescriptionError(.duplicate(knob.name), place: "\(id): layers.\(knob.name)")
            }
        }
        for condition in match.conditions + runs + (configurationTemplate?.conditions ?? []) {
            try check(condition.holds, known, place: "\(id): conditions")
        }
        for member in configurationTemplate?.members ?? [] {
            guard let stranger = stranger(in: member.value, known) else { continue }
            throw DescriptionError(.unknownName(stranger), place: "\(id): hf_config.\(member.name)")
        }
        for expression in connector?.expressions ?? [] { try check(expression, known, place: "\(id): connector") }
        for expression in connector?.repeatedExpressions ?? [] {
            try check(expression, known.union(["i"]), place: "\(id): connector")
        }
        try checkTensors(known, inLayer: inLayer)
    }

    /// A name that a value of config.json is made of and that is not there.
    private func stranger(in value: ConfigurationMember.Value, _ known: Set<String>) -> String? {
        switch value {
        case .literal: nil
        case .knob(let name), .float(let name), .pairs(let name): known.contains(name) ? nil : name
        case .layers(let name): layerKnobs.contains { $0.name == name } ? nil : name
        case .list(let values): values.lazy.compactMap { stranger(in: $0, known) }.first
        }
    }

    private func checkTensors(_ known: Set<String>, inLayer: Set<String>) throws(DescriptionError) {
        var names: Set<String> = []
        for group in groups {
            if let layerCount = group.layerCount { try check(layerCount, known, place: "\(id): repeat") }
            let inside = group.layerCount == nil ? known : inLayer
            for rule in group.tensors {
                let place = "\(id): \(rule.name)"
                guard names.insert(rule.name.text).inserted else {
                    throw DescriptionError(.duplicate(rule.name.text), place: place)
                }
                for expression in rule.shape + [rule.condition, rule.optional].compactMap(\.self) {
                    try check(expression, inside, place: place)
                }
                if case .ropeUnpermute(let heads) = rule.ggufOperation { try check(heads, inside, place: place) }
                for origin in rule.huggingFace + rule.gguf {
                    try check(origin, isInLayer: group.layerCount != nil, inside, place: place)
                }
            }
        }
        for rule in rules {
            guard let substitute = rule.substitute, !names.contains(substitute.tensor.text) else { continue }
            throw DescriptionError(.unknownName(substitute.tensor.text), place: "\(id): \(rule.name)")
        }
    }

    private func check(
        _ origin: TensorOrigin,
        isInLayer: Bool,
        _ known: Set<String>,
        place: String
    ) throws(DescriptionError) {
        let (hasLayer, hasExpert) =
            switch origin.assembly {
            case .stack: (isInLayer, true)
            case .numbered: (false, true)
            case .whole, .rows, .frames: (isInLayer, false)
            }
        guard origin.name.hasLayer == hasLayer, origin.name.hasExpert == hasExpert else {
            throw DescriptionError(.badTemplate(origin.name.text), place: place)
        }
        if case .frames(let other) = origin.assembly, other.hasLayer != isInLayer || other.hasExpert {
            throw DescriptionError(.badTemplate(other.text), place: place)
        }
        for expression in origin.expressions { try check(expression, known, place: place) }
    }

    private func check(_ expression: Expression, _ known: Set<String>, place: String) throws(DescriptionError) {
        if let stranger = expression.names.first(where: { !known.contains($0) && !isOfComponent($0) }) {
            throw DescriptionError(.unknownName(stranger), place: place)
        }
    }

    /// Whether a name is a knob of one of the parts, which are known only with the checkpoint.
    private func isOfComponent(_ name: String) -> Bool {
        components.contains { name.hasPrefix("\($0.component.rawValue).") }
    }

    private func check(tensor name: ByteString, place: String) throws(DescriptionError) {
        guard rule(forBundleName: name) != nil else {
            throw DescriptionError(.unknownName(name.description), place: place)
        }
    }

    /// The rule that a bundle name belongs to, and the layer in it.
    func rule(forBundleName name: ByteString) -> (rule: TensorRule, match: NameMatch)? {
        for rule in rules {
            if let match = rule.name.match(name) { return (rule, match) }
        }
        return nil
    }
}

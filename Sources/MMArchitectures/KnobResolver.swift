internal import MMBytes
internal import MMTensors

/// Reads a description's knobs from what a source says of its model.
struct KnobResolver {
    let description: ArchitectureDescription
    let configuration: ModelConfiguration
    let names: NameIndex

    private static let countLimit = 1 << 40

    func resolve(scopes: [String: Knobs] = [:]) throws(ArchitectureError) -> Knobs {
        var knobs = Knobs(scopes: scopes)
        for knob in description.knobs {
            switch knob.rule {
            case .computed(let expression):
                knobs.append(knob.name, try evaluate(expression, knobs, of: knob.name), origin: "computed")
            case .absence(let tensor):
                knobs.append(knob.name, .flag(!names.contains(tensor, of: description)), origin: "tensor \(tensor)")
            case .rowCount(let tensor, let fallback):
                let dimensions = names.descriptor(of: tensor, of: description)?.shape.dimensions ?? []
                guard dimensions.count > 1 else {
                    knobs.append(knob.name, try evaluate(fallback, knobs, of: knob.name), origin: "computed")
                    continue
                }
                let rows = KnobValue.number(Double(dimensions[dimensions.count - 2]))
                knobs.append(knob.name, rows, origin: "tensor \(tensor)")
            case .read(let reading):
                let (value, origin) = try read(knob.name, reading, knobs)
                try check(value, reading.type, of: knob.name)
                knobs.append(knob.name, value, origin: origin)
            }
        }
        return knobs
    }

    private func read(
        _ name: String,
        _ reading: ArchitectureDescription.Knob.Reading,
        _ knobs: Knobs
    ) throws(ArchitectureError) -> (KnobValue, origin: String) {
        switch configuration {
        case .huggingFace(let json):
            for path in reading.paths {
                if let found = json.value(at: path), found != .null || reading.type.nullSaysNone {
                    return (try value(found, name), "config.json: \(path)")
                }
            }
        case .gguf(let json) where !reading.ggufSources.isEmpty:
            return try readGGUF(name, reading, json, knobs)
        case .bundle(let json):
            if let found = json["knobs"]?[ByteString(name)] {
                return (try value(found, name), json["origins"]?[ByteString(name)]?.string?.string ?? "bundle")
            }
        case .gguf, .none: break
        }
        return (try evaluate(reading.fallback, knobs, of: name), "default")
    }

    private func readGGUF(
        _ name: String,
        _ reading: ArchitectureDescription.Knob.Reading,
        _ json: JSONValue,
        _ knobs: Knobs
    ) throws(ArchitectureError) -> (KnobValue, origin: String) {
        let (sources, type) = (reading.ggufSources, reading.type)
        let architecture = json["general.architecture"]?.string ?? ""
        var keys: [String] = []
        for source in sources {
            switch source {
            case .key(let template):
                let key = template.filled(architecture: architecture)
                keys.append(key.description)
                if let found = json[key] {
                    let single = type == .list ? found : Self.single(found)
                    return (Self.shortest(try value(single, name)), "GGUF: \(key)")
                }
            case .length(let template):
                let key = template.filled(architecture: architecture)
                keys.append(key.description)
                if let elements = json[key]?.elements {
                    return (.number(Double(elements.count)), "GGUF: length of \(key)")
                }
            case .indices(let template):
                let key = template.filled(architecture: architecture)
                keys.append(key.description)
                if let elements = json[key]?.elements {
                    let indices = elements.indices.filter { elements[$0] == true }
                    return (.list(indices.map { .number(Double($0)) }), "GGUF: true in \(key)")
                }
            case .presence(let tensor):
                return (.flag(names.contains(tensor, of: description)), "tensor \(tensor)")
            case .token(let text):
                guard let elements = json["tokenizer.ggml.tokens"]?.elements,
                    let id = elements.firstIndex(of: .string(text))
                else { continue }
                return (.number(Double(id)), "GGUF: token \(text)")
            case .value(let expression): return (try evaluate(expression, knobs, of: name), "default")
            }
        }
        throw error(.missingKnob(keys: keys), name)
    }

    /// The one value of an array that says the same for every layer.
    private static func single(_ value: JSONValue) -> JSONValue {
        guard let elements = value.elements, let first = elements.first, elements.allSatisfy({ $0 == first }) else {
            return value
        }
        return first
    }

    /// GGUF keeps numbers as f32: of the doubles that round to the same f32, the one with the shortest spelling is
    /// what the model's author wrote, so that 1e-5 is the same knob from either kind of checkpoint.
    private static func shortest(_ value: KnobValue) -> KnobValue {
        if case .list(let values) = value { return .list(values.map(shortest)) }
        guard case .number(let number) = value, Double(Float(number)) == number,
            let short = Double(Float(number).description)
        else { return value }
        return .number(short)
    }

    private func value(_ json: JSONValue, _ name: String) throws(ArchitectureError) -> KnobValue {
        guard let value = KnobValue(json) else {
            let found = ByteString(json.serialized().prefix(60)).description
            throw error(.wrongKnobType(found: found, expected: "a single value or a list of them"), name)
        }
        return value
    }

    private func check(
        _ value: KnobValue,
        _ type: ArchitectureDescription.KnobType,
        of name: String
    ) throws(ArchitectureError) {
        let expected: String
        switch (type, value) {
        case (.number, .number(let number)) where number.isFinite: return
        case (.optionalNumber, .number(let number)) where number.isFinite: return
        case (.flag, .flag), (.text, .text), (.list, .list): return
        case (.token, .none), (.optionalCount, .none), (.optionalNumber, .none), (.list, .none): return
        case (.count, .number), (.optionalCount, .number):
            if let count = value.integer, count >= 1, count <= Self.countLimit { return }
            expected = "a whole number from 1 to 2^40"
        case (.token, .number):
            if let token = value.integer, token >= 0 { return }
            expected = "the id of a token"
        case (.count, _), (.optionalCount, _): expected = "a whole number"
        case (.number, _), (.optionalNumber, _): expected = "a number"
        case (.list, _): expected = "a list"
        case (.flag, _): expected = "true or false"
        case (.text, _): expected = "a text"
        case (.token, _): expected = "the id of a token"
        }
        throw error(.wrongKnobType(found: String(value.description.prefix(60)), expected: expected), name)
    }

    private func evaluate(
        _ expression: Expression,
        _ knobs: Knobs,
        of name: String
    ) throws(ArchitectureError) -> KnobValue {
        do throws(ExpressionError) { return try expression.evaluate { knobs[$0] } } catch {
            throw self.error(.expression(error), name)
        }
    }

    @inline(never)
    private func error(_ reason: ArchitectureError.Reason, _ name: String) -> ArchitectureError {
        ArchitectureError(reason, architecture: description.id, subject: ByteString(name))
    }
}

extension ArchitectureDescription.KnobType {
    /// Whether null in config.json is a value rather than nothing said.
    fileprivate var nullSaysNone: Bool {
        switch self {
        case .optionalCount, .optionalNumber: true
        case .count, .number, .flag, .text, .token, .list: false
        }
    }
}

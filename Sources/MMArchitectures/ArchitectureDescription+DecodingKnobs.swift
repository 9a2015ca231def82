internal import MMBytes

extension ArchitectureDescription {
    /// Joins the two places where a knob is described: itself, and where GGUF keeps it.
    static func knobs(
        _ value: JSONValue,
        ggufKeys: JSONValue,
        place: String
    ) throws(DescriptionError) -> [Knob] {
        var object = try StrictObject(value, place: "\(place).knobs")
        var keys = try StrictObject(ggufKeys, place: "\(place).gguf_keys")
        var knobs: [Knob] = []
        for member in object.takeAll() {
            let name = member.name.string
            let sources = try ggufSources(try keys.elements(name), place: keys.place(of: name))
            var value = member.value
            let isAssumed = value["assumed"] == true
            if isAssumed { value = .object((value.members ?? []).filter { $0.name != "assumed" }) }
            let rule = try knobRule(value, sources: sources, place: object.place(of: name))
            knobs.append(Knob(name: name, rule: rule, isAssumed: isAssumed))
        }
        try keys.finish()
        return knobs
    }

    private static func knobRule(
        _ value: JSONValue,
        sources: [Knob.GGUFSource],
        place: String
    ) throws(DescriptionError) -> Knob.Rule {
        guard value.members != nil else {
            guard sources.isEmpty else {
                throw DescriptionError(.wrongType(expected: "an object, though GGUF has a key for it"), place: place)
            }
            return .computed(try StrictObject.expression(value, place: place))
        }
        var object = try StrictObject(value, place: place)
        if value["absent"] != nil {
            let name = try object.string("absent")
            try object.finish()
            return .absence(of: ByteString(name))
        }
        if value["rows"] != nil {
            let name = try object.string("rows")
            let fallback = try object.expression("default")
            try object.finish()
            return .rowCount(of: ByteString(name), otherwise: fallback)
        }
        var paths: [String] = []
        guard value["from"] != nil else { throw DescriptionError(.missingMember("from"), place: place) }
        for path in try object.strings("from") { paths.append(path.string) }
        let reading = Knob.Reading(
            type: try object.choice("type"),
            paths: paths,
            fallback: try object.expression("default"),
            ggufSources: sources
        )
        try object.finish()
        return .read(reading)
    }

    private static func ggufSources(
        _ values: [JSONValue],
        place: String
    ) throws(DescriptionError) -> [Knob.GGUFSource] {
        var sources: [Knob.GGUFSource] = []
        for (index, value) in values.enumerated() {
            let place = "\(place)[\(index)]"
            if let key = value.string {
                sources.append(.key(try StrictObject.template(key, place: place)))
                continue
            }
            var object = try StrictObject(value, place: place)
            if let length = object.takeIfPresent("length")?.string {
                sources.append(.length(try StrictObject.template(length, place: place)))
            } else if let flags = object.takeIfPresent("indices")?.string {
                sources.append(.indices(try StrictObject.template(flags, place: place)))
            } else if let name = object.takeIfPresent("present")?.string {
                sources.append(.presence(of: name))
            } else if let token = object.takeIfPresent("token")?.string {
                sources.append(.token(token))
            } else {
                sources.append(.value(try object.expression("value")))
            }
            try object.finish()
        }
        return sources
    }

    static func tensorRule(
        _ value: JSONValue,
        inLayer: Bool,
        place: String
    ) throws(DescriptionError) -> TensorRule {
        var object = try StrictObject(value, place: place)
        let name = try StrictObject.template(ByteString(try object.string("name")), place: object.place(of: "name"))
        let component = name.text.split(separator: ".").first.flatMap { Component(rawValue: String($0)) }
        guard let component, component != .other, name.hasLayer == inLayer else {
            throw DescriptionError(
                .wrongType(expected: "a name that begins with its component and has {i} in a layer only"),
                place: object.place(of: "name")
            )
        }
        var shape: [Expression] = []
        for dimension in try object.elements("shape") {
            shape.append(try StrictObject.expression(dimension, place: object.place(of: "shape")))
        }
        let rule = TensorRule(
            name: name,
            huggingFace: try origins(try object.elements("hf"), place: object.place(of: "hf")),
            gguf: try origins(try object.elements("gguf"), place: object.place(of: "gguf")),
            ggufOperation: try object.takeIfPresent("gguf_op").map { value throws(DescriptionError) in
                try operation(value, place: "\(place).gguf_op")
            },
            shape: shape,
            role: try object.choice("role"),
            component: component,
            condition: try object.expressionIfPresent("when"),
            optional: try object.expressionIfPresent("optional"),
            substitute: try object.takeIfPresent("instead").map { value throws(DescriptionError) in
                try substitute(value, place: "\(place).instead")
            }
        )
        try object.finish()
        return rule
    }

    /// A name, or an object that says how the tensor is part of another or put together from several.
    private static func origins(_ values: [JSONValue], place: String) throws(DescriptionError) -> [TensorOrigin] {
        var origins: [TensorOrigin] = []
        for (index, value) in values.enumerated() {
            let place = "\(place)[\(index)]"
            if let name = value.string {
                origins.append(TensorOrigin(name: try StrictObject.template(name, place: place)))
                continue
            }
            var object = try StrictObject(value, place: place)
            let name = try StrictObject.template(ByteString(try object.string("of")), place: place)
            let assembly: TensorOrigin.Assembly =
                if let count = try object.expressionIfPresent("stack") {
                    .stack(count: count)
                } else if let other = object.takeIfPresent("beside")?.string {
                    .frames(beside: try StrictObject.template(other, place: place))
                } else if let number = try object.expressionIfPresent("number") {
                    .numbered(number)
                } else {
                    .rows(start: try object.expression("rows"), total: try object.expression("total"))
                }
            origins.append(TensorOrigin(name: name, assembly: assembly))
            try object.finish()
        }
        return origins
    }

    /// `rope_unpermute(EXPRESSION)`, the only operation so far.
    private static func operation(_ value: JSONValue, place: String) throws(DescriptionError) -> Operation {
        let text = value.string?.string ?? ""
        let opening = "rope_unpermute("
        guard text.hasPrefix(opening), text.hasSuffix(")") else {
            throw DescriptionError(.notOneOf(["rope_unpermute(HEADS)"]), place: place)
        }
        let heads = JSONValue.text(String(text.dropFirst(opening.count).dropLast()))
        return .ropeUnpermute(headCount: try StrictObject.expression(heads, place: place))
    }

    private static func substitute(_ value: JSONValue, place: String) throws(DescriptionError) -> Substitute {
        var object = try StrictObject(value, place: place)
        let tensor = try StrictObject.template(ByteString(try object.string("tensor")), place: place)
        let substitute = Substitute(tensor: tensor, reason: try object.string("reason"))
        try object.finish()
        return substitute
    }
}

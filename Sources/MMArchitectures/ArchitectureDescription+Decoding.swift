internal import MMBytes

extension ArchitectureDescription {
    package static let schema = "mmpack.architecture/1"

    /// Decodes a description strictly: a member that the schema does not have is an error, and so is a name in an
    /// expression that no knob before it has.
    package init(parsing bytes: [UInt8]) throws(DescriptionError) {
        let json: JSONValue
        do throws(ParseError) { json = try JSONValue(parsing: bytes) } catch {
            throw DescriptionError(.notJSON(error), place: "description")
        }
        try self.init(json)
    }

    init(_ json: JSONValue) throws(DescriptionError) {
        let id = json["id"]?.string?.string ?? "description"
        var object = try StrictObject(json, place: id)
        guard try object.string("schema") == Self.schema else {
            throw DescriptionError(.notOneOf([Self.schema]), place: object.place(of: "schema"))
        }
        self.id = try object.string("id")
        title = try object.string("title")
        status = try object.choice("status")
        graph = try object.choice("graph")
        prefixes = try object.strings("prefixes")
        match = try Self.match(try object.take("match"), place: object.place(of: "match"))
        knobs = try Self.knobs(
            try object.take("knobs"),
            ggufKeys: try object.take("gguf_keys"),
            place: object.place
        )
        layerKnobs = try Self.layerKnobs(object.takeIfPresent("layers"), place: object.place(of: "layers"))
        runs = try Self.conditions(try object.elements("runs"), place: object.place(of: "runs"))
        groups = try Self.groups(try object.elements("tensors"), place: object.place(of: "tensors"))
        ignored = try Self.ignored(try object.elements("ignore"), place: object.place(of: "ignore"))
        configurationTemplate = try object.takeIfPresent("hf_config").map { value throws(DescriptionError) in
            try Self.configurationTemplate(value, place: "\(id).hf_config")
        }
        connector = try object.takeIfPresent("connector").map { value throws(DescriptionError) in
            try ConnectorDescription(value, place: "\(id).connector")
        }
        components = try Self.components(object.takeIfPresent("components"), place: object.place(of: "components"))
        fusion = try object.takeIfPresent("fusion").map { value throws(DescriptionError) in
            try FusionDescription(value, place: "\(id).fusion")
        }
        isTiedByDefault = object.takeIfPresent("tied_by_default") == true
        try object.finish()
        try checkNames()
    }

    private static func match(_ value: JSONValue, place: String) throws(DescriptionError) -> Match {
        var object = try StrictObject(value, place: place)
        var huggingFace = try StrictObject(try object.take("hf"), place: object.place(of: "hf"))
        var gguf = try StrictObject(try object.take("gguf"), place: object.place(of: "gguf"))
        let match = Match(
            modelTypes: try huggingFace.strings("model_type"),
            classes: try huggingFace.strings("architectures"),
            absent: try huggingFace.strings("absent"),
            ggufArchitectures: try gguf.strings("arch"),
            ggufProjectors: try gguf.strings("projector"),
            conditions: try conditions(try object.elements("when"), place: object.place(of: "when"))
        )
        try huggingFace.finish()
        try gguf.finish()
        try object.finish()
        return match
    }

    private static func conditions(
        _ values: [JSONValue],
        place: String
    ) throws(DescriptionError) -> [Condition] {
        var conditions: [Condition] = []
        for (index, value) in values.enumerated() {
            var object = try StrictObject(value, place: "\(place)[\(index)]")
            conditions.append(
                Condition(holds: try object.expression("holds"), otherwise: try object.string("otherwise"))
            )
            try object.finish()
        }
        return conditions
    }

    private static func components(_ value: JSONValue?, place: String) throws(DescriptionError) -> [ComponentUse] {
        guard let value else { return [] }
        var object = try StrictObject(value, place: place)
        var components: [ComponentUse] = []
        for member in object.takeAll() {
            let place = "\(place).\(member.name)"
            guard let component = Component(rawValue: member.name.string), component != .other else {
                throw DescriptionError(.notOneOf(["text", "vision"]), place: place)
            }
            var part = try StrictObject(member.value, place: place)
            components.append(
                ComponentUse(
                    component: component,
                    paths: try part.strings("config").map(\.string),
                    prefixes: try part.strings("prefixes"),
                    architectures: try part.strings("use").map(\.string),
                    isAssumed: part.takeIfPresent("assumed") == true
                )
            )
            try part.finish()
        }
        return components
    }

    private static func layerKnobs(_ value: JSONValue?, place: String) throws(DescriptionError) -> [LayerKnob] {
        guard let value else { return [] }
        var object = try StrictObject(value, place: place)
        var knobs: [LayerKnob] = []
        for member in object.takeAll() {
            let name = member.name.string
            knobs.append(
                LayerKnob(name: name, value: try StrictObject.expression(member.value, place: "\(place).\(name)"))
            )
        }
        return knobs
    }

    private static func groups(_ values: [JSONValue], place: String) throws(DescriptionError) -> [TensorGroup] {
        var groups: [TensorGroup] = []
        for (index, value) in values.enumerated() {
            let place = "\(place)[\(index)]"
            guard value["repeat"] != nil else {
                groups.append(
                    TensorGroup(layerCount: nil, tensors: [try tensorRule(value, inLayer: false, place: place)])
                )
                continue
            }
            var object = try StrictObject(value, place: place)
            var loop = try StrictObject(try object.take("repeat"), place: object.place(of: "repeat"))
            let layerCount = try loop.expression("i")
            try loop.finish()
            var rules: [TensorRule] = []
            for (inner, value) in try object.elements("tensors").enumerated() {
                rules.append(try tensorRule(value, inLayer: true, place: "\(place).tensors[\(inner)]"))
            }
            groups.append(TensorGroup(layerCount: layerCount, tensors: rules))
            try object.finish()
        }
        return groups
    }

    private static func ignored(_ values: [JSONValue], place: String) throws(DescriptionError) -> [IgnoredTensor] {
        var ignored: [IgnoredTensor] = []
        for (index, value) in values.enumerated() {
            var object = try StrictObject(value, place: "\(place)[\(index)]")
            ignored.append(
                IgnoredTensor(
                    huggingFaceNames: try object.templates("hf"),
                    ggufNames: try object.templates("gguf"),
                    reason: try object.string("reason")
                )
            )
            try object.finish()
        }
        return ignored
    }

    private static func configurationTemplate(
        _ value: JSONValue,
        place: String
    ) throws(DescriptionError) -> ConfigurationTemplate {
        var object = try StrictObject(value, place: place)
        let conditions = try conditions(try object.elements("when"), place: object.place(of: "when"))
        var written = try StrictObject(try object.take("members"), place: object.place(of: "members"))
        try object.finish()
        let members = written.takeAll().map { member in
            ConfigurationMember(name: member.name, value: configurationValue(member.value))
        }
        return ConfigurationTemplate(conditions: conditions, members: members)
    }

    private static func configurationValue(_ value: JSONValue) -> ConfigurationMember.Value {
        if let elements = value.elements { return .list(elements.map(configurationValue)) }
        guard let members = value.members, members.count == 1, let name = members[0].value.string?.string else {
            return .literal(value)
        }
        switch members[0].name {
        case "knob": return .knob(name)
        case "float": return .float(name)
        case "pairs": return .pairs(name)
        case "layers": return .layers(name)
        default: return .literal(value)
        }
    }
}

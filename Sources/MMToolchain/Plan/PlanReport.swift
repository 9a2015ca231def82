package import MMBytes

/// What plan tells of a model.
package struct PlanReport: Sendable {
    package struct Part: Sendable {
        package let part: PlanPart
        package let tensorCount: Int
        package let parameterCount: Int
    }

    /// The preset, or the path.
    package let subject: String
    package let title: String?
    package let architecture: String?
    /// What no publication gives.
    package let assumed: [String]
    package let notes: [String]
    package let parts: [Part]
    /// Of decoder and experts, that one token is multiplied with; nil where the decoder is not known.
    package let activeParameterCount: Int?
    package let recipes: [PlanRecipe]
    package let pictures: [PictureGeometry]
    package let memory: PlanMemory?
    package let devices: [PlanDevice]

    package var parameterCount: Int { parts.reduce(0) { $0.adding($1.parameterCount) ?? .max } }

    /// Weights, cache and the pictures' features.
    package func neededByteCount(_ recipe: PlanRecipe) -> Int {
        let beside = (memory?.cacheByteCount ?? 0).adding(memory?.imageFeatureByteCount ?? 0) ?? .max
        return recipe.byteCount.adding(beside) ?? .max
    }

    /// Schema: formats/schemas/plan.json.
    package var json: JSONValue {
        [
            "subject": .text(subject),
            "title": title.map { .text($0) } ?? .null,
            "architecture": architecture.map { .text($0) } ?? .null,
            "assumed": .array(assumed.map { .text($0) }),
            "notes": .array(notes.map { .text($0) }),
            "components": .array(parts.map(\.json)),
            "parameters": .integer(parameterCount),
            "active_parameters": activeParameterCount.map { .integer($0) } ?? .null,
            "recipes": .array(recipes.map(\.json)),
            "pictures": .array(pictures.map(\.json)),
            "memory": memory?.json ?? .null,
            "devices": .array(devices.map { json(of: $0) }),
        ]
    }

    private func json(of device: PlanDevice) -> JSONValue {
        let fits = recipes.map { recipe in
            let needed = neededByteCount(recipe)
            return [
                "recipe": .text(recipe.name), "needed_nbytes": .integer(needed),
                "fits": .bool(needed <= device.appByteCount),
            ] as JSONValue
        }
        return [
            "device": .text(device.id), "app_nbytes": .integer(device.appByteCount),
            "assumed": .bool(device.isAssumed), "fits": .array(fits),
        ]
    }
}

extension PlanReport.Part {
    var json: JSONValue {
        [
            "component": .text(part.rawValue), "tensors": .integer(tensorCount),
            "parameters": .integer(parameterCount),
        ]
    }
}

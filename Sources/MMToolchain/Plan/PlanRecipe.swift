internal import MMBundles
internal import MMBytes
package import MMTensors

/// What a recipe makes of a model's tensors.
package struct PlanRecipe: Sendable {
    package struct Profile: Sendable {
        /// raw or device.
        package let name: String
        package let byteCount: Int
        /// Whether it depends on weights that are not read.
        package let isEstimated: Bool
        package let stores: [Store]
    }

    package struct Store: Sendable {
        package let limit: StoreLimit
        /// Nil where `tooLarge` fits no file.
        package let partCount: Int?
        package let tooLarge: TensorDescriptor?
    }

    package let name: String
    package let byteCounts: [PlanPart: Int]
    package let elementCount: Int
    package let profiles: [Profile]

    init(_ name: String, _ tensors: [TensorDescriptor], parts: [PlanPart]) {
        self.name = name
        var byteCounts: [PlanPart: Int] = [:]
        for (tensor, part) in zip(tensors, parts) {
            byteCounts[part] = (byteCounts[part] ?? 0).adding(tensor.byteCount) ?? .max
        }
        self.byteCounts = byteCounts
        elementCount = tensors.reduce(0) { $0.adding($1.shape.elementCount) ?? .max }
        profiles = [false, true].map { isCompact in
            let sizings = StoreLimit.allCases.map { limit in
                (limit, BundleSizing(tensors, isCompact: isCompact, shardByteCount: limit.byteCount))
            }
            let whole = BundleSizing(tensors, isCompact: isCompact, shardByteCount: .max)
            return Profile(
                name: isCompact ? "device" : "raw",
                byteCount: whole.byteCount,
                isEstimated: isCompact,
                stores: sizings.map { Store(limit: $0, partCount: $1.partCount, tooLarge: $1.tooLarge) }
            )
        }
    }

    /// Of the weights in memory.
    package var byteCount: Int { byteCounts.values.reduce(0) { $0.adding($1) ?? .max } }

    package var bitsPerWeight: Double { elementCount == 0 ? 0 : Double(byteCount) * 8 / Double(elementCount) }

    var json: JSONValue {
        let parts = PlanPart.allCases.compactMap { part in
            byteCounts[part].map { ["component": .text(part.rawValue), "nbytes": .integer($0)] as JSONValue }
        }
        return [
            "recipe": .text(name), "components": .array(parts), "nbytes": .integer(byteCount),
            "bits_per_weight": .number(bitsPerWeight), "profiles": .array(profiles.map(\.json)),
        ]
    }
}

extension PlanRecipe.Profile {
    var json: JSONValue {
        [
            "profile": .text(name), "nbytes": .integer(byteCount), "estimated": .bool(isEstimated),
            "stores": .array(stores.map(\.json)),
        ]
    }
}

extension PlanRecipe.Store {
    var json: JSONValue {
        var members = [
            JSONMember(name: "store", value: .text(limit.rawValue)),
            JSONMember(name: "limit_nbytes", value: .integer(limit.byteCount)),
            JSONMember(name: "parts", value: partCount.map { .integer($0) } ?? .null),
        ]
        if let tooLarge {
            members.append(
                JSONMember(
                    name: "too_large",
                    value: ["tensor": .string(tooLarge.name), "nbytes": .integer(tooLarge.byteCount)]
                )
            )
        }
        return .object(members)
    }
}

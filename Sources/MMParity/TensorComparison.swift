package import MMBytes
package import MMTensors

/// How far a tensor is from the one that it was made from.
package struct TensorComparison: Sendable, Hashable {
    package let name: ByteString
    package let baseType: ElementType
    package let otherType: ElementType
    package let shape: Shape
    /// Elements whose values differ in any bit; of two types, as f32, to which F64 is rounded.
    package let unequalCount: Int
    /// Whether type and every stored byte are equal.
    package let hasEqualBytes: Bool
    /// Nil for types that are only compared as bytes.
    package let error: TensorErrorMeasure?

    package var elementCount: Int { shape.elementCount }

    /// Whether every element is the same, whatever it is stored as.
    package var isExact: Bool { unequalCount == 0 }

    package var json: JSONValue {
        var members: [JSONMember] = [
            JSONMember(name: "name", value: .string(name)),
            JSONMember(name: "base_dtype", value: .text(baseType.rawValue)),
            JSONMember(name: "dtype", value: .text(otherType.rawValue)),
            JSONMember(name: "shape", value: .array(shape.dimensions.map { .integer($0) })),
            JSONMember(name: "exact", value: .bool(isExact)),
            JSONMember(name: "equal_bytes", value: .bool(hasEqualBytes)),
            JSONMember(name: "unequal", value: .integer(unequalCount)),
        ]
        if let error {
            members.append(JSONMember(name: "relative_rmse", value: .number(error.relativeRMSE)))
            members.append(JSONMember(name: "max_error", value: .number(error.maximumError)))
            members.append(JSONMember(name: "cosine", value: .number(error.cosine)))
        }
        return .object(members)
    }
}

extension TensorComparison {
    /// Worst relative error first, what is not a number before all; tensors without a measure come first when they
    /// differ and last when they do not. Ties by name.
    package static func isWorse(_ left: TensorComparison, than right: TensorComparison) -> Bool {
        let (first, second) = (left.severity, right.severity)
        return first == second ? left.name < right.name : first > second
    }

    private var severity: Double {
        guard let error else { return isExact ? -1 : .infinity }
        return error.relativeRMSE.isNaN ? .infinity : error.relativeRMSE
    }
}

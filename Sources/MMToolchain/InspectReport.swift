package import MMBundles
package import MMBytes
package import MMTensors

/// What inspect shows.
package struct InspectReport: Sendable {
    package struct Row: Sendable {
        package let tensor: TensorDescriptor
        /// Lower-case hexadecimal SHA-256 of the tensor's logical bytes, where asked for.
        package let sha256: String?
        /// How a bundle stores the tensor; nil in a checkpoint.
        package let storage: BundleStorage?
    }

    package let path: String
    package let format: String
    package let metadata: JSONValue
    package let rows: [Row]
    /// Of the one tensor that was asked for, where its type can be decoded.
    package let statistics: TensorStatistics?
    package let model: String
    /// Why the model is of no other architecture, a line for each reason.
    package let refusals: [String]

    package var byteCount: Int { rows.reduce(0) { $0 + $1.tensor.byteCount } }

    /// Of all tensors as they are stored in a bundle; nil in a checkpoint.
    package var storedByteCount: Int? {
        rows.reduce(0 as Int?) { sum, row in row.storage.flatMap { sum?.adding($0.byteCount) } }
    }

    package var elementCount: Int { rows.reduce(0) { $0 + $1.tensor.shape.elementCount } }

    /// Schema: formats/schemas/inspect.json.
    package var json: JSONValue {
        ["format": .text(format), "metadata": metadata, "tensors": .array(rows.map(\.json))]
    }
}

extension InspectReport.Row {
    var json: JSONValue {
        var members = [
            JSONMember(name: "name", value: .string(tensor.name)),
            JSONMember(name: "dtype", value: .text(tensor.type.rawValue)),
            JSONMember(name: "shape", value: .array(tensor.shape.dimensions.map { .integer($0) })),
            JSONMember(name: "nbytes", value: .integer(tensor.byteCount)),
        ]
        if let storage {
            members.append(JSONMember(name: "encoding", value: .text(storage.encoding.rawValue)))
            members.append(JSONMember(name: "stored_nbytes", value: .integer(storage.byteCount)))
        }
        if let sha256 { members.append(JSONMember(name: "sha256", value: .text(sha256))) }
        return .object(members)
    }
}

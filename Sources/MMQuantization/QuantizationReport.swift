package import MMBytes
package import MMTensors

/// What a recipe did, tensor by tensor.
package struct QuantizationReport: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        package let name: ByteString
        package let treatment: TensorTreatment
        package let sourceType: ElementType
        package let type: ElementType
        package let sourceByteCount: Int
        package let byteCount: Int
    }

    package let recipe: String
    package let rows: [Row]

    package init(_ source: QuantizedSource, recipe: QuantizationRecipe) {
        self.recipe = recipe.name
        rows = source.tensors.indices.map { index in
            let before = source.base.tensors[index]
            let after = source.tensors[index]
            return Row(
                name: after.name,
                treatment: source.treatments[index],
                sourceType: before.type,
                type: after.type,
                sourceByteCount: before.byteCount,
                byteCount: after.byteCount
            )
        }
    }

    /// How many tensors had each treatment, in the order of the words.
    package var counts: [(word: String, count: Int)] {
        Dictionary(grouping: rows, by: \.treatment.word).map { ($0.key, $0.value.count) }.sorted { $0.word < $1.word }
    }

    package var requantizedCount: Int {
        rows.count { if case .requantize = $0.treatment { true } else { false } }
    }

    package var json: JSONValue {
        [
            "recipe": .text(recipe),
            "counts": .object(counts.map { JSONMember(name: ByteString($0.word), value: .integer($0.count)) }),
            "tensors": .array(
                rows.map { row in
                    [
                        "name": .string(row.name), "treatment": .text(row.treatment.word),
                        "source_dtype": .text(row.sourceType.rawValue), "dtype": .text(row.type.rawValue),
                        "source_nbytes": .integer(row.sourceByteCount), "nbytes": .integer(row.byteCount),
                    ]
                }
            ),
        ]
    }
}

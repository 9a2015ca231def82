import MMBytes
import MMTensors
import MMTestSupport
import Testing

/// Another layout of a family's tensors: rules of fixtures/oracles/layouts.json on the kept file.
struct OtherLayout: Sendable, CustomTestStringConvertible {
    let family: String
    let name: String
    private let renames: [(from: String, to: String)]
    private let stacks: [(into: String, parts: [String])]

    var testDescription: String { "\(family) \(name)" }

    static let all: [OtherLayout] = {
        guard let json = try? JSONValue(parsing: Fixture.bytes("oracles/layouts.json")) else { return [] }
        return (json.members ?? []).flatMap { family in
            (family.value.members ?? []).map { OtherLayout(family.name.string, $0.name.string, $0.value) }
        }
    }()

    private init(_ family: String, _ name: String, _ json: JSONValue) {
        self.family = family
        self.name = name
        renames = (json["rename"]?.members ?? []).map { ($0.name.string, $0.value.string?.string ?? "") }
        stacks = (json["stack"]?.elements ?? []).map { rule in
            (rule["into"]?.string?.string ?? "", (rule["of"]?.elements ?? []).compactMap { $0.string?.string })
        }
    }

    /// The source with its tensors in this layout.
    func applied(to source: CountingSource) throws -> CountingSource {
        var result = source
        for rule in stacks {
            // Some layers of a sparse model are dense.
            let layers = (0..<64).filter { source.bytes(Self.fill(rule.parts[0], $0, 0)) != nil }
            for layer in layers { try stack(rule, layer, of: source, into: &result) }
            try #require(!layers.isEmpty, "\(rule.into)")
        }
        result.tensors = result.tensors.map { $0.renamed(ByteString(renamed($0.name.string))) }
        return result
    }

    /// Rows of an expert's matrices follow each other, experts stand along a new first dimension.
    private func stack(
        _ rule: (into: String, parts: [String]),
        _ layer: Int,
        of source: CountingSource,
        into result: inout CountingSource
    ) throws {
        var (bytes, expert, rows) = ([UInt8](), 0, 0)
        var first: TensorDescriptor?
        while source.bytes(Self.fill(rule.parts[0], layer, expert)) != nil {
            rows = 0
            for part in rule.parts {
                let name = Self.fill(part, layer, expert)
                let descriptor = try #require(source.tensors.first { $0.name == ByteString(name) })
                first = first ?? descriptor
                rows += descriptor.shape.dimensions[0]
                bytes += try #require(source.bytes(name))
                result.remove(name)
            }
            expert += 1
        }
        let descriptor = try #require(first)
        let name = Self.fill(rule.into, layer, 0)
        try result.add(name, descriptor.type, [expert, rows, descriptor.shape.dimensions[1]], bytes)
    }

    /// The longest beginning that fits is taken, or the longest part of a rule that begins with a dot.
    private func renamed(_ name: String) -> String {
        let fitting = renames.filter { $0.from.hasPrefix(".") ? name.contains($0.from) : name.hasPrefix($0.from) }
        guard let rule = fitting.max(by: { $0.from.count < $1.from.count }) else { return name }
        return rule.from.isEmpty ? rule.to + name : name.replacing(rule.from, with: rule.to, maxReplacements: 1)
    }

    private static func fill(_ template: String, _ layer: Int, _ expert: Int) -> String {
        template.replacing("{i}", with: "\(layer)").replacing("{e}", with: "\(expert)")
    }
}

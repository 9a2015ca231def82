import Foundation
import MMArchitectures
import MMBundles
import MMBytes
import MMCheckpoints
import MMQuantization
import MMTensors
import MMTestSupport
import MMToolchain
import Testing

/// A mistake of a converter, in what text goes through (most of it in the experts 3 and 7 of layer 1, and 5 and 6 of layer
/// 3), in a bundle of the trained model of experts: verify fails, and says in which component.
@Suite struct SeededFaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let name: String
        let component: String
        /// What the report must name: a tensor, or a knob.
        let subject: String
        var tensor: String?
        var change: (@Sendable ([Float], [Int]) -> [Float])?
        var knob: (name: ByteString, value: JSONValue)?
        var testDescription: String { name }
    }

    static let faults = [
        Fault(
            name: "queries and keys permuted for GGML's rotary embedding",
            component: "text",
            subject: "text.layers.1.attn.q.weight",
            tensor: "text.layers.1.attn.q.weight",
            change: { interleaved($0, $1, headCount: 4) }
        ),
        Fault(
            name: "two experts swapped",
            component: "text",
            subject: "text.layers.1.moe.down.weight",
            tensor: "text.layers.1.moe.down.weight",
            change: { values, shape in swapped(values, size: values.count / shape[0], 3, 7) }
        ),
        Fault(
            name: "rows of a router permuted",
            component: "text",
            subject: "text.layers.3.moe.router.weight",
            tensor: "text.layers.3.moe.router.weight",
            change: { values, shape in swapped(values, size: values.count / shape[0], 5, 6) }
        ),
        Fault(
            name: "positions of the tower shifted by one",
            component: "vision",
            subject: "vision.position.weight",
            tensor: "vision.position.weight",
            change: { values, shape in Array(values.suffix(shape[1]) + values.dropLast(shape[1])) }
        ),
        Fault(
            name: "channels of the picture swapped",
            component: "vision",
            subject: "vision.patch.weight",
            tensor: "vision.patch.weight",
            change: { values, shape in
                let (plane, patch) = (shape[2] * shape[3], shape[1] * shape[2] * shape[3])
                return stride(from: 0, to: values.count, by: patch).flatMap { start in
                    swapped(Array(values[start..<start + patch]), size: plane, 0, 2)
                }
            }
        ),
        Fault(
            name: "the other epsilon in the connector's norms",
            component: "connector",
            subject: "connector: block_eps",
            knob: ("block_eps", 1e-6)
        ),
    ]

    private static func swapped(_ values: [Float], size: Int, _ first: Int, _ second: Int) -> [Float] {
        var values = values
        for index in 0..<size { values.swapAt(first * size + index, second * size + index) }
        return values
    }

    /// Rows of each head in GGML's order: the halves take turns.
    private static func interleaved(_ values: [Float], _ shape: [Int], headCount: Int) -> [Float] {
        let (rows, columns) = (shape[0], shape[1])
        let head = rows / headCount
        return (0..<rows).flatMap { row in
            let inside = row % head
            let from = row - inside + inside / 2 + inside % 2 * (head / 2)
            return Array(values[from * columns..<(from + 1) * columns])
        }
    }

    /// Tensors of which one is another.
    private struct ChangedSource: TensorSource {
        let base: MappedSource
        let index: Int?
        let bytes: [UInt8]

        var format: String { base.format }
        var tensors: [TensorDescriptor] { base.tensors }
        var configuration: ModelConfiguration { base.configuration }
        var metadata: JSONValue { base.metadata }
        var assets: [Asset] { get throws { try base.assets } }
        var files: [SourceFile] { base.files }

        func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
            guard index == self.index else { return try base.read(index, at: offset, into: &destination) }
            for position in 0..<destination.byteCount {
                destination.storeBytes(of: bytes[offset + position], toByteOffset: position, as: UInt8.self)
            }
        }
    }

    private static let source = Fixture.path("mm1/nano-moe")

    /// The bundle that a converter with this mistake would write, by the rules of the recipe in all else.
    private static func bundle(_ fault: Fault?, recipe name: String?, in folder: TemporaryFolder) throws -> String {
        let mapped = try MappedSource.resolve(try Checkpoint.open(source))
        let index = try fault?.tensor.map { name in
            try #require(mapped.tensors.firstIndex { $0.name == ByteString(name) })
        }
        var bytes: [UInt8] = []
        if let index, let change = fault?.change {
            let tensor = mapped.tensors[index]
            let old = try bytesOf(index, of: mapped)
            let values = stride(from: 0, to: old.count, by: 2).map { place -> Float in
                let bits = UInt32(old[place]) + UInt32(old[place + 1]) * 256
                return Float(bitPattern: bits << 16)
            }
            let changed = change(values, tensor.shape.dimensions)
            #expect(changed.count == values.count && changed != values)
            for value in changed {
                let bits = value.bitPattern >> 16
                bytes += [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
            }
        }
        let changed = ChangedSource(base: mapped, index: index, bytes: bytes)
        let recipe = try name.map { try QuantizationRecipe.named($0) }
        let tensors: any TensorSource =
            try recipe.map {
                try QuantizedSource(changed, roles: mapped.roles, components: mapped.components, recipe: $0)
            } ?? changed
        var model = mapped.model.json
        if let knob = fault?.knob { model = changing(model, knob.name, to: knob.value) }
        let content = BundleContent(
            source: tensors,
            roles: mapped.roles.map(\.rawValue),
            components: mapped.components.map(\.rawValue),
            sourceNames: mapped.sourceNames,
            model: model,
            ledger: mapped.ledger.json,
            assets: try mapped.assets
        )
        let path = folder.path("out.mmpack")
        let provenance: JSONValue = [
            "tool": ["name": "mmpack", "version": .text(ToolVersion.text)],
            "recipe": ["name": .text(name ?? "lossless"), "requantized": 0],
            "source": ["format": "safetensors"],
        ]
        let writer = BundleWriter(options: BundleOptions(profile: .raw, width: 2))
        _ = try writer.write(content, to: path, provenance: { provenance }, progress: { _ in }).commit()
        return path
    }

    private static func bytesOf(_ index: Int, of source: MappedSource) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: source.tensors[index].byteCount)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        try source.read(index, at: 0, into: &raw)
        return bytes
    }

    private static func changing(_ model: JSONValue, _ knob: ByteString, to value: JSONValue) -> JSONValue {
        func replacing(_ object: JSONValue?, _ name: ByteString, _ value: JSONValue) -> JSONValue {
            .object((object?.members ?? []).map { $0.name == name ? JSONMember(name: name, value: value) : $0 })
        }
        return replacing(model, "knobs", replacing(model["knobs"], knob, value))
    }

    private static func verify(_ bundle: String) throws -> VerifyReport {
        var options = VerifyOptions(width: 2)
        options.tokenLimit = 64
        options.probeCount = 32
        return try VerifyJob.run(bundlePath: bundle, sourcePath: source, options: options) { _ in }
    }

    @Test(arguments: [nil, "q4"])
    func theBundleWithoutAFaultPasses(recipe: String?) throws {
        let folder = try TemporaryFolder()
        let report = try Self.verify(try Self.bundle(nil, recipe: recipe, in: folder))
        #expect(report.isPassed, "\(report.stages.flatMap(\.failures))")
        #expect(report.recipe == recipe ?? "lossless")
        #expect(report.stages.map(\.name) == VerifyStage.Name.allCases)
    }

    @Test(arguments: faults, [nil, "q4"])
    func everyFaultIsSeenAndItsComponentNamed(fault: Fault, recipe: String?) throws {
        let folder = try TemporaryFolder()
        let report = try Self.verify(try Self.bundle(fault, recipe: recipe, in: folder))
        #expect(!report.isPassed)
        let failures = report.stages.flatMap(\.failures)
        #expect(failures.contains { $0.contains(fault.subject) }, "\(failures)")
        #expect(failures.contains { $0.contains(fault.component) })
        // What the model computes departs there first.
        guard recipe == nil else { return }
        let behaviour = try #require(report.stages.first { $0.name == .behaviour })
        let first = try #require(behaviour.figures["first_difference"]?.string).string
        #expect(first.hasPrefix(fault.component), "\(first)")
    }
}

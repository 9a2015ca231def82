import MMArchitectures
import MMBytes
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// Projectors alone, against transformers and torch: fixtures/vision/make_vision.py.
@Suite struct ConnectorTests {
    struct Projector: Sendable, CustomTestStringConvertible {
        let name: String
        let operations: [ConnectorOperation]
        /// Of the picture that the projector was given the tokens of.
        var rows = 6
        var columns = 6
        var hasClassToken = false
        var testDescription: String { name }

        /// How much it departs from what transformers made, with some of its operations changed.
        func error(_ change: (inout [ConnectorOperation]) -> Void = { _ in }) throws -> Double {
            let all = try MemorySource(safetensors: "vision/connectors.safetensors")
            let prefix = "\(name).connector."
            let weights = all.entries.filter { $0.descriptor.name.string.hasPrefix(prefix) }.map { entry in
                var entry = entry
                let name = String(entry.descriptor.name.string.dropFirst(self.name.count + 1))
                entry.descriptor = entry.descriptor.renamed(ByteString(name))
                return entry
            }
            var operations = operations
            change(&operations)
            let connector = try Connector(
                source: MemorySource(weights),
                configuration: ConnectorConfiguration(operations: operations),
                towerWidth: 24,
                team: ThreadTeam(threadCount: 2)
            )
            let features = try VisionFeatures(
                all.floats("\(name).input"),
                as: .output,
                grid: PatchGrid(rows: rows, columns: columns),
                leadCount: hasClassToken ? 1 : 0,
                width: 24
            )
            let tokens = try connector.connect(features)
            let found = tokens.values.values(0..<tokens.tokenCount * tokens.width)
            return relativeError(found.withUnsafeBufferPointer { Array($0) }, all.floats("\(name).output"))
        }
    }

    private static let perceptron: [ConnectorOperation] = [
        .linear(weights: "connector.linear1", outputWidth: 40, hasBias: true), .activation(.gelu),
        .linear(weights: "connector.linear2", outputWidth: 40, hasBias: true),
    ]
    static let llava = Projector(
        name: "llava",
        operations: [.select([.output], dropsClassToken: true)] + perceptron,
        hasClassToken: true
    )
    static let gemma3 = Projector(
        name: "gemma3",
        operations: [
            .select([.output], dropsClassToken: false), .averagePool(side: 2),
            .norm(weights: "connector.norm", .rms, epsilon: 1e-6, offset: 1),
            .linear(weights: "connector.linear", outputWidth: 40, hasBias: false, isTransposed: true),
        ]
    )
    static let idefics3 = Projector(
        name: "idefics3",
        operations: [
            .select([.output], dropsClassToken: false), .pixelShuffle(side: 3),
            .linear(weights: "connector.linear", outputWidth: 40, hasBias: false),
        ]
    )
    static let internvl = Projector(
        name: "internvl",
        operations: [
            .select([.output], dropsClassToken: true), .pixelShuffle(side: 2),
            .norm(weights: "connector.norm", .layer, epsilon: 1e-5),
        ] + perceptron,
        hasClassToken: true
    )
    static let adaptive = Projector(
        name: "adaptive",
        operations: [.select([.output], dropsClassToken: false), .adaptivePool(side: 4)],
        columns: 9
    )

    @Test(arguments: [llava, gemma3, idefics3, internvl, adaptive])
    func everyProjectorAgreesWithTransformers(projector: Projector) throws {
        #expect(try projector.error() <= GoldenVisionTests.gate)
    }

    @Test func everyWrongStepShows() throws {
        let gate = 2 * GoldenVisionTests.gate
        #expect(try Self.llava.error { $0[2] = .activation(.geluTanh) } > gate)
        #expect(
            try Self.llava.error {
                $0[3] = .linear(weights: "connector.linear2", outputWidth: 40, hasBias: false)
            } > gate
        )
        #expect(try Self.llava.error { $0[0] = .select([.output], dropsClassToken: false) } > gate)
        #expect(
            try Self.gemma3.error { $0[2] = .norm(weights: "connector.norm", .rms, epsilon: 1e-6, offset: 0) } > gate
        )
        #expect(
            try Self.gemma3.error { $0[2] = .norm(weights: "connector.norm", .rms, epsilon: 1e-3, offset: 1) } > gate
        )
        #expect(try Self.gemma3.error { $0[1] = .averagePool(side: 3) } > gate)
        #expect(
            try Self.internvl.error { $0[2] = .norm(weights: "connector.norm", .layer, epsilon: 1e-2) } > gate
        )
        #expect(try Self.adaptive.error { $0[1] = .adaptivePool(side: 3) } > gate)
    }

    @Test func stepsThatAPictureDoesNotAllowAreRefused() throws {
        #expect(throws: VisionError(.impossibleStep("shuffling by 4", rows: 6, columns: 6))) {
            try Self.idefics3.error { $0 = [$0[0], .pixelShuffle(side: 4)] }
        }
        #expect(throws: VisionError(.impossibleStep("merging by 2", rows: 6, columns: 6))) {
            try Self.idefics3.error { $0 = [$0[0], .merge(side: 2)] }
        }
        #expect(throws: VisionError(.impossibleStep("pooling by 7", rows: 6, columns: 6))) {
            try Self.idefics3.error { $0 = [$0[0], .averagePool(side: 7)] }
        }
        #expect(throws: VisionError(.featureNotComputed("vision.layer.0"))) {
            try Self.idefics3.error { $0[0] = .select([.layer(1)], dropsClassToken: false) }
        }
        #expect(throws: VisionError(.noSelection)) { try Self.idefics3.error { $0.removeFirst() } }
    }

    @Test func positionsAreAddedToken() throws {
        let positions = (0..<36 * 24).map { Float($0 % 7) - 3 }
        let source = MemorySource([.init("connector.position.weight", [36, 24], positions)].compactMap(\.self))
        let connector = try Connector(
            source: source,
            configuration: ConnectorConfiguration(operations: [
                .select([.output, .output], dropsClassToken: false),
                .select([.output], dropsClassToken: false),
                .addPosition(weights: "connector.position", count: 36),
            ]),
            towerWidth: 24,
            team: ThreadTeam(threadCount: 1)
        )
        let given = [Float](repeating: 2, count: 36 * 24)
        let grid = PatchGrid(rows: 6, columns: 6)
        let features = try VisionFeatures(given, as: .output, grid: grid, leadCount: 0, width: 24)
        let tokens = try connector.connect(features)
        let found = tokens.values.values(0..<36 * 24).withUnsafeBufferPointer { Array($0) }
        #expect(found == positions.map { $0 + 2 })
    }
}

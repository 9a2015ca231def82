import MMArchitectures
import MMBytes
import MMReference
import MMTestSupport
import Testing

/// MM1's connectors against timm's RegStage and layers of torch, through the names of a checkpoint.
@Suite struct ConnectorOracleTests {
    private static let gate = 5e-5

    @Test func thereAreOraclesOfEveryKind() {
        #expect(ConnectorOracle.all.count >= 15)
        for kind in ["depth", "average-pool", "attention-pool", "old-positions", "mm1-grid", "squeeze-rounds"] {
            #expect(ConnectorOracle.all.contains { $0.name.hasPrefix(kind) })
        }
    }

    @Test(arguments: ConnectorOracle.all)
    func agrees(oracle: ConnectorOracle) throws {
        #expect(try oracle.error() <= Self.gate)
    }

    /// timm's LayerNormAct2d has 1e-5 where LayerNorm2d has 1e-6.
    @Test(arguments: ["depth1", "depth3-wider", "mm1-grid"])
    func theOtherEpsilonShowsAsInTimm(name: String) throws {
        let oracle = ConnectorOracle(name: name)
        let found = try oracle.error { operations in
            operations = operations.map { operation in
                guard case .regionBlock(let weights, let width, let squeezed, _) = operation else { return operation }
                return .regionBlock(weights: weights, outputWidth: width, squeezedWidth: squeezed, epsilon: 1e-6)
            }
        }
        let recorded = try #require(try oracle.recordedChange("block norms with epsilon 1e-6"))
        #expect(abs(found - recorded) < 0.02 * recorded)
    }

    /// It is not taken for that of the first patch.
    @Test func theRowOfTheClassTokenIsKnown() throws {
        #expect(throws: ReferenceError.self) {
            try ConnectorOracle(name: "old-positions").error { operations in
                operations = operations.map { operation in
                    guard case .addPosition(let weights, let count, 1, let interpolation) = operation else {
                        return operation
                    }
                    return .addPosition(weights: weights, count: count, skip: 0, interpolation: interpolation)
                }
            }
        }
    }

    @Test(arguments: [("depth1", 8), ("attention-pool", 4)])
    func everyStepCounts(name: String, steps: Int) throws {
        let oracle = ConnectorOracle(name: name)
        var count = 0
        _ = try oracle.error { count = $0.count }
        #expect(count == steps)
        for index in 1..<count {
            // Without a step, the widths no longer fit or the result is another one.
            let error = try? oracle.error { $0.remove(at: index) }
            #expect(error.map { $0 > 2 * Self.gate } ?? true, "step \(index)")
        }
    }

    /// The windows of MM1's 27 x 27 patches: three wide, overlapping.
    @Test func patchesArePooledInOverlappingWindows() {
        let windows = (0..<12).map { TokenMap.region($0, of: 12, over: 27) }
        #expect(windows.map(\.lowerBound) == [0, 2, 4, 6, 9, 11, 13, 15, 18, 20, 22, 24])
        #expect(windows.allSatisfy { $0.count == 3 })
        #expect((0..<12).map { TokenMap.region($0, of: 12, over: 24) } == (0..<12).map { 2 * $0..<2 * $0 + 2 })
        #expect((0..<12).map { TokenMap.region($0, of: 12, over: 48) } == (0..<12).map { 4 * $0..<4 * $0 + 4 })
        #expect((0..<8).map { TokenMap.region($0, of: 8, over: 16) } == (0..<8).map { 2 * $0..<2 * $0 + 2 })
        #expect((0..<8).map { TokenMap.region($0, of: 8, over: 24) } == (0..<8).map { 3 * $0..<3 * $0 + 3 })
        let wide = (0..<12).map { TokenMap.region($0, of: 12, over: 16) }
        #expect(zip(wide, wide.dropFirst()).contains { $0.upperBound > $1.lowerBound })
    }
}

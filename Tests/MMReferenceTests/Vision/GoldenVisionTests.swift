import MMArchitectures
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// Against transformers, f32: fixtures/vision/make_vision.py.
@Suite struct GoldenVisionTests {
    static let gate = 5e-5

    @Test(arguments: VisionOracle.all)
    func everyActivationAgreesWithTransformers(oracle: VisionOracle) throws {
        let tower = try oracle.tower()
        let connector = try oracle.connector.map {
            try Connector(
                source: oracle.source(),
                configuration: $0,
                towerWidth: oracle.configuration.modelWidth,
                team: tower.team
            )
        }
        let cases = try oracle.cases()
        #expect(!cases.isEmpty)
        for (index, example) in cases.enumerated() {
            let found = try VisionEvaluation(tower, example.inputs, connector: connector)
            var names = ["vision.embed", "vision.out"]
            names += (0..<oracle.configuration.layerCount).map { "vision.layer.\($0)" }
            if oracle.configuration.postNorm == .classToken { names.append("vision.pooled") }
            if let connector = oracle.connector {
                names.append("connector.out")
                names += connector.deepStack.indices.map { "connector.deepstack.\($0)" }
            }
            for name in names {
                let error = relativeError(found[name], example.expected(name))
                #expect(error <= Self.gate, "\(name) of case \(index)")
            }
        }
    }

    @Test(arguments: [VisionOracle.clip, .qwen25, .qwen3])
    func threadsDoNotChangeABit(oracle: VisionOracle) throws {
        let inputs = try #require(try oracle.cases().last).inputs
        let alone = try VisionEvaluation(oracle.tower(threadCount: 1), inputs)["vision.out"]
        #expect(!alone.isEmpty)
        for threadCount in [2, 3, 5] {
            let together = try VisionEvaluation(oracle.tower(threadCount: threadCount), inputs)["vision.out"]
            #expect(together.map(\.bitPattern) == alone.map(\.bitPattern))
        }
    }
}

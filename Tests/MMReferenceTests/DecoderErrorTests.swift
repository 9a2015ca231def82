import MMArchitectures
import MMBytes
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

@Suite struct DecoderErrorTests {
    private func decoder(
        _ oracle: Oracle = .tied,
        _ change: (inout DecoderConfiguration) -> Void = { _ in },
        weights: (inout MemorySource) throws -> Void = { _ in }
    ) throws -> ReferenceDecoder {
        var configuration = oracle.configuration
        var source = try oracle.source()
        change(&configuration)
        try weights(&source)
        return try ReferenceDecoder(
            source: source,
            configuration: configuration,
            team: ThreadTeam(threadCount: 1)
        )
    }

    @Test func aTokenOutsideTheVocabularyIsRefusedBeforeAnythingIsEvaluated() throws {
        let decoder = try decoder()
        let state = try decoder.makeState(capacity: 100, batchLimit: 4)
        let tokens: [UInt32] = [1, 2, 3, 4, 5, 320, 7]
        #expect(throws: ReferenceError(.tokenOutOfRange(id: 320, position: 5, vocabularyCount: 320))) {
            try decoder.evaluate(tokens, state: state)
        }
        #expect(state.position == 0)
    }

    @Test func moreTokensThanTheStateHasRoomForAreRefused() throws {
        let decoder = try decoder()
        let state = try decoder.makeState(capacity: 8)
        try decoder.evaluate([1, 2, 3], state: state)
        #expect(throws: ReferenceError(.contextOverflow(needed: 9, capacity: 8))) {
            try decoder.evaluate([1, 2, 3, 4, 5, 6], state: state)
        }
        #expect(state.position == 3)
        try decoder.evaluate([4, 5, 6, 7, 8], state: state)
        #expect(state.position == 8)
    }

    @Test func aRewoundStateForgets() throws {
        let decoder = try decoder()
        let state = try decoder.makeState(capacity: 16)
        func last(_ tokens: [UInt32]) throws -> [UInt32] {
            var bits: [UInt32] = []
            try decoder.evaluate(tokens, state: state, wanting: .last) { _, logits in
                bits = logits.indices.map { logits[$0].bitPattern }
            }
            return bits
        }
        let first = try last([5, 6, 7, 8])
        state.rewind(to: 2)
        #expect(try last([9, 10]) != first)
        state.rewind(to: 2)
        #expect(try last([7, 8]) == first)
        state.rewind()
        #expect(try last([5, 6, 7, 8]) == first)
    }

    @Test func missingWeightsAreNamed() {
        let name: ByteString = "text.layers.1.mlp.up.weight"
        #expect(throws: ReferenceError(.missingTensor(name))) {
            try decoder { _ in
            } weights: {
                $0["text.layers.1.mlp.up.weight"] = nil
            }
        }
        #expect(throws: ReferenceError(.missingTensor("text.head.weight"))) { try decoder { $0.isTied = false } }
    }

    @Test func aShapeThatTheConfigurationDoesNotComputeIsRefused() {
        #expect(throws: ReferenceError.self) { try decoder { $0.feedForwardWidth = 96 } }
        #expect(throws: ReferenceError.self) { try decoder { $0.vocabularyCount = 319 } }
        #expect(throws: ReferenceError.self) { try decoder { $0.headWidth = 8 } }
    }

    @Test func aTypeWithoutArithmeticIsRefused() throws {
        let shape = try #require(Shape([128, 64]))
        let name: ByteString = "text.layers.0.mlp.up.weight"
        let bytes = [UInt8](repeating: 0, count: 128 * 64 * 8)
        #expect(throws: ReferenceError(.undecodableType(name, .i64))) {
            try decoder { _ in
            } weights: {
                $0[name.string] = MemorySource.Entry(name.string, .i64, shape.dimensions, bytes: bytes)
            }
        }
    }

    @Test func aConfigurationThatContradictsItselfIsRefused() {
        #expect(throws: ReferenceError(.impossibleConfiguration(.keyValueHeadCount, 3))) {
            try decoder { $0.keyValueHeadCount = 3 }
        }
        #expect(throws: ReferenceError(.impossibleConfiguration(.keyValueHeadCount, 0))) {
            try decoder { $0.keyValueHeadCount = 0 }
        }
        #expect(throws: ReferenceError(.impossibleConfiguration(.rotaryWidth, 18))) {
            try decoder { $0.rope.width = 18 }
        }
        #expect(throws: ReferenceError(.impossibleConfiguration(.rotaryWidth, 7))) { try decoder { $0.rope.width = 7 } }
        #expect(throws: ReferenceError(.impossibleConfiguration(.rotaryFactorCount, 3))) {
            try decoder { $0.rope.scaling = .factors([1, 1, 1]) }
        }
        #expect(throws: ReferenceError(.impossibleConfiguration(.layerCount, 0))) {
            try decoder { $0.layers = [] }
        }
        #expect(throws: ReferenceError(.impossibleConfiguration(.modelWidth, Int.max))) {
            try decoder { $0.modelWidth = Int.max }
        }
    }

    @Test func aContextThatCannotBeIsRefused() throws {
        let decoder = try decoder()
        #expect(throws: ReferenceError(.impossibleConfiguration(.capacity, 0))) { try decoder.makeState(capacity: 0) }
        #expect(throws: ReferenceError(.impossibleConfiguration(.capacity, Int.max))) {
            try decoder.makeState(capacity: Int.max)
        }
        // More addresses than a process has: no kernel gives as much, whatever it promises.
        let error = #expect(throws: ReferenceError.self) { try decoder.makeState(capacity: 1 << 40) }
        #expect(error?.category == .tryAgain)
        #expect(throws: ReferenceError(.outOfMemory(elementCount: .max))) {
            try FloatBuffer(count: .max)
        }
    }

    @Test func aStateOfAnotherModelIsRefused() throws {
        let state = try decoder(.untied).makeState(capacity: 4)
        #expect(throws: ReferenceError(.stateOfAnotherModel)) { try decoder().evaluate([1], state: state) }
    }
}

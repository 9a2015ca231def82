import Foundation
import MMArchitectures
import MMCheckpoints
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// The two real decoders beside llama.cpp on the same text, where their files have been fetched.
@Suite struct RealPerplexityTests {
    static let smolLM2 = "smollm2-135m-instruct-q4_1.gguf"
    static let gemma3 = "gemma-3-270m-q4_k_m.gguf"
    /// A debug build is slow, so only the beginning of the 512 positions.
    static let count = 48

    @Test(.enabled(if: Fixture.model(smolLM2) != nil))
    func smolLM2AgreesWithLlama() throws {
        try expectAgreement(Self.smolLM2, "smollm2-llama.json")
    }

    @Test(.enabled(if: Fixture.model(gemma3) != nil))
    func gemma3AgreesWithLlama() throws {
        try expectAgreement(Self.gemma3, "gemma3-llama.json")
    }

    private func expectAgreement(_ model: String, _ golden: String) throws {
        let path = try #require(Fixture.model(model))
        let reference = try LlamaReference(golden)
        let tokenizer = try Tokenizer(metadata: try GGUFFile(path: path).metadata)
        let text = try Fixture.bytes("reference/text.txt")
        let ids = try tokenizer.encode(text, addSpecialTokens: true, parseSpecial: false)
        #expect(Array(ids.prefix(reference.ids.count)) == reference.ids)

        let wanted = Array(reference.losses.prefix(Self.count - 1))
        let exact = try losses(path, reference.ids, .exact, batchLimit: 32)
        // llama.cpp looks gelu up in a table of halves, which Gemma uses.
        #expect(zip(exact, wanted).allSatisfy { abs($0 - $1) < 1e-2 })
        #expect(abs(mean(exact) - mean(wanted)) < 5e-4)

        // One position at a time, as text is generated.
        let rounded = try losses(path, reference.ids, .rounded, batchLimit: 1)
        #expect(rounded != exact)
        #expect(zip(rounded, exact).allSatisfy { abs($0 - $1) < 5e-3 })
        #expect(abs(mean(rounded) - mean(exact)) < 5e-4)
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    private func losses(
        _ path: String,
        _ ids: [UInt32],
        _ arithmetic: ProductArithmetic,
        batchLimit: Int
    ) throws -> [Double] {
        let source = try MappedSource.resolve(Checkpoint.open(path))
        let decoder = try ReferenceDecoder(
            source: source,
            configuration: #require(source.model.decoder),
            team: ThreadTeam(threadCount: 2),
            arithmetic: arithmetic
        )
        let state = try decoder.makeState(capacity: Self.count, batchLimit: batchLimit)
        var losses: [Double] = []
        try decoder.evaluate(Array(ids.prefix(Self.count)), state: state) { position, logits in
            guard position + 1 < Self.count else { return }
            var largest = -Double.infinity
            for index in logits.indices { largest = max(largest, Double(logits[index])) }
            var mass = 0.0
            for index in logits.indices { mass += exp(Double(logits[index]) - largest) }
            losses.append(log(mass) + largest - Double(logits[Int(ids[position + 1])]))
        }
        return losses
    }
}

import Foundation
import MMTestSupport
import MMToolchain
import Testing

/// Families that the reference model does not run: every byte goes along, and what they have is named.
@Suite struct OutsideFamiliesTests {
    static let families = [
        ("deepseek-v3", "multi-head latent attention (kv_lora_rank 8)"),
        ("deepseek-v3", "experts chosen by groups (n_group 2)"),
        ("mamba", "state-space layers (Mamba) (state_size 4)"),
        ("mllama", "cross-attention from text to pictures (cross_attention_layers of 1 elements)"),
        ("whisper", "an audio encoder (num_mel_bins 8)"),
        ("whisper", "an encoder beside the decoder (is_encoder_decoder)"),
        ("convnext", "a convolutional vision encoder (tensor convnextv2."),
    ]

    @Test(arguments: families)
    func theyConvertAndVerifySaysWhatCannotBeRun(name: String, construct: String) throws {
        let folder = try TemporaryFolder()
        let source = Fixture.path("outside/\(name)")
        let path = folder.path("out.mmpack")
        _ = try WriteJob(WriteOptions(sourcePath: source, outputPath: path, width: 2)).run { _ in }
        let report = try VerifyJob.run(bundlePath: path, sourcePath: source, options: VerifyOptions(width: 2)) { _ in }
        #expect(report.isPassed)
        #expect(report.stages.map(\.verdict) == [.passed, .passed, .passed, .notRun])
        let reason = try #require(report.stages.last).summary
        #expect(
            reason.contains("what the reference model does not compute: ") && reason.contains(construct),
            "\(reason)"
        )
        for seen in [source, path] {
            let inspected = try InspectJob(path: seen, withDigests: false, tensorName: nil, width: 1).run { _ in }
            #expect(inspected.model.contains(construct), "\(inspected.model)")
        }
    }
}

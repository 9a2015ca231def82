import Foundation
import MMBundles
import MMBytes
import MMQuantization
import MMTensors
import MMTestSupport
import MMToolchain
import Testing

/// The figures of MM1 as published and as they follow from what is published.
@Suite struct PlanTests {
    static let presets = ["mm1-3b", "mm1-7b", "mm1-30b", "mm1-3b-moe", "mm1-7b-moe"]

    private static func plan(_ preset: String, recipe: String? = nil) throws -> PlanReport {
        try PlanJob(.preset(preset), recipe: recipe.map { try QuantizationRecipe.named($0) }).run()
    }

    private static func schema(_ name: String) throws -> JSONSchema {
        let path = Fixture.repository.appendingPathComponent("formats/schemas/\(name).json")
        return JSONSchema(try JSONValue(parsing: Array(try Data(contentsOf: path))))
    }

    /// Parameters as a table shows them, in millions with so many decimals.
    private static func millions(_ count: Int?, places: Int) -> String {
        Decimal.text(Double(count ?? 0) / 1e6, places: places)
    }

    private static func count(_ part: PlanPart, of report: PlanReport) -> Int? {
        report.parts.first { $0.part == part }?.parameterCount
    }

    @Test(arguments: presets)
    func theEncoderIsViTH(preset: String) throws {
        #expect(Self.millions(Self.count(.encoder, of: try Self.plan(preset)), places: 1) == "631.4")
    }

    @Test(arguments: [("mm1-3b", "27.65"), ("mm1-7b", "39.45"), ("mm1-30b", "77.20")])
    func connectorsHaveTheirSizes(preset: String, millions: String) throws {
        #expect(Self.millions(Self.count(.connector, of: try Self.plan(preset)), places: 2) == millions)
    }

    /// A preset's configuration with some members of its parts changed, as a config.json.
    private static func plan(_ changes: [String: [ByteString: JSONValue]]) throws -> PlanReport {
        let path = Fixture.repository.appendingPathComponent("formats/presets/mm1-3b.json")
        let preset = try JSONValue(parsing: Array(try Data(contentsOf: path)))
        let members = try #require(preset["config"]?.members).map { member in
            guard let change = changes[member.name.string], let old = member.value.members else { return member }
            let kept = old.filter { change[$0.name] == nil }
            let new = change.map { JSONMember(name: $0.key, value: $0.value) }
            return JSONMember(name: member.name, value: .object(kept + new))
        }
        let folder = try TemporaryFolder()
        let file = try folder.file("config.json", JSONValue.object(members).serialized())
        return try PlanJob(.source(path: file, projectorPath: nil)).run()
    }

    /// The encoder and the decoder of the ablations.
    @Test func aConfigurationAloneIsPlanned() throws {
        let large: [ByteString: JSONValue] = [
            "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "image_size": 336,
        ]
        let ablation = try Self.plan(["vision_config": large])
        #expect(Self.millions(Self.count(.encoder, of: ablation), places: 1) == "303.5")
        #expect(ablation.pictures.map(\.gridSide) == [24])
        let narrow = try Self.plan(["text_config": ["hidden_size": 2048]])
        #expect(Self.millions(Self.count(.connector, of: narrow), places: 2) == "24.76")
        #expect(narrow.assumed.contains("fusion"))
    }

    /// What position interpolation to 672 pixels adds: 48 x 48 rows of 1280 instead of 27 x 27.
    @Test func interpolatedPositionsAddTwoMillions() throws {
        let native = try #require(Self.count(.encoder, of: try Self.plan("mm1-3b")))
        let larger = try #require(Self.count(.encoder, of: try Self.plan(["vision_config": ["image_size": 672]])))
        #expect(Self.millions(larger - native, places: 1) == "2.0")
    }

    /// bf16, 8.5, 4.5 and 4.25 bits a weight, in gigabytes.
    @Test(arguments: [
        ("mm1-3b", "5.80", "3.08", "1.63", "1.54"), ("mm1-7b", "12.8", "6.80", "3.60", "3.40"),
        ("mm1-30b", "60.0", "31.9", "16.9", "15.9"), ("mm1-3b-moe", "128", "68.0", "36.0", "34.0"),
        ("mm1-7b-moe", "94.0", "49.9", "26.4", "25.0"),
    ])
    func bytesOfTheDecoder(preset: String, bf16: String, q8: String, q4: String, wide: String) throws {
        func text(_ byteCount: Double) -> String { Decimal.text(byteCount / 1e9, significantDigits: 3) }
        func bytes(_ recipe: String) throws -> (lossless: Double, quantized: Double, parameters: Int) {
            let report = try Self.plan(preset, recipe: recipe)
            let sums = report.recipes.map { plan in
                Double((plan.byteCounts[.decoder] ?? 0) + (plan.byteCounts[.experts] ?? 0))
            }
            let parameters = (Self.count(.decoder, of: report) ?? 0) + (Self.count(.experts, of: report) ?? 0)
            return (sums[0], sums[1], parameters)
        }
        let eight = try bytes("q8_0")
        #expect(text(eight.lossless) == bf16)
        #expect(text(eight.quantized) == q8)
        #expect(text(try bytes("q4_0").quantized) == q4)
        #expect(text(Double(eight.parameters) * 4.25 / 8) == wide)
    }

    @Test func theUnquantizedEncoderIsALargePart() throws {
        let plan = try #require(try Self.plan("mm1-3b", recipe: "q4_0").recipes.last)
        #expect(Decimal.text(Double(plan.byteCounts[.encoder] ?? 0) / 1e9, significantDigits: 3) == "1.26")
        #expect(Decimal.text(Double(plan.byteCounts[.connector] ?? 0) / 1e9, significantDigits: 2) == "0.055")
        let share =
            Double(plan.byteCounts[.encoder] ?? 0)
            / Double((plan.byteCounts[.decoder] ?? 0) + (plan.byteCounts[.encoder] ?? 0))
        #expect(Decimal.text(share * 100, places: 0) == "44")
    }

    @Test(arguments: [("mm1-3b-moe", 64, "3.9"), ("mm1-7b-moe", 47, nil), ("mm1-3b", 3, "2.9")])
    func totalsAndActiveWeights(preset: String, billions: Int, active: String?) throws {
        let report = try Self.plan(preset)
        let text = (Self.count(.decoder, of: report) ?? 0) + (Self.count(.experts, of: report) ?? 0)
        #expect(Decimal.text(Double(text) / 1e9, places: 0) == "\(billions)")
        if let active {
            #expect(Decimal.text(Double(report.activeParameterCount ?? 0) / 1e9, significantDigits: 2) == active)
        }
    }

    @Test func picturesHaveTheirTokens() throws {
        let report = try Self.plan("mm1-3b")
        #expect(report.pictures.map(\.policy) == ["native", "interpolate", "crops", "dynamic", "dynamic"])
        #expect(report.pictures.map(\.gridSide) == [27, 48, 48, 48, 48])
        #expect(report.pictures.map(\.patchCount) == [729, 2304, 11520, 23040, 39168])
        #expect(report.pictures.map(\.tokenCount) == [144, 144, 720, 1440, 2448])
    }

    /// 64 tokens, and the sides of the ablations.
    @Test(arguments: [(224, 16, 256), (336, 24, 576), (448, 32, 1024)])
    func gridsOfOtherSizes(side: Int, grid: Int, patches: Int) throws {
        for tokens in [64, 144] {
            let report = try Self.plan([
                "vision_config": ["image_size": .integer(side)],
                "connector_config": ["num_query_tokens": .integer(tokens)],
            ])
            #expect(report.pictures.map(\.gridSide) == [grid])
            #expect(report.pictures.map(\.patchCount) == [patches])
            #expect(report.pictures.map(\.tokenCount) == [tokens])
        }
    }

    @Test func theCacheIsThatOfTheHeads() throws {
        let report = try PlanJob(.preset("mm1-3b"), contextLength: 1000, imageCount: 3).run()
        let memory = try #require(report.memory)
        // 30 layers, keys and values, 8 heads of 128, two bytes.
        #expect(memory.cacheByteCountPerToken == 30 * 2 * 8 * 128 * 2)
        #expect(memory.cacheByteCount == 1000 * memory.cacheByteCountPerToken)
        #expect(memory.imageTokenCount == 432)
        #expect(memory.imageFeatureByteCount == 432 * 2560 * 4)
    }

    @Test func slidingLayersKeepTheirWindow() throws {
        let source = PlanJob.Subject.source(path: Fixture.path("oracles/gemma3"), projectorPath: nil)
        let short = try #require(try PlanJob(source, contextLength: 8).run().memory)
        let long = try #require(try PlanJob(source, contextLength: 4096).run().memory)
        #expect(short.cacheByteCount == 8 * short.cacheByteCountPerToken)
        #expect(long.cacheByteCount < 4096 * long.cacheByteCountPerToken)
    }

    /// An expert's matrices have 2.76 GB, and a file for Android 1.5 GB: they go on in the next.
    @Test func tensorsLargerThanAFileTakeSeveral() throws {
        let plan = try #require(try Self.plan("mm1-3b-moe").recipes.first)
        let stores = try #require(plan.profiles.first).stores
        let android = try #require(stores.first { $0.limit == .android })
        #expect(android.tooLarge == nil)
        #expect((android.partCount ?? 0) > plan.byteCount / StoreLimit.android.byteCount)
        #expect(stores.first { $0.limit == .hub }?.partCount == 8)
    }

    /// What the plan says is what the writer writes.
    @Test(arguments: [nil, "q4"])
    func filesAreAsManyAsAreWritten(recipe: String?) throws {
        let folder = try TemporaryFolder()
        let source = Fixture.path("mm1/nano-moe")
        var options = WriteOptions(sourcePath: source, outputPath: folder.path("out.mmpack"), width: 2)
        options.recipe = try recipe.map { try QuantizationRecipe.named($0) }
        options.profile = .raw
        options.shardByteCount = StoreLimit.hub.byteCount
        _ = try WriteJob(options).run { _ in }
        let report = try PlanJob(.source(path: source, projectorPath: nil), recipe: options.recipe).run()
        let plan = try #require(report.recipes.first { $0.name == recipe ?? "lossless" })
        let raw = try #require(plan.profiles.first)
        #expect(folder.entries.count == raw.stores.first { $0.limit == .hub }?.partCount)
        let size = try FileManager.default.attributesOfItem(atPath: folder.path("out.mmpack"))[.size] as? Int
        // The manifest and the tokenizer's files are not counted.
        let written = try #require(size)
        #expect(written >= raw.byteCount && written < raw.byteCount + 200_000)
    }

    @Test(arguments: presets)
    func reportsKeepToTheSchema(preset: String) throws {
        #expect(try Self.schema("plan").violations(try Self.plan(preset).json) == [])
    }

    @Test(arguments: [
        "mm1/nano", "oracles/llama-tied", "oracles/qwen2-vl", "oracles/siglip-vision",
        "oracles/gguf/llama-tied-q4_0.gguf",
    ])
    func everyKindOfSourceIsPlanned(path: String) throws {
        let report = try PlanJob(.source(path: Fixture.path(path), projectorPath: nil)).run()
        #expect(try Self.schema("plan").violations(report.json) == [])
        #expect(report.parameterCount > 0)
        #expect((report.memory == nil) == (path.contains("siglip")))
        #expect(report.recipes.count == (path.contains("siglip") ? 1 : 4))
    }

    @Test func presetsKeepToTheirSchemaAndSayWhatIsAssumed() throws {
        let schema = try Self.schema("preset")
        let folder = Fixture.repository.appendingPathComponent("formats/presets")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == Self.presets.map { "\($0).json" }.sorted())
        for name in names {
            let json = try JSONValue(parsing: Array(try Data(contentsOf: folder.appendingPathComponent(name))))
            #expect(schema.violations(json) == [])
            for path in json["assumed"]?.elements?.compactMap(\.string?.string) ?? [] {
                #expect(json["config"]?.value(at: path) != nil, "\(path)")
            }
        }
    }

    @Test func devicesAreKnownByName() throws {
        let one = try PlanJob(.preset("mm1-3b"), device: "iPhone-8GB").run()
        #expect(one.devices.map(\.id) == ["iphone-8gb"])
        #expect(one.devices.first?.isAssumed == false)
        #expect(throws: ToolchainError.self) { try PlanJob(.preset("mm1-3b"), device: "toaster").run() }
        #expect(throws: ToolchainError.self) { try PlanJob(.preset("mm1-4b")).run() }
    }
}

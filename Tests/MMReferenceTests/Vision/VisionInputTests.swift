import MMArchitectures
import MMBytes
import MMReference
import MMStorage
import MMTensors
import MMTestSupport
import Testing

/// Pictures and configurations that a tower does not take.
@Suite struct VisionInputTests {
    private func refusal(_ oracle: VisionOracle, _ input: VisionInput) throws -> VisionError? {
        let tower = try oracle.tower(threadCount: 1)
        do {
            _ = try tower.evaluate(input)
            return nil
        } catch let error as VisionError {
            return error
        }
    }

    private func planes(_ height: Int, _ width: Int, count: Int? = nil) -> VisionInput {
        let values = [Float](repeating: 0, count: count ?? max(0, 3 * height * width))
        return VisionInput(values, layout: .planes(height: height, width: width))
    }

    /// One layer at a time, alone and beside another tower: not a bit differs.
    @Test(arguments: [VisionOracle.clip, .qwen25, .aimv2])
    func aTowerThatStreamsIsTheSame(oracle: VisionOracle) throws {
        let team = ThreadTeam(threadCount: 2)
        func tower(isStreaming: Bool) throws -> VisionTower {
            try VisionTower(
                source: oracle.source(),
                configuration: oracle.configuration,
                team: team,
                isStreaming: isStreaming
            )
        }
        let (whole, streaming) = (try tower(isStreaming: false), try tower(isStreaming: true))
        let input = try #require(try oracle.cases().first?.inputs.first)
        var names: [String] = []
        _ = try whole.evaluate(input, wanting: [.output], beside: streaming, wanting: [.output]) { feature, a, b in
            let (a, b) = (try #require(a), try #require(b))
            names.append(feature.description)
            #expect(
                a.count == b.count && (0..<a.count).allSatisfy { a.values($0..<$0 + 1)[0] == b.values($0..<$0 + 1)[0] }
            )
        }
        #expect(names.prefix(2) == ["vision.embed", "vision.layer.0"] && names.contains("vision.out"))
        var seen: [String] = []
        _ = try streaming.evaluate(input) { feature, _ in seen.append(feature.description) }
        #expect(seen == names)
    }

    @Test func aLayerThatIsMissingIsSaidWhenItIsNeeded() throws {
        let all = try VisionOracle.clip.source()
        let missing = "vision.layers.1.attn.o.weight"
        let source = MemorySource(all.entries.filter { $0.descriptor.name.string != missing })
        let tower = try VisionTower(
            source: source,
            configuration: VisionOracle.clip.configuration,
            team: ThreadTeam(threadCount: 1),
            isStreaming: true
        )
        let input = try #require(try VisionOracle.clip.cases().first?.inputs.first)
        #expect(throws: ReferenceError(.missingTensor(ByteString(missing)))) { try tower.evaluate(input) }
    }

    @Test func sizesAndCountsMustAgree() throws {
        #expect(
            try refusal(.siglip, planes(24, 24, count: 3)) == VisionError(.wrongValueCount(found: 3, needed: 1728))
        )
        #expect(
            try refusal(.siglip, planes(5, 24)) == VisionError(.impossibleSize(rows: 0, columns: 4, frames: 1))
        )
        #expect(
            try refusal(.siglip, planes(-1, 24, count: 0))
                == VisionError(.impossibleSize(rows: 0, columns: 4, frames: 1))
        )
        let huge = VisionInput([], layout: .planes(height: .max, width: .max))
        #expect(
            try refusal(.siglip, huge)
                == VisionError(.impossibleSize(rows: .max / 6, columns: .max / 6, frames: 1))
        )
    }

    @Test func gridsMustFitTheTower() throws {
        func patches(_ frames: Int, _ rows: Int, _ columns: Int, of elements: Int) -> VisionInput {
            let grid = PatchGrid(frames: frames, rows: rows, columns: columns)
            let count = max(0, frames * rows * columns * elements)
            return VisionInput([Float](repeating: 0, count: min(count, 1 << 16)), layout: .patches(grid))
        }
        #expect(
            try refusal(.qwen2, patches(1, 3, 4, of: 96)) == VisionError(.notWholeBlocks(rows: 3, columns: 4, side: 2))
        )
        #expect(
            try refusal(.qwen2, patches(0, 2, 2, of: 96))
                == VisionError(.impossibleSize(rows: 2, columns: 2, frames: 0))
        )
        #expect(
            try refusal(.qwen2, patches(1, 1 << 10, 1 << 10, of: 96))
                == VisionError(.tooManyTokens(1 << 20, limit: 1 << 16))
        )
        #expect(try refusal(.qwen2, planes(8, 8)) == VisionError(.needsPatches))
        #expect(try refusal(.clip, patches(2, 4, 4, of: 108)) == VisionError(.severalFrames(2)))
        #expect(
            try refusal(.aimv2, planes(30, 24)) == VisionError(.positionsDoNotFit(rows: 5, columns: 4, side: 4))
        )
    }

    @Test func whatIsLeftOfAPatchDoesNotCount() throws {
        let example = try #require(try VisionOracle.siglip.cases().first)
        guard case .planes(let height, let width) = example.inputs[0].layout else { return }
        var wider: [Float] = []
        for row in 0..<3 * height {
            wider += example.inputs[0].values[row * width..<(row + 1) * width] + [9, 9, 9]
        }
        let tower = try VisionOracle.siglip.tower()
        let input = VisionInput(wider, layout: .planes(height: height, width: width + 3))
        let found = try VisionEvaluation(tower, [input])["vision.out"]
        let expected = try VisionEvaluation(tower, [example.inputs[0]])["vision.out"]
        #expect(found == expected)
    }

    @Test func featuresAreAsDeepAsTheTower() throws {
        let tower = try VisionOracle.siglip.tower()
        #expect(throws: VisionError(.featureOutOfRange(layer: 3, layerCount: 2))) {
            try tower.evaluate(planes(24, 24), wanting: [.layer(3)])
        }
        #expect(throws: VisionError(.featureNotComputed("vision.pooled"))) {
            try tower.evaluate(planes(24, 24), wanting: [.pooled])
        }
    }

    /// Tokens in several blocks, and attention in several tiles, are one computation.
    @Test func aPictureOfManyBlocksAgreesWithItselfShuffled() throws {
        var configuration = VisionOracle.siglip.configuration
        configuration.position = .none
        let tower = try VisionTower(
            source: VisionOracle.siglip.source(),
            configuration: configuration,
            team: ThreadTeam(threadCount: 2)
        )
        let (rows, columns) = (25, 24)
        let values = (0..<rows * columns * 108).map { Float(($0 &* 7919) % 1013) / 506 - 1 }
        func evaluate(_ order: [Int]) throws -> [Float] {
            let shuffled = order.flatMap { values[$0 * 108..<($0 + 1) * 108] }
            let input = VisionInput(shuffled, layout: .patches(PatchGrid(rows: rows, columns: columns)))
            return try VisionEvaluation(tower, [input])["vision.out"]
        }
        let order = (0..<rows * columns).map { ($0 * 7) % (rows * columns) }
        #expect(Set(order).count == rows * columns)
        let plain = try evaluate(Array(0..<rows * columns))
        let shuffled = try evaluate(order)
        let expected = order.flatMap { plain[$0 * 24..<($0 + 1) * 24] }
        #expect(relativeError(shuffled, expected) <= 1e-5)
    }

    @Test func impossibleConfigurationsAreRefused() throws {
        func refusal(_ oracle: VisionOracle, _ change: (inout VisionConfiguration) -> Void) throws -> VisionError? {
            let configuration = VisionConfiguration.changed(oracle.configuration, change)
            do {
                _ = try VisionTower(
                    source: oracle.source(),
                    configuration: configuration,
                    team: ThreadTeam(threadCount: 1)
                )
                return nil
            } catch let error as VisionError {
                return error
            }
        }
        #expect(
            try refusal(.siglip) { $0.headCount = 5 } == VisionError(.impossibleConfiguration("number of heads", 5))
        )
        #expect(
            try refusal(.siglip) { $0.layerCount = 0 } == VisionError(.impossibleConfiguration("number of layers", 0))
        )
        #expect(
            try refusal(.siglip) { $0.postNorm = .classToken }
                == VisionError(.impossibleConfiguration("class tokens", 0))
        )
        #expect(
            try refusal(.qwen2) { $0.headCount = 12 } == VisionError(.impossibleConfiguration("width of a head", 2))
        )
        #expect(
            try refusal(.qwen25) { $0.window?.side = 3 } == VisionError(.impossibleConfiguration("window side", 3))
        )
    }
}

import MMBytes
import MMReference
import MMTestSupport
import Testing

/// Pictures and questions against what numpy made of the same specification: fixtures/mm1/pictures.py.
@Suite struct SceneTests {
    private static func golden() throws -> JSONValue {
        try JSONValue(parsing: try Fixture.bytes("mm1/golden/pictures.json"))
    }

    private static func seed(_ json: JSONValue) throws -> UInt64 {
        let text = try #require(json["seed"]?.string)
        return try #require(UInt64(text.string, radix: 16))
    }

    @Test func picturesEqualToTheLastBit() throws {
        let pictures = try #require(try Self.golden()["pictures"]?.elements)
        #expect(pictures.count == 8)
        for (index, golden) in pictures.enumerated() {
            let scene = Scene(seed: try Self.seed(golden))
            #expect(Digest.sha256(scene.picture().pixels) == golden["sha256"]?.string?.string)
            let objects = try #require(golden["objects"]?.elements).map { object in
                ["shape", "colour", "size"].compactMap { object[$0]?.string?.string } + [
                    "\(object["cell"]?.integer ?? -1)"
                ]
            }
            #expect(
                scene.objects.map { [$0.shape.rawValue, $0.colour.rawValue, $0.size.rawValue, "\($0.cell)"] } == objects
            )
            guard index < 4 else { continue }
            let drawn = try Picture(path: Fixture.path("mm1/golden/picture-\(index).ppm"))
            #expect(drawn == scene.picture())
        }
    }

    @Test func everyQuestionIsTheSame() throws {
        for golden in try #require(try Self.golden()["pictures"]?.elements) {
            let scene = Scene(seed: try Self.seed(golden))
            for kind in SceneQuestion.Kind.allCases {
                let expected = try #require(golden["questions"]?[ByteString(kind.rawValue)]?.elements)
                let found = SceneQuestion(kind, of: scene)
                #expect((found.map { [$0.text, $0.answer] } ?? []) == expected.compactMap { $0.string?.string })
            }
        }
    }

    @Test func probesAreTheSame() throws {
        let golden = try Self.golden()
        let probes = try #require(golden["probes"]?.elements)
        #expect(probes.count == 160)
        for (number, expected) in probes.enumerated() {
            let probe = SceneProbe(number)
            let seed = try Self.seed(expected)
            #expect(probe.scene.seed == seed)
            #expect(probe.question.kind.rawValue == expected["kind"]?.string?.string)
            #expect(probe.question.text == expected["question"]?.string?.string)
            #expect(probe.question.answer == expected["answer"]?.string?.string)
        }
        var bytes: [UInt8] = []
        for number in 0..<2400 {
            let probe = SceneProbe(number)
            bytes += probe.scene.picture().pixels
            bytes += Array("\(probe.question.text)\n\(probe.question.answer)\n".utf8)
        }
        #expect(Digest.sha256(bytes) == golden["probes_2400_sha256"]?.string?.string)
    }
}

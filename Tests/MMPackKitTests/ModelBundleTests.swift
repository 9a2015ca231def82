import MMPackKit
import MMTestSupport
import Testing

/// The library as an app sees it, on the conformance vectors.
@Suite struct ModelBundleTests {
    private func open(_ name: String, _ change: (inout ModelAccess) -> Void = { _ in }) throws -> ModelBundle {
        var access = ModelAccess()
        change(&access)
        return try ModelBundle(path: Fixture.path("bundles/good/\(name).mmpack"), access: access)
    }

    @Test func saysWhatTheSpecificationsExampleHolds() throws {
        let model = try open("example")
        let tensor = try #require(model["a"])
        #expect(model.tensors == [tensor])
        #expect(tensor.type == "F32" && tensor.shape == [2] && tensor.role == "norm" && tensor.component == "text")
        #expect(!tensor.isCompact && tensor.byteCount == 8 && tensor.rowCount == 1)
        #expect(model.identity.count == 64)
        #expect(model.description == "{}")
        #expect(model.assetNames == ["x.txt"])
        #expect(try model.asset(named: "x.txt") == Array("hi\n".utf8))
        #expect(try model.asset(named: "y.txt") == nil)
        try model.verify(threadCount: 1)
        let bytes = try model.load(tensor)
        #expect(bytes.isMapped && bytes.byteCount == 8)
        #expect(bytes.array == [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])
    }

    @Test func everyWayInGivesTheSameRows() throws {
        let expected = try open("floats")
        let changes: [(inout ModelAccess) -> Void] = [
            { $0.isMapping = false }, { $0.isChecking = false }, { $0.isLazy = true }, { $0.isRecycling = true },
        ]
        for change in changes {
            let model = try open("floats", change)
            for tensor in model.tensors where tensor.rowCount > 1 {
                let rows = tensor.rowCount / 3..<tensor.rowCount
                let whole = try expected.load(tensor).array
                let wanted = Array(whole[rows.lowerBound * tensor.rowByteCount..<rows.upperBound * tensor.rowByteCount])
                #expect(try model.load(tensor, rows: rows).array == wanted)
                var given = [UInt8](repeating: 0, count: wanted.count)
                try given.withUnsafeMutableBytes { try model.load(tensor, rows: rows, into: $0) }
                #expect(given == wanted)
                var pieces: [UInt8] = []
                try model.forEachPiece(of: tensor, rows: rows) { offset, piece in
                    #expect(offset == rows.lowerBound * tensor.rowByteCount + pieces.count)
                    pieces += piece.withUnsafeBytes { Array($0) }
                }
                #expect(pieces == wanted)
            }
        }
    }

    @Test func saysWhatKindOfErrorItIs() throws {
        func kind(_ body: () throws -> Void) -> ModelBundleError.Kind? {
            #expect(throws: ModelBundleError.self, performing: body)?.kind
        }
        #expect(kind { _ = try ModelBundle(path: Fixture.path("bundles/good/absent.mmpack")) } == .missing)
        #expect(kind { _ = try ModelBundle(path: Fixture.path("bundles/bad/magic.mmpack")) } == .damaged)
        #expect(
            kind { try ModelBundle(path: Fixture.path("bundles/bad/chunk-bit.mmpack")).verify(threadCount: 1) }
                == .damaged
        )
        let model = try open("example")
        #expect(kind { _ = try model.load(model.tensors[0], rows: 0..<2) } == .misuse)
    }
}

extension ModelBytes {
    /// A copy of the bytes.
    var array: [UInt8] { bytes.withUnsafeBytes { Array($0) } }
}

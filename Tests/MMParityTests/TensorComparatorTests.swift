import CKernels
import MMBytes
import MMParity
import MMTensors
import MMTestSupport
import Testing

@Suite struct TensorComparatorTests {
    private func compare(
        _ base: MemorySource.Entry?,
        _ other: MemorySource.Entry?,
        threadCount: Int = 2
    ) throws -> TensorComparison {
        let sources = (MemorySource([try #require(base)]), MemorySource([try #require(other)]))
        let pairs = TensorPairing(base: sources.0, other: sources.1).pairs
        let comparator = TensorComparator(base: sources.0, other: sources.1, threadCount: threadCount)
        return try #require(try comparator.compare(pairs).first)
    }

    /// Values that are exact in f16 and bf16.
    private func values(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 61 - 30) / 4 } }

    private func bytes(_ values: [Float], as type: ElementType) throws -> [UInt8] {
        let count = values.count / type.block.elementCount * type.block.byteCount
        var bytes = [UInt8](repeating: 0, count: count)
        let id = try #require(type.ggmlType)
        #expect(mmk_quantize(id, values, &bytes, values.count))
        return bytes
    }

    @Test func equalTensorsAreExact() throws {
        let entry = MemorySource.Entry("w", [37, 53], values(37 * 53))
        let comparison = try compare(entry, entry)
        #expect(comparison.isExact && comparison.hasEqualBytes)
        #expect(comparison.error?.relativeRMSE == 0)
        #expect(comparison.error?.maximumError == 0)
        #expect(comparison.error?.cosine == 1)
    }

    @Test(arguments: [1, 3])
    func measuresAgreeWithTheirDefinitions(threadCount: Int) throws {
        // Several slabs, with a remainder.
        let (rows, columns) = (700, 513)
        let first = values(rows * columns)
        let second = first.enumerated().map { $0.offset % 1000 == 7 ? $0.element + 0.25 : $0.element }
        let comparison = try compare(
            .init("w", [rows, columns], first),
            .init("w", [rows, columns], second),
            threadCount: threadCount
        )
        let pairs = zip(first, second).map { (Double($0), Double($1)) }
        let squares = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let (a, b) = (pairs.reduce(0) { $0 + $1.0 * $1.0 }, pairs.reduce(0) { $0 + $1.1 * $1.1 })
        let product = pairs.reduce(0) { $0 + $1.0 * $1.1 }
        #expect(comparison.unequalCount == zip(first, second).count { $0 != $1 })
        #expect(!comparison.isExact && !comparison.hasEqualBytes)
        #expect(abs((comparison.error?.relativeRMSE ?? 0) / (squares / a).squareRoot() - 1) < 1e-12)
        #expect(comparison.error?.maximumError == 0.25)
        #expect(abs((comparison.error?.cosine ?? 0) - product / (a * b).squareRoot()) < 1e-14)
    }

    @Test func equalValuesOfAnotherTypeAreExactWithOtherBytes() throws {
        let first = values(96)
        for type in [ElementType.f16, .bf16] {
            let other = MemorySource.Entry("w", type, [3, 32], bytes: try bytes(first, as: type))
            let comparison = try compare(.init("w", [3, 32], first), other)
            #expect(comparison.isExact && !comparison.hasEqualBytes)
        }
    }

    @Test func paddingOfQuantizedRowsIsLeftOut() throws {
        // Rows of 40 elements are stored as two blocks of 32 with 24 zeros; other padding must not be seen.
        let first = values(40 * 5)
        let padded = (0..<5).flatMap { Array(first[$0 * 40..<$0 * 40 + 40]) + Array(repeating: Float(50), count: 24) }
        let other = MemorySource.Entry("w", .q8_0, [5, 40], bytes: try bytes(padded, as: .q8_0))
        let comparison = try compare(.init("w", [5, 40], first), other)
        let error = try #require(comparison.error)
        #expect(error.maximumError < 0.3)
        #expect(error.relativeRMSE > 0 && error.relativeRMSE < 0.05)
    }

    @Test func aRowLongerThanASlabIsComparedInPieces() throws {
        let count = 300_000
        var first = values(count)
        first[299_999] = 9
        let other = MemorySource.Entry("w", .bf16, [count], bytes: try bytes(first, as: .bf16))
        #expect(try compare(.init("w", [count], first), other).isExact)
        first[299_999] = 1
        let comparison = try compare(.init("w", [count], first), other)
        #expect(comparison.unequalCount == 1)
        #expect(comparison.error?.maximumError == 8)
    }

    @Test func typesWithoutArithmeticAreComparedAsBytes() throws {
        let bytes = [UInt8](0..<48)
        var changed = bytes
        changed[40] = 0
        let base = MemorySource.Entry("ids", .i64, [6], bytes: bytes)
        #expect(try compare(base, base).hasEqualBytes)
        let comparison = try compare(base, .init("ids", .i64, [6], bytes: changed))
        #expect(comparison.unequalCount == 1)
        #expect(comparison.error == nil)
        #expect(throws: ParityError(.notComparable("ids", base: .i64, other: .f64))) {
            try compare(base, .init("ids", .f64, [6], bytes: bytes))
        }
    }

    @Test func aDifferenceBelowF32IsSeen() throws {
        let (first, second) = ([1.0], [1.0 + 0x1p-50])
        func bytes(_ values: [Double]) -> [UInt8] {
            values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
        }
        let comparison = try compare(
            .init("w", .f64, [1], bytes: bytes(first)),
            .init("w", .f64, [1], bytes: bytes(second))
        )
        #expect(!comparison.isExact && !comparison.hasEqualBytes)
    }

    @Test func notANumberIsNotHidden() throws {
        let comparison = try compare(.init("w", [2], [1, 2]), .init("w", [2], [1, .nan]))
        #expect(comparison.unequalCount == 1)
        #expect(comparison.error?.relativeRMSE.isNaN == true)
        #expect(comparison.error?.maximumError.isNaN == true)
    }

    @Test func emptyTensorsAreEqual() throws {
        let comparison = try compare(.init("w", [0, 8], []), .init("w", .f16, [0, 8], bytes: []))
        #expect(comparison.isExact && comparison.elementCount == 0)
    }

    @Test func anotherShapeIsAnError() throws {
        #expect(throws: ParityError.self) {
            try compare(.init("w", [2, 3], values(6)), .init("w", [3, 2], values(6)))
        }
    }

    @Test func tensorsArePairedByNameAndReportedOnce() throws {
        let base = TinyModel.source()
        var other = TinyModel.source(noise: 0.01)
        other["text.norm.weight"] = nil
        other["extra"] = MemorySource.Entry("extra", [1], [1])
        other.entries.reverse()
        let pairing = TensorPairing(base: base, other: other)
        #expect(pairing.missingInOther == ["text.norm.weight"])
        #expect(pairing.missingInBase == ["extra"])
        var told: [ByteString] = []
        let found = try TensorComparator(base: base, other: other, threadCount: 2).compare(pairing.pairs) {
            told.append($0)
        }
        #expect(found.map(\.name) == pairing.pairs.map(\.name))
        #expect(told.sorted() == found.map(\.name).sorted())
        let worst = found.sorted { TensorComparison.isWorse($0, than: $1) }
        #expect(worst.first?.isExact == false && worst.last?.isExact == true)
        #expect(
            zip(worst, worst.dropFirst()).allSatisfy { ($0.error?.relativeRMSE ?? 0) >= ($1.error?.relativeRMSE ?? 0) }
        )
    }
}

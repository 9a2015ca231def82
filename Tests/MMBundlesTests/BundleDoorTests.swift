import MMBundles
import MMBytes
import MMStorage
import MMTensors
import MMTestSupport
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL

/// The ways into a bundle's tensors give the same bytes, touch no more than they must, and find damage first.
@Suite struct BundleDoorTests {
    let folder: TemporaryFolder
    let path: String
    /// Large enough for several chunks, odd at the end; "experts" are blocks whose chunks end inside pages.
    static let source = SyntheticSource([
        ("embed", .bf16, [1_000, 601]), ("raw", .u8, [900_001]), ("experts", .q4_0, [3, 1_000, 320]),
        ("norm", .f32, [101]), ("none", .f32, [0]),
    ])

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("doors.mmpack")
        let summary = try BundleWriting.write(Self.source, to: path)
        #expect(summary.tensorCount == 5)
    }

    /// A way in: the bytes of a range of a tensor.
    struct Door: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let access: BundleAccess
        let bytes: @Sendable (Bundle, Int, Range<Int>) throws -> [UInt8]
    }

    static let doors: [Door] = [
        Door(testDescription: "lent from a mapping", access: BundleAccess(), bytes: loaded),
        Door(testDescription: "read", access: BundleAccess(isMapping: false), bytes: loaded),
        Door(
            testDescription: "from an arena",
            access: BundleAccess(isMapping: false, arena: PageArena()),
            bytes: loaded
        ),
        Door(testDescription: "on one thread", access: BundleAccess()) { bundle, index, range in
            var bytes = [UInt8](repeating: 0xA5, count: range.count)
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            try bundle.read(index, at: range.lowerBound, into: &raw)
            return bytes
        },
        Door(testDescription: "into memory of the caller's", access: BundleAccess()) { bundle, index, range in
            var bytes = [UInt8](repeating: 0xA5, count: range.count)
            var span = bytes.mutableSpan
            var raw = span.mutableBytes
            try bundle.load(index, at: range.lowerBound, into: &raw)
            return bytes
        },
        Door(testDescription: "chunk by chunk", access: BundleAccess()) { bundle, index, range in
            var bytes: [UInt8] = []
            try bundle.forEachChunk(of: index, in: range) { offset, piece in
                #expect(offset == range.lowerBound + bytes.count)
                bytes += piece.withUnsafeBytes { Array($0) }
            }
            return bytes
        },
    ]

    @Sendable private static func loaded(_ bundle: Bundle, _ index: Int, _ range: Range<Int>) throws -> [UInt8] {
        let tensor = try bundle.load(index, bytes: range)
        return tensor.array
    }

    static func ranges(_ count: Int, _ generator: inout SplitMix64) -> [Range<Int>] {
        var ranges = [0..<count, 0..<0, count..<count]
        guard count > 0 else { return ranges }
        ranges += [0..<1, count - 1..<count]
        for chunk in [262_134, 262_144] where count > chunk {
            ranges += [chunk - 1..<chunk + 1, chunk..<min(count, 2 * chunk), 0..<chunk]
        }
        for _ in 0..<20 {
            let start = Int.random(in: 0..<count, using: &generator)
            ranges.append(start..<Int.random(in: start...count, using: &generator))
        }
        return ranges
    }

    @Test(arguments: doors)
    func givesEveryRange(_ door: Door) throws {
        var generator = SplitMix64(state: 9)
        let bundle = try Bundle.open(path, access: door.access)
        for index in Self.source.tensors.indices {
            let content = Self.source.contents[index]
            for range in Self.ranges(content.count, &generator) {
                let found = try door.bytes(bundle, index, range)
                #expect(found == Array(content[range]), "\(Self.source.tensors[index].name) \(range)")
            }
        }
    }

    @Test(arguments: doors)
    func findsEveryFlippedBitOfTheWeightsBeforeUse(_ door: Door) throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let chunks = try Self.chunks(of: bytes)
        var generator = SplitMix64(state: 21)
        for (number, chunk) in chunks.enumerated() {
            // The first and the last byte of every chunk, and some between.
            let inside = (0..<3).map { _ in Int.random(in: chunk.stored, using: &generator) }
            for place in [chunk.stored.lowerBound, chunk.stored.upperBound - 1] + inside {
                var damaged = bytes
                damaged[place] ^= 1 << UInt8(place % 8)
                let bundle = try Bundle.open(try folder.file("damaged.mmpack", damaged), access: door.access)
                #expect(throws: BundleError.self, "chunk \(number), byte \(place)") {
                    try door.bytes(bundle, chunk.tensor, chunk.logical)
                }
                // Damage in the same tensor, in bytes that nobody asked for, is not looked at.
                let other = chunks.first { $0.tensor == chunk.tensor && $0.logical != chunk.logical }
                if let other { _ = try door.bytes(bundle, other.tensor, other.logical) }
            }
        }
    }

    struct Chunk {
        let tensor: Int
        /// Bytes of the file.
        let stored: Range<Int>
        /// Bytes of the tensor.
        let logical: Range<Int>
    }

    /// The chunks of the tensors, read from the table by the specification.
    static func chunks(of bytes: [UInt8]) throws -> [Chunk] {
        func little(_ offset: Int) -> Int { (0..<8).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) } }
        var chunks: [Chunk] = []
        var row = little(32)
        for (tensor, content) in source.contents.enumerated() {
            var done = 0
            while done < content.count {
                let logical = little(row + 16)
                chunks.append(
                    Chunk(
                        tensor: tensor,
                        stored: little(row)..<little(row) + little(row + 8),
                        logical: done..<done + logical
                    )
                )
                done += logical
                row += 72
            }
        }
        #expect(chunks.count == 5 + 4 + 3 + 1)
        return chunks
    }

    @Test func lendsRawRowsWithoutACopyOrACheckOfTheRest() throws {
        let bundle = try Bundle.open(path)
        let whole = try bundle.load(1)
        #expect(whole.isMapped)
        #expect(UInt(bitPattern: whole.pointer) % 16_384 == 0 || UInt(bitPattern: whole.pointer) % 4_096 == 0)
        let expert = try bundle.load(2, bytes: 180_000..<360_000)
        #expect(expert.isMapped)
        #expect(expert.array == Array(Self.source.contents[2][180_000..<360_000]))
    }

    @Test func withoutChecksARawTensorIsUsableBeforeItIsRead() throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let chunk = try #require(try Self.chunks(of: bytes).first { $0.tensor == 1 })
        bytes[chunk.stored.lowerBound] ^= 1
        let damaged = try folder.file("damaged.mmpack", bytes)
        let bundle = try Bundle.open(damaged, access: BundleAccess(isChecking: false))
        let tensor = try bundle.load(1)
        #expect(tensor.array[0] == Self.source.contents[1][0] ^ 1)
    }

    @Test func anArenaLendsTheSameMemoryAgain() throws {
        let bundle = try Bundle.open(path, access: BundleAccess(arena: PageArena()))
        let first = UInt(bitPattern: try bundle.load(0).pointer)
        let second = try bundle.load(0)
        #expect(UInt(bitPattern: second.pointer) == first)
        let third = try bundle.load(0)
        #expect(UInt(bitPattern: third.pointer) != first)
        #expect(third.array == Self.source.contents[0])
        #expect(second.array == Self.source.contents[0])
    }

    @Test func refusesRangesOutsideATensor() throws {
        let bundle = try Bundle.open(path)
        for range in [0..<900_002, 900_001..<900_002, -1..<1] {
            #expect(throws: BundleError.self) { try bundle.load(1, bytes: range) }
            #expect(throws: BundleError.self) { try bundle.forEachChunk(of: 1, in: range) { _, _ in } }
        }
    }
}

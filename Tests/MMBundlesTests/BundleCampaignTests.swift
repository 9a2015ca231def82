import MMBundles
import MMBytes
import MMCodecs
import MMTensors
import MMTestSupport
import Testing

import struct Foundation.Data
import struct Foundation.URL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Many damages of one small bundle: each is refused with a reason, or the bundle reads back as it was. `make sanitize`
/// runs the same under the address sanitizer.
@Suite struct BundleCampaignTests {
    let folder: TemporaryFolder
    let bytes: [UInt8]
    private static let source = SyntheticSource(
        [("embed", .bf16, [96, 100]), ("norm", .f32, [100]), ("q", .q8_0, [4, 64]), ("scalar", .i64, [])]
    )

    init() throws {
        folder = try TemporaryFolder()
        var source = Self.source
        source.assets = [Asset(name: "tokenizer.json", bytes: Array(String(repeating: "[7, 8]\n", count: 40).utf8))]
        let path = folder.path("small.mmpack")
        _ = try BundleWriting.write(source, to: path)
        bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// Whether the bundle is whole and holds what was written; throws `BundleError` where it is refused.
    private func isWhole(_ path: String) throws -> Bool {
        let bundle = try Bundle.open(path)
        _ = try bundle.verifyIntegrity(width: 1)
        guard bundle.tensors == Self.source.tensors else { return false }
        return try bundle.tensors.indices.allSatisfy { index in
            try bundle.load(index).array == Self.source.contents[index]
        }
    }

    @Test func refusesEveryTruncation() throws {
        let path = try folder.file("cut.mmpack", bytes)
        #expect(try isWhole(path))
        var taken: [Int] = []
        for count in (0..<bytes.count).reversed() {
            #expect(truncate(path, off_t(count)) == 0)
            do {
                _ = try Bundle.open(path)
                taken.append(count)
            } catch let error as BundleError {
                if error.description.isEmpty { taken.append(count) }
            }
        }
        #expect(taken.isEmpty)
    }

    @Test func refusesFiveThousandMutationsOrReadsTheSame() throws {
        var generator = SplitMix64(state: 5)
        var wrong: [Int] = []
        for number in 0..<5_000 {
            var mutated = bytes
            for _ in 0...Int.random(in: 0..<3, using: &generator) { Self.mutate(&mutated, &generator) }
            let path = try folder.file("mutated.mmpack", mutated)
            do { if try !isWhole(path) { wrong.append(number) } } catch is BundleError {}
        }
        #expect(wrong.isEmpty)
    }

    /// Places where something is, as often as anywhere.
    private static func mutate(_ bytes: inout [UInt8], _ generator: inout SplitMix64) {
        guard bytes.count > 64 else { return }
        let isHead = Bool.random(using: &generator)
        let place = Int.random(in: 0..<(isHead ? min(128, bytes.count) : bytes.count), using: &generator)
        let count = min(bytes.count - place, Int.random(in: 1...40, using: &generator))
        switch generator.next() % 6 {
        case 0: bytes[place] ^= 1 << UInt8(generator.next() % 8)
        case 1: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
        case 2: bytes.insert(contentsOf: bytes[place..<place + count], at: place)
        case 3: bytes.removeSubrange(place..<place + count)
        case 4: for index in place..<place + count { bytes[index] = generator.next() % 2 == 0 ? 0 : 0xFF }
        default:
            let other = Int.random(in: 0...bytes.count - count, using: &generator)
            let taken = Array(bytes[other..<other + count])
            bytes.replaceSubrange(place..<place + count, with: taken)
        }
    }

    private static func hasItsDigest(_ index: Int, of bundle: Bundle) throws -> Bool {
        let tensor = try bundle.load(index)
        return SHA256Digest(of: tensor.array) == bundle.manifest.tensors[index].digest
    }

    /// As an attacker makes them, with right digests of manifest and tables: whatever passes is what its digests say.
    @Test func fiveThousandSealedMutationsAreRefusedOrWhole() throws {
        let forge = BundleForge(bytes)
        var generator = SplitMix64(state: 6)
        let interesting: [UInt64] = [
            0, 1, 2, 3, 63, 64, 255, 16_384, 262_144, 1 << 31, 1 << 32, 1 << 62, 1 << 63, .max,
        ]
        for _ in 0..<5_000 {
            var changed = forge
            if Bool.random(using: &generator) {
                let row = Int.random(in: 0..<changed.table.count / 72, using: &generator)
                let field = [0, 8, 16, 24, 28, 32, 40].randomElement(using: &generator) ?? 0
                let value = interesting.randomElement(using: &generator) ?? 0
                let width = field == 24 || field == 28 ? 4 : 8
                for byte in 0..<width {
                    changed.table[row * 72 + field + byte] = UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))
                }
            } else {
                // A number of the manifest, or a byte of it.
                let digits = changed.manifest.indices.filter { (0x30...0x39).contains(changed.manifest[$0]) }
                if let place = digits.randomElement(using: &generator), generator.next() % 4 != 0 {
                    let number = interesting.randomElement(using: &generator) ?? 0
                    changed.manifest.replaceSubrange(place...place, with: Array("\(number)".utf8))
                } else {
                    let place = Int.random(in: 0..<changed.manifest.count, using: &generator)
                    changed.manifest[place] = UInt8(truncatingIfNeeded: generator.next())
                }
            }
            let path = try folder.file("sealed.mmpack", changed.sealed(oldTable: forge.table))
            do {
                let bundle = try Bundle.open(path)
                _ = try bundle.verifyIntegrity(width: 1)
                let isRight = try bundle.tensors.indices.allSatisfy { try Self.hasItsDigest($0, of: bundle) }
                #expect(isRight)
            } catch is BundleError {}
        }
    }
}

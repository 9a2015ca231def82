import MMBundles
import MMStorage
import MMTensors
import MMTestSupport
import Synchronization
import Testing

import struct Foundation.Data
import class Foundation.DispatchQueue
import struct Foundation.URL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Compact tensors that are decoded where they are touched. Where the system has no such thing they are decoded when they
/// are loaded, and the same holds.
@Suite(.serialized) struct LazyBundleTests {
    static let variable = "MMPACK_LAZY_BUNDLE"
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path("lazy.mmpack")
        _ = try BundleWriting.write(BundleDoorTests.source, to: path)
    }

    @Test func givesTheSameBytes() throws {
        let bundle = try Bundle.open(path, access: BundleAccess(isLazy: true))
        for index in bundle.tensors.indices {
            let tensor = try bundle.load(index)
            #expect(tensor.array == BundleDoorTests.source.contents[index])
        }
        let part = try bundle.load(0, bytes: 262_143..<700_001)
        #expect(
            part.array == Array(BundleDoorTests.source.contents[0][262_143..<700_001])
        )
    }

    @Test func servesManyThreadsAtOnce() throws {
        let bundle = try Bundle.open(path, access: BundleAccess(isLazy: true))
        let tensor = try bundle.load(0)
        let content = BundleDoorTests.source.contents[0]
        let differences = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 64) { iteration in
            for step in 0..<200 {
                let place = (iteration * 7_919 + step * 104_729) % content.count
                let byte = Self.byte(of: tensor, at: place)
                if byte != content[place] { differences.wrappingAdd(1, ordering: .relaxed) }
            }
        }
        #expect(differences.load(ordering: .relaxed) == 0)
    }

    @Test func outlivesTheBundle() throws {
        var tensors: [TensorBytes] = []
        for _ in 0..<20 {
            let bundle = try Bundle.open(path, access: BundleAccess(isLazy: true))
            tensors.append(try bundle.load(0))
            // Nobody touches it.
            _ = try bundle.load(0)
        }
        for tensor in tensors {
            #expect(
                Self.byte(of: tensor, at: 1_000_000)
                    == BundleDoorTests.source.contents[0][1_000_000]
            )
        }
    }

    static func byte(of tensor: TensorBytes, at offset: Int) -> UInt8 {
        tensor.bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    #if os(Linux)
    /// In a process of its own, which ends.
    @Test func damageEndsTheProcessWhereItIsTouchedAndIsNamed() async throws {
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let chunk = try #require(try BundleDoorTests.chunks(of: bytes).first { $0.logical.lowerBound > 0 })
        #expect(chunk.tensor == 0)
        bytes[chunk.stored.lowerBound + 100] ^= 4
        setenv(Self.variable, try folder.file("damaged.mmpack", bytes), 1)
        let result = try await #require(
            processExitsWith: .exitCode(74),
            observing: [\.standardErrorContent]
        ) {
            MappingFaults.endProcess(saying: "error: ", status: 74)
            let path = String(cString: try #require(getenv(LazyBundleTests.variable)))
            let bundle = try Bundle.open(path, access: BundleAccess(isLazy: true))
            let tensor = try bundle.load(0)
            // The window before the damage is there.
            guard LazyBundleTests.byte(of: tensor, at: 0) == BundleDoorTests.source.contents[0][0] else { exit(1) }
            exit(Int32(LazyBundleTests.byte(of: tensor, at: 300_000)))
        }
        let talk = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(talk.contains("damaged.mmpack: chunk 1: the stored bytes do not match their checksum\n"), "\(talk)")
    }
    #endif
}

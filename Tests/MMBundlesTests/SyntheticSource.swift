import MMBytes
import MMTensors
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Tensors in memory, with bytes drawn from a seed.
struct SyntheticSource: TensorSource {
    let tensors: [TensorDescriptor]
    let contents: [[UInt8]]
    /// Throws from this tensor on.
    var failingTensor: Int?
    /// The process is killed by reading this tensor.
    var killingTensor: Int?
    /// The tensors that were read.
    let log = ReadLog()
    var assets: [Asset] = []

    struct Failure: Error, Equatable {}

    var format: String { "synthetic" }
    var configuration: ModelConfiguration { .none }
    var metadata: JSONValue { .object([]) }
    var files: [SourceFile] { [] }

    init(_ tensors: [(String, ElementType, [Int])], seed: UInt64 = 1) {
        var generator = SplitMix64(state: seed)
        self.tensors = tensors.compactMap { name, type, shape in
            Shape(shape).flatMap { TensorDescriptor(name: ByteString(name), type: type, shape: $0) }
        }
        precondition(self.tensors.count == tensors.count)
        contents = self.tensors.map { Self.bytes(of: $0, &generator) }
    }

    /// Weights of about the size that models have for plain floats, noise for the rest.
    static func bytes(of tensor: TensorDescriptor, _ generator: inout SplitMix64) -> [UInt8] {
        guard [.f64, .f32, .f16, .bf16].contains(tensor.type) else {
            return (0..<tensor.byteCount).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(tensor.byteCount)
        for _ in 0..<tensor.shape.elementCount {
            let noise = generator.next()
            let sum = noise & 0xFFFF + noise >> 16 & 0xFFFF + noise >> 32 & 0xFFFF + noise >> 48
            let value = (Double(sum) - 131_070) * 1e-6
            switch tensor.type {
            case .f64: append(value.bitPattern, &bytes)
            case .f32: append(Float(value).bitPattern, &bytes)
            case .f16: append(Float16(value).bitPattern, &bytes)
            default: append(UInt16(truncatingIfNeeded: Float(value).bitPattern >> 16), &bytes)
            }
        }
        return bytes
    }

    private static func append(_ bits: some FixedWidthInteger, _ bytes: inout [UInt8]) {
        for byte in 0..<bits.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
    }

    func read(_ index: Int, at offset: Int, into destination: inout MutableRawSpan) throws {
        log.add(index)
        if let failingTensor, index >= failingTensor { throw Failure() }
        if let killingTensor, index >= killingTensor { kill(getpid(), SIGKILL) }
        let count = destination.byteCount
        destination.withUnsafeMutableBytes { $0.copyBytes(from: contents[index][offset..<offset + count]) }
    }
}

/// Which tensors were read, by any thread.
final class ReadLog: Sendable {
    private let indices = Mutex<Set<Int>>([])

    var all: Set<Int> { indices.withLock { $0 } }

    /// Not inlined: Swift 6.3.1 loses the register of thrown errors in what it would be inlined into.
    @inline(never)
    func add(_ index: Int) { indices.withLock { _ = $0.insert(index) } }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

import CKernels
import MMTestSupport
import Testing

/// The types that kernels know, by GGUF type id.
enum KernelType: UInt32, CaseIterable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q2_K = 10
    case q3_K = 11
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14
    case iq4_NL = 20
    case iq4_XS = 23
    case f64 = 28
    case bf16 = 30
    case tq1_0 = 34
    case tq2_0 = 35
    case mxfp4 = 39

    /// By the name that the goldens use.
    init?(golden name: some StringProtocol) {
        guard let type = Self.allCases.first(where: { "\($0)".uppercased() == name }) else { return nil }
        self = type
    }

    var blockElements: Int { mmk_block_elements(rawValue) }
    var blockBytes: Int { mmk_block_bytes(rawValue) }
    var isQuantized: Bool { blockElements > 1 }
}

enum Kernels {
    static let instructionSets: [KernelISA] = [.scalar, .avx2, .avx512, .neon].filter(mmk_isa_available)

    static func decode(_ type: KernelType, _ blocks: [UInt8], isa: KernelISA) -> [Float]? {
        let count = blocks.count / type.blockBytes * type.blockElements
        var values = [Float](repeating: .nan, count: count)
        return mmk_decode_isa(isa, type.rawValue, blocks, &values, count) ? values : nil
    }

    static func quantize(_ type: KernelType, _ values: [Float], isa: KernelISA, searched: Bool = false) -> [UInt8]? {
        var blocks = [UInt8](repeating: 0xAA, count: values.count / type.blockElements * type.blockBytes)
        let isDone =
            searched
            ? mmk_quantize_searched_isa(isa, type.rawValue, values, &blocks, values.count)
            : mmk_quantize_isa(isa, type.rawValue, values, &blocks, values.count)
        return isDone ? blocks : nil
    }

    static func floats(_ fixture: String) throws -> [Float] {
        try Fixture.bytes(fixture).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { index in
                Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
            }
        }
    }

    /// Reproducible values, roughly normal.
    static func values(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            var sum: Float = -6
            for _ in 0..<12 {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                sum += Float(state >> 40) * 0x1p-24
            }
            return sum * scale
        }
    }

    /// Blocks of any type, from values where the type has an encoder and from a golden where it has none.
    static func blocks(_ type: KernelType, count: Int, seed: UInt64) throws -> [UInt8] {
        let rounded = (count + type.blockElements - 1) / type.blockElements * type.blockElements
        switch type {
        case .f64:
            return values(rounded, seed: seed).flatMap { value in
                withUnsafeBytes(of: Double(value).bitPattern.littleEndian, Array.init)
            }
        case .q2_K, .q3_K, .iq4_XS, .tq1_0, .tq2_0, .mxfp4:
            let golden = try Fixture.bytes("quantizers/decode/\("\(type)".uppercased()).blocks")
            let byteCount = rounded / type.blockElements * type.blockBytes
            return (0..<byteCount).map { golden[$0 % golden.count] }
        case .q4_K, .q5_K, .q6_K, .iq4_NL:
            return try #require(quantize(type, values(rounded, seed: seed), isa: .scalar, searched: true))
        default:
            return try #require(quantize(type, values(rounded, seed: seed), isa: .scalar))
        }
    }
}

extension [Float] {
    var bits: [UInt32] { map(\.bitPattern) }
}

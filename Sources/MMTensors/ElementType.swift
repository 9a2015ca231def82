/// What a tensor's elements are stored as: plain numbers and quantized blocks alike are blocks of so many elements in
/// so many bytes.
///
/// Spelled as safetensors and GGML spell them; where both have a type the spellings agree. Sizes: safetensors README
/// (dtype table), ggml.h and ggml-common.h (block layouts).
// The cases are spelled as GGML spells its types.
// swift-format-ignore: AlwaysUseLowerCamelCase
public enum ElementType: String, Sendable, Hashable, CaseIterable {
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case f8E4M3 = "F8_E4M3"
    case f8E5M2 = "F8_E5M2"
    case f8E4M3FNUZ = "F8_E4M3FNUZ"
    case f8E5M2FNUZ = "F8_E5M2FNUZ"
    case f8E8M0 = "F8_E8M0"
    case f4 = "F4"
    case f6E2M3 = "F6_E2M3"
    case f6E3M2 = "F6_E3M2"
    case i16 = "I16"
    case u16 = "U16"
    case f16 = "F16"
    case bf16 = "BF16"
    case i32 = "I32"
    case u32 = "U32"
    case f32 = "F32"
    case c64 = "C64"
    case f64 = "F64"
    case i64 = "I64"
    case u64 = "U64"
    case q4_0 = "Q4_0"
    case q4_1 = "Q4_1"
    case q5_0 = "Q5_0"
    case q5_1 = "Q5_1"
    case q8_0 = "Q8_0"
    case q8_1 = "Q8_1"
    case q2_K = "Q2_K"
    case q3_K = "Q3_K"
    case q4_K = "Q4_K"
    case q5_K = "Q5_K"
    case q6_K = "Q6_K"
    case q8_K = "Q8_K"
    case iq2_XXS = "IQ2_XXS"
    case iq2_XS = "IQ2_XS"
    case iq3_XXS = "IQ3_XXS"
    case iq1_S = "IQ1_S"
    case iq4_NL = "IQ4_NL"
    case iq3_S = "IQ3_S"
    case iq2_S = "IQ2_S"
    case iq4_XS = "IQ4_XS"
    case iq1_M = "IQ1_M"
    case tq1_0 = "TQ1_0"
    case tq2_0 = "TQ2_0"
    case mxfp4 = "MXFP4"
    case nvfp4 = "NVFP4"
    case q1_0 = "Q1_0"
    case q2_0 = "Q2_0"
}

extension ElementType {
    /// The block that the type is stored in.
    public var block: BlockFormat {
        switch self {
        case .bool, .u8, .i8, .f8E4M3, .f8E5M2, .f8E4M3FNUZ, .f8E5M2FNUZ, .f8E8M0:
            BlockFormat(elementCount: 1, byteCount: 1)
        case .f4: BlockFormat(elementCount: 2, byteCount: 1)
        case .f6E2M3, .f6E3M2: BlockFormat(elementCount: 4, byteCount: 3)
        case .i16, .u16, .f16, .bf16: BlockFormat(elementCount: 1, byteCount: 2)
        case .i32, .u32, .f32: BlockFormat(elementCount: 1, byteCount: 4)
        case .c64, .f64, .i64, .u64: BlockFormat(elementCount: 1, byteCount: 8)
        case .q4_0, .iq4_NL: BlockFormat(elementCount: 32, byteCount: 18)
        case .q4_1: BlockFormat(elementCount: 32, byteCount: 20)
        case .q5_0: BlockFormat(elementCount: 32, byteCount: 22)
        case .q5_1: BlockFormat(elementCount: 32, byteCount: 24)
        case .q8_0: BlockFormat(elementCount: 32, byteCount: 34)
        case .q8_1: BlockFormat(elementCount: 32, byteCount: 36)
        case .q2_K: BlockFormat(elementCount: 256, byteCount: 84)
        case .q3_K, .iq3_S: BlockFormat(elementCount: 256, byteCount: 110)
        case .q4_K: BlockFormat(elementCount: 256, byteCount: 144)
        case .q5_K: BlockFormat(elementCount: 256, byteCount: 176)
        case .q6_K: BlockFormat(elementCount: 256, byteCount: 210)
        case .q8_K: BlockFormat(elementCount: 256, byteCount: 292)
        case .iq2_XXS, .tq2_0: BlockFormat(elementCount: 256, byteCount: 66)
        case .iq2_XS: BlockFormat(elementCount: 256, byteCount: 74)
        case .iq3_XXS: BlockFormat(elementCount: 256, byteCount: 98)
        case .iq1_S: BlockFormat(elementCount: 256, byteCount: 50)
        case .iq2_S: BlockFormat(elementCount: 256, byteCount: 82)
        case .iq4_XS: BlockFormat(elementCount: 256, byteCount: 136)
        case .iq1_M: BlockFormat(elementCount: 256, byteCount: 56)
        case .tq1_0: BlockFormat(elementCount: 256, byteCount: 54)
        case .mxfp4: BlockFormat(elementCount: 32, byteCount: 17)
        case .nvfp4: BlockFormat(elementCount: 64, byteCount: 36)
        case .q1_0: BlockFormat(elementCount: 128, byteCount: 18)
        case .q2_0: BlockFormat(elementCount: 64, byteCount: 18)
        }
    }

    /// The id in ggml.h's `ggml_type`, for the types that GGUF has.
    public var ggmlType: UInt32? { Self.ggmlTypes.first { $0.type == self }?.id }

    public init?(ggmlType id: UInt32) {
        guard let entry = Self.ggmlTypes.first(where: { $0.id == id }) else { return nil }
        self = entry.type
    }

    /// `GGML_TYPE_COUNT` of ggml.h: an id below it that names no type belonged to one that was removed.
    public static let ggmlTypeCount: UInt32 = 43

    /// ggml.h, `enum ggml_type`; the missing ids below 43 were removed from GGML.
    private static let ggmlTypes: [(id: UInt32, type: ElementType)] = [
        (0, .f32), (1, .f16), (2, .q4_0), (3, .q4_1), (6, .q5_0), (7, .q5_1), (8, .q8_0), (9, .q8_1), (10, .q2_K),
        (11, .q3_K), (12, .q4_K), (13, .q5_K), (14, .q6_K), (15, .q8_K), (16, .iq2_XXS), (17, .iq2_XS), (18, .iq3_XXS),
        (19, .iq1_S), (20, .iq4_NL), (21, .iq3_S), (22, .iq2_S), (23, .iq4_XS), (24, .i8), (25, .i16), (26, .i32),
        (27, .i64), (28, .f64), (29, .iq1_M), (30, .bf16), (34, .tq1_0), (35, .tq2_0), (39, .mxfp4), (40, .nvfp4),
        (41, .q1_0), (42, .q2_0),
    ]

    /// Whether the type holds quantized blocks rather than one number after another.
    public var isQuantized: Bool { block.elementCount >= 32 }
}

extension ElementType: CustomStringConvertible {
    public var description: String { rawValue }
}

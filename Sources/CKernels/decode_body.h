// Vector decoders. Every format is read in units of 32 elements: `NAME_unit(block, prepared, j)` gives unit j of a
// chunk as two vectors, with exactly the values of decode_scalar.c. A chunk is a block, or 32 elements of the plain
// types. `NAME_prepare` converts the scales of a chunk once.
#include "scalar.h"
#include "vector.h"

typedef struct {
    f32x16 a, b;
} unit32;

/// Scales of one chunk, already multiplied out; `m` are minimums, negated so that they are added.
typedef struct {
    float d[16];
    float m[16];
} prepared_scales;

MMK_INLINE i8x16 signed_bytes(u8x16 v) {
    i8x16 r;
    memcpy(&r, &v, sizeof r);
    return r;
}

// Halves, in all lanes. Broadcasting from memory before converting spares the way through a general register and the
// move between the halves of a vector.
#if defined(__x86_64__)
MMK_INLINE f32x16 splat_half(const uint8_t *p) {
    const __m128i halves = _mm_set1_epi16((short)load_u16(p));
    const f32x8 v = (f32x8)_mm256_cvtph_ps(halves);
    return (f32x16)__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
}

/// Two halves at p, then zeros.
MMK_INLINE f32x4 two_halves(const uint8_t *p) {
    int pair;
    memcpy(&pair, p, sizeof pair);
    return (f32x4)_mm_cvtph_ps(_mm_cvtsi32_si128(pair));
}
#else
MMK_INLINE f32x16 splat_half(const uint8_t *p) {
    return splat16(vgetq_lane_f32(vcvt_f32_f16(vreinterpret_f16_u16(vdup_n_u16(load_u16(p)))), 0));
}

/// Two halves at p, then zeros.
MMK_INLINE f32x4 two_halves(const uint8_t *p) {
    return (f32x4)vcvt_f32_f16(vreinterpret_f16_u32(vset_lane_u32(load_u32(p), vdup_n_u32(0), 0)));
}
#endif

// --- Four-bit codes ---------------------------------------------------------------------------------------------
// AVX-512 looks the finished value up in a register of 16 floats. The others widen the bytes once for both nibbles
// where levels count up, and look levels up in 16 bytes where they do not.

#if MMK_ISA_IS_AVX512

typedef f32x16 code_table;

MMK_INLINE code_table table_of(i8x16 levels, f32x16 d) { return to_floats(levels) * d; }

MMK_INLINE code_table table_with_min(i8x16 levels, f32x16 d, f32x16 m) { return to_floats(levels) * d + m; }

MMK_INLINE f32x16 permute(i32x16 index, f32x16 table) {
    return (f32x16)_mm512_permutexvar_ps((__m512i)index, (__m512)table);
}

MMK_INLINE f32x16 low_values(code_table t, u8x16 bytes) {
    return permute(__builtin_convertvector(bytes, i32x16), t);
}

MMK_INLINE f32x16 high_values(code_table t, u8x16 bytes) {
    return permute(__builtin_convertvector(bytes, i32x16) >> 4, t);
}

#else

typedef struct {
    i8x16 levels;
    f32x16 d;
} code_table;

MMK_INLINE code_table table_of(i8x16 levels, f32x16 d) { return (code_table){levels, d}; }

MMK_INLINE f32x16 code_values(code_table t, u8x16 codes) {
#if defined(__x86_64__)
    const i8x16 levels = (i8x16)_mm_shuffle_epi8((__m128i)t.levels, (__m128i)codes);
#else
    const i8x16 levels = (i8x16)vqtbl1q_s8((int8x16_t)t.levels, (uint8x16_t)codes);
#endif
    return to_floats(levels) * t.d;
}

MMK_INLINE f32x16 low_values(code_table t, u8x16 bytes) { return code_values(t, bytes & 15); }

MMK_INLINE f32x16 high_values(code_table t, u8x16 bytes) { return code_values(t, bytes >> 4); }

#endif

#define COUNTING_LEVELS ((i8x16){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
#define CENTRED_LEVELS ((i8x16){-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7})

MMK_INLINE i8x16 load_levels(const int8_t *levels) {
    i8x16 v;
    memcpy(&v, levels, sizeof v);
    return v;
}

MMK_INLINE i32x16 widened(const uint8_t *p) { return __builtin_convertvector(load_bytes(p), i32x16); }

MMK_INLINE f32x16 counted(i32x16 codes, f32x16 d, f32x16 m) {
    // A code of five bits times a scale of 17 is exact in f32, so one rounding is the two of the reference.
    return fma16(__builtin_convertvector(codes, f32x16), d, m);
}

MMK_INLINE unit32 nibble_unit(code_table t, const uint8_t *codes) {
    const u8x16 bytes = load_bytes(codes);
    return (unit32){low_values(t, bytes), high_values(t, bytes)};
}

#if MMK_ISA_IS_AVX512

MMK_INLINE unit32 centred_nibbles(const uint8_t *codes, f32x16 d) {
    return nibble_unit(table_of(CENTRED_LEVELS, d), codes);
}

MMK_INLINE unit32 counted_nibbles(const uint8_t *codes, f32x16 d, f32x16 m) {
    return nibble_unit(table_with_min(COUNTING_LEVELS, d, m), codes);
}

/// Codes of nibble half `j % 2` of 32 bytes.
MMK_INLINE unit32 counted_half(const uint8_t *codes, size_t j, f32x16 d, f32x16 m) {
    const code_table t = table_with_min(COUNTING_LEVELS, d, m);
    const u8x16 a = load_bytes(codes), b = load_bytes(codes + 16);
    return j % 2 ? (unit32){high_values(t, a), high_values(t, b)} : (unit32){low_values(t, a), low_values(t, b)};
}

#else

MMK_INLINE f32x16 centred(i32x16 codes, f32x16 d) { return __builtin_convertvector(codes - 8, f32x16) * d; }

MMK_INLINE unit32 centred_nibbles(const uint8_t *codes, f32x16 d) {
    const i32x16 w = widened(codes);
    return (unit32){centred(w & 15, d), centred(w >> 4, d)};
}

MMK_INLINE unit32 counted_nibbles(const uint8_t *codes, f32x16 d, f32x16 m) {
    const i32x16 w = widened(codes);
    return (unit32){counted(w & 15, d, m), counted(w >> 4, d, m)};
}

/// Codes of nibble half `j % 2` of 32 bytes.
MMK_INLINE unit32 counted_half(const uint8_t *codes, size_t j, f32x16 d, f32x16 m) {
    const i32x16 a = widened(codes), b = widened(codes + 16);
    return j % 2 ? (unit32){counted(a >> 4, d, m), counted(b >> 4, d, m)}
                 : (unit32){counted(a & 15, d, m), counted(b & 15, d, m)};
}

#endif

#define PREPARE_NONE(NAME) \
    MMK_INLINE void NAME##_prepare(const uint8_t *b, prepared_scales *p) { (void)b, (void)p; }
#define UNIT(NAME) MMK_INLINE unit32 NAME##_unit(const uint8_t *b, const prepared_scales *p, size_t j)

PREPARE_NONE(q4_0)
UNIT(q4_0) {
    (void)p, (void)j;
    return centred_nibbles(b + 2, splat_half(b));
}

PREPARE_NONE(q4_1)
UNIT(q4_1) {
    (void)p, (void)j;
    return counted_nibbles(b + 4, splat_half(b), splat_half(b + 2));
}

PREPARE_NONE(iq4_nl)
UNIT(iq4_nl) {
    (void)p, (void)j;
    return nibble_unit(table_of(load_levels(mmk_iq4_levels), splat_half(b)), b + 2);
}

PREPARE_NONE(mxfp4)
UNIT(mxfp4) {
    (void)p, (void)j;
    return nibble_unit(table_of(load_levels(mmk_mxfp4_levels), splat16(e8m0_half(b[0]))), b + 1);
}

// --- Five and eight bits ----------------------------------------------------------------------------------------

/// 32 bytes as one vector.
MMK_INLINE u8x32 load_bytes32(const uint8_t *p) {
    u8x32 v;
    memcpy(&v, p, sizeof v);
    return v;
}

typedef struct {
    i32x16 a, b;
} code_pair;

/// 16 where bit i of the four bytes at p is set, for element i.
#if defined(__x86_64__)
MMK_INLINE code_pair fifth_bits(const uint8_t *p) {
    // The bits of an element are shifted to their place in the words that begin a byte before and a byte behind the
    // first; of both, all bytes belong to the block.
    const u32x16 shift = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
    return (code_pair){
        (i32x16)((u32x16)load_u32(p - 1) >> shift) & 16, (i32x16)((u32x16)load_u32(p + 1) >> shift) & 16};
}
#else
MMK_INLINE i32x16 fifth_bits16(const uint8_t *p) {
    const u8x16 select = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    u8x16 spread = (u8x16)p[0];
    spread.hi = p[1];
    return __builtin_convertvector((u8x16)((spread & select) != 0) & 16, i32x16);
}

MMK_INLINE code_pair fifth_bits(const uint8_t *p) { return (code_pair){fifth_bits16(p), fifth_bits16(p + 2)}; }
#endif

/// Codes of 16 bytes of nibbles and four bytes of fifth bits, whose neighbours on both sides can be read.
MMK_INLINE code_pair five_bits(const uint8_t *nibbles, const uint8_t *high) {
    const i32x16 w = widened(nibbles);
    const code_pair bits = fifth_bits(high);
    return (code_pair){(w & 15) | bits.a, (w >> 4) | bits.b};
}

/// 32 signed bytes as floats.
MMK_INLINE unit32 signed_unit(u8x32 codes) {
#if defined(__x86_64__) && !MMK_ISA_IS_AVX512
    // AVX2 widens bytes of memory three times as fast as those of a register, whose halves it first has to move.
    uint8_t bytes[32];
    memcpy(bytes, &codes, sizeof bytes);
    __asm__("" : "+m"(bytes));
    return (unit32){to_floats(signed_bytes(load_bytes(bytes))), to_floats(signed_bytes(load_bytes(bytes + 16)))};
#else
    return (unit32){to_floats(signed_bytes(codes.lo)), to_floats(signed_bytes(codes.hi))};
#endif
}

MMK_INLINE unit32 scaled_unit(u8x32 codes, f32x16 d_a, f32x16 d_b) {
    const unit32 u = signed_unit(codes);
    return (unit32){u.a * d_a, u.b * d_b};
}

MMK_INLINE unit32 scaled_unit_with_min(u8x32 codes, f32x16 d, f32x16 m) {
    // Exact but for one rounding, as `counted`.
    const unit32 u = signed_unit(codes);
    return (unit32){fma16(u.a, d, m), fma16(u.b, d, m)};
}

PREPARE_NONE(q5_0)
UNIT(q5_0) {
    (void)p, (void)j;
    const f32x16 d = splat_half(b);
    const code_pair codes = five_bits(b + 6, b + 2);
    return (unit32){
        __builtin_convertvector(codes.a - 16, f32x16) * d, __builtin_convertvector(codes.b - 16, f32x16) * d};
}

PREPARE_NONE(q5_1)
UNIT(q5_1) {
    (void)p, (void)j;
    const f32x16 d = splat_half(b), m = splat_half(b + 2);
    const code_pair codes = five_bits(b + 8, b + 4);
    return (unit32){counted(codes.a, d, m), counted(codes.b, d, m)};
}

PREPARE_NONE(q8_0)
UNIT(q8_0) {
    (void)p, (void)j;
    const f32x16 d = splat_half(b);
    return (unit32){
        to_floats(signed_bytes(load_bytes(b + 2))) * d, to_floats(signed_bytes(load_bytes(b + 18))) * d};
}

/// Bytes shifted right. There is no such instruction: the shift is by pairs, and bits of the upper byte come down into
/// the lower one, so only its 8 - shift low bits count; callers mask them.
MMK_INLINE u8x32 shifted_right(u8x32 v, size_t shift) {
    return (u8x32)((u16x16)v >> (uint16_t)shift);
}

/// Bytes below 16, four bits up.
MMK_INLINE u8x32 as_high_bits(u8x32 v) {
    return (u8x32)((u16x16)v << 4);
}

// --- Super-blocks -----------------------------------------------------------------------------------------------

/// The eight scales and eight minimums of Q4_K and Q5_K.
MMK_INLINE void scale_min_prepare(const uint8_t *b, prepared_scales *p) {
    const uint32_t s = load_u32(b + 4), m = load_u32(b + 8), both = load_u32(b + 12);
    const uint32_t packed[4] = {
        s & 0x3F3F3F3F, (both & 0x0F0F0F0F) | ((s >> 6) & 0x03030303) << 4,
        m & 0x3F3F3F3F, ((both >> 4) & 0x0F0F0F0F) | ((m >> 6) & 0x03030303) << 4};
    f32x16 factors = splat_half(b);
    factors.hi = -splat_half(b + 2).hi;
    const f32x16 values = byte_floats(load_bytes((const uint8_t *)packed)) * factors;
    const f32x8 scales = values.lo, minimums = values.hi;
    memcpy(p->d, &scales, sizeof scales);
    memcpy(p->m, &minimums, sizeof minimums);
}

MMK_INLINE void q4_k_prepare(const uint8_t *b, prepared_scales *p) { scale_min_prepare(b, p); }
UNIT(q4_k) { return counted_half(b + 16 + 32 * (j / 2), j, splat16(p->d[j]), splat16(p->m[j])); }

MMK_INLINE void q5_k_prepare(const uint8_t *b, prepared_scales *p) { scale_min_prepare(b, p); }
UNIT(q5_k) {
    const u8x32 low = shifted_right(load_bytes32(b + 48 + 32 * (j / 2)), 4 * (j % 2)) & 15;
    const u8x32 codes = low | as_high_bits(shifted_right(load_bytes32(b + 16), j) & 1);
    return scaled_unit_with_min(codes, splat16(p->d[j]), splat16(p->m[j]));
}

MMK_INLINE void q6_k_prepare(const uint8_t *b, prepared_scales *p) {
    store16(p->d, to_floats(signed_bytes(load_bytes(b + 192))) * splat_half(b + 208));
}
UNIT(q6_k) {
    const size_t half = j / 4, part = j % 4;
    const u8x32 low = shifted_right(load_bytes32(b + 64 * half + 32 * (part % 2)), 4 * (part / 2)) & 15;
    const u8x32 high = as_high_bits(shifted_right(load_bytes32(b + 128 + 32 * half), 2 * part) & 3);
    return scaled_unit((low | high) - 32, splat16(p->d[2 * j]), splat16(p->d[2 * j + 1]));
}

MMK_INLINE void q2_k_prepare(const uint8_t *b, prepared_scales *p) {
    const u8x16 packed = load_bytes(b);
    store16(p->d, byte_floats(packed & 15) * splat_half(b + 80));
    store16(p->m, byte_floats(packed >> 4) * -splat_half(b + 82));
}
UNIT(q2_k) {
    const u8x32 codes = shifted_right(load_bytes32(b + 16 + 32 * (j / 4)), 2 * (j % 4)) & 3;
    unit32 u = scaled_unit(codes, splat16(p->d[2 * j]), splat16(p->d[2 * j + 1]));
    u.a += p->m[2 * j];
    u.b += p->m[2 * j + 1];
    return u;
}

/// Sixteen scales of six bits: four words of low nibbles, and one word whose bit pairs belong to them in turn.
MMK_INLINE void q3_k_prepare(const uint8_t *b, prepared_scales *p) {
    const uint32_t first = load_u32(b + 96), second = load_u32(b + 100), high = load_u32(b + 104);
    const uint32_t packed[4] = {
        (first & 0x0F0F0F0F) | (high & 0x03030303) << 4, (second & 0x0F0F0F0F) | (high >> 2 & 0x03030303) << 4,
        (first >> 4 & 0x0F0F0F0F) | (high >> 4 & 0x03030303) << 4,
        (second >> 4 & 0x0F0F0F0F) | (high >> 6 & 0x03030303) << 4};
    const u8x16 scales = load_bytes((const uint8_t *)packed) - 32;
    store16(p->d, to_floats(signed_bytes(scales)) * splat_half(b + 108));
}
UNIT(q3_k) {
    const u8x32 low = shifted_right(load_bytes32(b + 32 + 32 * (j / 4)), 2 * (j % 4)) & 3;
    const u8x32 high = shifted_right(load_bytes32(b), j) & 1;
    return scaled_unit(low + high * 4 - 4, splat16(p->d[2 * j]), splat16(p->d[2 * j + 1]));
}

MMK_INLINE void iq4_xs_prepare(const uint8_t *b, prepared_scales *p) {
    const float d = splat_half(b).x;
    const unsigned high = load_u16(b + 2);
    for (size_t j = 0; j < 8; j++) {
        const int low = (b[4 + j / 2] >> (4 * (j % 2))) & 15;
        p->d[j] = d * (float)((low | (int)((high >> (2 * j)) & 3) << 4) - 32);
    }
}
UNIT(iq4_xs) { return nibble_unit(table_of(load_levels(mmk_iq4_levels), splat16(p->d[j])), b + 8 + 16 * j); }

PREPARE_NONE(tq2_0)
UNIT(tq2_0) {
    (void)p;
    const f32x16 d = splat_half(b + 64);
    return scaled_unit((shifted_right(load_bytes32(b + 32 * (j / 4)), 2 * (j % 4)) & 3) - 1, d, d);
}

// --- Plain types: a chunk is 32 elements ------------------------------------------------------------------------

PREPARE_NONE(f32)
UNIT(f32) {
    (void)p, (void)j;
    unit32 u;
    memcpy(&u, b, sizeof u);
    return u;
}

typedef _Float16 f16x16 __attribute__((ext_vector_type(16)));

PREPARE_NONE(f16)
UNIT(f16) {
    (void)p, (void)j;
    f16x16 a, c;
    memcpy(&a, b, sizeof a);
    memcpy(&c, b + 32, sizeof c);
    return (unit32){__builtin_convertvector(a, f32x16), __builtin_convertvector(c, f32x16)};
}

PREPARE_NONE(bf16)
UNIT(bf16) {
    (void)p, (void)j;
    u16x16 a, c;
    memcpy(&a, b, sizeof a);
    memcpy(&c, b + 32, sizeof c);
    return (unit32){
        floats16(__builtin_convertvector(a, u32x16) << 16), floats16(__builtin_convertvector(c, u32x16) << 16)};
}

PREPARE_NONE(f64)
UNIT(f64) {
    (void)p, (void)j;
    f64x16 a, c;
    memcpy(&a, b, sizeof a);
    memcpy(&c, b + 128, sizeof c);
    return (unit32){__builtin_convertvector(a, f32x16), __builtin_convertvector(c, f32x16)};
}

// Every vector format: name, type id, elements and bytes of a chunk. TQ1_0 stays with the scalar decoder.
#define FOR_EACH_FORMAT(X)                                                                                      \
    X(f32, TYPE_F32, 32, 128) X(f16, TYPE_F16, 32, 64) X(bf16, TYPE_BF16, 32, 64) X(f64, TYPE_F64, 32, 256)      \
    X(q4_0, TYPE_Q4_0, 32, 18) X(q4_1, TYPE_Q4_1, 32, 20) X(q5_0, TYPE_Q5_0, 32, 22) X(q5_1, TYPE_Q5_1, 32, 24)  \
    X(q8_0, TYPE_Q8_0, 32, 34) X(iq4_nl, TYPE_IQ4_NL, 32, 18) X(mxfp4, TYPE_MXFP4, 32, 17)                       \
    X(q2_k, TYPE_Q2_K, 256, 84) X(q3_k, TYPE_Q3_K, 256, 110) X(q4_k, TYPE_Q4_K, 256, 144)                        \
    X(q5_k, TYPE_Q5_K, 256, 176) X(q6_k, TYPE_Q6_K, 256, 210) X(iq4_xs, TYPE_IQ4_XS, 256, 136)                   \
    X(tq2_0, TYPE_TQ2_0, 256, 66)

#define DEFINE_DECODER(NAME, TYPE, ELEMENTS, BYTES)                                                             \
    static void NAME##_decode(const uint8_t *src, float *dst, size_t chunks) {                                  \
        for (size_t c = 0; c < chunks; c++, src += (BYTES)) {                                                   \
            prepared_scales p;                                                                                  \
            NAME##_prepare(src, &p);                                                                            \
            for (size_t j = 0; j < (ELEMENTS) / 32; j++, dst += 32) {                                           \
                const unit32 u = NAME##_unit(src, &p, j);                                                       \
                store16(dst, u.a);                                                                              \
                store16(dst + 16, u.b);                                                                         \
            }                                                                                                   \
        }                                                                                                       \
    }
FOR_EACH_FORMAT(DEFINE_DECODER)

typedef void chunk_decoder(const uint8_t *src, float *dst, size_t chunks);

typedef struct {
    chunk_decoder *decode;
    size_t elements, bytes;
} chunk_format;

#define CHUNK_ENTRY(NAME, TYPE, ELEMENTS, BYTES) [TYPE] = {NAME##_decode, ELEMENTS, BYTES},
static const chunk_format chunk_formats[TYPE_LIMIT] = {FOR_EACH_FORMAT(CHUNK_ENTRY)};

static void decode(uint32_t type, const uint8_t *src, float *dst, size_t count) {
    const chunk_format format = chunk_formats[type];
    size_t done = 0;
    if (format.decode) {
        const size_t chunks = count / format.elements;
        format.decode(src, dst, chunks);
        done = chunks * format.elements;
        src += chunks * format.bytes;
    }
    if (done < count) {
        scalar_decode(type, src, dst + done, count - done);
    }
}

// The matrix product with x rounded to 16 bits, for few tokens: one multiply-add of words takes the place of widening
// weights to floats and scaling each of them. Products and the sums of a block are exact integers (32 products of 8 by
// 15 bits in eight lanes stay below 2^24); blocks are scaled and added in f32 by fused multiply-add. Adjacent products
// share a lane on every instruction set, so all vector kernels give the same bits.
#include "vector.h"

typedef int16_t i16x16 __attribute__((ext_vector_type(16)));

enum { ROUNDED_BLOCK = 32, ROUNDED_COLUMN_LIMIT = 65536 };

/// One token: codes, and for every 32 of them the scale and the sum of what they stand for.
typedef struct {
    int16_t codes[ROUNDED_COLUMN_LIMIT];
    float scales[ROUNDED_COLUMN_LIMIT / ROUNDED_BLOCK];
    float block_sums[ROUNDED_COLUMN_LIMIT / ROUNDED_BLOCK];
} rounded_token;

_Static_assert(sizeof(rounded_token) <= MMK_SCRATCH_BYTES, "the scratch of a thread is shared by all kernels");

/// Sums of one row: two chains of additions, and what the minimums add (lane 0 has something else where a chunk is one
/// block of 32).
typedef struct {
    f32x8 even, odd, minimum;
} row_sums;

MMK_INLINE f32x8 load8(const float *p) {
    f32x8 v;
    memcpy(&v, p, sizeof v);
    return v;
}

MMK_INLINE i16x16 load_words(const int16_t *p) {
    i16x16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

/// Sixteen bytes, zero-extended.
MMK_INLINE i16x16 byte_words(const uint8_t *p) {
    i16x16 v = __builtin_convertvector(load_bytes(p), i16x16);
#if defined(__x86_64__)
    // Left alone, the compiler masks the bytes first and then has to widen them from a register, which costs thrice.
    __asm__("" : "+x"(v));
#endif
    return v;
}

/// Lane l: a[2l] b[2l] + a[2l + 1] b[2l + 1].
MMK_INLINE i32x8 pair_products(i16x16 a, i16x16 b) {
#if defined(__x86_64__)
    return (i32x8)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#else
    const int16x8_t a_low = (int16x8_t)a.lo, a_high = (int16x8_t)a.hi;
    const int16x8_t b_low = (int16x8_t)b.lo, b_high = (int16x8_t)b.hi;
    i32x8 r;
    r.lo = vpaddq_s32(vmull_s16(vget_low_s16(a_low), vget_low_s16(b_low)), vmull_high_s16(a_low, b_low));
    r.hi = vpaddq_s32(vmull_s16(vget_low_s16(a_high), vget_low_s16(b_high)), vmull_high_s16(a_high, b_high));
    return r;
#endif
}

MMK_INLINE f32x8 words_dot(i16x16 a, i16x16 b, const int16_t *x) {
    return __builtin_convertvector(
        pair_products(a, load_words(x)) + pair_products(b, load_words(x + 16)), f32x8);
}

MMK_INLINE f32x8 fma8(f32x8 a, f32x8 b, f32x8 c) { return __builtin_elementwise_fma(a, b, c); }

#define ROUNDED(NAME)              \
    MMK_INLINE void NAME##_rounded( \
        const uint8_t *b, const int16_t *x, const float *scales, const float *block_sums, row_sums *sums)

ROUNDED(q4_0) {
    (void)block_sums;
    const i16x16 w = byte_words(b + 2);
    sums->even = fma8(words_dot((w & 15) - 8, (w >> 4) - 8, x), splat_half(b).lo * scales[0], sums->even);
}

/// The scale and minimum at b times those of x: the product of the scales, and the minimum added to the sums.
MMK_INLINE f32x8 scale_and_min(const uint8_t *b, const float *scales, const float *block_sums, row_sums *sums) {
    const f32x4 both = two_halves(b) * (f32x4){scales[0], block_sums[0], 0, 0};
    sums->minimum.lo += both;
    return (f32x8)both.x;
}

ROUNDED(q4_1) {
    const i16x16 w = byte_words(b + 4);
    sums->even = fma8(words_dot(w & 15, w >> 4, x), scale_and_min(b, scales, block_sums, sums), sums->even);
}

/// All ones in lane i where bit i of the half word at p is clear.
MMK_INLINE i16x16 clear_bits(const uint8_t *p) {
    const u16x16 select = {1,      2,      4,      8,      0x10,   0x20,   0x40,   0x80,
                           0x0100, 0x0200, 0x0400, 0x0800, 0x1000, 0x2000, 0x4000, 0x8000};
    return (i16x16)(((u16x16)load_u16(p) & select) == 0);
}

ROUNDED(q5_0) {
    (void)block_sums;
    const i16x16 w = byte_words(b + 6);
    // Without its fifth bit a code is 16 less.
    const i16x16 low = (w & 15) | (clear_bits(b + 2) & -16), high = (w >> 4) | (clear_bits(b + 4) & -16);
    sums->even = fma8(words_dot(low, high, x), splat_half(b).lo * scales[0], sums->even);
}

ROUNDED(q5_1) {
    const i16x16 w = byte_words(b + 8);
    const i16x16 low = (w & 15) | (~clear_bits(b + 4) & 16), high = (w >> 4) | (~clear_bits(b + 6) & 16);
    sums->even = fma8(words_dot(low, high, x), scale_and_min(b, scales, block_sums, sums), sums->even);
}

ROUNDED(q8_0) {
    (void)block_sums;
    const i16x16 low = __builtin_convertvector(signed_bytes(load_bytes(b + 2)), i16x16);
    const i16x16 high = __builtin_convertvector(signed_bytes(load_bytes(b + 18)), i16x16);
    sums->even = fma8(words_dot(low, high, x), splat_half(b).lo * scales[0], sums->even);
}

/// The levels of sixteen codes below 16.
MMK_INLINE i16x16 level_words(u8x16 codes) {
    const i8x16 levels = load_levels(mmk_iq4_levels);
#if defined(__x86_64__)
    const i8x16 found = (i8x16)_mm_shuffle_epi8((__m128i)levels, (__m128i)codes);
#else
    const i8x16 found = (i8x16)vqtbl1q_s8((int8x16_t)levels, (uint8x16_t)codes);
#endif
    return __builtin_convertvector(found, i16x16);
}

ROUNDED(iq4_nl) {
    (void)block_sums;
    const u8x16 bytes = load_bytes(b + 2);
    sums->even = fma8(
        words_dot(level_words(bytes & 15), level_words(bytes >> 4), x), splat_half(b).lo * scales[0], sums->even);
}

/// Scales of a super-block of eight units times those of x; what its minimums add goes to the sums.
MMK_INLINE void unit_factors(
    const uint8_t *b, const float *scales, const float *block_sums, float factors[8], row_sums *sums) {
    prepared_scales p;
    scale_min_prepare(b, &p);
    const f32x8 f = load8(p.d) * load8(scales);
    memcpy(factors, &f, sizeof f);
    sums->minimum = fma8(load8(p.m), load8(block_sums), sums->minimum);
}

ROUNDED(q4_k) {
    float factors[8];
    unit_factors(b, scales, block_sums, factors, sums);
    UNROLL for (size_t pair = 0; pair < 4; pair++, x += 64) {
        const i16x16 first = byte_words(b + 16 + 32 * pair), second = byte_words(b + 32 + 32 * pair);
        sums->even = fma8(words_dot(first & 15, second & 15, x), (f32x8)factors[2 * pair], sums->even);
        sums->odd = fma8(words_dot(first >> 4, second >> 4, x + 32), (f32x8)factors[2 * pair + 1], sums->odd);
    }
}

ROUNDED(q5_k) {
    float factors[8];
    unit_factors(b, scales, block_sums, factors, sums);
    const i16x16 first_bits = byte_words(b + 16), second_bits = byte_words(b + 32);
    UNROLL for (size_t pair = 0; pair < 4; pair++, x += 64) {
        const i16x16 first = byte_words(b + 48 + 32 * pair), second = byte_words(b + 64 + 32 * pair);
        const int16_t low = (int16_t)(2 * pair), high = (int16_t)(2 * pair + 1);
        sums->even = fma8(
            words_dot(
                (first & 15) | (first_bits >> low & 1) << 4, (second & 15) | (second_bits >> low & 1) << 4, x),
            (f32x8)factors[2 * pair], sums->even);
        sums->odd = fma8(
            words_dot(
                (first >> 4) | (first_bits >> high & 1) << 4, (second >> 4) | (second_bits >> high & 1) << 4, x + 32),
            (f32x8)factors[2 * pair + 1], sums->odd);
    }
}

ROUNDED(q6_k) {
    (void)block_sums;
    prepared_scales p;
    q6_k_prepare(b, &p);
    UNROLL for (size_t unit = 0; unit < 8; unit++, x += 32) {
        const size_t half = unit / 4, part = unit % 4;
        UNROLL for (size_t side = 0; side < 2; side++) {
            const uint8_t *nibbles = b + 64 * half + 32 * (part % 2) + 16 * side;
            const i16x16 low = byte_words(nibbles) >> (int16_t)(4 * (part / 2)) & 15;
            const i16x16 high = byte_words(b + 128 + 32 * half + 16 * side) >> (int16_t)(2 * part) & 3;
            const i32x8 products = pair_products((low | high << 4) - 32, load_words(x + 16 * side));
            f32x8 *sum = side == 0 ? &sums->even : &sums->odd;
            *sum = fma8(
                __builtin_convertvector(products, f32x8), (f32x8)(p.d[2 * unit + side] * scales[unit]), *sum);
        }
    }
}

// Name, type id, elements and bytes of a chunk.
#define FOR_EACH_ROUNDED(X)                                                                                     \
    X(q4_0, TYPE_Q4_0, 32, 18) X(q4_1, TYPE_Q4_1, 32, 20) X(q5_0, TYPE_Q5_0, 32, 22) X(q5_1, TYPE_Q5_1, 32, 24) \
    X(q8_0, TYPE_Q8_0, 32, 34) X(iq4_nl, TYPE_IQ4_NL, 32, 18) X(q4_k, TYPE_Q4_K, 256, 144)                      \
    X(q5_k, TYPE_Q5_K, 256, 176) X(q6_k, TYPE_Q6_K, 256, 210)

#define DEFINE_ROUNDED_ROWS(NAME, TYPE, ELEMENTS, BYTES)                                                      \
    static void NAME##_rounded_rows(const mmk_product *p, const rounded_token *x, float *y) {                 \
        for (size_t r = 0; r < p->rows; r++) {                                                                \
            const uint8_t *w = p->w + r * p->row_bytes;                                                       \
            row_sums sums = {0};                                                                              \
            for (size_t k = 0; k < p->columns; k += (ELEMENTS), w += (BYTES)) {                               \
                __builtin_prefetch((const void *)((uintptr_t)w + 1024), 0, 2);                                \
                NAME##_rounded(w, x->codes + k, x->scales + k / 32, x->block_sums + k / 32, &sums);              \
            }                                                                                                 \
            sums.minimum[0] = (ELEMENTS) == 32 ? 0 : sums.minimum[0];                                         \
            const f32x8 all = (sums.even + sums.odd) + sums.minimum;                                          \
            const f32x4 half = all.lo + all.hi;                                                               \
            y[r] = (half.x + half.z) + (half.y + half.w);                                                     \
        }                                                                                                     \
    }
FOR_EACH_ROUNDED(DEFINE_ROUNDED_ROWS)

typedef void rounded_rows(const mmk_product *p, const rounded_token *x, float *y);

typedef struct {
    rounded_rows *rows;
    size_t elements;
} rounded_format;

#define ROUNDED_ENTRY(NAME, TYPE, ELEMENTS, BYTES) [TYPE] = {NAME##_rounded_rows, ELEMENTS},
static const rounded_format rounded_formats[TYPE_LIMIT] = {FOR_EACH_ROUNDED(ROUNDED_ENTRY)};

/// Rounds 32 values to multiples of a 32767th of the largest; a block with a NaN or an infinity is NaN.
MMK_INLINE void round_block(const float *x, int16_t *codes, float *scale, float *sum) {
    const f32x16 a = load16(x), b = load16(x + 16);
    // Magnitudes compare as integers, and NaN is above all.
    const u32x16 bits_a = bits16(a) & 0x7FFFFFFF, bits_b = bits16(b) & 0x7FFFFFFF;
    const uint32_t top = __builtin_reduce_max(__builtin_elementwise_max(bits_a, bits_b));
    const float largest = float_of(top);
    // Below 2^-100 the reciprocal would leave f32's range, and nothing that small counts beside a weight.
    const bool isFinite = top < 0x7F800000, isZero = largest < 0x1p-100f;
    const float inverse = isFinite && !isZero ? 32767.0f / largest : 0;
    // Adding 1.5 * 2^23 rounds to the nearest integer, ties to even, which is then in the low bits.
    const f32x16 magic = splat16(0x1.8p23f);
    const f32x16 zero = splat16(0);
    const i32x16 integer_a = (i32x16)bits16((isFinite ? a : zero) * inverse + magic) - 0x4B400000;
    const i32x16 integer_b = (i32x16)bits16((isFinite ? b : zero) * inverse + magic) - 0x4B400000;
    const i16x16 codes_a = __builtin_convertvector(integer_a, i16x16);
    const i16x16 codes_b = __builtin_convertvector(integer_b, i16x16);
    memcpy(codes, &codes_a, sizeof codes_a);
    memcpy(codes + 16, &codes_b, sizeof codes_b);
    *scale = !isFinite ? NAN : isZero ? 0 : largest / 32767.0f;
    *sum = (float)__builtin_reduce_add(integer_a + integer_b) * *scale;
}

static void matmul_rounded(uint32_t type, const mmk_product *p) {
    const rounded_format format = rounded_formats[type];
    if (!format.rows || p->tokens > FUSED_TOKENS || p->columns % format.elements != 0 ||
        p->columns > ROUNDED_COLUMN_LIMIT) {
        matmul(type, p);
        return;
    }
    rounded_token *token = (rounded_token *)mmk_scratch;
    for (size_t t = 0; t < p->tokens; t++) {
        const float *x = p->x + t * p->x_stride;
        for (size_t k = 0; k < p->columns; k += ROUNDED_BLOCK) {
            const size_t block = k / ROUNDED_BLOCK;
            round_block(x + k, token->codes + k, &token->scales[block], &token->block_sums[block]);
        }
        format.rows(p, token, p->y + t * p->y_stride);
    }
}

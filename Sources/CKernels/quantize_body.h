// Vector reference quantizers: the bytes of quantize_scalar.c, a block of 32 at a time.
#include "scalar.h"
#include "vector.h"

typedef bool b1x32 __attribute__((ext_vector_type(32)));

/// The value of the first element with the largest magnitude; +0 when all are zero. As integers, the bits of the
/// largest positive value are the signed maximum and those of the largest negative one the unsigned maximum.
MMK_INLINE float first_extreme(const float *x, f32x16 a, f32x16 b) {
    const u32x16 ua = bits16(a), ub = bits16(b);
    const i32x16 sa = (i32x16)ua, sb = (i32x16)ub;
    const uint32_t raw_low = __builtin_reduce_max(ua > ub ? ua : ub);
    const int32_t raw_high = __builtin_reduce_max(sa > sb ? sa : sb);
    const uint32_t low = raw_low >> 31 ? raw_low & 0x7FFFFFFF : 0;
    const uint32_t high = raw_high > 0 ? (uint32_t)raw_high : 0;
    for (size_t i = 0; high == low && high != 0 && i < 32; i++) {
        if ((bits_of(x[i]) & 0x7FFFFFFF) == high) {
            return x[i];
        }
    }
    // Either sign is as likely as the other: a branch would be guessed wrong every second time.
    return float_of((high > low ? high : low) | (uint32_t)(low > high) << 31);
}

/// Smallest and largest value. A zero minimum has the sign of the first zero, as in an ascending strict scan.
MMK_INLINE void range_of(const float *x, f32x16 a, f32x16 b, float *min, float *max) {
    *min = min_lane(min16(a, b));
    *max = max_lane(max16(a, b));
    if (*min == 0.0f) {
        size_t i = 0;
        while (i < 31 && x[i] != 0.0f) {
            i++;
        }
        *min = x[i];
    }
    if (*max == *min) {
        *max = *min;  // zeros of both signs: their difference is +0
    }
}

MMK_INLINE float inverse(float d) { return d != 0.0f ? 1.0f / d : 0.0f; }

/// trunc(v) within 0...limit, which is below 128. A NaN gives 0. By way of signed integers: AVX2 has no conversion to
/// unsigned ones.
MMK_INLINE u8x16 codes_of(f32x16 v, float limit) {
    const f32x16 bounded = min16(max16(v, splat16(0.0f)), splat16(limit));
    return __builtin_convertvector(__builtin_convertvector(bounded, i32x16), u8x16);
}

MMK_INLINE void store_fifth_bits(uint8_t *p, u8x16 a, u8x16 b) {
    u8x32 codes;
    codes.lo = a;
    codes.hi = b;
    const b1x32 isSet = __builtin_convertvector((codes & 16) != 0, b1x32);
    uint32_t bits;
    memcpy(&bits, &isSet, sizeof bits);
    store_u32(p, bits);
}

MMK_INLINE void store_nibbles(uint8_t *p, u8x16 a, u8x16 b) { store_bytes(p, (a & 15) | b << 4); }

#define QUANTIZER(NAME, BYTES)                                                        \
    MMK_INLINE void NAME##_block(const float *x, f32x16 a, f32x16 b, uint8_t *out);   \
    static void NAME##_quantize(const float *src, uint8_t *dst, size_t count) {       \
        for (size_t i = 0; i < count; i += 32, dst += (BYTES)) {                      \
            NAME##_block(src + i, load16(src + i), load16(src + i + 16), dst);        \
        }                                                                             \
    }                                                                                 \
    MMK_INLINE void NAME##_block(const float *x, f32x16 a, f32x16 b, uint8_t *out)

/// Codes of both halves; all 0 where 1/d has overflown.
#define CODES(EXPRESSION_A, EXPRESSION_B, LIMIT)                                \
    u8x16 low = 0, high = 0;                                                    \
    if (!isinf(id)) {                                                           \
        low = codes_of((EXPRESSION_A), (LIMIT)), high = codes_of((EXPRESSION_B), (LIMIT)); \
    }

QUANTIZER(q4_0, 18) {
    const float d = first_extreme(x, a, b) / -8.0f, id = inverse(d);
    CODES(a * id + 8.5f, b * id + 8.5f, 15.0f)
    store_u16(out, float_to_half(d));
    store_nibbles(out + 2, low, high);
}

/// The reduction of each of eight vectors to one value: lane l is that of `rows[l]`.
#define REDUCTION8(NAME, OPERATION)                                                                               \
    MMK_INLINE f32x8 NAME##_of_pair(f32x8 a, f32x8 b) {                                                           \
        return OPERATION(                                                                                         \
            __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13),                                              \
            __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15));                                           \
    }                                                                                                             \
    MMK_INLINE f32x8 NAME##_of_four(f32x8 ab, f32x8 cd) {                                                         \
        return OPERATION(                                                                                         \
            __builtin_shufflevector(ab, cd, 0, 1, 8, 9, 4, 5, 12, 13),                                            \
            __builtin_shufflevector(ab, cd, 2, 3, 10, 11, 6, 7, 14, 15));                                         \
    }                                                                                                             \
    MMK_INLINE f32x8 NAME(const f32x8 *rows) {                                                                    \
        const f32x8 low = NAME##_of_four(NAME##_of_pair(rows[0], rows[1]), NAME##_of_pair(rows[2], rows[3]));     \
        const f32x8 high = NAME##_of_four(NAME##_of_pair(rows[4], rows[5]), NAME##_of_pair(rows[6], rows[7]));    \
        return OPERATION(                                                                                         \
            __builtin_shufflevector(low, high, 0, 1, 2, 3, 8, 9, 10, 11),                                         \
            __builtin_shufflevector(low, high, 4, 5, 6, 7, 12, 13, 14, 15));                                      \
    }

REDUCTION8(least_of_rows, min8)
REDUCTION8(greatest_of_rows, max8)

/// What `first_extreme` gives for each of eight blocks.
MMK_INLINE f32x8 first_extremes(const float *x) {
    f32x8 least[8], greatest[8];
    for (size_t i = 0; i < 8; i++) {
        const f32x16 a = load16(x + 32 * i), b = load16(x + 32 * i + 16);
        const f32x16 low = min16(a, b), high = max16(a, b);
        least[i] = min8(low.lo, low.hi);
        greatest[i] = max8(high.lo, high.hi);
    }
    const f32x8 low = least_of_rows(least), high = greatest_of_rows(greatest);
    f32x8 extremes = -low > high ? low : high;
    // Which of the two comes first, or which zero it is.
    const i32x8 is_tied = -low == high;
    if (__builtin_reduce_or(is_tied)) {
        for (size_t i = 0; i < 8; i++) {
            const float *block = x + 32 * i;
            extremes[i] = is_tied[i] ? first_extreme(block, load16(block), load16(block + 16)) : extremes[i];
        }
    }
    return extremes;
}

/// trunc(v) by an instruction, which has some value for every v.
MMK_INLINE i32x16 truncated(f32x16 v) {
    i32x16 r;
#if MMK_ISA_IS_AVX512
    r = (i32x16)_mm512_cvttps_epi32((__m512)v);
#elif defined(__x86_64__)
    r.lo = (i32x8)_mm256_cvttps_epi32((__m256)v.lo);
    r.hi = (i32x8)_mm256_cvttps_epi32((__m256)v.hi);
#else
    const int32x4_t parts[4] = {
        vcvtq_s32_f32((float32x4_t)v.lo.lo), vcvtq_s32_f32((float32x4_t)v.lo.hi), vcvtq_s32_f32((float32x4_t)v.hi.lo),
        vcvtq_s32_f32((float32x4_t)v.hi.hi)};
    memcpy(&r, parts, sizeof r);
#endif
    return r;
}

/// Codes 0...16, of which 16 counts as 15: those of `a` in the low halves of the bytes, those of `b` in the high ones.
MMK_INLINE u8x16 capped_nibbles(i32x16 a, i32x16 b) {
#if defined(__x86_64__) && !MMK_ISA_IS_AVX512
    // Packing goes by halves of a register: elements 0...3, 8...11 and then 4...7, 12...15.
    const __m256i limit = _mm256_set1_epi16(15);
    const __m256i low = _mm256_min_epi16(_mm256_packs_epi32((__m256i)a.lo, (__m256i)a.hi), limit);
    const __m256i high = _mm256_min_epi16(_mm256_packs_epi32((__m256i)b.lo, (__m256i)b.hi), limit);
    const __m256i both = _mm256_or_si256(low, _mm256_slli_epi16(high, 4));
    const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    return (u8x16)_mm_shuffle_epi32(bytes, 0xD8);
#else
    const u8x16 low = __builtin_convertvector(a, u8x16), high = __builtin_convertvector(b, u8x16);
    return (low > 15 ? 15 : low) | (high > 15 ? 15 : high) << 4;
#endif
}

/// Eight blocks at a time: their scales side by side in one vector.
static void q4_0_quantize_all(const float *src, uint8_t *dst, size_t count) {
    size_t i = 0;
    for (; i + 256 <= count; i += 256) {
        const f32x8 d = first_extremes(src + i) / -8.0f;
        const f32x8 id = d != 0.0f ? 1.0f / d : 0.0f;
        const f16x8 halves = __builtin_convertvector(d, f16x8);
        uint16_t scales[8];
        float inverses[8];
        memcpy(scales, &halves, sizeof scales);
        memcpy(inverses, &id, sizeof inverses);
        if (__builtin_reduce_or(id - id != 0.0f)) {  // an infinite one
            q4_0_quantize(src + i, dst + i / 32 * 18, 256);
            continue;
        }
        for (size_t block = 0; block < 8; block++) {
            const float *x = src + i + 32 * block;
            uint8_t *out = dst + (i / 32 + block) * 18;
            // An element is at most 8 scales from 0, so that its code is one of 0...16.
            const f32x16 inverse_d = splat16(inverses[block]);
            store_u16(out, scales[block]);
            store_bytes(
                out + 2,
                capped_nibbles(
                    truncated(load16(x) * inverse_d + 8.5f), truncated(load16(x + 16) * inverse_d + 8.5f)));
        }
    }
    q4_0_quantize(src + i, dst + i / 32 * 18, count - i);
}

QUANTIZER(q4_1, 20) {
    float min, max;
    range_of(x, a, b, &min, &max);
    const float d = (max - min) / 15.0f, id = inverse(d);
    CODES((a - min) * id + 0.5f, (b - min) * id + 0.5f, 15.0f)
    store_u16(out, float_to_half(d));
    store_u16(out + 2, float_to_half(min));
    store_nibbles(out + 4, low, high);
}

QUANTIZER(q5_0, 22) {
    const float d = first_extreme(x, a, b) / -16.0f, id = inverse(d);
    CODES(a * id + 16.5f, b * id + 16.5f, 31.0f)
    store_u16(out, float_to_half(d));
    store_fifth_bits(out + 2, low, high);
    store_nibbles(out + 6, low, high);
}

QUANTIZER(q5_1, 24) {
    float min, max;
    range_of(x, a, b, &min, &max);
    const float d = (max - min) / 31.0f, id = inverse(d);
    CODES((a - min) * id + 0.5f, (b - min) * id + 0.5f, 31.0f)
    store_u16(out, float_to_half(d));
    store_u16(out + 2, float_to_half(min));
    store_fifth_bits(out + 4, low, high);
    store_nibbles(out + 8, low, high);
}

/// Rounds halves away from zero: the addend is the largest number below 1/2, so that no sum reaches the next integer
/// too early.
MMK_INLINE u8x16 rounded_bytes(f32x16 v) {
    const f32x16 half = floats16((bits16(v) & 0x80000000) | 0x3EFFFFFF);
    const f32x16 moved = min16(max16(v + half, splat16(-128.0f)), splat16(127.0f));
    return __builtin_convertvector(__builtin_convertvector(moved, i32x16), u8x16);
}

QUANTIZER(q8_0, 34) {
    (void)x;
    const float magnitude = max_lane(max16(abs16(a), abs16(b)));
    const float d = magnitude / 127.0f, id = inverse(d);
    u8x16 low = 0, high = 0;
    if (!isinf(id)) {
        low = rounded_bytes(a * id), high = rounded_bytes(b * id);
    }
    store_u16(out, float_to_half(d));
    store_bytes(out + 2, low);
    store_bytes(out + 18, high);
}

static size_t f16_quantize(const float *src, uint8_t *dst, size_t count) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const f32x16 v = load16(src + i);
        const f16x16 narrowed = __builtin_convertvector(v, f16x16);
        u16x16 bits;
        memcpy(&bits, &narrowed, sizeof bits);
        const u16x16 is_nan = __builtin_convertvector(v != v, u16x16);
        bits = (bits & ~is_nan) | (((bits & 0x8000) | 0x7E00) & is_nan);
        memcpy(dst + 2 * i, &bits, sizeof bits);
    }
    return i;
}

static size_t bf16_quantize(const float *src, uint8_t *dst, size_t count) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const f32x16 v = load16(src + i);
        const u32x16 bits = bits16(v);
        const u32x16 rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
        const u32x16 chosen = v != v ? bits >> 16 | 64 : rounded;
        const u16x16 narrowed = __builtin_convertvector(chosen, u16x16);
        memcpy(dst + 2 * i, &narrowed, sizeof narrowed);
    }
    return i;
}

static void quantize(uint32_t type, const float *src, uint8_t *dst, size_t count) {
    size_t done = 0;
    switch (type) {
    case TYPE_Q4_0: q4_0_quantize_all(src, dst, count); return;
    case TYPE_Q4_1: q4_1_quantize(src, dst, count); return;
    case TYPE_Q5_0: q5_0_quantize(src, dst, count); return;
    case TYPE_Q5_1: q5_1_quantize(src, dst, count); return;
    case TYPE_Q8_0: q8_0_quantize(src, dst, count); return;
    case TYPE_F16: done = f16_quantize(src, dst, count); break;
    case TYPE_BF16: done = bf16_quantize(src, dst, count); break;
    default: break;
    }
    scalar_quantize(type, src + done, dst + 2 * done, count - done);
}

static size_t count_nonfinite(const float *src, size_t count) {
    size_t total = 0, i = 0;
    while (i + 16 <= count) {
        // A lane counts down from 0, so it cannot wrap within 2^16 steps.
        i32x16 lanes = 0;
        for (size_t step = 0; step < 65536 && i + 16 <= count; step++, i += 16) {
            lanes += (bits16(load16(src + i)) & 0x7F800000) == 0x7F800000;
        }
        total += (size_t)(-(int64_t)__builtin_reduce_add(lanes));
    }
    for (; i < count; i++) {
        total += !isfinite(src[i]);
    }
    return total;
}

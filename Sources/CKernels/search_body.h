// Quantizers that search. For every block they look for the stored scale (and minimum) with the least sum of squared
// errors; without knowledge of the activations every element counts the same. Products are rounded before they are
// added, so the bytes are the same on every instruction set.
//
// The search is that of k-means in one dimension with equidistant centres: given codes, the best scale is a least
// squares fit; given a scale, the best codes are the nearest. Several starting scales are tried, the fits compared,
// and the best one is refined with the scale rounded to what can be stored. The reference block is a candidate too,
// so the result is never worse than it.
#include "scalar.h"
#include "vector.h"

/// Blocks whose largest magnitude lies outside are left to the reference rules: their sums of squares could leave
/// the range of f32, and their scales are zero or infinite in f16 anyway.
static const float search_smallest = 0x1p-40f, search_largest = 0x1p40f;

/// 32 values; a sub-block of 16 has zeros in b.
typedef struct {
    f32x16 a, b;
} values32;

MMK_INLINE values32 load32(const float *p) { return (values32){load16(p), load16(p + 16)}; }

MMK_INLINE float sum32(f32x16 a, f32x16 b) { return sum16(a + b); }

MMK_INLINE float largest_magnitude(values32 x) { return max_lane(max16(abs16(x.a), abs16(x.b))); }

/// Nearest integer within low...high, halves to even: the addition drops the fraction.
MMK_INLINE f32x16 nearest_code(f32x16 v, float low, float high) {
    const f32x16 magic = splat16(0x1.8p23f);
    return min16(max16(v, splat16(low)), splat16(high)) + magic - magic;
}

MMK_INLINE values32 codes_for(values32 x, float inverse_scale, float low, float high) {
    return (values32){
        nearest_code(x.a * inverse_scale, low, high), nearest_code(x.b * inverse_scale, low, high)};
}

MMK_INLINE values32 affine_codes_for(values32 x, float inverse_scale, float min, float high) {
    return (values32){
        nearest_code((x.a - min) * inverse_scale, 0, high), nearest_code((x.b - min) * inverse_scale, 0, high)};
}

MMK_INLINE float error_of(values32 x, values32 codes, float scale, float min) {
    const f32x16 a = codes.a * scale + min - x.a, b = codes.b * scale + min - x.b;
    return sum32(a * a, b * b);
}

MMK_INLINE float as_half(float v) { return half_to_float(float_to_half(v)); }

MMK_INLINE float inverse_or_zero(float v) { return v != 0.0f ? 1.0f / v : 0.0f; }

// --- Scale only -------------------------------------------------------------------------------------------------

typedef struct {
    float low, high;          ///< range of the codes
    float first, step;        ///< codes that the largest magnitude is given at the start: first, first + step, ...
    int count;
    bool both_signs;          ///< also try negative scales; useful where low and high differ
} scale_search;

static const scale_search search_q4_0 = {-8, 7, 6.6f, 0.2f, 13, true};
static const scale_search search_q5_0 = {-16, 15, 14.2f, 0.3f, 9, true};
static const scale_search search_q8_0 = {-127, 127, 126.0f, 0.5f, 4, false};
static const scale_search search_q6_k = {-32, 31, 29.6f, 0.4f, 10, true};

/// Sums of a least squares fit of one scale: x = scale * code.
typedef struct {
    float product, square;
} scale_fit;

MMK_INLINE scale_fit fit_scale(values32 x, values32 codes) {
    return (scale_fit){
        sum32(codes.a * x.a, codes.b * x.b), sum32(codes.a * codes.a, codes.b * codes.b)};
}

/// The scale, not yet rounded, that fits best among the starting points. A fit explains product^2 / square of the
/// sum of squares of x.
MMK_INLINE float search_scale(values32 x, float magnitude, const scale_search *s) {
    scale_fit best = {0, 1};
    for (int sign = 1; sign >= (s->both_signs ? -1 : 1); sign -= 2) {
        for (int i = 0; i < s->count; i++) {
            const float start = (float)sign * (s->first + s->step * (float)i) / magnitude;
            const scale_fit fit = fit_scale(x, codes_for(x, start, s->low, s->high));
            if (fit.product * fit.product * best.square > best.product * best.product * fit.square) {
                best = fit;
            }
        }
    }
    return best.product / best.square;
}

typedef struct {
    float scale, error;
} scored_scale;

/// Alternates codes and scale, the scale always as stored; keeps the least error.
MMK_INLINE scored_scale refine_scale(values32 x, float scale, const scale_search *s) {
    scored_scale best = {as_half(scale), INFINITY};
    float current = best.scale;
    for (int round = 0; round < 3; round++) {
        const values32 codes = codes_for(x, inverse_or_zero(current), s->low, s->high);
        const float error = error_of(x, codes, current, 0);
        if (!(error < best.error)) {
            break;
        }
        best = (scored_scale){current, error};
        const scale_fit fit = fit_scale(x, codes);
        current = as_half(fit.square > 0 ? fit.product / fit.square : 0);
    }
    return best;
}

/// The better of the searched scale and `reference`.
MMK_INLINE float best_scale(values32 x, float magnitude, float reference, const scale_search *s) {
    const scored_scale plain = refine_scale(x, reference, s);
    const scored_scale searched = refine_scale(x, search_scale(x, magnitude, s), s);
    return searched.error < plain.error ? searched.scale : plain.scale;
}

// --- Scale and minimum ------------------------------------------------------------------------------------------

typedef struct {
    float high;         ///< codes are 0...high
    float first, step;  ///< the range is spread over high + first, high + first + step, ... codes at the start
    int count;
} affine_search;

static const affine_search search_4_bits = {15, -1.0f, 0.1f, 21};
static const affine_search search_5_bits = {31, -0.5f, 0.1f, 16};

typedef struct {
    float scale, min, error;
} affine_fit;

/// Least squares fit of x = scale * code + min; min at most 0 when `is_min_negative`.
MMK_INLINE affine_fit fit_affine(values32 x, values32 codes, float sum_x, bool is_min_negative) {
    const float n = 32;
    const float sum_l = sum32(codes.a, codes.b), sum_ll = sum32(codes.a * codes.a, codes.b * codes.b);
    const float sum_lx = sum32(codes.a * x.a, codes.b * x.b);
    const float determinant = n * sum_ll - sum_l * sum_l;
    affine_fit fit = {0, sum_x / n, 0};
    if (determinant > 0) {
        fit.scale = (n * sum_lx - sum_x * sum_l) / determinant;
        fit.min = (sum_ll * sum_x - sum_l * sum_lx) / determinant;
    }
    if (is_min_negative && fit.min > 0) {
        fit.min = 0;
        fit.scale = sum_ll > 0 ? sum_lx / sum_ll : 0;
    }
    fit.error = error_of(x, codes, fit.scale, fit.min);
    return fit;
}

MMK_INLINE affine_fit search_affine(values32 x, const affine_search *s, bool is_min_negative) {
    float min = min_lane(min16(x.a, x.b));
    const float max = max_lane(max16(x.a, x.b)), sum_x = sum32(x.a, x.b);
    min = is_min_negative && min > 0 ? 0 : min;
    affine_fit best = {0, min, INFINITY};
    if (!(max > min)) {
        return best;
    }
    for (int i = 0; i < s->count; i++) {
        const float start = (s->high + s->first + s->step * (float)i) / (max - min);
        const values32 codes = affine_codes_for(x, start, min, s->high);
        const affine_fit fit = fit_affine(x, codes, sum_x, is_min_negative);
        if (fit.error < best.error && fit.scale > 0) {
            best = fit;
        }
    }
    return best;
}

MMK_INLINE affine_fit refine_affine(values32 x, affine_fit start, const affine_search *s) {
    affine_fit best = {as_half(start.scale), as_half(start.min), INFINITY};
    affine_fit current = best;
    const float sum_x = sum32(x.a, x.b);
    for (int round = 0; round < 3; round++) {
        const values32 codes = affine_codes_for(x, inverse_or_zero(current.scale), current.min, s->high);
        current.error = error_of(x, codes, current.scale, current.min);
        if (!(current.error < best.error)) {
            break;
        }
        best = current;
        current = fit_affine(x, codes, sum_x, false);
        current.scale = as_half(current.scale);
        current.min = as_half(current.min);
    }
    return best;
}

MMK_INLINE affine_fit best_affine(values32 x, const affine_search *s) {
    const float min = min_lane(min16(x.a, x.b)), max = max_lane(max16(x.a, x.b));
    const affine_fit plain = refine_affine(x, (affine_fit){(max - min) / s->high, min, 0}, s);
    const affine_fit searched = refine_affine(x, search_affine(x, s, false), s);
    return searched.error < plain.error ? searched : plain;
}

// --- Blocks of 32 -----------------------------------------------------------------------------------------------

MMK_INLINE u8x16 code_bytes(f32x16 codes) {
    return __builtin_convertvector(__builtin_convertvector(codes, i32x16), u8x16);
}

typedef struct {
    uint8_t codes[32];
} packed_codes;

MMK_INLINE packed_codes bytes_of(values32 codes, float offset) {
    packed_codes p;
    store_bytes(p.codes, code_bytes(codes.a + offset));
    store_bytes(p.codes + 16, code_bytes(codes.b + offset));
    return p;
}

MMK_INLINE void write_nibbles(packed_codes p, uint8_t *out) {
    for (size_t i = 0; i < 16; i++) {
        out[i] = (uint8_t)((p.codes[i] & 15) | p.codes[i + 16] << 4);
    }
}

MMK_INLINE void write_fifth_bits(packed_codes p, uint8_t *out) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 32; i++) {
        bits |= (uint32_t)(p.codes[i] >> 4 & 1) << i;
    }
    store_u32(out, bits);
}

MMK_INLINE float signed_extreme(values32 x, float magnitude) {
    return max_lane(max16(x.a, x.b)) == magnitude ? magnitude : -magnitude;
}

static void search_block_symmetric(uint32_t type, const float *src, float magnitude, uint8_t *out) {
    const values32 x = load32(src);
    const float extreme = signed_extreme(x, magnitude);
    switch (type) {
    case TYPE_Q4_0: {
        const float d = best_scale(x, magnitude, extreme / -8.0f, &search_q4_0);
        store_u16(out, float_to_half(d));
        write_nibbles(bytes_of(codes_for(x, inverse_or_zero(d), -8, 7), 8), out + 2);
        return;
    }
    case TYPE_Q5_0: {
        const float d = best_scale(x, magnitude, extreme / -16.0f, &search_q5_0);
        const packed_codes codes = bytes_of(codes_for(x, inverse_or_zero(d), -16, 15), 16);
        store_u16(out, float_to_half(d));
        write_fifth_bits(codes, out + 2);
        write_nibbles(codes, out + 6);
        return;
    }
    default: {
        const float d = best_scale(x, magnitude, magnitude / 127.0f, &search_q8_0);
        const packed_codes codes = bytes_of(codes_for(x, inverse_or_zero(d), -127, 127), 0);
        store_u16(out, float_to_half(d));
        memcpy(out + 2, codes.codes, 32);
        return;
    }
    }
}

static void search_block_affine(uint32_t type, const float *src, uint8_t *out) {
    const values32 x = load32(src);
    const affine_search *s = type == TYPE_Q4_1 ? &search_4_bits : &search_5_bits;
    const affine_fit fit = best_affine(x, s);
    const packed_codes codes = bytes_of(affine_codes_for(x, inverse_or_zero(fit.scale), fit.min, s->high), 0);
    store_u16(out, float_to_half(fit.scale));
    store_u16(out + 2, float_to_half(fit.min));
    if (type == TYPE_Q5_1) {
        write_fifth_bits(codes, out + 4);
        out += 4;
    }
    write_nibbles(codes, out + 4);
}

// --- IQ4_NL -----------------------------------------------------------------------------------------------------

typedef struct {
    f32x16 levels;
    i32x16 codes;
} level_choice;

#if defined(__x86_64__) && MMK_HAS_FMA

typedef int32_t i32x8 __attribute__((ext_vector_type(8)));

typedef struct {
    f32x8 levels;
    i32x8 codes;
} half_choice;

/// Entry `index & 7` of a table.
MMK_INLINE f32x8 entries(f32x8 table, i32x8 index) {
    return (f32x8)_mm256_permutevar8x32_ps((__m256)table, (__m256i)index);
}

/// A binary search among the middles between the levels, both written out. `path` is minus the code's leading bits,
/// since a comparison gives -1 for true; so the tables have the entry of path -i at place 8 - i.
MMK_INLINE half_choice nearest_of_eight(f32x8 v) {
    const f32x8 thirds = {-93.5f, 0, 0, 0, 0, 79, 19, -28.5f};
    const f32x8 fourths = {-115.5f, 101, 61, 31.5f, 7, -16, -42, -74};
    const f32x8 low = {-127, -10, -22, -35, -49, -65, -83, -104}, high = {1, 113, 89, 69, 53, 38, 25, 13};
    const i32x8 is_high = v > (f32x8)-4.5f;
    i32x8 path = is_high + is_high + (v > (is_high ? (f32x8)45.5f : (f32x8)-57.0f));
    path += path + (v > entries(thirds, path));
    path += path + (v > entries(fourths, path));
    return (half_choice){is_high ? entries(high, path) : entries(low, path), -path};
}

/// The nearest of the sixteen levels; halfway between two it is the lower.
MMK_INLINE level_choice nearest_level(f32x16 v) {
    const half_choice low = nearest_of_eight(v.lo), high = nearest_of_eight(v.hi);
    level_choice choice;
    choice.levels.lo = low.levels, choice.levels.hi = high.levels;
    choice.codes.lo = low.codes, choice.codes.hi = high.codes;
    return choice;
}

#else

/// The nearest of the sixteen levels; halfway between two it is the lower.
MMK_INLINE level_choice nearest_level(f32x16 v) {
    level_choice choice = {splat16((float)mmk_iq4_levels[0]), 0};
    for (int k = 0; k < 15; k++) {
        const float low = (float)mmk_iq4_levels[k], high = (float)mmk_iq4_levels[k + 1];
        const i32x16 is_above = v > splat16((low + high) * 0.5f);
        choice.codes -= is_above;
        choice.levels = is_above ? splat16(high) : choice.levels;
    }
    return choice;
}

#endif

MMK_INLINE values32 levels_for(values32 x, float inverse_scale) {
    return (values32){nearest_level(x.a * inverse_scale).levels, nearest_level(x.b * inverse_scale).levels};
}

static void search_block_iq4_nl(const float *src, float magnitude, uint8_t *out) {
    const values32 x = load32(src);
    scale_fit best = {0, 1};
    for (int sign = 1; sign >= -1; sign -= 2) {
        for (int i = 0; i < 9; i++) {
            const float start = (float)sign * (101.0f + 5.0f * (float)i) / magnitude;
            const scale_fit fit = fit_scale(x, levels_for(x, start));
            if (fit.product * fit.product * best.square > best.product * best.product * fit.square) {
                best = fit;
            }
        }
    }
    float current = as_half(best.product / best.square), d = current, least = INFINITY;
    for (int round = 0; round < 3; round++) {
        const values32 levels = levels_for(x, inverse_or_zero(current));
        const float error = error_of(x, levels, current, 0);
        if (!(error < least)) {
            break;
        }
        d = current;
        least = error;
        const scale_fit fit = fit_scale(x, levels);
        current = as_half(fit.square > 0 ? fit.product / fit.square : 0);
    }
    packed_codes codes;
    const u8x16 a = __builtin_convertvector(nearest_level(x.a * inverse_or_zero(d)).codes, u8x16);
    const u8x16 b = __builtin_convertvector(nearest_level(x.b * inverse_or_zero(d)).codes, u8x16);
    store_bytes(codes.codes, a);
    store_bytes(codes.codes + 16, b);
    store_u16(out, float_to_half(d));
    write_nibbles(codes, out + 2);
}

// --- Super-blocks -----------------------------------------------------------------------------------------------

MMK_INLINE int clamped_int(float v, int low, int high) {
    if (!(v > (float)low)) {
        return low;
    }
    return v < (float)high ? (int)(v + 0x1.8p23f - 0x1.8p23f) : high;
}

typedef struct {
    int scale, min;
} packed_scale;

/// Of the packed scale and minimum nearest to the fit and their neighbours, those with the least error.
MMK_INLINE packed_scale best_packed(values32 x, affine_fit fit, float d, float dmin, float high) {
    const int scale = clamped_int(fit.scale * inverse_or_zero(d), 0, 63);
    const int min = clamped_int(-fit.min * inverse_or_zero(dmin), 0, 63);
    packed_scale best = {scale, min};
    float least = INFINITY;
    for (int i = 0; i < 9; i++) {
        // 0, +1, -1, so that a tie keeps the nearest
        const int s = scale + (i % 3 == 2 ? -1 : i % 3), m = min + (i / 3 == 2 ? -1 : i / 3);
        if (s < 0 || s > 63 || m < 0 || m > 63) {
            continue;
        }
        const float ds = d * (float)s, dm = dmin * (float)m;
        const float error = error_of(x, affine_codes_for(x, inverse_or_zero(ds), -dm, high), ds, -dm);
        if (error < least) {
            least = error;
            best = (packed_scale){s, m};
        }
    }
    return best;
}

MMK_INLINE void write_packed_scales(const packed_scale *scales, uint8_t *out) {
    for (size_t j = 0; j < 4; j++) {
        const packed_scale low = scales[j], high = scales[j + 4];
        out[j] = (uint8_t)(low.scale | (high.scale >> 4) << 6);
        out[j + 4] = (uint8_t)(low.min | (high.min >> 4) << 6);
        out[j + 8] = (uint8_t)((high.scale & 15) | (high.min & 15) << 4);
    }
}

/// Q4_K (no fifth bits) and Q5_K.
static void search_block_affine_k(uint32_t type, const float *src, uint8_t *out) {
    const affine_search *s = type == TYPE_Q4_K ? &search_4_bits : &search_5_bits;
    uint8_t *high_bits = type == TYPE_Q5_K ? out + 16 : NULL, *nibbles = type == TYPE_Q5_K ? out + 48 : out + 16;
    affine_fit fits[8];
    float max_scale = 0, max_min = 0;
    for (size_t j = 0; j < 8; j++) {
        fits[j] = search_affine(load32(src + 32 * j), s, true);
        max_scale = fits[j].scale > max_scale ? fits[j].scale : max_scale;
        max_min = -fits[j].min > max_min ? -fits[j].min : max_min;
    }
    const float d = as_half(max_scale / 63.0f), dmin = as_half(max_min / 63.0f);
    packed_scale scales[8];
    memset(out, 0, mmk_block_formats[type].bytes);
    for (size_t j = 0; j < 8; j++) {
        const values32 x = load32(src + 32 * j);
        scales[j] = best_packed(x, fits[j], d, dmin, s->high);
        const float ds = d * (float)scales[j].scale, dm = dmin * (float)scales[j].min;
        const packed_codes p = bytes_of(affine_codes_for(x, inverse_or_zero(ds), -dm, s->high), 0);
        for (size_t i = 0; i < 32; i++) {
            nibbles[32 * (j / 2) + i] |= (uint8_t)((p.codes[i] & 15) << (4 * (j % 2)));
            if (high_bits) {
                high_bits[i] |= (uint8_t)((p.codes[i] >> 4 & 1) << j);
            }
        }
    }
    store_u16(out, float_to_half(d));
    store_u16(out + 2, float_to_half(dmin));
    write_packed_scales(scales, out + 4);
}

MMK_INLINE int best_packed_q6(values32 x, float scale, float d) {
    const int nearest = clamped_int(scale * inverse_or_zero(d), -128, 127);
    int best = nearest;
    float least = INFINITY;
    for (int i = 0; i < 5; i++) {
        const int s = nearest + (i % 2 ? (i + 1) / 2 : -(i / 2));
        if (s < -128 || s > 127) {
            continue;
        }
        const float ds = d * (float)s;
        const float error = error_of(x, codes_for(x, inverse_or_zero(ds), -32, 31), ds, 0);
        if (error < least) {
            least = error;
            best = s;
        }
    }
    return best;
}

static void search_block_q6_k(const float *src, uint8_t *out) {
    float scales[16], widest = 0;
    for (size_t j = 0; j < 16; j++) {
        const values32 x = {load16(src + 16 * j), splat16(0)};
        const float magnitude = largest_magnitude(x);
        scales[j] = magnitude > search_smallest ? search_scale(x, magnitude, &search_q6_k) : 0;
        widest = fabsf(scales[j]) > fabsf(widest) ? scales[j] : widest;
    }
    const float d = as_half(widest / -128.0f);
    memset(out, 0, 210);
    for (size_t j = 0; j < 16; j++) {
        const values32 x = {load16(src + 16 * j), splat16(0)};
        const int scale = best_packed_q6(x, scales[j], d);
        const float ds = d * (float)scale;
        const packed_codes p = bytes_of(codes_for(x, inverse_or_zero(ds), -32, 31), 32);
        out[192 + j] = (uint8_t)scale;
        const size_t half = j / 8, part = j % 8 / 2, first = j % 2 * 16;
        for (size_t i = 0; i < 16; i++) {
            out[64 * half + 32 * (part % 2) + first + i] |= (uint8_t)((p.codes[i] & 15) << (4 * (part / 2)));
            out[128 + 32 * half + first + i] |= (uint8_t)(p.codes[i] >> 4 << (2 * part));
        }
    }
    store_u16(out + 208, float_to_half(d));
}

/// A block that the search leaves alone: the reference block of 32, or a super-block of zero or infinite scale.
static void write_unsearched(uint32_t type, const float *src, float magnitude, uint8_t *out) {
    if (mmk_can_quantize(type)) {
        scalar_quantize(type, src, out, 32);
        return;
    }
    const float d = magnitude > 1.0f ? INFINITY : 0.0f;
    memset(out, 0, mmk_block_formats[type].bytes);
    store_u16(type == TYPE_Q6_K ? out + 208 : out, float_to_half(d));
}

static void search_block(uint32_t type, const float *src, uint8_t *out) {
    float magnitude = 0;
    for (size_t i = 0; i < mmk_block_formats[type].elements; i += 32) {
        const float found = largest_magnitude(load32(src + i));
        magnitude = found > magnitude ? found : magnitude;
    }
    if (!(magnitude >= search_smallest && magnitude <= search_largest)) {
        write_unsearched(type, src, magnitude, out);
        return;
    }
    switch (type) {
    case TYPE_Q4_0: case TYPE_Q5_0: case TYPE_Q8_0: search_block_symmetric(type, src, magnitude, out); return;
    case TYPE_Q4_1: case TYPE_Q5_1: search_block_affine(type, src, out); return;
    case TYPE_IQ4_NL: search_block_iq4_nl(src, magnitude, out); return;
    case TYPE_Q6_K: search_block_q6_k(src, out); return;
    default: search_block_affine_k(type, src, out); return;
    }
}

static void quantize_searched(uint32_t type, const float *src, uint8_t *dst, size_t count) {
    const mmk_block_format format = mmk_block_formats[type];
    for (size_t i = 0; i < count; i += format.elements, dst += format.bytes) {
        search_block(type, src + i, dst);
    }
}

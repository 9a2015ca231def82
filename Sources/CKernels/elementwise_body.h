// Elementwise steps of a transformer, sixteen lanes at a time.
#include "vector.h"

/// exp to 1 ulp: Cody-Waite reduction by ln 2 in two parts, then 1 + (r + r^2 q(r)) with q fitted for the least
/// relative error of exp on [-ln 2 / 2, ln 2 / 2] (Lawson's iteration; 3e-9). The power of two is applied in two
/// factors, so that subnormal results come out rounded. Below -104 it gives 0, above 89 infinity, NaN for NaN.
MMK_INLINE f32x16 exp16(f32x16 x) {
    const f32x16 bounded = min16(max16(x, splat16(-105.0f)), splat16(90.0f));
    const f32x16 magic = splat16(0x1.8p23f);
    const f32x16 rounded = fma16(bounded, splat16(0x1.715476p0f), magic);
    const f32x16 n = rounded - magic;
    f32x16 r = fma16(n, splat16(-0x1.62e4p-1f), bounded);
    r = fma16(n, splat16(-0x1.7f7d1cp-20f), r);
    f32x16 q = splat16(0x1.6a215ap-10f);
    q = fma16(q, r, splat16(0x1.123b9ap-7f));
    q = fma16(q, r, splat16(0x1.5558fcp-5f));
    q = fma16(q, r, splat16(0x1.555490p-3f));
    q = fma16(q, r, splat16(0x1.fffffcp-2f));
    const f32x16 p = fma16(r * r, q, r) + 1.0f;
    const i32x16 exponent = (i32x16)(bits16(rounded) - 0x4B400000);
    const i32x16 half = exponent >> 1;
    const f32x16 first = floats16((u32x16)(half + 127) << 23);
    const f32x16 second = floats16((u32x16)(exponent - half + 127) << 23);
    const f32x16 result = p * first * second;
    return x != x ? x : result;
}

MMK_INLINE f32x16 sigmoid16(f32x16 x) { return 1.0f / (1.0f + exp16(-x)); }

/// x * sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)), which is the tanh form of GELU.
MMK_INLINE f32x16 gelu_tanh16(f32x16 x) {
    const f32x16 inner = 1.5957691216057308f * x * (1.0f + 0.044715f * x * x);
    return x * sigmoid16(inner);
}

MMK_INLINE f32x16 silu16(f32x16 x) { return x * sigmoid16(x); }
MMK_INLINE f32x16 quick_gelu16(f32x16 x) { return x * sigmoid16(1.702f * x); }

/// out[i] = EXPRESSION of u = a[i] and v = b[i], over whole vectors and a rest.
#define FOR_PAIRS(OUT, A, B, N, EXPRESSION)                                                        \
    do {                                                                                           \
        const size_t rest = (N) % 16, whole = (N)-rest;                                            \
        for (size_t k = 0; k < whole; k += 16) {                                                   \
            const f32x16 u = load16((A) + k), v = load16((B) + k);                                 \
            (void)v;                                                                               \
            store16((OUT) + k, (EXPRESSION));                                                      \
        }                                                                                          \
        if (rest > 0) {                                                                            \
            const f32x16 u = load_first((A) + whole, rest, 0), v = load_first((B) + whole, rest, 0); \
            (void)v;                                                                               \
            store_first((OUT) + whole, (EXPRESSION), rest);                                        \
        }                                                                                          \
    } while (0)

static void silu_mul(const float *gate, const float *up, size_t n, float *out) {
    FOR_PAIRS(out, gate, up, n, silu16(u) * v);
}

static void gelu_tanh_mul(const float *gate, const float *up, size_t n, float *out) {
    FOR_PAIRS(out, gate, up, n, gelu_tanh16(u) * v);
}

static void silu(float *x, size_t n) { FOR_PAIRS(x, x, x, n, silu16(u)); }
static void quick_gelu(float *x, size_t n) { FOR_PAIRS(x, x, x, n, quick_gelu16(u)); }
static void gelu_tanh(float *x, size_t n) { FOR_PAIRS(x, x, x, n, gelu_tanh16(u)); }
static void softcap(float *x, float cap, size_t n) { FOR_PAIRS(x, x, x, n, cap * (2.0f * sigmoid16(u * (2.0f / cap)) - 1.0f)); }
static void mul(float *x, const float *y, size_t n) { FOR_PAIRS(x, x, y, n, u * v); }
static void add(float *x, const float *y, size_t n) { FOR_PAIRS(x, x, y, n, u + v); }
static void scale(float *x, float factor, size_t n) { FOR_PAIRS(x, x, x, n, u * factor); }
static void axpy(float a, const float *x, size_t n, float *y) { FOR_PAIRS(y, y, x, n, fma16(splat16(a), v, u)); }

MMK_INLINE f64x16 wide(f32x16 v) { return __builtin_convertvector(v, f64x16); }

static void rms_norm(const float *x, const float *weight, float offset, float eps, size_t n, float *y) {
    f64x16 sums = 0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const f64x16 v = wide(load16(x + i));
        sums += v * v;
    }
    if (i < n) {
        const f64x16 v = wide(load_first(x + i, n - i, 0));
        sums += v * v;
    }
    const float factor = (float)(1.0 / sqrt(sum16_f64(sums) / (double)n + (double)eps));
    FOR_PAIRS(y, x, weight, n, u * factor * (v + offset));
}

static void layer_norm(const float *x, const float *weight, const float *bias, float eps, size_t n, float *y) {
    double sum = 0, squares = 0;
    f64x16 sums = 0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        sums += wide(load16(x + i));
    }
    sums += wide(load_first(x + i, n - i, 0));
    sum = sum16_f64(sums);
    const double mean = sum / (double)n;
    f64x16 deviations = 0;
    for (i = 0; i + 16 <= n; i += 16) {
        const f64x16 v = wide(load16(x + i)) - mean;
        deviations += v * v;
    }
    if (i < n) {
        const f64x16 v = wide(load_first(x + i, n - i, (float)mean)) - mean;
        deviations += v * v;
        const double surplus = (double)(float)mean - mean;
        squares -= (double)(16 - (n - i)) * surplus * surplus;
    }
    squares += sum16_f64(deviations);
    const float factor = (float)(1.0 / sqrt(squares / (double)n + (double)eps)), centre = (float)mean;
    for (i = 0; i + 16 <= n; i += 16) {
        store16(y + i, (load16(x + i) - centre) * factor * load16(weight + i) + load16(bias + i));
    }
    for (; i < n; i++) {
        y[i] = (x[i] - centre) * factor * weight[i] + bias[i];
    }
}

static float max_of(const float *x, size_t n) {
    f32x16 lanes = splat16(-INFINITY);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        lanes = max16(load16(x + i), lanes);
    }
    lanes = max16(load_first(x + i, n - i, -INFINITY), lanes);
    return max_lane(lanes);
}

static void softmax(float *x, size_t n) {
    const float top = max_of(x, n);
    // All -infinity: there is no distribution; the differences below would be NaN.
    const float shift = top == -INFINITY ? 0.0f : top;
    f64x16 sums = 0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const f32x16 v = exp16(load16(x + i) - shift);
        store16(x + i, v);
        sums += wide(v);
    }
    if (i < n) {
        const f32x16 v = exp16(load_first(x + i, n - i, -INFINITY) - shift);
        store_first(x + i, v, n - i);
        sums += wide(v);
    }
    const double sum = sum16_f64(sums);
    scale(x, sum > 0 ? (float)(1.0 / sum) : 0.0f, n);
}

static double log_sum_exp(const float *x, size_t n) {
    const float top = max_of(x, n);
    if (isinf(top)) {
        return (double)top;
    }
    f64x16 sums = 0;
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        sums += wide(exp16(load16(x + i) - top));
    }
    if (i < n) {
        sums += wide(exp16(load_first(x + i, n - i, -INFINITY) - top));
    }
    return (double)top + log(sum16_f64(sums));
}

static void error_stats(const float *a, const float *b, size_t n, mmk_error_sums *sums) {
    f64x16 differences = 0, squares_a = 0, squares_b = 0, products = 0;
    f64x16 largest = 0;
    uint64_t unequal = 0;
    for (size_t i = 0; i < n; i += 16) {
        const size_t count = n - i < 16 ? n - i : 16;
        const f32x16 u = count == 16 ? load16(a + i) : load_first(a + i, count, 0);
        const f32x16 v = count == 16 ? load16(b + i) : load_first(b + i, count, 0);
        const f64x16 wide_u = wide(u), wide_v = wide(v);
        const f64x16 difference = wide_u - wide_v;
        const f64x16 magnitude = difference < 0 ? -difference : difference;
        differences += difference * difference;
        squares_a += wide_u * wide_u;
        squares_b += wide_v * wide_v;
        products += wide_u * wide_v;
        largest = magnitude > largest ? magnitude : largest;
        unequal += (uint64_t)(-__builtin_reduce_add((i32x16)(bits16(u) != bits16(v))));
    }
    sums->squared_difference += sum16_f64(differences);
    sums->squared_a += sum16_f64(squares_a);
    sums->squared_b += sum16_f64(squares_b);
    sums->product += sum16_f64(products);
    for (size_t l = 0; l < 16; l++) {
        sums->max_difference = largest[l] > sums->max_difference ? largest[l] : sums->max_difference;
    }
    sums->unequal += unequal;
    sums->count += n;
}

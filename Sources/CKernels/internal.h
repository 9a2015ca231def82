// What the files of this target share: block layouts, the table of kernels that each instruction set fills in,
// and scalar conversions that are the same everywhere.
#ifndef MMK_INTERNAL_H
#define MMK_INTERNAL_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Stored blocks are little-endian; this host is not."
#endif

#define MMK_INLINE static inline __attribute__((always_inline, unused))

enum {
    TYPE_F32 = 0,
    TYPE_F16 = 1,
    TYPE_Q4_0 = 2,
    TYPE_Q4_1 = 3,
    TYPE_Q5_0 = 6,
    TYPE_Q5_1 = 7,
    TYPE_Q8_0 = 8,
    TYPE_Q2_K = 10,
    TYPE_Q3_K = 11,
    TYPE_Q4_K = 12,
    TYPE_Q5_K = 13,
    TYPE_Q6_K = 14,
    TYPE_IQ4_NL = 20,
    TYPE_IQ4_XS = 23,
    TYPE_F64 = 28,
    TYPE_BF16 = 30,
    TYPE_TQ1_0 = 34,
    TYPE_TQ2_0 = 35,
    TYPE_MXFP4 = 39,
    TYPE_LIMIT = 40,
    SUPER_BLOCK = 256,
};

/// Elements and bytes of one block; elements is 0 for ids that are not decodable.
typedef struct {
    uint16_t elements;
    uint16_t bytes;
} mmk_block_format;

extern const mmk_block_format mmk_block_formats[TYPE_LIMIT];

/// The 16 levels of IQ4_NL and IQ4_XS.
extern const int8_t mmk_iq4_levels[16];

/// Twice the 16 values of FP4 E2M1 (OCP Microscaling Formats 1.0).
extern const int8_t mmk_mxfp4_levels[16];

typedef struct {
    const uint8_t *w;
    size_t row_bytes;
    size_t rows;
    size_t columns;
    const float *x;
    size_t x_stride;
    size_t tokens;
    float *y;
    size_t y_stride;
} mmk_product;

/// The kernels of one instruction set. Arguments have been checked: types known, counts whole blocks.
typedef struct {
    void (*decode)(uint32_t type, const uint8_t *src, float *dst, size_t count);
    void (*quantize)(uint32_t type, const float *src, uint8_t *dst, size_t count);
    void (*quantize_searched)(uint32_t type, const float *src, uint8_t *dst, size_t count);
    void (*matmul)(uint32_t type, const mmk_product *product);
    void (*matmul_rounded)(uint32_t type, const mmk_product *product);
    size_t (*count_nonfinite)(const float *src, size_t count);
    void (*rms_norm)(const float *x, const float *weight, float offset, float eps, size_t n, float *y);
    void (*layer_norm)(const float *x, const float *weight, const float *bias, float eps, size_t n, float *y);
    void (*softmax)(float *x, size_t n);
    double (*log_sum_exp)(const float *x, size_t n);
    void (*silu_mul)(const float *gate, const float *up, size_t n, float *out);
    void (*gelu_tanh_mul)(const float *gate, const float *up, size_t n, float *out);
    void (*silu)(float *x, size_t n);
    void (*quick_gelu)(float *x, size_t n);
    void (*gelu_tanh)(float *x, size_t n);
    void (*softcap)(float *x, float cap, size_t n);
    void (*mul)(float *x, const float *y, size_t n);
    void (*add)(float *x, const float *y, size_t n);
    void (*scale)(float *x, float factor, size_t n);
    void (*axpy)(float a, const float *x, size_t n, float *y);
    float (*dot)(const float *a, const float *b, size_t n);
    void (*error_stats)(const float *a, const float *b, size_t n, mmk_error_sums *sums);
} mmk_kernels;

/// Scratch of the matrix product, one for each thread, whatever instruction set it uses.
enum { MMK_SCRATCH_BYTES = 256 * 1024 };
extern _Alignas(64) _Thread_local float mmk_scratch[MMK_SCRATCH_BYTES / sizeof(float)];

extern const mmk_kernels mmk_kernels_scalar;
#if defined(__x86_64__)
extern const mmk_kernels mmk_kernels_avx2;
extern const mmk_kernels mmk_kernels_avx512;
#elif defined(__aarch64__)
extern const mmk_kernels mmk_kernels_neon;
#endif

MMK_INLINE uint16_t load_u16(const void *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

MMK_INLINE uint32_t load_u32(const void *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

MMK_INLINE void store_u16(void *p, uint16_t v) { memcpy(p, &v, sizeof v); }
MMK_INLINE void store_u32(void *p, uint32_t v) { memcpy(p, &v, sizeof v); }

MMK_INLINE uint32_t bits_of(float x) {
    uint32_t v;
    memcpy(&v, &x, sizeof v);
    return v;
}

MMK_INLINE float float_of(uint32_t bits) {
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/// f16 bits to f32. Subnormals come from an exact subtraction; NaNs become quiet.
MMK_INLINE float half_to_float(uint16_t h) {
    const uint32_t sign = (uint32_t)(h & 0x8000) << 16;
    const uint32_t rest = (uint32_t)(h & 0x7FFF) << 13;
    if (rest >= 0x0F800000) {
        const uint32_t quiet = rest > 0x0F800000 ? 0x00400000 : 0;
        return float_of(sign | 0x7F800000 | (rest & 0x007FFFFF) | quiet);
    }
    if (rest >= 0x00800000) {
        return float_of(sign | (rest + 0x38000000));
    }
    return float_of(sign | bits_of(float_of(rest | 0x38800000) - 0x1p-14f));
}

/// f32 to f16 bits, round to nearest even; NaN gives 0x7E00 with its sign.
MMK_INLINE uint16_t float_to_half(float x) {
    const uint32_t bits = bits_of(x);
    const uint32_t sign = (bits >> 16) & 0x8000;
    const uint32_t magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) {
        return (uint16_t)(sign | 0x7E00);
    }
    if (magnitude >= 0x477FF000) {  // 65520 and above round to infinity
        return (uint16_t)(sign | 0x7C00);
    }
    if (magnitude < 0x38800000) {  // below 2^-14: adding 1/2 leaves the f16 subnormal in the low bits, rounded
        return (uint16_t)(sign | (bits_of(float_of(magnitude) + 0.5f) - 0x3F000000));
    }
    return (uint16_t)(sign | ((magnitude + 0xFFF + ((magnitude >> 13) & 1) - 0x38000000) >> 13));
}

MMK_INLINE float load_half(const void *p) { return half_to_float(load_u16(p)); }

MMK_INLINE uint16_t float_to_bfloat(float x) {
    const uint32_t bits = bits_of(x);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) {
        return (uint16_t)((bits >> 16) | 64);
    }
    return (uint16_t)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

MMK_INLINE float bfloat_to_float(uint16_t b) { return float_of((uint32_t)b << 16); }

/// Half of 2^(e - 127), the shared exponent of MXFP4 (its levels are doubled).
MMK_INLINE float e8m0_half(uint8_t e) {
    return float_of(e < 2 ? (uint32_t)0x00200000 << e : (uint32_t)(e - 1) << 23);
}

/// Scale and minimum j (0..<8) of the 12 packed bytes of Q4_K and Q5_K, 6 bits each.
MMK_INLINE void unpack_scale_min(const uint8_t *packed, size_t j, uint8_t *scale, uint8_t *min) {
    if (j < 4) {
        *scale = packed[j] & 63;
        *min = packed[j + 4] & 63;
    } else {
        *scale = (uint8_t)((packed[j + 4] & 15) | ((packed[j - 4] >> 6) << 4));
        *min = (uint8_t)((packed[j + 4] >> 4) | ((packed[j] >> 6) << 4));
    }
}

/// Scale j (0..<16, already less 32) of the 12 packed bytes of Q3_K, 6 bits each.
MMK_INLINE int unpack_q3_scale(const uint8_t *packed, size_t j) {
    const int low = j < 8 ? packed[j] & 15 : packed[j - 8] >> 4;
    const int high = (packed[8 + j % 4] >> (2 * (j / 4))) & 3;
    return (low | (high << 4)) - 32;
}

#endif

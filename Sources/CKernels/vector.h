// Sixteen-lane vocabulary in clang's vector extension. One text is compiled for every instruction set: sixteen lanes
// are one AVX-512 register, two of AVX2, four of NEON or SSE2. Include after the target attribute has been pushed.
//
// A file that includes this defines MMK_HAS_FMA (0: products are rounded before they are added).
#ifndef MMK_VECTOR_H
#define MMK_VECTOR_H

#include "internal.h"

#pragma clang diagnostic ignored "-Wpsabi"

typedef _Float16 f16x8 __attribute__((ext_vector_type(8)));
typedef float f32x4 __attribute__((ext_vector_type(4)));
typedef float f32x8 __attribute__((ext_vector_type(8)));
typedef float f32x16 __attribute__((ext_vector_type(16)));
typedef double f64x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x16 __attribute__((ext_vector_type(16)));
typedef uint32_t u32x16 __attribute__((ext_vector_type(16)));
typedef int32_t i32x8 __attribute__((ext_vector_type(8)));
typedef uint32_t u32x8 __attribute__((ext_vector_type(8)));
typedef uint16_t u16x8 __attribute__((ext_vector_type(8)));
typedef uint16_t u16x16 __attribute__((ext_vector_type(16)));
typedef uint8_t u8x16 __attribute__((ext_vector_type(16)));
typedef int8_t i8x16 __attribute__((ext_vector_type(16)));
typedef uint8_t u8x32 __attribute__((ext_vector_type(32)));

MMK_INLINE f32x16 load16(const float *p) {
    f32x16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

MMK_INLINE void store16(float *p, f32x16 v) { memcpy(p, &v, sizeof v); }

MMK_INLINE u8x16 load_bytes(const uint8_t *p) {
    u8x16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

MMK_INLINE void store_bytes(uint8_t *p, u8x16 v) { memcpy(p, &v, sizeof v); }

/// The first n (< 16) values at p, and `fill` in the other lanes.
MMK_INLINE f32x16 load_first(const float *p, size_t n, float fill) {
    float lanes[16];
    for (size_t i = 0; i < 16; i++) {
        lanes[i] = i < n ? p[i] : fill;
    }
    return load16(lanes);
}

MMK_INLINE void store_first(float *p, f32x16 v, size_t n) {
    float lanes[16];
    store16(lanes, v);
    for (size_t i = 0; i < n; i++) {
        p[i] = lanes[i];
    }
}

MMK_INLINE u32x16 bits16(f32x16 v) {
    u32x16 r;
    memcpy(&r, &v, sizeof r);
    return r;
}

MMK_INLINE f32x16 floats16(u32x16 v) {
    f32x16 r;
    memcpy(&r, &v, sizeof r);
    return r;
}

MMK_INLINE f32x16 to_floats(i8x16 v) {
    return __builtin_convertvector(__builtin_convertvector(v, i32x16), f32x16);
}

MMK_INLINE f32x16 byte_floats(u8x16 v) {
    return __builtin_convertvector(__builtin_convertvector(v, i32x16), f32x16);
}

MMK_INLINE f32x16 abs16(f32x16 v) { return floats16(bits16(v) & 0x7FFFFFFF); }

MMK_INLINE f32x16 max16(f32x16 a, f32x16 b) { return a > b ? a : b; }
MMK_INLINE f32x16 min16(f32x16 a, f32x16 b) { return a < b ? a : b; }
MMK_INLINE f32x8 max8(f32x8 a, f32x8 b) { return a > b ? a : b; }
MMK_INLINE f32x8 min8(f32x8 a, f32x8 b) { return a < b ? a : b; }

MMK_INLINE f32x16 fma16(f32x16 a, f32x16 b, f32x16 c) {
#if MMK_HAS_FMA
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

/// Lanes added pairwise: l with l + 8, then 4, 2, 1.
MMK_INLINE float sum16(f32x16 v) {
    const f32x8 a = v.lo + v.hi;
    const f32x4 b = a.lo + a.hi;
    return (b.x + b.z) + (b.y + b.w);
}

MMK_INLINE double sum16_f64(f64x16 v) {
    double lanes[16];
    memcpy(lanes, &v, sizeof v);
    for (size_t width = 8; width > 0; width /= 2) {
        for (size_t l = 0; l < width; l++) {
            lanes[l] += lanes[l + width];
        }
    }
    return lanes[0];
}

MMK_INLINE float max_lane(f32x16 v) {
    const f32x8 a = v.lo > v.hi ? v.lo : v.hi;
    const f32x4 b = a.lo > a.hi ? a.lo : a.hi;
    const float even = b.x > b.z ? b.x : b.z, odd = b.y > b.w ? b.y : b.w;
    return even > odd ? even : odd;
}

MMK_INLINE float min_lane(f32x16 v) {
    const f32x8 a = v.lo < v.hi ? v.lo : v.hi;
    const f32x4 b = a.lo < a.hi ? a.lo : a.hi;
    const float even = b.x < b.z ? b.x : b.z, odd = b.y < b.w ? b.y : b.w;
    return even < odd ? even : odd;
}

MMK_INLINE f32x16 splat16(float v) { return (f32x16)v; }

#endif

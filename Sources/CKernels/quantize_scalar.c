// Reference quantizers in plain C: the statement that the vector quantizers are held to. The rules are those of
// ggml-quants.c (quantize_row_*_ref): f32 throughout, products and sums rounded one by one, the codes taken with the
// scale before it is rounded to f16.
//
// ggml casts values beyond the range of its integer types where 1/scale is infinite or the scale itself is; on x86-64
// all these casts give code 0, and that is what is written here without the undefined cast.
#include "internal.h"
#include "scalar.h"

#pragma STDC FP_CONTRACT OFF

/// trunc(x) capped at `limit`, and 0 where x is no number of -1..<256.
static uint8_t code_of(float x, uint8_t limit) {
    if (!(x > -1.0f && x < 256.0f)) {
        return 0;
    }
    const int code = (int)x;
    return (uint8_t)(code < limit ? code : limit);
}

static float inverse(float d) { return d != 0.0f ? 1.0f / d : 0.0f; }

/// The value of the first element with the largest magnitude; +0 when all are zero.
static float first_extreme(const float *x) {
    float magnitude = 0.0f, extreme = 0.0f;
    for (size_t i = 0; i < 32; i++) {
        if (magnitude < fabsf(x[i])) {
            magnitude = fabsf(x[i]);
            extreme = x[i];
        }
    }
    return extreme;
}

static void range_of(const float *x, float *min, float *max) {
    float low = 0x1.fffffep127f, high = -0x1.fffffep127f;
    for (size_t i = 0; i < 32; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    *min = low;
    *max = high;
}

static void pack_nibbles(const uint8_t *codes, uint8_t *out) {
    for (size_t i = 0; i < 16; i++) {
        out[i] = (uint8_t)((codes[i] & 15) | (codes[i + 16] & 15) << 4);
    }
}

static void pack_fifth_bits(const uint8_t *codes, uint8_t *out) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 32; i++) {
        bits |= (uint32_t)(codes[i] >> 4) << i;
    }
    store_u32(out, bits);
}

static void q4_0(const float *x, uint8_t *b) {
    const float d = first_extreme(x) / -8.0f, id = inverse(d);
    uint8_t codes[32];
    for (size_t i = 0; i < 32; i++) {
        codes[i] = code_of(x[i] * id + 8.5f, 15);
    }
    store_u16(b, float_to_half(d));
    pack_nibbles(codes, b + 2);
}

static void q4_1(const float *x, uint8_t *b) {
    float min, max;
    range_of(x, &min, &max);
    const float d = (max - min) / 15.0f, id = inverse(d);
    uint8_t codes[32];
    for (size_t i = 0; i < 32; i++) {
        codes[i] = code_of((x[i] - min) * id + 0.5f, 15);
    }
    store_u16(b, float_to_half(d));
    store_u16(b + 2, float_to_half(min));
    pack_nibbles(codes, b + 4);
}

static void q5_0(const float *x, uint8_t *b) {
    const float d = first_extreme(x) / -16.0f, id = inverse(d);
    uint8_t codes[32];
    for (size_t i = 0; i < 32; i++) {
        codes[i] = code_of(x[i] * id + 16.5f, 31);
    }
    store_u16(b, float_to_half(d));
    pack_fifth_bits(codes, b + 2);
    pack_nibbles(codes, b + 6);
}

static void q5_1(const float *x, uint8_t *b) {
    float min, max;
    range_of(x, &min, &max);
    const float d = (max - min) / 31.0f, id = inverse(d);
    uint8_t codes[32];
    for (size_t i = 0; i < 32; i++) {
        codes[i] = code_of((x[i] - min) * id + 0.5f, 31);
    }
    store_u16(b, float_to_half(d));
    store_u16(b + 2, float_to_half(min));
    pack_fifth_bits(codes, b + 4);
    pack_nibbles(codes, b + 8);
}

static void q8_0(const float *x, uint8_t *b) {
    const float d = fabsf(first_extreme(x)) / 127.0f, id = inverse(d);
    for (size_t i = 0; i < 32; i++) {
        const float rounded = roundf(x[i] * id);
        b[2 + i] = rounded >= -128.0f && rounded <= 127.0f ? (uint8_t)(int8_t)rounded : 0;
    }
    store_u16(b, float_to_half(d));
}

typedef void block_quantizer(const float *x, uint8_t *block);

void scalar_quantize(uint32_t type, const float *src, uint8_t *dst, size_t count) {
    block_quantizer *quantizer = NULL;
    switch (type) {
    case TYPE_F32:
        memcpy(dst, src, count * 4);
        return;
    case TYPE_F16:
        for (size_t i = 0; i < count; i++) {
            store_u16(dst + 2 * i, float_to_half(src[i]));
        }
        return;
    case TYPE_BF16:
        for (size_t i = 0; i < count; i++) {
            store_u16(dst + 2 * i, float_to_bfloat(src[i]));
        }
        return;
    case TYPE_Q4_0: quantizer = q4_0; break;
    case TYPE_Q4_1: quantizer = q4_1; break;
    case TYPE_Q5_0: quantizer = q5_0; break;
    case TYPE_Q5_1: quantizer = q5_1; break;
    case TYPE_Q8_0: quantizer = q8_0; break;
    default: return;
    }
    for (size_t i = 0; i < count; i += 32, dst += mmk_block_formats[type].bytes) {
        quantizer(src + i, dst);
    }
}

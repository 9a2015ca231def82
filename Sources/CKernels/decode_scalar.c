// Decoders in plain C: the statement that the vector decoders are held to. Arithmetic and order are those of the
// reference dequantizers of ggml.
#include "internal.h"
#include "scalar.h"

#pragma STDC FP_CONTRACT OFF

static void q4_0(const uint8_t *b, float *y) {
    const float d = load_half(b);
    for (size_t i = 0; i < 16; i++) {
        y[i] = (float)((b[2 + i] & 15) - 8) * d;
        y[i + 16] = (float)((b[2 + i] >> 4) - 8) * d;
    }
}

static void q4_1(const uint8_t *b, float *y) {
    const float d = load_half(b), m = load_half(b + 2);
    for (size_t i = 0; i < 16; i++) {
        y[i] = (float)(b[4 + i] & 15) * d + m;
        y[i + 16] = (float)(b[4 + i] >> 4) * d + m;
    }
}

static void q5_0(const uint8_t *b, float *y) {
    const float d = load_half(b);
    const uint32_t high = load_u32(b + 2);
    for (size_t i = 0; i < 16; i++) {
        const int low_bit = (int)((high >> i) & 1) << 4, high_bit = (int)((high >> (i + 16)) & 1) << 4;
        y[i] = (float)(((b[6 + i] & 15) | low_bit) - 16) * d;
        y[i + 16] = (float)(((b[6 + i] >> 4) | high_bit) - 16) * d;
    }
}

static void q5_1(const uint8_t *b, float *y) {
    const float d = load_half(b), m = load_half(b + 2);
    const uint32_t high = load_u32(b + 4);
    for (size_t i = 0; i < 16; i++) {
        const int low_bit = (int)((high >> i) & 1) << 4, high_bit = (int)((high >> (i + 16)) & 1) << 4;
        y[i] = (float)((b[8 + i] & 15) | low_bit) * d + m;
        y[i + 16] = (float)((b[8 + i] >> 4) | high_bit) * d + m;
    }
}

static void q8_0(const uint8_t *b, float *y) {
    const float d = load_half(b);
    for (size_t i = 0; i < 32; i++) {
        y[i] = (float)(int8_t)b[2 + i] * d;
    }
}

static void levels_4bit(const uint8_t *codes, const int8_t *levels, float d, float *y) {
    for (size_t i = 0; i < 16; i++) {
        y[i] = (float)levels[codes[i] & 15] * d;
        y[i + 16] = (float)levels[codes[i] >> 4] * d;
    }
}

static void iq4_nl(const uint8_t *b, float *y) { levels_4bit(b + 2, mmk_iq4_levels, load_half(b), y); }

static void mxfp4(const uint8_t *b, float *y) { levels_4bit(b + 1, mmk_mxfp4_levels, e8m0_half(b[0]), y); }

static void iq4_xs(const uint8_t *b, float *y) {
    const float d = load_half(b);
    const unsigned high = load_u16(b + 2);
    for (size_t j = 0; j < 8; j++) {
        const int low = (b[4 + j / 2] >> (4 * (j % 2))) & 15;
        const int scale = (low | (int)((high >> (2 * j)) & 3) << 4) - 32;
        levels_4bit(b + 8 + 16 * j, mmk_iq4_levels, d * (float)scale, y + 32 * j);
    }
}

static void q2_k(const uint8_t *b, float *y) {
    const uint8_t *codes = b + 16;
    const float d = load_half(b + 80), dmin = load_half(b + 82);
    for (size_t i = 0; i < SUPER_BLOCK; i++) {
        const uint8_t packed = b[i / 16];
        const float scale = d * (float)(packed & 15), min = dmin * (float)(packed >> 4);
        const int code = (codes[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2)) & 3;
        y[i] = scale * (float)code - min;
    }
}

static void q3_k(const uint8_t *b, float *y) {
    const uint8_t *high = b, *codes = b + 32;
    const float d = load_half(b + 108);
    for (size_t i = 0; i < SUPER_BLOCK; i++) {
        const float scale = d * (float)unpack_q3_scale(b + 96, i / 16);
        const int low = (codes[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2)) & 3;
        const int code = low - ((high[i % 32] >> (i / 32)) & 1 ? 0 : 4);
        y[i] = scale * (float)code;
    }
}

static void q4_k(const uint8_t *b, float *y) {
    const float d = load_half(b), dmin = load_half(b + 2);
    for (size_t j = 0; j < 8; j++) {
        uint8_t scale, min;
        unpack_scale_min(b + 4, j, &scale, &min);
        const float ds = d * (float)scale, dm = dmin * (float)min;
        for (size_t i = 0; i < 32; i++) {
            const int code = (b[16 + 32 * (j / 2) + i] >> (4 * (j % 2))) & 15;
            y[32 * j + i] = ds * (float)code - dm;
        }
    }
}

static void q5_k(const uint8_t *b, float *y) {
    const float d = load_half(b), dmin = load_half(b + 2);
    for (size_t j = 0; j < 8; j++) {
        uint8_t scale, min;
        unpack_scale_min(b + 4, j, &scale, &min);
        const float ds = d * (float)scale, dm = dmin * (float)min;
        for (size_t i = 0; i < 32; i++) {
            const int low = (b[48 + 32 * (j / 2) + i] >> (4 * (j % 2))) & 15;
            const int code = low | ((b[16 + i] >> j) & 1) << 4;
            y[32 * j + i] = ds * (float)code - dm;
        }
    }
}

static void q6_k(const uint8_t *b, float *y) {
    const float d = load_half(b + 208);
    for (size_t i = 0; i < SUPER_BLOCK; i++) {
        const size_t half = i / 128, j = i % 128 / 32;
        const int low = (b[64 * half + 32 * (j % 2) + i % 32] >> (4 * (j / 2))) & 15;
        const int high = (b[128 + 32 * half + i % 32] >> (2 * j)) & 3;
        const float scale = d * (float)(int8_t)b[192 + i / 16];
        y[i] = scale * (float)((low | high << 4) - 32);
    }
}

static void tq1_0(const uint8_t *b, float *y) {
    static const uint8_t powers[5] = {1, 3, 9, 27, 81};
    const float d = load_half(b + 52);
    for (size_t i = 0; i < SUPER_BLOCK; i++) {
        uint8_t packed;
        size_t power;
        if (i < 160) {
            packed = b[i % 32];
            power = i / 32;
        } else if (i < 240) {
            packed = b[32 + i % 16];
            power = (i - 160) / 16;
        } else {
            packed = b[48 + i % 4];
            power = (i - 240) / 4;
        }
        const uint8_t shifted = (uint8_t)(packed * powers[power]);
        y[i] = (float)((shifted * 3 >> 8) - 1) * d;
    }
}

static void tq2_0(const uint8_t *b, float *y) {
    const float d = load_half(b + 64);
    for (size_t i = 0; i < SUPER_BLOCK; i++) {
        const int code = (b[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2)) & 3;
        y[i] = (float)(code - 1) * d;
    }
}

static void decode_plain(uint32_t type, const uint8_t *src, float *dst, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (type == TYPE_F16) {
            dst[i] = load_half(src + 2 * i);
        } else if (type == TYPE_BF16) {
            const uint32_t bits = (uint32_t)load_u16(src + 2 * i) << 16;
            memcpy(dst + i, &bits, 4);
        } else {
            double value;
            memcpy(&value, src + 8 * i, 8);
            dst[i] = (float)value;
        }
    }
}

typedef void block_decoder(const uint8_t *block, float *y);

static block_decoder *const decoders[TYPE_LIMIT] = {
    [TYPE_Q4_0] = q4_0,     [TYPE_Q4_1] = q4_1,     [TYPE_Q5_0] = q5_0,   [TYPE_Q5_1] = q5_1,
    [TYPE_Q8_0] = q8_0,     [TYPE_IQ4_NL] = iq4_nl, [TYPE_MXFP4] = mxfp4, [TYPE_IQ4_XS] = iq4_xs,
    [TYPE_Q2_K] = q2_k,     [TYPE_Q3_K] = q3_k,     [TYPE_Q4_K] = q4_k,   [TYPE_Q5_K] = q5_k,
    [TYPE_Q6_K] = q6_k,     [TYPE_TQ1_0] = tq1_0,   [TYPE_TQ2_0] = tq2_0,
};

void scalar_decode(uint32_t type, const uint8_t *src, float *dst, size_t count) {
    if (type == TYPE_F32) {
        memcpy(dst, src, count * 4);
        return;
    }
    block_decoder *decoder = decoders[type];
    if (!decoder) {
        decode_plain(type, src, dst, count);
        return;
    }
    const mmk_block_format format = mmk_block_formats[type];
    for (size_t i = 0; i < count; i += format.elements, src += format.bytes) {
        decoder(src, dst + i);
    }
}

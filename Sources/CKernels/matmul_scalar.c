// The matrix product in plain C: the lanes and the order of the vector kernels, with products rounded before they are
// added.
#include "internal.h"
#include "scalar.h"

#pragma STDC FP_CONTRACT OFF

static float sum_lanes(float lanes[16]) {
    for (size_t width = 8; width > 0; width /= 2) {
        for (size_t l = 0; l < width; l++) {
            lanes[l] += lanes[l + width];
        }
    }
    return lanes[0];
}

static void add_products(float lanes[16], const float *a, const float *b, size_t n) {
    size_t k = 0;
    for (; k + 16 <= n; k += 16) {
        for (size_t l = 0; l < 16; l++) {
            lanes[l] += a[k + l] * b[k + l];
        }
    }
    for (size_t l = 0; k + l < n; l++) {
        lanes[l] += a[k + l] * b[k + l];
    }
}

float scalar_dot(const float *a, const float *b, size_t n) {
    float lanes[16] = {0};
    add_products(lanes, a, b, n);
    return sum_lanes(lanes);
}

void scalar_matmul(uint32_t type, const mmk_product *p) {
    const mmk_block_format format = mmk_block_formats[type];
    float slice[SUPER_BLOCK];
    for (size_t r = 0; r < p->rows; r++) {
        const uint8_t *row = p->w + r * p->row_bytes;
        for (size_t t = 0; t < p->tokens; t++) {
            const float *x = p->x + t * p->x_stride;
            float lanes[16] = {0};
            for (size_t k = 0; k < p->columns; k += SUPER_BLOCK) {
                const size_t count = p->columns - k < SUPER_BLOCK ? p->columns - k : SUPER_BLOCK;
                const size_t blocks = (count + format.elements - 1) / format.elements;
                scalar_decode(type, row + k / format.elements * format.bytes, slice, blocks * format.elements);
                add_products(lanes, slice, x + k, count);
            }
            p->y[t * p->y_stride + r] = sum_lanes(lanes);
        }
    }
}

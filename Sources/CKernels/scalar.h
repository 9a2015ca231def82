// The kernels in plain C.
#ifndef MMK_SCALAR_H
#define MMK_SCALAR_H

#include "internal.h"

void scalar_decode(uint32_t type, const uint8_t *src, float *dst, size_t count);
void scalar_quantize(uint32_t type, const float *src, uint8_t *dst, size_t count);
void scalar_matmul(uint32_t type, const mmk_product *product);
float scalar_dot(const float *a, const float *b, size_t n);

#endif

// The kernels that need no instruction set extension. Decoders, quantizers and the matrix product are plain C; the
// elementwise steps and the searches are the common text, compiled for the baseline of the target.
#include "internal.h"
#include "scalar.h"

#pragma STDC FP_CONTRACT OFF

#define MMK_HAS_FMA 0

#include "elementwise_body.h"
#include "search_body.h"

static size_t count_nonfinite(const float *src, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += (bits_of(src[i]) & 0x7F800000) == 0x7F800000;
    }
    return total;
}

#define MMK_TABLE mmk_kernels_scalar
#define MMK_TABLE_OF_SCALARS
#include "kernel_table.h"

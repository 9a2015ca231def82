// All kernels for AVX2 with FMA and F16C.
#if defined(__x86_64__)
#include <immintrin.h>

#include "internal.h"

#pragma STDC FP_CONTRACT OFF
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define MMK_ISA_IS_AVX512 0
#define MMK_HAS_FMA 1
#define MMK_FUSED_ROWS 2
#define MMK_TILE_ROWS 2
#define MMK_TILE_TOKENS 3
#define MMK_SLICE 768
#define MMK_PANEL_ROWS 32
#define MMK_PANEL_TOKENS 48

#include "decode_body.h"
#include "elementwise_body.h"
#include "matmul_body.h"
#include "quantize_body.h"
#include "rounded_body.h"
#include "search_body.h"

#define MMK_TABLE mmk_kernels_avx2
#include "kernel_table.h"

#pragma clang attribute pop
#endif

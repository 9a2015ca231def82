// Choice of the instruction set, and the public entry points.
#include "internal.h"

bool mmk_isa_available(mmk_isa isa) {
    switch (isa) {
    case MMK_ISA_SCALAR:
        return true;
#if defined(__x86_64__)
    case MMK_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case MMK_ISA_AVX512:
        return mmk_isa_available(MMK_ISA_AVX2) && __builtin_cpu_supports("avx512f") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl");
#elif defined(__aarch64__)
    case MMK_ISA_NEON:
        return true;
#endif
    default:
        return false;
    }
}

mmk_isa mmk_best_isa(void) {
    const mmk_isa order[] = {MMK_ISA_AVX512, MMK_ISA_AVX2, MMK_ISA_NEON};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (mmk_isa_available(order[i])) {
            return order[i];
        }
    }
    return MMK_ISA_SCALAR;
}

static const mmk_kernels *kernels_of(mmk_isa isa) {
    switch (isa) {
#if defined(__x86_64__)
    case MMK_ISA_AVX2:
        return &mmk_kernels_avx2;
    case MMK_ISA_AVX512:
        return &mmk_kernels_avx512;
#elif defined(__aarch64__)
    case MMK_ISA_NEON:
        return &mmk_kernels_neon;
#endif
    default:
        return &mmk_kernels_scalar;
    }
}

/// The kernels of this processor. Every thread that finds the choice unmade makes the same one.
static const mmk_kernels *best(void) {
    static _Atomic(const mmk_kernels *) chosen;
    const mmk_kernels *kernels = __c11_atomic_load(&chosen, __ATOMIC_RELAXED);
    if (!kernels) {
        kernels = kernels_of(mmk_best_isa());
        __c11_atomic_store(&chosen, kernels, __ATOMIC_RELAXED);
    }
    return kernels;
}

static bool is_whole_blocks(uint32_t type, size_t count) { return count % mmk_block_elements(type) == 0; }

static bool decode_with(const mmk_kernels *kernels, uint32_t type, const void *src, float *dst, size_t count) {
    if (!mmk_can_decode(type) || !is_whole_blocks(type, count)) {
        return false;
    }
    kernels->decode(type, src, dst, count);
    return true;
}

bool mmk_decode(uint32_t type, const void *src, float *dst, size_t count) {
    return decode_with(best(), type, src, dst, count);
}

bool mmk_decode_isa(mmk_isa isa, uint32_t type, const void *src, float *dst, size_t count) {
    return decode_with(kernels_of(isa), type, src, dst, count);
}

static bool quantize_with(const mmk_kernels *kernels, uint32_t type, const float *src, void *dst, size_t count) {
    if (!mmk_can_quantize(type) || !is_whole_blocks(type, count)) {
        return false;
    }
    kernels->quantize(type, src, dst, count);
    return true;
}

bool mmk_quantize(uint32_t type, const float *src, void *dst, size_t count) {
    return quantize_with(best(), type, src, dst, count);
}

bool mmk_quantize_isa(mmk_isa isa, uint32_t type, const float *src, void *dst, size_t count) {
    return quantize_with(kernels_of(isa), type, src, dst, count);
}

static bool search_with(const mmk_kernels *kernels, uint32_t type, const float *src, void *dst, size_t count) {
    if (!mmk_can_quantize_searched(type) || !is_whole_blocks(type, count)) {
        return false;
    }
    kernels->quantize_searched(type, src, dst, count);
    return true;
}

bool mmk_quantize_searched(uint32_t type, const float *src, void *dst, size_t count) {
    return search_with(best(), type, src, dst, count);
}

bool mmk_quantize_searched_isa(mmk_isa isa, uint32_t type, const float *src, void *dst, size_t count) {
    return search_with(kernels_of(isa), type, src, dst, count);
}

size_t mmk_count_nonfinite(const float *src, size_t count) { return best()->count_nonfinite(src, count); }

void mmk_f32_to_f16(const float *src, uint16_t *dst, size_t count) {
    best()->quantize(TYPE_F16, src, (uint8_t *)dst, count);
}

void mmk_f16_to_f32(const uint16_t *src, float *dst, size_t count) {
    best()->decode(TYPE_F16, (const uint8_t *)src, dst, count);
}

void mmk_f32_to_bf16(const float *src, uint16_t *dst, size_t count) {
    best()->quantize(TYPE_BF16, src, (uint8_t *)dst, count);
}

void mmk_bf16_to_f32(const uint16_t *src, float *dst, size_t count) {
    best()->decode(TYPE_BF16, (const uint8_t *)src, dst, count);
}

_Alignas(64) _Thread_local float mmk_scratch[MMK_SCRATCH_BYTES / sizeof(float)];

typedef void product_kernel(uint32_t type, const mmk_product *product);

static void multiply(product_kernel *kernel, uint32_t type, const mmk_product *product) {
    if (!mmk_can_dot(type)) {
        return;
    }
    if (product->columns > 0) {
        kernel(type, product);
        return;
    }
    for (size_t t = 0; t < product->tokens; t++) {
        for (size_t r = 0; r < product->rows; r++) {
            product->y[t * product->y_stride + r] = 0;
        }
    }
}

#define PRODUCT &(mmk_product){w, row_bytes, rows, columns, x, x_stride, tokens, y, y_stride}

void mmk_matmul(
    uint32_t type, const void *w, size_t row_bytes, size_t rows, size_t columns, const float *x, size_t x_stride,
    size_t tokens, float *y, size_t y_stride) {
    multiply(best()->matmul, type, PRODUCT);
}

void mmk_matmul_isa(
    mmk_isa isa, uint32_t type, const void *w, size_t row_bytes, size_t rows, size_t columns, const float *x,
    size_t x_stride, size_t tokens, float *y, size_t y_stride) {
    multiply(kernels_of(isa)->matmul, type, PRODUCT);
}

void mmk_matmul_rounded(
    uint32_t type, const void *w, size_t row_bytes, size_t rows, size_t columns, const float *x, size_t x_stride,
    size_t tokens, float *y, size_t y_stride) {
    multiply(best()->matmul_rounded, type, PRODUCT);
}

void mmk_matmul_rounded_isa(
    mmk_isa isa, uint32_t type, const void *w, size_t row_bytes, size_t rows, size_t columns, const float *x,
    size_t x_stride, size_t tokens, float *y, size_t y_stride) {
    multiply(kernels_of(isa)->matmul_rounded, type, PRODUCT);
}

void mmk_rms_norm(const float *x, const float *weight, float offset, float eps, size_t n, float *y) {
    best()->rms_norm(x, weight, offset, eps, n, y);
}

void mmk_layer_norm(const float *x, const float *weight, const float *bias, float eps, size_t n, float *y) {
    best()->layer_norm(x, weight, bias, eps, n, y);
}

void mmk_softmax(float *x, size_t n) { best()->softmax(x, n); }

double mmk_log_sum_exp(const float *x, size_t n) { return best()->log_sum_exp(x, n); }

void mmk_silu_mul(const float *gate, const float *up, size_t n, float *out) { best()->silu_mul(gate, up, n, out); }

void mmk_gelu_tanh_mul(const float *gate, const float *up, size_t n, float *out) {
    best()->gelu_tanh_mul(gate, up, n, out);
}

void mmk_silu(float *x, size_t n) { best()->silu(x, n); }

void mmk_quick_gelu(float *x, size_t n) { best()->quick_gelu(x, n); }

void mmk_gelu_tanh(float *x, size_t n) { best()->gelu_tanh(x, n); }
void mmk_softcap(float *x, float cap, size_t n) { best()->softcap(x, cap, n); }
void mmk_mul(float *x, const float *y, size_t n) { best()->mul(x, y, n); }

void mmk_gelu_erf(float *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        x[i] = 0.5f * x[i] * (1.0f + erff(x[i] * 0.70710678118654752f));
    }
}

void mmk_add(float *x, const float *y, size_t n) { best()->add(x, y, n); }

void mmk_scale(float *x, float factor, size_t n) { best()->scale(x, factor, n); }

void mmk_axpy(float a, const float *x, size_t n, float *y) { best()->axpy(a, x, n, y); }

float mmk_dot_f32(const float *a, const float *b, size_t n) { return best()->dot(a, b, n); }

void mmk_error_stats(const float *a, const float *b, size_t n, mmk_error_sums *sums) {
    best()->error_stats(a, b, n, sums);
}

// Numeric kernels of mmpack: block formats, quantizers, matrix products and the elementwise steps of a transformer.
//
// Conventions
// - `type` is a GGUF tensor type id: 0 F32, 1 F16, 2 Q4_0, 3 Q4_1, 6 Q5_0, 7 Q5_1, 8 Q8_0, 10..14 Q2_K..Q6_K,
//   20 IQ4_NL, 23 IQ4_XS, 28 F64, 30 BF16, 34 TQ1_0, 35 TQ2_0, 39 MXFP4. Stored data is little-endian.
// - Counts are elements, strides are elements, `row_bytes` is bytes. No pointer needs any alignment.
// - Buffers do not overlap unless a function says that they may be the same.
// - Nothing here allocates or keeps state between calls; every function may be called from many threads at once.
//   (The matrix product has 256 KiB of thread-local scratch, touched from five tokens on or with rounding.)
// - Floating point is IEEE: round to nearest even, subnormals kept. Functions whose results become stored bytes
//   (decode, quantize, quantize_searched, the conversions) give the same bits on every instruction set.
#ifndef CKERNELS_H
#define CKERNELS_H

#include "CKernelsDigest.h"
#include "CKernelsImage.h"
#include "CKernelsPlanes.h"
#include "CKernelsRans.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#define MMK_SWIFT_NAME(name) __attribute__((swift_name(name)))
#define MMK_CLOSED_ENUM __attribute__((enum_extensibility(closed)))
#else
#define MMK_SWIFT_NAME(name)
#define MMK_CLOSED_ENUM
#define _Nonnull
#endif

#ifdef __cplusplus
extern "C" {
#endif

// --- Instruction sets -------------------------------------------------------------------------------------------

/// The instruction sets that kernels exist for. Imported into Swift as `KernelISA`.
typedef enum MMK_CLOSED_ENUM MMK_SWIFT_NAME("KernelISA") mmk_isa {
    MMK_ISA_SCALAR MMK_SWIFT_NAME("scalar") = 0,
    MMK_ISA_AVX2 MMK_SWIFT_NAME("avx2") = 1,      ///< AVX2, FMA, F16C
    MMK_ISA_AVX512 MMK_SWIFT_NAME("avx512") = 2,  ///< AVX-512 F, BW, DQ, VL on top of the above
    MMK_ISA_NEON MMK_SWIFT_NAME("neon") = 3,      ///< Armv8-A Advanced SIMD (64 bit)
} mmk_isa;

/// The best instruction set of this processor, from the processor alone (no environment variable is read).
mmk_isa mmk_best_isa(void);

/// Whether this processor (and operating system) can run `isa`. Scalar is always available.
bool mmk_isa_available(mmk_isa isa);

// --- Block formats ----------------------------------------------------------------------------------------------

/// Elements of one block of `type` (1 for plain types), or 0 when `type` is not a decodable type.
size_t mmk_block_elements(uint32_t type);

/// Bytes of one block of `type`, or 0 when `type` is not a decodable type.
size_t mmk_block_bytes(uint32_t type);

/// Whether `mmk_decode` knows `type`.
bool mmk_can_decode(uint32_t type);

/// Decodes `count` elements of `type` at `src` to f32 at `dst`.
///
/// Arithmetic is that of the reference dequantizers of ggml, in f32, so results are bit-equal to gguf-py. F64 is
/// rounded to f32. Where a scale is NaN, which NaN comes out is not promised. `count` must be a multiple of
/// `mmk_block_elements(type)`; `src` holds `count / mmk_block_elements(type) * mmk_block_bytes(type)` bytes, and any
/// bytes are valid input.
/// Returns false, and writes nothing, when the type is unknown or `count` is not a multiple of its block.
bool mmk_decode(uint32_t type, const void *_Nonnull src, float *_Nonnull dst, size_t count);

/// `mmk_decode` on one instruction set, which must be available; for tests.
bool mmk_decode_isa(mmk_isa isa, uint32_t type, const void *_Nonnull src, float *_Nonnull dst, size_t count);

/// Whether `mmk_quantize` knows `type`: F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0.
bool mmk_can_quantize(uint32_t type);

/// Encodes `count` f32 values at `src` as `type` at `dst`, with the rules of the reference quantizers of ggml
/// (ggml-quants.c) for the Q types and round-to-nearest-even for F16 and BF16.
///
/// Precondition for the Q types: every value is finite (see `mmk_count_nonfinite`), and `count` is a multiple of
/// 32. A block scale beyond the range of f16 is stored as infinity; a caller that must not write such blocks checks
/// that |x| stays below 65504 times the number of levels. Non-finite input gives some block, never undefined
/// behaviour. Where 1/scale overflows, the codes are 0, as ggml's are on x86-64.
/// Returns false, and writes nothing, when the type is not of the list or `count` is not a multiple of its block.
bool mmk_quantize(uint32_t type, const float *_Nonnull src, void *_Nonnull dst, size_t count);

/// `mmk_quantize` on one instruction set, which must be available; for tests. All give equal bytes.
bool mmk_quantize_isa(
    mmk_isa isa, uint32_t type, const float *_Nonnull src, void *_Nonnull dst, size_t count);

/// Whether `mmk_quantize_searched` knows `type`: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, IQ4_NL.
bool mmk_can_quantize_searched(uint32_t type);

/// Encodes like `mmk_quantize`, but searches the scale (and minimum) of each block for the least squared error.
///
/// The bytes are ordinary blocks of `type`; only their values differ from those of the reference quantizer. Codes
/// are chosen against the stored (f16-rounded) scale, and every element counts the same: on the encoder of MiniLM,
/// weights of x^2 made the output worse, and weights of rms + |x| made it equally good at a larger weight error.
/// A block of Q4_0, Q4_1, Q5_0, Q5_1 or Q8_0 never has a larger error than the reference block.
/// Deterministic, and the same on every instruction set. `count` is a multiple of the block of `type`; input must be
/// finite.
bool mmk_quantize_searched(uint32_t type, const float *_Nonnull src, void *_Nonnull dst, size_t count);

/// `mmk_quantize_searched` on one instruction set, which must be available; for tests.
bool mmk_quantize_searched_isa(
    mmk_isa isa, uint32_t type, const float *_Nonnull src, void *_Nonnull dst, size_t count);

// --- Conversions ------------------------------------------------------------------------------------------------

/// How many of `count` values at `src` are NaN or infinite.
size_t mmk_count_nonfinite(const float *_Nonnull src, size_t count);

/// f32 to f16 bits, round to nearest even; overflow gives infinity; NaN gives 0x7E00 with the sign kept.
void mmk_f32_to_f16(const float *_Nonnull src, uint16_t *_Nonnull dst, size_t count);

/// f16 bits to f32, exact; a NaN keeps its payload and becomes quiet.
void mmk_f16_to_f32(const uint16_t *_Nonnull src, float *_Nonnull dst, size_t count);

/// f32 to bf16 bits, round to nearest even; overflow gives infinity; a NaN keeps its upper bits and becomes quiet.
void mmk_f32_to_bf16(const float *_Nonnull src, uint16_t *_Nonnull dst, size_t count);

/// bf16 bits to f32, exact, bit for bit (a signalling NaN stays one).
void mmk_bf16_to_f32(const uint16_t *_Nonnull src, float *_Nonnull dst, size_t count);

// --- Matrix product ---------------------------------------------------------------------------------------------

/// Whether `mmk_matmul` knows `type`: every decodable type.
bool mmk_can_dot(uint32_t type);

/// y[t * y_stride + r] = sum over k of W[r][k] * x[t * x_stride + k], for r < rows, t < tokens, k < columns.
///
/// W is stored: row r begins at `w + r * row_bytes` and holds ceil(columns / block) blocks of `type`; where the last
/// block reaches beyond `columns`, its surplus elements are ignored and x needs no padding. Without columns, y is 0.
/// Preconditions: `mmk_can_dot(type)`; `row_bytes` >= that many blocks; x_stride >= columns; y_stride >= rows.
///
/// Arithmetic: W[r][k] is exactly what `mmk_decode` gives. Lane l of 16 adds its products with k mod 16 == l in
/// ascending k by f32 fused multiply-add; the lanes are then added pairwise, l with l + 8, then 4, 2, 1. So a result
/// depends on its own row, its own token and `columns` only: not on `rows`, `tokens`, how rows are divided between
/// threads, alignment, or (AVX2, AVX-512 and NEON) the instruction set. The scalar kernel rounds products before
/// adding and therefore differs in the last bits.
void mmk_matmul(
    uint32_t type, const void *_Nonnull w, size_t row_bytes, size_t rows, size_t columns,
    const float *_Nonnull x, size_t x_stride, size_t tokens, float *_Nonnull y, size_t y_stride);

/// `mmk_matmul` on one instruction set, which must be available; for tests.
void mmk_matmul_isa(
    mmk_isa isa, uint32_t type, const void *_Nonnull w, size_t row_bytes, size_t rows, size_t columns,
    const float *_Nonnull x, size_t x_stride, size_t tokens, float *_Nonnull y, size_t y_stride);

/// As `mmk_matmul`, with the x of up to four tokens rounded to 16 bits, where that is faster.
///
/// Rounded are, on AVX2, AVX-512 and NEON, products with Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL, Q4_K, Q5_K and Q6_K of
/// whole blocks; everything else is what `mmk_matmul` gives. Every 32 values of x are rounded to multiples of a 32767th
/// of their largest magnitude m, so each is off by m / 65534 at most, and y[r] by the sum of |W[r][k]| times that,
/// beside the rounding of f32. Products and sums of a block are exact; a result depends on its own row and token only,
/// and is the same on these instruction sets. Where x has a NaN or an infinity, y is NaN.
void mmk_matmul_rounded(
    uint32_t type, const void *_Nonnull w, size_t row_bytes, size_t rows, size_t columns,
    const float *_Nonnull x, size_t x_stride, size_t tokens, float *_Nonnull y, size_t y_stride);

/// `mmk_matmul_rounded` on one instruction set, which must be available; for tests.
void mmk_matmul_rounded_isa(
    mmk_isa isa, uint32_t type, const void *_Nonnull w, size_t row_bytes, size_t rows, size_t columns,
    const float *_Nonnull x, size_t x_stride, size_t tokens, float *_Nonnull y, size_t y_stride);

// --- Elementwise steps of a transformer -------------------------------------------------------------------------
// All f32. They differ between instruction sets in the last bits at most.

/// y[i] = x[i] / sqrt(mean(x^2) + eps) * (weight[i] + offset). `offset` is 0, or 1 for models that store weight - 1.
/// The square sum is accumulated in f64. y may be x.
void mmk_rms_norm(
    const float *_Nonnull x, const float *_Nonnull weight, float offset, float eps, size_t n, float *_Nonnull y);

/// y[i] = (x[i] - mean) / sqrt(variance + eps) * weight[i] + bias[i], population variance, f64 sums. y may be x.
void mmk_layer_norm(
    const float *_Nonnull x, const float *_Nonnull weight, const float *_Nonnull bias, float eps, size_t n,
    float *_Nonnull y);

/// x = exp(x - max(x)) / sum, in place. -infinity gives 0. n == 0 does nothing.
void mmk_softmax(float *_Nonnull x, size_t n);

/// log(sum(exp(x))) in f64, shifted by the maximum; -infinity when n == 0.
double mmk_log_sum_exp(const float *_Nonnull x, size_t n);

/// out[i] = gate[i] / (1 + exp(-gate[i])) * up[i]. out may be gate or up.
void mmk_silu_mul(const float *_Nonnull gate, const float *_Nonnull up, size_t n, float *_Nonnull out);

/// out[i] = gelu_tanh(gate[i]) * up[i]. out may be gate or up.
void mmk_gelu_tanh_mul(const float *_Nonnull gate, const float *_Nonnull up, size_t n, float *_Nonnull out);

/// x[i] = x[i] / (1 + exp(-x[i])), in place.
void mmk_silu(float *_Nonnull x, size_t n);

/// x[i] = x[i] / (1 + exp(-1.702 x[i])), in place (the "quick" GELU of CLIP).
void mmk_quick_gelu(float *_Nonnull x, size_t n);

/// x[i] = x[i] / 2 * (1 + tanh(sqrt(2 / pi) * (x[i] + 0.044715 x[i]^3))), in place.
void mmk_gelu_tanh(float *_Nonnull x, size_t n);

/// x[i] = x[i] / 2 * (1 + erf(x[i] / sqrt(2))), in place.
void mmk_gelu_erf(float *_Nonnull x, size_t n);

/// x[i] = cap * tanh(x[i] / cap), in place; cap > 0.
void mmk_softcap(float *_Nonnull x, float cap, size_t n);

/// x[i] *= y[i].
void mmk_mul(float *_Nonnull x, const float *_Nonnull y, size_t n);

/// x[i] += y[i].
void mmk_add(float *_Nonnull x, const float *_Nonnull y, size_t n);

/// x[i] *= factor.
void mmk_scale(float *_Nonnull x, float factor, size_t n);

/// y[i] += a * x[i].
void mmk_axpy(float a, const float *_Nonnull x, size_t n, float *_Nonnull y);

/// sum of a[i] * b[i], in the arithmetic of `mmk_matmul`.
float mmk_dot_f32(const float *_Nonnull a, const float *_Nonnull b, size_t n);

// --- Comparison -------------------------------------------------------------------------------------------------

/// Running sums of a comparison of a (the reference) with b. Begin with all zero.
typedef struct MMK_SWIFT_NAME("KernelErrorSums") mmk_error_sums {
    double squared_difference;  ///< sum of (a - b)^2
    double squared_a;           ///< sum of a^2
    double squared_b;           ///< sum of b^2
    double product;             ///< sum of a b
    double max_difference;      ///< max |a - b|; NaN differences are not seen by the maximum
    uint64_t unequal;           ///< elements whose bits differ
    uint64_t count;             ///< elements compared
} mmk_error_sums;

/// Adds n pairs to `sums`, in f64. The association is fixed, so the sums depend on the data and on how it is cut into
/// calls, not on the instruction set.
void mmk_error_stats(const float *_Nonnull a, const float *_Nonnull b, size_t n, mmk_error_sums *_Nonnull sums);

#ifdef __cplusplus
}
#endif

#endif

// The table of one instruction set, after all bodies have been included.
const mmk_kernels MMK_TABLE = {
#ifdef MMK_TABLE_OF_SCALARS
    .decode = scalar_decode,
    .quantize = scalar_quantize,
    .matmul = scalar_matmul,
    .matmul_rounded = scalar_matmul,
    .dot = scalar_dot,
#else
    .decode = decode,
    .quantize = quantize,
    .matmul = matmul,
    .matmul_rounded = matmul_rounded,
    .dot = dot,
#endif
    .quantize_searched = quantize_searched,
    .count_nonfinite = count_nonfinite,
    .rms_norm = rms_norm,
    .layer_norm = layer_norm,
    .softmax = softmax,
    .log_sum_exp = log_sum_exp,
    .silu_mul = silu_mul,
    .gelu_tanh_mul = gelu_tanh_mul,
    .silu = silu,
    .quick_gelu = quick_gelu,
    .gelu_tanh = gelu_tanh,
    .softcap = softcap,
    .mul = mul,
    .add = add,
    .scale = scale,
    .axpy = axpy,
    .error_stats = error_stats,
};

// Resampling of 8-bit RGB pictures by tabulated weights, bit for bit as Pillow does it (src/libImaging/Resample.c): the
// sum of pixel times weight in 22-bit fixed point, rounded by adding a half, clipped to a byte.
#ifndef CKERNELS_IMAGE_H
#define CKERNELS_IMAGE_H

#include <stddef.h>
#include <stdint.h>

// Fraction bits of a weight.
#define MMK_RESAMPLE_BITS 22

// Output i is the sum over t < counts[i] of input[firsts[i] + t] * weights[i * stride + t]. The weights of an output
// add up to 1 within rounding and their absolute values to less than 2, so that a sum stays below 2^31; counts[i] is at
// most stride, and firsts[i] + counts[i] at most the length of the input.
typedef struct {
    const uint32_t *firsts;
    const uint32_t *counts;
    const int32_t *weights;
    size_t stride;
} mmk_resample_taps;

// Rows of `width` RGB pixels become rows of `output_width`.
void mmk_resample_across(
    const uint8_t *input,
    size_t width,
    size_t row_count,
    mmk_resample_taps taps,
    uint8_t *output,
    size_t output_width);

// Rows of `row_bytes` bytes become `output_height` rows of as many.
void mmk_resample_down(
    const uint8_t *input, size_t row_bytes, mmk_resample_taps taps, uint8_t *output, size_t output_height);

#endif

#include "CKernelsImage.h"

static const int32_t half = 1 << (MMK_RESAMPLE_BITS - 1);

static inline uint8_t clipped(int32_t sum) {
    // Right shifts of negative numbers are arithmetic in every compiler that builds this.
    int32_t value = sum >> MMK_RESAMPLE_BITS;
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

void mmk_resample_across(
    const uint8_t *input,
    size_t width,
    size_t row_count,
    mmk_resample_taps taps,
    uint8_t *output,
    size_t output_width) {
    for (size_t row = 0; row < row_count; row++) {
        for (size_t column = 0; column < output_width; column++) {
            const uint8_t *pixel = input + (row * width + taps.firsts[column]) * 3;
            const int32_t *weight = taps.weights + column * taps.stride;
            int32_t red = half, green = half, blue = half;
            for (uint32_t tap = 0; tap < taps.counts[column]; tap++, pixel += 3) {
                red += pixel[0] * weight[tap];
                green += pixel[1] * weight[tap];
                blue += pixel[2] * weight[tap];
            }
            uint8_t *result = output + (row * output_width + column) * 3;
            result[0] = clipped(red);
            result[1] = clipped(green);
            result[2] = clipped(blue);
        }
    }
}

void mmk_resample_down(
    const uint8_t *input, size_t row_bytes, mmk_resample_taps taps, uint8_t *output, size_t output_height) {
    // Sums of one strip stay in the first cache while the rows pass by.
    enum { strip = 1024 };
    int32_t sums[strip];
    for (size_t row = 0; row < output_height; row++) {
        const int32_t *weight = taps.weights + row * taps.stride;
        for (size_t start = 0; start < row_bytes; start += strip) {
            size_t count = row_bytes - start < strip ? row_bytes - start : strip;
            for (size_t index = 0; index < count; index++) sums[index] = half;
            for (uint32_t tap = 0; tap < taps.counts[row]; tap++) {
                const uint8_t *bytes = input + (taps.firsts[row] + (size_t)tap) * row_bytes + start;
                int32_t factor = weight[tap];
                for (size_t index = 0; index < count; index++) sums[index] += bytes[index] * factor;
            }
            uint8_t *result = output + row * row_bytes + start;
            for (size_t index = 0; index < count; index++) result[index] = clipped(sums[index]);
        }
    }
}

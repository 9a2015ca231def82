#include "CKernelsPlanes.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// One element at a time, bytes by arithmetic, so that the byte order of the machine does not matter.

void mmk_planes_split_portable(const uint8_t *elements, size_t count, unsigned width, uint8_t *planes) {
    if (width != 2 && width != 4 && width != 8) return;
    const unsigned bits = width * 8;
    const uint64_t mask = width == 8 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1;
    for (size_t index = 0; index < count; index++) {
        uint64_t value = 0;
        for (unsigned byte = 0; byte < width; byte++) value |= (uint64_t)elements[index * width + byte] << (8 * byte);
        value = (value << 1 | value >> (bits - 1)) & mask;
        for (unsigned plane = 0; plane < width; plane++) {
            planes[plane * count + index] = (uint8_t)(value >> (8 * (width - 1 - plane)));
        }
    }
}

void mmk_planes_merge_portable(const uint8_t *const *planes, size_t count, unsigned width, uint8_t *elements) {
    if (width != 2 && width != 4 && width != 8) return;
    const unsigned bits = width * 8;
    for (size_t index = 0; index < count; index++) {
        uint64_t value = 0;
        for (unsigned plane = 0; plane < width; plane++) value = value << 8 | planes[plane][index];
        value = value >> 1 | value << (bits - 1);
        for (unsigned byte = 0; byte < width; byte++) elements[index * width + byte] = (uint8_t)(value >> (8 * byte));
    }
}

// The elements from `start` on, for what a vector loop leaves over.

static void split_rest(const uint8_t *elements, size_t start, size_t count, unsigned width, uint8_t *planes) {
    uint8_t rest[8 * 64];
    const size_t left = count - start;
    mmk_planes_split_portable(elements + start * width, left, width, rest);
    for (unsigned plane = 0; plane < width; plane++) memcpy(planes + plane * count + start, rest + plane * left, left);
}

static void merge_rest(const uint8_t *const *planes, size_t start, size_t count, unsigned width, uint8_t *elements) {
    const uint8_t *rest[8];
    for (unsigned plane = 0; plane < width; plane++) rest[plane] = planes[plane] + start;
    mmk_planes_merge_portable(rest, count - start, width, elements + start * width);
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static void split2_avx2(const uint8_t *elements, size_t count, uint8_t *planes) {
    const __m256i low_byte = _mm256_set1_epi16(0x00FF);
    uint8_t *high = planes, *low = planes + count;
    size_t index = 0;
    for (; index + 32 <= count; index += 32) {
        __m256i a = _mm256_loadu_si256((const __m256i *)(elements + index * 2));
        __m256i b = _mm256_loadu_si256((const __m256i *)(elements + index * 2 + 32));
        a = _mm256_or_si256(_mm256_add_epi16(a, a), _mm256_srli_epi16(a, 15));
        b = _mm256_or_si256(_mm256_add_epi16(b, b), _mm256_srli_epi16(b, 15));
        __m256i highs = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
        __m256i lows = _mm256_packus_epi16(_mm256_and_si256(a, low_byte), _mm256_and_si256(b, low_byte));
        // packus works on 128-bit halves; put the four quarters in order.
        _mm256_storeu_si256((__m256i *)(high + index), _mm256_permute4x64_epi64(highs, 0xD8));
        _mm256_storeu_si256((__m256i *)(low + index), _mm256_permute4x64_epi64(lows, 0xD8));
    }
    split_rest(elements, index, count, 2, planes);
}

__attribute__((target("avx2"))) static void merge2_avx2(const uint8_t *const *planes, size_t count, uint8_t *elements) {
    size_t index = 0;
    for (; index + 32 <= count; index += 32) {
        __m256i high = _mm256_permute4x64_epi64(_mm256_loadu_si256((const __m256i *)(planes[0] + index)), 0xD8);
        __m256i low = _mm256_permute4x64_epi64(_mm256_loadu_si256((const __m256i *)(planes[1] + index)), 0xD8);
        __m256i a = _mm256_unpacklo_epi8(low, high), b = _mm256_unpackhi_epi8(low, high);
        a = _mm256_or_si256(_mm256_srli_epi16(a, 1), _mm256_slli_epi16(a, 15));
        b = _mm256_or_si256(_mm256_srli_epi16(b, 1), _mm256_slli_epi16(b, 15));
        _mm256_storeu_si256((__m256i *)(elements + index * 2), a);
        _mm256_storeu_si256((__m256i *)(elements + index * 2 + 32), b);
    }
    merge_rest(planes, index, count, 2, elements);
}

__attribute__((target("avx2"))) static void split4_avx2(const uint8_t *elements, size_t count, uint8_t *planes) {
    // Inside 16 bytes: the four elements' most significant bytes first, then the next ones.
    const __m256i deal = _mm256_setr_epi8(3, 7, 11, 15, 2, 6, 10, 14, 1, 5, 9, 13, 0, 4, 8, 12,  //
                                          3, 7, 11, 15, 2, 6, 10, 14, 1, 5, 9, 13, 0, 4, 8, 12);
    const __m256i pair = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    size_t index = 0;
    for (; index + 32 <= count; index += 32) {
        __m256i part[4];
        for (int step = 0; step < 4; step++) {
            __m256i x = _mm256_loadu_si256((const __m256i *)(elements + (index + (size_t)step * 8) * 4));
            x = _mm256_or_si256(_mm256_add_epi32(x, x), _mm256_srli_epi32(x, 31));
            // Eight elements: 8 bytes of each plane side by side, one plane a 64-bit lane.
            part[step] = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(x, deal), pair);
        }
        // Transpose 4 x 4 lanes of 64 bits.
        __m256i a = _mm256_unpacklo_epi64(part[0], part[1]), b = _mm256_unpackhi_epi64(part[0], part[1]);
        __m256i c = _mm256_unpacklo_epi64(part[2], part[3]), d = _mm256_unpackhi_epi64(part[2], part[3]);
        _mm256_storeu_si256((__m256i *)(planes + index), _mm256_permute2x128_si256(a, c, 0x20));
        _mm256_storeu_si256((__m256i *)(planes + count + index), _mm256_permute2x128_si256(b, d, 0x20));
        _mm256_storeu_si256((__m256i *)(planes + 2 * count + index), _mm256_permute2x128_si256(a, c, 0x31));
        _mm256_storeu_si256((__m256i *)(planes + 3 * count + index), _mm256_permute2x128_si256(b, d, 0x31));
    }
    split_rest(elements, index, count, 4, planes);
}

__attribute__((target("avx2"))) static void merge4_avx2(const uint8_t *const *planes, size_t count, uint8_t *elements) {
    size_t index = 0;
    for (; index + 32 <= count; index += 32) {
        __m256i p0 = _mm256_loadu_si256((const __m256i *)(planes[0] + index));
        __m256i p1 = _mm256_loadu_si256((const __m256i *)(planes[1] + index));
        __m256i p2 = _mm256_loadu_si256((const __m256i *)(planes[2] + index));
        __m256i p3 = _mm256_loadu_si256((const __m256i *)(planes[3] + index));
        // Lower and upper half-words of elements 0-7, 16-23 (lo) and 8-15, 24-31 (hi).
        __m256i low_lo = _mm256_unpacklo_epi8(p3, p2), low_hi = _mm256_unpackhi_epi8(p3, p2);
        __m256i high_lo = _mm256_unpacklo_epi8(p1, p0), high_hi = _mm256_unpackhi_epi8(p1, p0);
        __m256i q[4] = {_mm256_unpacklo_epi16(low_lo, high_lo), _mm256_unpackhi_epi16(low_lo, high_lo),
                        _mm256_unpacklo_epi16(low_hi, high_hi), _mm256_unpackhi_epi16(low_hi, high_hi)};
        for (int step = 0; step < 4; step++) {
            q[step] = _mm256_or_si256(_mm256_srli_epi32(q[step], 1), _mm256_slli_epi32(q[step], 31));
        }
        uint8_t *out = elements + index * 4;
        _mm256_storeu_si256((__m256i *)out, _mm256_permute2x128_si256(q[0], q[1], 0x20));
        _mm256_storeu_si256((__m256i *)(out + 32), _mm256_permute2x128_si256(q[2], q[3], 0x20));
        _mm256_storeu_si256((__m256i *)(out + 64), _mm256_permute2x128_si256(q[0], q[1], 0x31));
        _mm256_storeu_si256((__m256i *)(out + 96), _mm256_permute2x128_si256(q[2], q[3], 0x31));
    }
    merge_rest(planes, index, count, 4, elements);
}

void mmk_planes_split(const uint8_t *elements, size_t count, unsigned width, uint8_t *planes) {
    if (width == 2 && __builtin_cpu_supports("avx2")) {
        split2_avx2(elements, count, planes);
    } else if (width == 4 && __builtin_cpu_supports("avx2")) {
        split4_avx2(elements, count, planes);
    } else {
        mmk_planes_split_portable(elements, count, width, planes);
    }
}

void mmk_planes_merge(const uint8_t *const *planes, size_t count, unsigned width, uint8_t *elements) {
    if (width == 2 && __builtin_cpu_supports("avx2")) {
        merge2_avx2(planes, count, elements);
    } else if (width == 4 && __builtin_cpu_supports("avx2")) {
        merge4_avx2(planes, count, elements);
    } else {
        mmk_planes_merge_portable(planes, count, width, elements);
    }
}

#elif defined(__aarch64__)

#include <arm_neon.h>

static void split2_neon(const uint8_t *elements, size_t count, uint8_t *planes) {
    size_t index = 0;
    for (; index + 16 <= count; index += 16) {
        // vld2 parts the bytes; the rotation then moves one bit between them.
        uint8x16x2_t x = vld2q_u8(elements + index * 2);
        vst1q_u8(planes + index, vsliq_n_u8(vshrq_n_u8(x.val[0], 7), x.val[1], 1));
        vst1q_u8(planes + count + index, vsliq_n_u8(vshrq_n_u8(x.val[1], 7), x.val[0], 1));
    }
    split_rest(elements, index, count, 2, planes);
}

static void merge2_neon(const uint8_t *const *planes, size_t count, uint8_t *elements) {
    size_t index = 0;
    for (; index + 16 <= count; index += 16) {
        uint8x16_t high = vld1q_u8(planes[0] + index), low = vld1q_u8(planes[1] + index);
        uint8x16x2_t x;
        x.val[0] = vsliq_n_u8(vshrq_n_u8(low, 1), high, 7);
        x.val[1] = vsliq_n_u8(vshrq_n_u8(high, 1), low, 7);
        vst2q_u8(elements + index * 2, x);
    }
    merge_rest(planes, index, count, 2, elements);
}

static void split4_neon(const uint8_t *elements, size_t count, uint8_t *planes) {
    size_t index = 0;
    for (; index + 16 <= count; index += 16) {
        uint8x16x4_t x = vld4q_u8(elements + index * 4);
        vst1q_u8(planes + index, vsliq_n_u8(vshrq_n_u8(x.val[2], 7), x.val[3], 1));
        vst1q_u8(planes + count + index, vsliq_n_u8(vshrq_n_u8(x.val[1], 7), x.val[2], 1));
        vst1q_u8(planes + 2 * count + index, vsliq_n_u8(vshrq_n_u8(x.val[0], 7), x.val[1], 1));
        vst1q_u8(planes + 3 * count + index, vsliq_n_u8(vshrq_n_u8(x.val[3], 7), x.val[0], 1));
    }
    split_rest(elements, index, count, 4, planes);
}

static void merge4_neon(const uint8_t *const *planes, size_t count, uint8_t *elements) {
    size_t index = 0;
    for (; index + 16 <= count; index += 16) {
        uint8x16_t p0 = vld1q_u8(planes[0] + index), p1 = vld1q_u8(planes[1] + index);
        uint8x16_t p2 = vld1q_u8(planes[2] + index), p3 = vld1q_u8(planes[3] + index);
        uint8x16x4_t x;
        x.val[0] = vsliq_n_u8(vshrq_n_u8(p3, 1), p2, 7);
        x.val[1] = vsliq_n_u8(vshrq_n_u8(p2, 1), p1, 7);
        x.val[2] = vsliq_n_u8(vshrq_n_u8(p1, 1), p0, 7);
        x.val[3] = vsliq_n_u8(vshrq_n_u8(p0, 1), p3, 7);
        vst4q_u8(elements + index * 4, x);
    }
    merge_rest(planes, index, count, 4, elements);
}

void mmk_planes_split(const uint8_t *elements, size_t count, unsigned width, uint8_t *planes) {
    if (width == 2) {
        split2_neon(elements, count, planes);
    } else if (width == 4) {
        split4_neon(elements, count, planes);
    } else {
        mmk_planes_split_portable(elements, count, width, planes);
    }
}

void mmk_planes_merge(const uint8_t *const *planes, size_t count, unsigned width, uint8_t *elements) {
    if (width == 2) {
        merge2_neon(planes, count, elements);
    } else if (width == 4) {
        merge4_neon(planes, count, elements);
    } else {
        mmk_planes_merge_portable(planes, count, width, elements);
    }
}

#else

void mmk_planes_split(const uint8_t *elements, size_t count, unsigned width, uint8_t *planes) {
    mmk_planes_split_portable(elements, count, width, planes);
}

void mmk_planes_merge(const uint8_t *const *planes, size_t count, unsigned width, uint8_t *elements) {
    mmk_planes_merge_portable(planes, count, width, elements);
}

#endif

// The rANS coder for AVX-512 with VBMI2: 64 lanes at a time, states as their low and high bytes.
#if defined(__x86_64__)
#include <immintrin.h>

#include "rans.h"

#pragma clang attribute push(                                                                                          \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,popcnt"))), apply_to = function)

static inline __m512i four_times(const uint8_t bytes[16]) {
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)bytes));
}

bool rans_decode_avx512(rans_reader *reader, const rans_table *table, size_t steps, uint8_t *output) {
    const __m512i own = four_times(table->own), alias = four_times(table->alias), base = four_times(table->base);
    const __m512i frequencies = four_times(table->frequency), values = four_times(table->values);
    const __m512i escape = _mm512_set1_epi8(table->has_escape ? RANS_ESCAPE : -1);
    const __m512i nibble = _mm512_set1_epi8(15), byte = _mm512_set1_epi16(255), zero = _mm512_setzero_si512();
    __m512i low[2], high[2];
    for (int group = 0; group < 2; group++) {
        low[group] = _mm512_loadu_si512(reader->low + 64 * group);
        high[group] = _mm512_loadu_si512(reader->high + 64 * group);
    }
    const uint8_t *next = reader->next;
    bool is_good = true;
    // A step takes at most a byte a lane, and reads at most RANS_READ_AHEAD beyond.
    while (is_good && steps > 0 && reader->readable_end - next >= RANS_LANES + RANS_READ_AHEAD) {
        for (int group = 0; group < 2; group++) {
            const __m512i column = _mm512_and_si512(_mm512_srli_epi16(low[group], 4), nibble);
            const __m512i place = _mm512_and_si512(low[group], nibble);
            const __mmask64 is_own = _mm512_cmplt_epu8_mask(place, _mm512_shuffle_epi8(own, column));
            const __m512i symbol = _mm512_mask_mov_epi8(_mm512_shuffle_epi8(alias, column), is_own, column);
            const __m512i number =
                _mm512_mask_add_epi8(place, ~is_own, place, _mm512_shuffle_epi8(base, column));
            const __m512i frequency = _mm512_shuffle_epi8(frequencies, symbol);
            const __m512i a = _mm512_add_epi16(
                _mm512_mullo_epi16(_mm512_unpacklo_epi8(frequency, zero), _mm512_unpacklo_epi8(high[group], zero)),
                _mm512_unpacklo_epi8(number, zero));
            const __m512i b = _mm512_add_epi16(
                _mm512_mullo_epi16(_mm512_unpackhi_epi8(frequency, zero), _mm512_unpackhi_epi8(high[group], zero)),
                _mm512_unpackhi_epi8(number, zero));
            const __m512i new_low = _mm512_packus_epi16(_mm512_and_si512(a, byte), _mm512_and_si512(b, byte));
            const __m512i new_high = _mm512_packus_epi16(_mm512_srli_epi16(a, 8), _mm512_srli_epi16(b, 8));
            const __mmask64 is_short = _mm512_testn_epi8_mask(new_high, new_high);
            high[group] = _mm512_mask_mov_epi8(new_high, is_short, new_low);
            low[group] = _mm512_mask_expand_epi8(new_low, is_short, _mm512_loadu_si512(next));
            next += __builtin_popcountll(is_short);
            _mm512_storeu_si512(output + 64 * group, _mm512_shuffle_epi8(values, symbol));
            const __mmask64 escapes = _mm512_cmpeq_epi8_mask(symbol, escape);
            if (__builtin_expect(escapes != 0, 0)) is_good &= rans_fill_escapes(reader, escapes, output + 64 * group);
        }
        output += RANS_LANES;
        steps -= 1;
    }
    for (int group = 0; group < 2; group++) {
        _mm512_storeu_si512(reader->low + 64 * group, low[group]);
        _mm512_storeu_si512(reader->high + 64 * group, high[group]);
    }
    reader->next = next;
    return is_good && rans_decode_careful(reader, table, steps, output);
}

// --- Encoding ---------------------------------------------------------------------------------------------------

/// Divides states by frequencies; gives quotient << 8 and leaves the rest.
static inline __m512i divide(__m512i state, __m512i frequency, __m512i reciprocal, __m512i *rest) {
    const __m512i quotient = _mm512_mulhi_epu16(state, reciprocal);
    const __m512i left = _mm512_sub_epi16(state, _mm512_mullo_epi16(quotient, frequency));
    const __mmask32 is_large = _mm512_cmpge_epu16_mask(left, frequency);
    *rest = _mm512_mask_sub_epi16(left, is_large, left, frequency);
    return _mm512_slli_epi16(_mm512_mask_add_epi16(quotient, is_large, quotient, _mm512_set1_epi16(1)), 8);
}

bool rans_encode_avx512(rans_writer *writer, const rans_code_table *table, const uint8_t *symbols, size_t steps) {
    uint8_t bytes[2][RANS_SYMBOLS];
    for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
        bytes[0][symbol] = (uint8_t)table->reciprocal[symbol];
        bytes[1][symbol] = (uint8_t)(table->reciprocal[symbol] >> 8);
    }
    const __m512i frequencies = four_times(table->frequency), firsts = four_times(table->first);
    const __m512i reciprocals_low = four_times(bytes[0]), reciprocals_high = four_times(bytes[1]);
    __m512i rows[4];
    for (int row = 0; row < 4; row++) rows[row] = _mm512_loadu_si512(table->slots + 64 * row);
    const __m512i zero = _mm512_setzero_si512(), byte = _mm512_set1_epi16(255), nibble = _mm512_set1_epi8(15);
    // States of 64 lanes as their low and high bytes.
    __m512i lows[2], highs[2];
    uint8_t split[2][RANS_LANES];
    for (unsigned lane = 0; lane < RANS_LANES; lane++) {
        split[0][lane] = (uint8_t)writer->states[lane];
        split[1][lane] = (uint8_t)(writer->states[lane] >> 8);
    }
    for (int group = 0; group < 2; group++) {
        lows[group] = _mm512_loadu_si512(split[0] + 64 * group);
        highs[group] = _mm512_loadu_si512(split[1] + 64 * group);
    }
    uint8_t *next = writer->next;
    bool is_good = true;
    for (size_t step = steps; step-- > 0;) {
        if (next - writer->start < RANS_STEP_ROOM) {
            is_good = false;
            break;
        }
        for (int group = 1; group >= 0; group--) {
            const __m512i symbol =
                _mm512_and_si512(_mm512_loadu_si512(symbols + step * RANS_LANES + 64 * group), nibble);
            const __m512i frequency = _mm512_shuffle_epi8(frequencies, symbol);
            __m512i low = lows[group], high = highs[group];
            const __mmask64 is_long = _mm512_cmpge_epu8_mask(high, frequency);
            const int count = __builtin_popcountll(is_long);
            next -= count;
            const __mmask64 taken = count == 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
            _mm512_mask_storeu_epi8(next, taken, _mm512_maskz_compress_epi8(is_long, low));
            low = _mm512_mask_mov_epi8(low, is_long, high);
            high = _mm512_mask_mov_epi8(high, is_long, zero);
            const __m512i reciprocal_low = _mm512_shuffle_epi8(reciprocals_low, symbol);
            const __m512i reciprocal_high = _mm512_shuffle_epi8(reciprocals_high, symbol);
            __m512i rest_a, rest_b;
            const __m512i a = divide(
                _mm512_unpacklo_epi8(low, high), _mm512_unpacklo_epi8(frequency, zero),
                _mm512_unpacklo_epi8(reciprocal_low, reciprocal_high), &rest_a);
            const __m512i b = divide(
                _mm512_unpackhi_epi8(low, high), _mm512_unpackhi_epi8(frequency, zero),
                _mm512_unpackhi_epi8(reciprocal_low, reciprocal_high), &rest_b);
            const __m512i index = _mm512_add_epi8(
                _mm512_packus_epi16(_mm512_and_si512(rest_a, byte), _mm512_and_si512(rest_b, byte)),
                _mm512_shuffle_epi8(firsts, symbol));
            const __m512i lower = _mm512_permutex2var_epi8(rows[0], index, rows[1]);
            const __m512i upper = _mm512_permutex2var_epi8(rows[2], index, rows[3]);
            lows[group] = _mm512_mask_mov_epi8(lower, _mm512_movepi8_mask(index), upper);
            highs[group] = _mm512_packus_epi16(_mm512_srli_epi16(a, 8), _mm512_srli_epi16(b, 8));
        }
    }
    for (int group = 0; group < 2; group++) {
        _mm512_storeu_si512(split[0] + 64 * group, lows[group]);
        _mm512_storeu_si512(split[1] + 64 * group, highs[group]);
    }
    for (unsigned lane = 0; lane < RANS_LANES; lane++) {
        writer->states[lane] = (uint16_t)(split[0][lane] | split[1][lane] << 8);
    }
    writer->next = next;
    return is_good;
}

#pragma clang attribute pop
#endif

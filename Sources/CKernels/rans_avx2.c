// The rANS coder for AVX2: 32 lanes at a time, states as their low and high bytes.
#if defined(__x86_64__)
#include <immintrin.h>

#include "rans.h"

#pragma clang attribute push(__attribute__((target("avx2,popcnt"))), apply_to = function)

typedef struct {
    __m256i own, alias, base, frequency, values;
} tables;

static inline __m256i twice(const uint8_t bytes[16]) {
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)bytes));
}

static inline __m128i pair(const void *low, const void *high) {
    return _mm_castps_si128(_mm_loadh_pi(
        _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)low)), (const __m64 *)high));
}

/// The next bytes, each at its lane of the mask, zeros elsewhere. Reads up to 8 bytes beyond those that it takes.
static inline __m256i expand(const uint8_t *next, uint32_t mask) {
    const uint8_t *second = next + __builtin_popcount(mask & 0xFF);
    const uint8_t *third = next + __builtin_popcount(mask & 0xFFFF);
    const uint8_t *fourth = next + __builtin_popcount(mask & 0xFFFFFF);
    // The second eight bytes of each half are taken from its second eight.
    const __m128i upper = _mm_set_epi64x(0x0808080808080808, 0);
    __m128i low = _mm_or_si128(pair(rans_expand + (mask & 0xFF), rans_expand + (mask >> 8 & 0xFF)), upper);
    __m128i high = _mm_or_si128(pair(rans_expand + (mask >> 16 & 0xFF), rans_expand + (mask >> 24)), upper);
    low = _mm_shuffle_epi8(pair(next, second), low);
    high = _mm_shuffle_epi8(pair(third, fourth), high);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/// One step of 32 lanes; gives the symbols.
static inline __m256i decode_group(const tables *table, uint8_t *low, uint8_t *high, const uint8_t **next) {
    const __m256i nibble = _mm256_set1_epi8(15), byte = _mm256_set1_epi16(255), zero = _mm256_setzero_si256();
    const __m256i lows = _mm256_loadu_si256((const __m256i *)low);
    const __m256i highs = _mm256_loadu_si256((const __m256i *)high);
    const __m256i column = _mm256_and_si256(_mm256_srli_epi16(lows, 4), nibble);
    const __m256i place = _mm256_and_si256(lows, nibble);
    const __m256i is_own = _mm256_cmpgt_epi8(_mm256_shuffle_epi8(table->own, column), place);
    const __m256i symbol = _mm256_blendv_epi8(_mm256_shuffle_epi8(table->alias, column), column, is_own);
    const __m256i number =
        _mm256_add_epi8(place, _mm256_andnot_si256(is_own, _mm256_shuffle_epi8(table->base, column)));
    const __m256i frequency = _mm256_shuffle_epi8(table->frequency, symbol);
    const __m256i a = _mm256_add_epi16(
        _mm256_mullo_epi16(_mm256_unpacklo_epi8(frequency, zero), _mm256_unpacklo_epi8(highs, zero)),
        _mm256_unpacklo_epi8(number, zero));
    const __m256i b = _mm256_add_epi16(
        _mm256_mullo_epi16(_mm256_unpackhi_epi8(frequency, zero), _mm256_unpackhi_epi8(highs, zero)),
        _mm256_unpackhi_epi8(number, zero));
    const __m256i new_low = _mm256_packus_epi16(_mm256_and_si256(a, byte), _mm256_and_si256(b, byte));
    const __m256i new_high = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
    const __m256i is_short = _mm256_cmpeq_epi8(new_high, zero);
    const uint32_t mask = (uint32_t)_mm256_movemask_epi8(is_short);
    _mm256_storeu_si256(
        (__m256i *)low, _mm256_or_si256(_mm256_andnot_si256(is_short, new_low), expand(*next, mask)));
    // A short state's high byte is 0.
    _mm256_storeu_si256((__m256i *)high, _mm256_or_si256(new_high, _mm256_and_si256(is_short, new_low)));
    *next += __builtin_popcount(mask);
    return symbol;
}

bool rans_decode_avx2(rans_reader *reader, const rans_table *table, size_t steps, uint8_t *output) {
    const tables vectors = {
        twice(table->own), twice(table->alias), twice(table->base), twice(table->frequency), twice(table->values),
    };
    const __m256i escape = _mm256_set1_epi8(table->has_escape ? RANS_ESCAPE : -1);
    const uint8_t *next = reader->next;
    bool is_good = true;
    // A step takes at most a byte a lane, and reads less than RANS_READ_AHEAD beyond.
    while (is_good && steps > 0 && reader->readable_end - next >= RANS_LANES + RANS_READ_AHEAD) {
        for (unsigned lane = 0; lane < RANS_LANES; lane += 32) {
            const __m256i symbol = decode_group(&vectors, reader->low + lane, reader->high + lane, &next);
            _mm256_storeu_si256((__m256i *)(output + lane), _mm256_shuffle_epi8(vectors.values, symbol));
            const uint32_t escapes = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(symbol, escape));
            if (__builtin_expect(escapes != 0, 0)) is_good &= rans_fill_escapes(reader, escapes, output + lane);
        }
        output += RANS_LANES;
        steps -= 1;
    }
    reader->next = next;
    return is_good && rans_decode_careful(reader, table, steps, output);
}

// --- Encoding ---------------------------------------------------------------------------------------------------

typedef struct {
    __m256i frequency, reciprocal_low, reciprocal_high, first;
    __m256i rows[16];
} code_tables;

/// bytes[index] of 256 bytes in rows of 16.
static inline __m256i look_up(const __m256i rows[16], __m256i index) {
    __m256i result = _mm256_setzero_si256();
    for (int row = 0; row < 16; row++) {
        // Below 16 in the row alone; saturation lifts all others to 0x80 and more, which a shuffle takes for zero.
        const __m256i in_row = _mm256_xor_si256(index, _mm256_set1_epi8((char)(row << 4)));
        const __m256i control = _mm256_adds_epu8(in_row, _mm256_set1_epi8(0x70));
        result = _mm256_or_si256(result, _mm256_shuffle_epi8(rows[row], control));
    }
    return result;
}

/// Divides states by frequencies; gives quotient << 8 and leaves the rest.
static inline __m256i divide(__m256i state, __m256i frequency, __m256i reciprocal, __m256i *rest) {
    __m256i quotient = _mm256_mulhi_epu16(state, reciprocal);
    __m256i left = _mm256_sub_epi16(state, _mm256_mullo_epi16(quotient, frequency));
    // The rest is below twice the frequency: a signed comparison does.
    const __m256i is_small = _mm256_cmpgt_epi16(frequency, left);
    quotient = _mm256_add_epi16(quotient, _mm256_andnot_si256(is_small, _mm256_set1_epi16(1)));
    *rest = _mm256_sub_epi16(left, _mm256_andnot_si256(is_small, frequency));
    return _mm256_slli_epi16(quotient, 8);
}

/// Writes the bytes of the mask's eight lanes below `next`, and anything below them.
static inline uint8_t *put(uint8_t *next, __m128i bytes, uint32_t mask) {
    const __m128i order = _mm_loadl_epi64((const __m128i *)(rans_compress + mask));
    _mm_storel_epi64((__m128i *)(next - 8), _mm_shuffle_epi8(bytes, order));
    return next - __builtin_popcount(mask);
}

bool rans_encode_avx2(rans_writer *writer, const rans_code_table *table, const uint8_t *symbols, size_t steps) {
    code_tables t = {.frequency = twice(table->frequency), .first = twice(table->first)};
    uint8_t bytes[2][RANS_SYMBOLS];
    for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
        bytes[0][symbol] = (uint8_t)table->reciprocal[symbol];
        bytes[1][symbol] = (uint8_t)(table->reciprocal[symbol] >> 8);
    }
    t.reciprocal_low = twice(bytes[0]);
    t.reciprocal_high = twice(bytes[1]);
    for (unsigned row = 0; row < 16; row++) t.rows[row] = twice(table->slots + 16 * row);
    // States of 32 lanes as two vectors in the order of unpacking: lanes 0-7 and 16-23, 8-15 and 24-31.
    const __m256i zero = _mm256_setzero_si256(), byte = _mm256_set1_epi16(255);
    __m256i states[RANS_LANES / 16];
    for (unsigned group = 0; group < RANS_LANES / 32; group++) {
        const __m256i x = _mm256_loadu_si256((const __m256i *)(writer->states + 32 * group));
        const __m256i y = _mm256_loadu_si256((const __m256i *)(writer->states + 32 * group + 16));
        states[2 * group] = _mm256_permute2x128_si256(x, y, 0x20);
        states[2 * group + 1] = _mm256_permute2x128_si256(x, y, 0x31);
    }
    uint8_t *next = writer->next;
    bool is_good = true;
    for (size_t step = steps; step-- > 0;) {
        if (next - writer->start < RANS_STEP_ROOM) {
            is_good = false;
            break;
        }
        for (unsigned group = RANS_LANES / 32; group-- > 0;) {
            __m256i symbol = _mm256_loadu_si256((const __m256i *)(symbols + step * RANS_LANES + 32 * group));
            symbol = _mm256_and_si256(symbol, _mm256_set1_epi8(15));
            __m256i a = states[2 * group], b = states[2 * group + 1];
            const __m256i frequency = _mm256_shuffle_epi8(t.frequency, symbol);
            const __m256i low = _mm256_packus_epi16(_mm256_and_si256(a, byte), _mm256_and_si256(b, byte));
            const __m256i high = _mm256_packus_epi16(_mm256_srli_epi16(a, 8), _mm256_srli_epi16(b, 8));
            const __m256i is_long = _mm256_cmpeq_epi8(_mm256_max_epu8(high, frequency), high);
            const uint32_t mask = (uint32_t)_mm256_movemask_epi8(is_long);
            const __m128i upper = _mm256_extracti128_si256(low, 1), lower = _mm256_castsi256_si128(low);
            next = put(next, _mm_srli_si128(upper, 8), mask >> 24);
            next = put(next, upper, mask >> 16 & 0xFF);
            next = put(next, _mm_srli_si128(lower, 8), mask >> 8 & 0xFF);
            next = put(next, lower, mask & 0xFF);
            a = _mm256_blendv_epi8(a, _mm256_srli_epi16(a, 8), _mm256_unpacklo_epi8(is_long, is_long));
            b = _mm256_blendv_epi8(b, _mm256_srli_epi16(b, 8), _mm256_unpackhi_epi8(is_long, is_long));
            const __m256i reciprocal_low = _mm256_shuffle_epi8(t.reciprocal_low, symbol);
            const __m256i reciprocal_high = _mm256_shuffle_epi8(t.reciprocal_high, symbol);
            __m256i rest_a, rest_b;
            a = divide(a, _mm256_unpacklo_epi8(frequency, zero),
                       _mm256_unpacklo_epi8(reciprocal_low, reciprocal_high), &rest_a);
            b = divide(b, _mm256_unpackhi_epi8(frequency, zero),
                       _mm256_unpackhi_epi8(reciprocal_low, reciprocal_high), &rest_b);
            const __m256i index = _mm256_add_epi8(
                _mm256_packus_epi16(rest_a, rest_b), _mm256_shuffle_epi8(t.first, symbol));
            const __m256i slot = look_up(t.rows, index);
            states[2 * group] = _mm256_or_si256(a, _mm256_unpacklo_epi8(slot, zero));
            states[2 * group + 1] = _mm256_or_si256(b, _mm256_unpackhi_epi8(slot, zero));
        }
    }
    for (unsigned group = 0; group < RANS_LANES / 32; group++) {
        const __m256i a = states[2 * group], b = states[2 * group + 1];
        _mm256_storeu_si256((__m256i *)(writer->states + 32 * group), _mm256_permute2x128_si256(a, b, 0x20));
        _mm256_storeu_si256((__m256i *)(writer->states + 32 * group + 16), _mm256_permute2x128_si256(a, b, 0x31));
    }
    writer->next = next;
    return is_good;
}

#pragma clang attribute pop
#endif

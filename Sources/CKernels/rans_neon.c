// The rANS coder for Armv8-A Advanced SIMD: 16 lanes at a time, states as their low and high bytes.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "rans.h"

/// One bit for each lane of a mask, the first lane lowest: of its first and of its last eight lanes.
static inline void mask_bits(uint8x16_t mask, unsigned *first, unsigned *last) {
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t marked = vandq_u8(mask, vld1q_u8(bits));
    *first = vaddv_u8(vget_low_u8(marked));
    *last = vaddv_u8(vget_high_u8(marked));
}

/// The next bytes, each at its lane of the mask, zeros elsewhere. Reads up to 8 bytes beyond those that it takes.
static inline uint8x16_t expand(const uint8_t **next, unsigned first, unsigned last) {
    const uint8_t *second = *next + __builtin_popcount(first);
    const uint8x8_t low = vtbl1_u8(vld1_u8(*next), vcreate_u8(rans_expand[first]));
    const uint8x8_t high = vtbl1_u8(vld1_u8(second), vcreate_u8(rans_expand[last]));
    *next = second + __builtin_popcount(last);
    return vcombine_u8(low, high);
}

bool rans_decode_neon(rans_reader *reader, const rans_table *table, size_t steps, uint8_t *output) {
    const uint8x16_t own = vld1q_u8(table->own), alias = vld1q_u8(table->alias), base = vld1q_u8(table->base);
    const uint8x16_t frequencies = vld1q_u8(table->frequency), values = vld1q_u8(table->values);
    const uint8x16_t escape = vdupq_n_u8(table->has_escape ? RANS_ESCAPE : 255);
    const uint8_t *next = reader->next;
    bool is_good = true;
    // A step takes at most a byte a lane, and reads less than RANS_READ_AHEAD beyond.
    while (is_good && steps > 0 && reader->readable_end - next >= RANS_LANES + RANS_READ_AHEAD) {
        for (unsigned lane = 0; lane < RANS_LANES; lane += 16) {
            const uint8x16_t low = vld1q_u8(reader->low + lane), high = vld1q_u8(reader->high + lane);
            const uint8x16_t column = vshrq_n_u8(low, 4), place = vandq_u8(low, vdupq_n_u8(15));
            const uint8x16_t is_own = vcltq_u8(place, vqtbl1q_u8(own, column));
            const uint8x16_t symbol = vbslq_u8(is_own, column, vqtbl1q_u8(alias, column));
            const uint8x16_t number = vaddq_u8(place, vbicq_u8(vqtbl1q_u8(base, column), is_own));
            const uint8x16_t frequency = vqtbl1q_u8(frequencies, symbol);
            const uint8x16_t a = vreinterpretq_u8_u16(vmlal_u8(
                vmovl_u8(vget_low_u8(number)), vget_low_u8(frequency), vget_low_u8(high)));
            const uint8x16_t b = vreinterpretq_u8_u16(vmlal_high_u8(vmovl_high_u8(number), frequency, high));
            const uint8x16_t new_low = vuzp1q_u8(a, b), new_high = vuzp2q_u8(a, b);
            const uint8x16_t is_short = vceqzq_u8(new_high);
            unsigned first, last;
            mask_bits(is_short, &first, &last);
            vst1q_u8(reader->low + lane, vbslq_u8(is_short, expand(&next, first, last), new_low));
            vst1q_u8(reader->high + lane, vbslq_u8(is_short, new_low, new_high));
            vst1q_u8(output + lane, vqtbl1q_u8(values, symbol));
            const uint8x16_t is_escape = vceqq_u8(symbol, escape);
            if (__builtin_expect(vmaxvq_u8(is_escape) != 0, 0)) {
                mask_bits(is_escape, &first, &last);
                is_good &= rans_fill_escapes(reader, first | last << 8, output + lane);
            }
        }
        output += RANS_LANES;
        steps -= 1;
    }
    reader->next = next;
    return is_good && rans_decode_careful(reader, table, steps, output);
}

// --- Encoding ---------------------------------------------------------------------------------------------------

/// Writes the bytes of the mask's eight lanes below `next`, and anything below them.
static inline uint8_t *put(uint8_t *next, uint8x8_t bytes, unsigned mask) {
    vst1_u8(next - 8, vtbl1_u8(bytes, vcreate_u8(rans_compress[mask])));
    return next - __builtin_popcount(mask);
}

/// Divides states by frequencies; gives the quotient and leaves the rest.
static inline uint16x8_t divide(uint16x8_t state, uint16x8_t frequency, uint16x8_t reciprocal, uint16x8_t *rest) {
    const uint32x4_t low = vmull_u16(vget_low_u16(state), vget_low_u16(reciprocal));
    const uint32x4_t high = vmull_high_u16(state, reciprocal);
    const uint16x8_t quotient = vshrn_high_n_u32(vshrn_n_u32(low, 16), high, 16);
    const uint16x8_t left = vmlsq_u16(state, quotient, frequency);
    const uint16x8_t is_large = vcgeq_u16(left, frequency);
    *rest = vsubq_u16(left, vandq_u16(is_large, frequency));
    return vsubq_u16(quotient, is_large);
}

bool rans_encode_neon(rans_writer *writer, const rans_code_table *table, const uint8_t *symbols, size_t steps) {
    uint8_t bytes[2][RANS_SYMBOLS];
    for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
        bytes[0][symbol] = (uint8_t)table->reciprocal[symbol];
        bytes[1][symbol] = (uint8_t)(table->reciprocal[symbol] >> 8);
    }
    const uint8x16_t frequencies = vld1q_u8(table->frequency), firsts = vld1q_u8(table->first);
    const uint8x16_t reciprocals_low = vld1q_u8(bytes[0]), reciprocals_high = vld1q_u8(bytes[1]);
    uint8x16x4_t rows[4];
    for (unsigned row = 0; row < 4; row++) rows[row] = vld1q_u8_x4(table->slots + 64 * row);
    uint8_t lows[RANS_LANES], highs[RANS_LANES];
    for (unsigned lane = 0; lane < RANS_LANES; lane++) {
        lows[lane] = (uint8_t)writer->states[lane];
        highs[lane] = (uint8_t)(writer->states[lane] >> 8);
    }
    uint8_t *next = writer->next;
    bool is_good = true;
    for (size_t step = steps; step-- > 0;) {
        if (next - writer->start < RANS_STEP_ROOM) {
            is_good = false;
            break;
        }
        for (unsigned lane = RANS_LANES; lane > 0;) {
            lane -= 16;
            const uint8x16_t symbol = vandq_u8(vld1q_u8(symbols + step * RANS_LANES + lane), vdupq_n_u8(15));
            const uint8x16_t frequency = vqtbl1q_u8(frequencies, symbol);
            uint8x16_t low = vld1q_u8(lows + lane), high = vld1q_u8(highs + lane);
            const uint8x16_t is_long = vcgeq_u8(high, frequency);
            unsigned first, last;
            mask_bits(is_long, &first, &last);
            next = put(next, vget_high_u8(low), last);
            next = put(next, vget_low_u8(low), first);
            low = vbslq_u8(is_long, high, low);
            high = vbicq_u8(high, is_long);
            const uint8x16_t reciprocal_low = vqtbl1q_u8(reciprocals_low, symbol);
            const uint8x16_t reciprocal_high = vqtbl1q_u8(reciprocals_high, symbol);
            uint16x8_t rest_a, rest_b;
            const uint16x8_t a = divide(
                vreinterpretq_u16_u8(vzip1q_u8(low, high)), vmovl_u8(vget_low_u8(frequency)),
                vreinterpretq_u16_u8(vzip1q_u8(reciprocal_low, reciprocal_high)), &rest_a);
            const uint16x8_t b = divide(
                vreinterpretq_u16_u8(vzip2q_u8(low, high)), vmovl_high_u8(frequency),
                vreinterpretq_u16_u8(vzip2q_u8(reciprocal_low, reciprocal_high)), &rest_b);
            const uint8x16_t index = vaddq_u8(
                vuzp1q_u8(vreinterpretq_u8_u16(rest_a), vreinterpretq_u8_u16(rest_b)), vqtbl1q_u8(firsts, symbol));
            uint8x16_t slot = vqtbl4q_u8(rows[0], index);
            for (unsigned row = 1; row < 4; row++) {
                slot = vqtbx4q_u8(slot, rows[row], vsubq_u8(index, vdupq_n_u8((uint8_t)(64 * row))));
            }
            vst1q_u8(lows + lane, slot);
            vst1q_u8(highs + lane, vuzp1q_u8(vreinterpretq_u8_u16(a), vreinterpretq_u8_u16(b)));
        }
    }
    for (unsigned lane = 0; lane < RANS_LANES; lane++) {
        writer->states[lane] = (uint16_t)(lows[lane] | highs[lane] << 8);
    }
    writer->next = next;
    return is_good;
}
#endif

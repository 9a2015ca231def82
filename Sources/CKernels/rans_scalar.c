// The rANS coder in plain C, and its tables.
#include "rans.h"

#include <string.h>

// --- Tables -----------------------------------------------------------------------------------------------------

bool rans_table_unpack(const uint8_t packed[RANS_TABLE_BYTES], rans_table *table) {
    unsigned frequency[RANS_SYMBOLS];
    for (unsigned column = 0; column < RANS_SYMBOLS; column++) {
        table->own[column] = packed[column] & 15;
        table->alias[column] = packed[column] >> 4;
        table->values[column] = (uint8_t)column;
        frequency[column] = table->own[column];
    }
    for (unsigned column = 0; column < RANS_SYMBOLS; column++) {
        const unsigned alias = table->alias[column], own = table->own[column];
        table->base[column] = (uint8_t)(frequency[alias] - own);
        frequency[alias] += 16 - own;
    }
    table->has_escape = false;
    for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
        // All slots for one symbol do not fit a byte; no coder makes that.
        if (frequency[symbol] >= RANS_SLOTS) return false;
        table->frequency[symbol] = (uint8_t)frequency[symbol];
    }
    return true;
}

/// Frequencies that add up to all slots, at least 1 for what occurs, and at most 255.
static void choose_frequencies(const uint32_t counts[RANS_SYMBOLS], unsigned frequency[RANS_SYMBOLS]) {
    uint64_t total = 0;
    for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) total += counts[symbol];
    unsigned sum = 0;
    for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
        const uint64_t share = ((uint64_t)counts[symbol] * RANS_SLOTS + total / 2) / total;
        frequency[symbol] = counts[symbol] == 0 ? 0 : share < 1 ? 1 : share > 255 ? 255 : (unsigned)share;
        sum += frequency[symbol];
    }
    // One slot more saves a symbol about count / (frequency + 1/2), one fewer costs count / (frequency - 1/2).
    while (sum < RANS_SLOTS) {
        unsigned best = RANS_SYMBOLS;
        for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
            if (frequency[symbol] >= RANS_SLOTS - 1) continue;
            if (best == RANS_SYMBOLS || (uint64_t)counts[symbol] * (2 * frequency[best] + 1) >
                                            (uint64_t)counts[best] * (2 * frequency[symbol] + 1)) {
                best = symbol;
            }
        }
        frequency[best] += 1;
        sum += 1;
    }
    while (sum > RANS_SLOTS) {
        unsigned best = RANS_SYMBOLS;
        for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
            if (frequency[symbol] <= 1) continue;
            if (best == RANS_SYMBOLS || (uint64_t)counts[symbol] * (2 * frequency[best] - 1) <
                                            (uint64_t)counts[best] * (2 * frequency[symbol] - 1)) {
                best = symbol;
            }
        }
        frequency[best] -= 1;
        sum -= 1;
    }
}

void rans_table_make(const uint32_t counts[RANS_SYMBOLS], uint8_t packed[RANS_TABLE_BYTES]) {
    unsigned left[RANS_SYMBOLS];
    choose_frequencies(counts, left);
    // Walker's alias method: a symbol that cannot fill its column shares it with one that has slots to spare.
    bool is_done[RANS_SYMBOLS] = {false};
    for (unsigned step = 0; step < RANS_SYMBOLS; step++) {
        unsigned poor = RANS_SYMBOLS, rich = RANS_SYMBOLS;
        for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
            if (is_done[symbol]) continue;
            if (poor == RANS_SYMBOLS || left[symbol] < left[poor]) poor = symbol;
            if (rich == RANS_SYMBOLS || left[symbol] > left[rich]) rich = symbol;
        }
        // Columns left and slots left agree, so the poorest has at most 16 and the richest at least 16. A full column is
        // one that is shared with its own symbol.
        is_done[poor] = true;
        if (left[poor] == 16) {
            packed[poor] = (uint8_t)(poor << 4);
        } else {
            packed[poor] = (uint8_t)(left[poor] | rich << 4);
            left[rich] -= 16 - left[poor];
        }
    }
}

void rans_code_table_make(const rans_table *table, rans_code_table *code) {
    unsigned first = 0;
    for (unsigned symbol = 0; symbol < RANS_SYMBOLS; symbol++) {
        const unsigned frequency = table->frequency[symbol];
        code->first[symbol] = (uint8_t)first;
        code->frequency[symbol] = (uint8_t)frequency;
        code->reciprocal[symbol] = (uint16_t)(frequency < 2 ? 65535 : 65536 / frequency);
        first += frequency;
    }
    for (unsigned slot = 0; slot < RANS_SLOTS; slot++) {
        const unsigned column = slot >> 4, place = slot & 15;
        const bool is_own = place < table->own[column];
        const unsigned symbol = is_own ? column : table->alias[column];
        const unsigned number = (is_own ? place : place + table->base[column]) & 255;
        code->slots[(code->first[symbol] + number) & 255] = (uint8_t)slot;
    }
}

// --- Decoding ---------------------------------------------------------------------------------------------------

bool rans_decode_careful(rans_reader *reader, const rans_table *table, size_t steps, uint8_t *output) {
    if (reader->next > reader->end) return false;
    for (size_t step = 0; step < steps; step++, output += RANS_LANES) {
        for (unsigned lane = 0; lane < RANS_LANES; lane++) {
            const unsigned column = reader->low[lane] >> 4, place = reader->low[lane] & 15;
            const bool is_own = place < table->own[column];
            const unsigned symbol = is_own ? column : table->alias[column];
            const unsigned number = (is_own ? place : place + table->base[column]) & 255;
            unsigned state = table->frequency[symbol] * (unsigned)reader->high[lane] + number;
            if (state < RANS_FIRST_STATE) {
                if (reader->next == reader->end) return false;
                state = state << 8 | *reader->next++;
            }
            reader->low[lane] = (uint8_t)state;
            reader->high[lane] = (uint8_t)(state >> 8);
            output[lane] = table->values[symbol];
            if (symbol == RANS_ESCAPE && table->has_escape && !rans_fill_escapes(reader, 1, output + lane)) return false;
        }
    }
    return true;
}

/// A byte that no symbol stands for.
static uint8_t unused_value(const rans_table *table) {
    bool is_used[256] = {false};
    for (unsigned symbol = 0; symbol < RANS_ESCAPE; symbol++) is_used[table->values[symbol]] = true;
    unsigned value = 0;
    while (is_used[value]) value += 1;
    return (uint8_t)value;
}

/// Puts listed values in the place of all `mark` bytes of a step.
static bool replace_marks(rans_reader *reader, uint8_t mark, uint8_t *output) {
    unsigned found = 0;
    for (unsigned lane = 0; lane < RANS_LANES; lane++) found |= output[lane] == mark;
    if (__builtin_expect(!found, 1)) return true;
    for (unsigned lane = 0; lane < RANS_LANES; lane++) {
        if (output[lane] == mark && !rans_fill_escapes(reader, 1, output + lane)) return false;
    }
    return true;
}

bool rans_decode_scalar(rans_reader *reader, const rans_table *table, size_t steps, uint8_t *output) {
    // Of each slot: number, value << 8, frequency << 16.
    uint32_t slots[RANS_SLOTS];
    const uint8_t mark = unused_value(table);
    for (unsigned slot = 0; slot < RANS_SLOTS; slot++) {
        const unsigned column = slot >> 4, place = slot & 15;
        const bool is_own = place < table->own[column];
        const unsigned symbol = is_own ? column : table->alias[column];
        const unsigned number = (is_own ? place : place + table->base[column]) & 255;
        const uint8_t value = symbol == RANS_ESCAPE && table->has_escape ? mark : table->values[symbol];
        slots[slot] = number | (uint32_t)value << 8 | (uint32_t)table->frequency[symbol] << 16;
    }
    uint32_t states[RANS_LANES];
    for (unsigned lane = 0; lane < RANS_LANES; lane++) {
        states[lane] = (uint32_t)(reader->low[lane] | reader->high[lane] << 8);
    }
    const uint8_t *next = reader->next;
    bool is_good = true;
    // A step reads its lanes' bytes, and looks at one behind them.
    while (is_good && steps > 0 && reader->readable_end - next > RANS_LANES) {
#pragma clang loop unroll_count(8)
        for (unsigned lane = 0; lane < RANS_LANES; lane++) {
            const uint32_t before = states[lane], slot = slots[before & 255];
            const uint32_t state = (slot >> 16) * (before >> 8) + (slot & 255);
            const uint32_t longer = state << 8 | *next;
            // A third of the states are short, which no branch predictor foresees.
            const bool is_short = state < RANS_FIRST_STATE;
            states[lane] = __builtin_unpredictable(is_short) ? longer : state;
            next += is_short;
            output[lane] = (uint8_t)(slot >> 8);
        }
        if (table->has_escape) is_good = replace_marks(reader, mark, output);
        output += RANS_LANES;
        steps -= 1;
    }
    for (unsigned lane = 0; lane < RANS_LANES; lane++) {
        reader->low[lane] = (uint8_t)states[lane];
        reader->high[lane] = (uint8_t)(states[lane] >> 8);
    }
    reader->next = next;
    return is_good && rans_decode_careful(reader, table, steps, output);
}

// --- Encoding ---------------------------------------------------------------------------------------------------

bool rans_encode_scalar(rans_writer *writer, const rans_code_table *table, const uint8_t *symbols, size_t steps) {
    uint8_t *next = writer->next;
    for (size_t step = steps; step-- > 0;) {
        if (next - writer->start < RANS_STEP_ROOM) return false;
        const uint8_t *row = symbols + step * RANS_LANES;
        for (unsigned lane = RANS_LANES; lane-- > 0;) {
            const unsigned symbol = row[lane] & 15, frequency = table->frequency[symbol];
            unsigned state = writer->states[lane];
            const bool is_long = state >> 8 >= frequency;
            // The byte below `next` is free: the step has room for a byte of each lane.
            next[-1] = (uint8_t)state;
            next -= is_long;
            state = is_long ? state >> 8 : state;
            unsigned quotient = state * table->reciprocal[symbol] >> 16;
            unsigned rest = state - quotient * frequency;
            const bool is_small = rest >= frequency;
            quotient += is_small;
            rest -= is_small ? frequency : 0;
            writer->states[lane] = (uint16_t)(quotient << 8 | table->slots[(table->first[symbol] + rest) & 255]);
        }
    }
    writer->next = next;
    return true;
}

// --- Shuffles ---------------------------------------------------------------------------------------------------

#define BIT(m, j) ((UINT64_C(0) + (m)) >> (j) & 1)
#define COUNT2(m) (BIT(m, 0) + BIT(m, 1))
#define COUNT4(m) (COUNT2(m) + BIT(m, 2) + BIT(m, 3))
#define COUNT8(m) (COUNT4(m) + COUNT4((m) >> 4))
#define RANK(m, j) (BIT(m, j) ? COUNT8((m) & ((1 << (j)) - 1)) : UINT64_C(0x80))
#define EXPAND(m)                                                                                                      \
    (RANK(m, 0) | RANK(m, 1) << 8 | RANK(m, 2) << 16 | RANK(m, 3) << 24 | RANK(m, 4) << 32 | RANK(m, 5) << 40 |        \
     RANK(m, 6) << 48 | RANK(m, 7) << 56)
// Lane j goes to place 8 - (lanes of the mask from j on). A place that nothing goes to keeps its 0x80.
#define PLACED(m, j) (BIT(m, j) ? (UINT64_C(0x80) ^ (j)) << 8 * ((8 - COUNT8((m) >> (j))) & 7) : 0)
#define COMPRESS(m)                                                                                                    \
    (UINT64_C(0x8080808080808080) ^                                                                                    \
     (PLACED(m, 0) | PLACED(m, 1) | PLACED(m, 2) | PLACED(m, 3) | PLACED(m, 4) | PLACED(m, 5) | PLACED(m, 6) |         \
      PLACED(m, 7)))
#define FOUR(F, m) F(m), F((m) + 1), F((m) + 2), F((m) + 3)
#define SIXTEEN(F, m) FOUR(F, m), FOUR(F, (m) + 4), FOUR(F, (m) + 8), FOUR(F, (m) + 12)
#define SIXTY_FOUR(F, m) SIXTEEN(F, m), SIXTEEN(F, (m) + 16), SIXTEEN(F, (m) + 32), SIXTEEN(F, (m) + 48)

const uint64_t rans_expand[256] = {
    SIXTY_FOUR(EXPAND, 0), SIXTY_FOUR(EXPAND, 64), SIXTY_FOUR(EXPAND, 128), SIXTY_FOUR(EXPAND, 192),
};
const uint64_t rans_compress[256] = {
    SIXTY_FOUR(COMPRESS, 0), SIXTY_FOUR(COMPRESS, 64), SIXTY_FOUR(COMPRESS, 128), SIXTY_FOUR(COMPRESS, 192),
};

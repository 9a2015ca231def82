// Chunks of the rANS codec: parting, coding, decoding and joining (formats/mmpack.md, rANS).
#include "CKernelsPlanes.h"
#include "rans_layouts.h"

#include <string.h>

/// Steps that are decoded and joined while they lie in the first cache.
enum { TILE_STEPS = 32, TILE = TILE_STEPS * RANS_LANES };

// --- Variants ---------------------------------------------------------------------------------------------------

typedef struct {
    rans_decoder *decode;
    rans_encoder *encode;
} coder;

bool mmk_rans_has(unsigned variant) {
    switch (variant) {
    case 0: return true;
#if defined(__x86_64__)
    case 1: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    case 2:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
#elif defined(__aarch64__)
    case 3: return true;
#endif
    default: return false;
    }
}

static coder coder_of(unsigned variant) {
    switch (variant) {
#if defined(__x86_64__)
    case 1: return (coder){rans_decode_avx2, rans_encode_avx2};
    case 2: return (coder){rans_decode_avx512, rans_encode_avx512};
#elif defined(__aarch64__)
    case 3: return (coder){rans_decode_neon, rans_encode_neon};
#endif
    default: return (coder){rans_decode_scalar, rans_encode_scalar};
    }
}

static coder best_coder(void) {
    for (unsigned variant = 3; variant > 0; variant--) {
        if (mmk_rans_has(variant)) return coder_of(variant);
    }
    return coder_of(0);
}

// --- Raw bits ---------------------------------------------------------------------------------------------------

// 128 values of 1, 2 or 4 bits in 16, 32 or 64 bytes: value j of the group is in byte j modulo that, the first ones in its
// lowest bits. Values of 3 bits are two bits, then one.

static void pack_bits(const uint8_t values[restrict RANS_LANES], unsigned bits, uint8_t *restrict group) {
    if (bits == 3) {
        uint8_t parts[RANS_LANES];
        for (unsigned j = 0; j < RANS_LANES; j++) parts[j] = values[j] & 3;
        pack_bits(parts, 2, group);
        for (unsigned j = 0; j < RANS_LANES; j++) parts[j] = values[j] >> 2 & 1;
        pack_bits(parts, 1, group + 32);
        return;
    }
    const unsigned length = 16 * bits;
    memset(group, 0, length);
    for (unsigned part = 0; part < 8 / bits; part++) {
        for (unsigned j = 0; j < length; j++) {
            group[j] |= (uint8_t)((values[part * length + j] & ((1u << bits) - 1)) << (part * bits));
        }
    }
}

/// The bits of 32 values in a group, from value 32 * cell on.
static void unpack_bits(
    const uint8_t *restrict group, unsigned bits, unsigned cell, uint8_t values[restrict RANS_CELL]) {
    switch (bits) {
    case 1:
        for (unsigned j = 0; j < 16; j++) {
            values[j] = group[j] >> 2 * cell & 1;
            values[j + 16] = group[j] >> (2 * cell + 1) & 1;
        }
        break;
    case 2:
        for (unsigned j = 0; j < RANS_CELL; j++) values[j] = group[j] >> 2 * cell & 3;
        break;
    case 3: {
        uint8_t high[RANS_CELL];
        unpack_bits(group, 2, cell, values);
        unpack_bits(group + 32, 1, cell, high);
        for (unsigned j = 0; j < RANS_CELL; j++) values[j] |= (uint8_t)(high[j] << 2);
        break;
    }
    case 4: {
        const uint8_t *bytes = group + 32 * (cell & 1);
        const unsigned shift = 4 * (cell >> 1);
        for (unsigned j = 0; j < RANS_CELL; j++) values[j] = bytes[j] >> shift & 15;
        break;
    }
    default: memset(values, 0, RANS_CELL);
    }
}

// --- Parting ----------------------------------------------------------------------------------------------------

static void split_f16(const uint8_t *units, size_t count, mmk_rans_parts *parts) {
    uint8_t tile[2 * TILE];
    for (size_t start = 0; start < count; start += TILE) {
        const size_t length = count - start < TILE ? count - start : TILE;
        memset(tile, 0, sizeof tile);
        mmk_planes_split(units + 2 * start, length, 2, tile);
        memcpy(parts->planes[0] + start, tile + length, length);
        // The rest of the first plane must be zeros, so that the last group is.
        memset(tile + length, 0, sizeof tile - length);
        for (size_t group = 0; group * RANS_LANES < length; group++) {
            pack_bits(tile + group * RANS_LANES, 3, parts->bits + (start / RANS_LANES + group) * 48);
        }
        for (size_t index = 0; index < length; index++) parts->symbols[start + index] = tile[index] >> 3;
    }
}

static void split_floats(unsigned id, const uint8_t *units, size_t count, mmk_rans_parts *parts) {
    parts->class_counts[0] = count;
    if (id == MMK_RANS_F16) {
        split_f16(units, count, parts);
        return;
    }
    const unsigned width = id == MMK_RANS_BF16 ? 2 : 4;
    uint8_t tile[4 * TILE];
    for (size_t start = 0; start < count; start += TILE) {
        const size_t length = count - start < TILE ? count - start : TILE;
        mmk_planes_split(units + width * start, length, width, tile);
        memcpy(parts->symbols + start, tile, length);
        for (unsigned plane = 1; plane < width; plane++) {
            memcpy(parts->planes[plane - 1] + start, tile + plane * length, length);
        }
    }
}

/// Where each class begins among the cells in the order of their classes.
static void count_classes(const uint8_t *classes, size_t cells, size_t counts[MMK_RANS_CLASSES]) {
    memset(counts, 0, MMK_RANS_CLASSES * sizeof counts[0]);
    for (size_t cell = 0; cell < cells; cell++) counts[classes[cell] & 7] += 1;
}

static size_t steps_of(size_t symbols) { return (symbols + RANS_LANES - 1) / RANS_LANES; }

static void split_blocks(unsigned id, const uint8_t *units, size_t count, mmk_rans_parts *parts) {
    const rans_layout *layout = rans_layout_of(id);
    const size_t cells = count * layout->cells, group_bytes = rans_group_bytes(layout);
    uint8_t classes[RANS_CELL_LIMIT];
    rans_take_scales(id, units, count, parts->planes);
    rans_classify(id, (const uint8_t *const *)parts->planes, count, classes);
    for (size_t pair = 0; pair < rans_pair_count(layout); pair++) {
        uint8_t low[RANS_CELL_LIMIT], *plane = parts->planes[2 * pair + 1];
        memcpy(low, plane, count);
        rans_sort_low(parts->planes[2 * pair], low, count, plane);
    }
    size_t counts[MMK_RANS_CLASSES], places[MMK_RANS_CLASSES], place = 0;
    count_classes(classes, cells, counts);
    for (unsigned class = 0; class < MMK_RANS_CLASSES; class++) {
        parts->class_counts[class] = counts[class] * RANS_CELL;
        places[class] = place;
        place += steps_of(parts->class_counts[class]) * RANS_LANES;
    }
    uint8_t group[RANS_LANES] = {0};
    for (size_t cell = 0; cell < cells; cell++) {
        uint8_t *values = group + cell % RANS_STEP_CELLS * RANS_CELL;
        rans_take_cell(id, units + cell / layout->cells * layout->unit_bytes, cell % layout->cells, values);
        size_t *next = &places[classes[cell] & 7];
        for (unsigned j = 0; j < RANS_CELL; j++) parts->symbols[*next + j] = values[j] >> layout->raw_bits;
        *next += RANS_CELL;
        if (group_bytes > 0 && (cell % RANS_STEP_CELLS == RANS_STEP_CELLS - 1 || cell == cells - 1)) {
            pack_bits(group, layout->raw_bits, parts->bits + cell / RANS_STEP_CELLS * group_bytes);
            memset(group, 0, sizeof group);
        }
    }
}

void mmk_rans_split(unsigned id, const uint8_t *units, size_t count, mmk_rans_parts *parts) {
    const rans_layout *layout = rans_layout_of(id);
    memset(parts->class_counts, 0, sizeof parts->class_counts);
    if (layout->unit_bytes == 0 || count > MMK_RANS_CHUNK_BYTES / layout->unit_bytes) return;
    if (rans_has_values(layout)) {
        split_floats(id, units, count, parts);
    } else {
        split_blocks(id, units, count, parts);
    }
}

// --- Coding -----------------------------------------------------------------------------------------------------

static void count_bytes(const uint8_t *bytes, size_t length, uint32_t counts[256]) {
    // Four sums of each, so that equal bytes in a row do not wait for each other.
    uint32_t sums[4][256] = {{0}};
    size_t index = 0;
    for (; index + 4 <= length; index += 4) {
        sums[0][bytes[index]] += 1;
        sums[1][bytes[index + 1]] += 1;
        sums[2][bytes[index + 2]] += 1;
        sums[3][bytes[index + 3]] += 1;
    }
    for (; index < length; index++) sums[0][bytes[index]] += 1;
    for (unsigned byte = 0; byte < 256; byte++) {
        counts[byte] = sums[0][byte] + sums[1][byte] + sums[2][byte] + sums[3][byte];
    }
}

bool mmk_rans_is_flat(const uint8_t *plane, size_t count) {
    if (count > MMK_RANS_CHUNK_BYTES) return false;
    uint32_t counts[256];
    count_bytes(plane, count, counts);
    uint64_t squares = 0;
    for (unsigned byte = 0; byte < 256; byte++) squares += (uint64_t)counts[byte] * counts[byte];
    // 2^7.875 is 234.8.
    return squares * 235 < (uint64_t)count * count;
}

/// Chooses the 15 commonest values, the smaller one first among equals, and puts symbols in the place of all. Gives the
/// end of the escape list, which is written from `escapes` on; NULL where it does not fit.
static uint8_t *replace_values(
    uint8_t *symbols, size_t length, uint8_t values[15], uint32_t counts[RANS_SYMBOLS], uint8_t *escapes,
    const uint8_t *limit) {
    uint32_t histogram[256];
    count_bytes(symbols, length, histogram);
    uint8_t symbol_of[256];
    memset(symbol_of, RANS_ESCAPE, sizeof symbol_of);
    uint32_t left = (uint32_t)length;
    for (unsigned symbol = 0; symbol < 15; symbol++) {
        unsigned best = 0;
        for (unsigned value = 1; value < 256; value++) {
            if (histogram[value] > histogram[best]) best = value;
        }
        values[symbol] = histogram[best] > 0 ? (uint8_t)best : 0;
        counts[symbol] = histogram[best];
        if (histogram[best] > 0) symbol_of[best] = (uint8_t)symbol;
        left -= histogram[best];
        histogram[best] = 0;
    }
    counts[RANS_ESCAPE] = left;
    if (left > (size_t)(limit - escapes)) return NULL;
    if (left == 0) {
        for (size_t index = 0; index < length; index++) symbols[index] = symbol_of[symbols[index]];
        return escapes;
    }
    uint8_t *const end = escapes + left;
    for (size_t index = 0; index < length; index++) {
        const uint8_t value = symbols[index], symbol = symbol_of[value];
        if (symbol == RANS_ESCAPE && escapes < end) *escapes++ = value;
        symbols[index] = symbol;
    }
    return end;
}

static void put_u32(uint8_t *bytes, size_t value) {
    for (unsigned byte = 0; byte < 4; byte++) bytes[byte] = (uint8_t)(value >> 8 * byte);
}

static size_t get_u32(const uint8_t *bytes) {
    size_t value = 0;
    for (unsigned byte = 4; byte-- > 0;) value = value << 8 | bytes[byte];
    return value;
}

static size_t table_bytes(const rans_layout *layout) {
    return RANS_TABLE_BYTES + (rans_has_values(layout) ? RANS_ESCAPE : 0);
}

/// Fills the last step with the commonest symbol, which no value of the escape list belongs to.
static void fill_last_step(
    const rans_layout *layout, uint8_t *symbols, size_t length, const uint32_t counts[RANS_SYMBOLS]) {
    unsigned commonest = 0;
    for (unsigned symbol = 1; symbol < (rans_has_values(layout) ? RANS_ESCAPE : RANS_SYMBOLS); symbol++) {
        if (counts[symbol] > counts[commonest]) commonest = symbol;
    }
    memset(symbols + length, (int)commonest, steps_of(length) * RANS_LANES - length);
}

static size_t code(
    const coder *coder, const rans_layout *layout, mmk_rans_parts *parts, uint8_t *output, size_t room) {
    size_t used_classes = 0;
    for (unsigned class = 0; class < layout->classes; class++) used_classes += parts->class_counts[class] > 0;
    const size_t head = 4 + used_classes * table_bytes(layout) + 2 * RANS_LANES;
    if (used_classes == 0 || room < head) return 0;
    rans_code_table tables[MMK_RANS_CLASSES];
    uint8_t *table = output + 4, *escapes = output + head, *symbols = parts->symbols;
    for (unsigned class = 0; class < layout->classes; class++) {
        const size_t length = parts->class_counts[class];
        if (length == 0) continue;
        uint32_t counts[256];
        if (rans_has_values(layout)) {
            uint8_t *values = table + RANS_TABLE_BYTES;
            uint8_t *end = replace_values(symbols, length, values, counts, escapes, output + room);
            if (!end) return 0;
            escapes = end;
        } else {
            count_bytes(symbols, length, counts);
        }
        rans_table forward;
        rans_table_make(counts, table);
        if (!rans_table_unpack(table, &forward)) return 0;
        rans_code_table_make(&forward, &tables[class]);
        fill_last_step(layout, symbols, length, counts);
        symbols += steps_of(length) * RANS_LANES;
        table += table_bytes(layout);
    }
    rans_writer writer = {.next = output + room, .start = escapes};
    for (unsigned lane = 0; lane < RANS_LANES; lane++) writer.states[lane] = RANS_FIRST_STATE;
    for (unsigned class = layout->classes; class-- > 0;) {
        const size_t steps = steps_of(parts->class_counts[class]);
        symbols -= steps * RANS_LANES;
        if (!coder->encode(&writer, &tables[class], symbols, steps)) return 0;
    }
    put_u32(output, (size_t)(escapes - (output + head)));
    for (unsigned lane = 0; lane < RANS_LANES; lane++) {
        table[lane] = (uint8_t)writer.states[lane];
        table[RANS_LANES + lane] = (uint8_t)(writer.states[lane] >> 8);
    }
    const size_t length = (size_t)(output + room - writer.next);
    memmove(escapes, writer.next, length);
    return (size_t)(escapes - output) + length;
}

// --- Joining ----------------------------------------------------------------------------------------------------

/// A reader at the start of the coded bytes; `table` is left at the first table. False where something is missing.
static bool begin(const rans_layout *layout, const mmk_rans_stored *stored, size_t used_classes, rans_reader *reader,
                  const uint8_t **table) {
    const size_t head = 4 + used_classes * table_bytes(layout) + 2 * RANS_LANES;
    if (stored->coded_bytes < head) return false;
    const size_t escapes = get_u32(stored->coded);
    if (escapes > stored->coded_bytes - head) return false;
    const uint8_t *states = stored->coded + head - 2 * RANS_LANES;
    memcpy(reader->low, states, RANS_LANES);
    memcpy(reader->high, states + RANS_LANES, RANS_LANES);
    for (unsigned lane = 0; lane < RANS_LANES; lane++) {
        if (reader->high[lane] == 0) return false;
    }
    reader->escape = stored->coded + head;
    reader->escape_end = reader->escape + escapes;
    reader->next = reader->escape_end;
    reader->end = stored->coded + stored->coded_bytes;
    reader->readable_end = stored->readable_end;
    *table = stored->coded + 4;
    return true;
}

/// All bytes and escapes are used, and every lane is where the encoder began.
static bool is_at_end(const rans_reader *reader) {
    unsigned wrong = 0;
    for (unsigned lane = 0; lane < RANS_LANES; lane++) wrong |= reader->low[lane] | (reader->high[lane] ^ 1u);
    return wrong == 0 && reader->next == reader->end && reader->escape == reader->escape_end;
}

static void join_f16(const mmk_rans_stored *stored, size_t start, size_t length, uint8_t *tile, uint8_t *units) {
    for (size_t group = 0; group * RANS_LANES < length; group++) {
        const uint8_t *bits = stored->bits + (start / RANS_LANES + group) * 48;
        for (unsigned cell = 0; cell < RANS_STEP_CELLS; cell++) {
            uint8_t low[RANS_CELL], *values = tile + group * RANS_LANES + cell * RANS_CELL;
            unpack_bits(bits, 3, cell, low);
            for (unsigned j = 0; j < RANS_CELL; j++) values[j] = (uint8_t)(values[j] << 3 | low[j]);
        }
    }
    const uint8_t *planes[2] = {tile, stored->planes[0] + start};
    mmk_planes_merge(planes, length, 2, units + 2 * start);
}

static bool join_floats(
    const coder *coder, unsigned id, const mmk_rans_stored *stored, size_t count, uint8_t *units) {
    const rans_layout *layout = rans_layout_of(id);
    rans_reader reader;
    const uint8_t *packed;
    rans_table table;
    if (!begin(layout, stored, 1, &reader, &packed) || !rans_table_unpack(packed, &table)) return false;
    memcpy(table.values, packed + RANS_TABLE_BYTES, RANS_ESCAPE);
    table.values[RANS_ESCAPE] = 0;
    table.has_escape = true;
    uint8_t tile[TILE];
    for (size_t start = 0; start < count; start += TILE) {
        const size_t length = count - start < TILE ? count - start : TILE;
        if (!coder->decode(&reader, &table, steps_of(length), tile)) return false;
        if (id == MMK_RANS_F16) {
            join_f16(stored, start, length, tile, units);
            continue;
        }
        const unsigned width = layout->unit_bytes;
        const uint8_t *planes[4] = {tile};
        for (unsigned plane = 1; plane < width; plane++) planes[plane] = stored->planes[plane - 1] + start;
        mmk_planes_merge(planes, length, width, units + width * start);
    }
    return is_at_end(&reader);
}

/// Joins the symbols of cells, `tile`, with their raw bits and puts them into their blocks.
static void put_cells(
    unsigned id, const mmk_rans_stored *stored, const uint16_t *cells, size_t count, uint8_t *tile, uint8_t *units) {
    const rans_layout *layout = rans_layout_of(id);
    const size_t group_bytes = rans_group_bytes(layout);
    for (size_t index = 0; index < count; index++) {
        const size_t cell = cells[index];
        uint8_t *values = tile + index * RANS_CELL;
        if (group_bytes > 0) {
            uint8_t low[RANS_CELL];
            const uint8_t *group = stored->bits + cell / RANS_STEP_CELLS * group_bytes;
            unpack_bits(group, layout->raw_bits, cell % RANS_STEP_CELLS, low);
            for (unsigned j = 0; j < RANS_CELL; j++) values[j] = (uint8_t)(values[j] << layout->raw_bits | low[j]);
        }
        rans_put_cell(id, units + cell / layout->cells * layout->unit_bytes, cell % layout->cells, values);
    }
}

static bool join_blocks(
    const coder *coder, unsigned id, const mmk_rans_stored *stored, size_t count, uint8_t *units) {
    const rans_layout *layout = rans_layout_of(id);
    const size_t cells = count * layout->cells;
    uint8_t classes[RANS_CELL_LIMIT], low[2][RANS_CELL_LIMIT];
    uint16_t order[RANS_CELL_LIMIT];
    const uint8_t *planes[MMK_RANS_PLANES];
    memcpy(planes, stored->planes, sizeof planes);
    for (size_t pair = 0; pair < rans_pair_count(layout); pair++) {
        rans_unsort_low(planes[2 * pair], planes[2 * pair + 1], count, low[pair]);
        planes[2 * pair + 1] = low[pair];
    }
    rans_put_scales(id, units, count, planes);
    rans_classify(id, planes, count, classes);
    size_t counts[MMK_RANS_CLASSES], places[MMK_RANS_CLASSES], place = 0, used_classes = 0;
    count_classes(classes, cells, counts);
    for (unsigned class = 0; class < MMK_RANS_CLASSES; class++) {
        places[class] = place;
        place += counts[class];
        used_classes += counts[class] > 0;
    }
    for (size_t cell = 0; cell < cells; cell++) order[places[classes[cell] & 7]++] = (uint16_t)cell;
    rans_reader reader;
    const uint8_t *packed;
    if (!begin(layout, stored, used_classes, &reader, &packed)) return false;
    const uint16_t *next = order;
    for (unsigned class = 0; class < MMK_RANS_CLASSES; class++) {
        if (counts[class] == 0) continue;
        rans_table table;
        if (!rans_table_unpack(packed, &table)) return false;
        packed += RANS_TABLE_BYTES;
        for (size_t done = 0; done < counts[class];) {
            uint8_t tile[TILE];
            const size_t left = counts[class] - done, most = TILE / RANS_CELL;
            const size_t length = left < most ? left : most;
            if (!coder->decode(&reader, &table, steps_of(length * RANS_CELL), tile)) return false;
            put_cells(id, stored, next, length, tile, units);
            next += length;
            done += length;
        }
    }
    return is_at_end(&reader);
}

/// Whether the last group of raw bits is filled up with zeros.
static bool is_filled_with_zeros(const rans_layout *layout, const uint8_t *bits, size_t count) {
    const size_t values = layout->cells ? count * layout->cells * RANS_CELL : count, used = values % RANS_LANES;
    if (layout->raw_bits == 0 || used == 0) return true;
    const uint8_t *group = bits + values / RANS_LANES * rans_group_bytes(layout);
    unsigned found = 0;
    for (unsigned cell = 0; cell < RANS_STEP_CELLS; cell++) {
        uint8_t low[RANS_CELL];
        unpack_bits(group, layout->raw_bits, cell, low);
        for (unsigned j = 0; j < RANS_CELL; j++) found |= cell * RANS_CELL + j >= used ? low[j] : 0;
    }
    return found == 0;
}

/// Whether the planes of six-bit scales and minima hold nothing else.
static bool has_six_bits(unsigned id, const mmk_rans_stored *stored, size_t count) {
    if (id != MMK_RANS_Q4_K && id != MMK_RANS_Q5_K) return true;
    unsigned found = 0;
    for (size_t index = 0; index < 8 * count; index++) found |= stored->planes[4][index] | stored->planes[5][index];
    return found < 64;
}

static bool join(const coder *coder, unsigned id, const mmk_rans_stored *stored, size_t count, uint8_t *units) {
    const rans_layout *layout = rans_layout_of(id);
    if (layout->unit_bytes == 0 || count == 0 || count > MMK_RANS_CHUNK_BYTES / layout->unit_bytes) return false;
    if (!is_filled_with_zeros(layout, stored->bits, count) || !has_six_bits(id, stored, count)) return false;
    return rans_has_values(layout) ? join_floats(coder, id, stored, count, units)
                                   : join_blocks(coder, id, stored, count, units);
}

// --- Entry points -----------------------------------------------------------------------------------------------

size_t mmk_rans_code_with(unsigned variant, unsigned id, mmk_rans_parts *parts, uint8_t *output, size_t room) {
    const coder coder = coder_of(variant);
    return code(&coder, rans_layout_of(id), parts, output, room);
}

size_t mmk_rans_code(unsigned id, mmk_rans_parts *parts, uint8_t *output, size_t room) {
    const coder coder = best_coder();
    return code(&coder, rans_layout_of(id), parts, output, room);
}

bool mmk_rans_join_with(
    unsigned variant, unsigned id, const mmk_rans_stored *stored, size_t count, uint8_t *units) {
    const coder coder = coder_of(variant);
    return join(&coder, id, stored, count, units);
}

bool mmk_rans_join(unsigned id, const mmk_rans_stored *stored, size_t count, uint8_t *units) {
    const coder coder = best_coder();
    return join(&coder, id, stored, count, units);
}

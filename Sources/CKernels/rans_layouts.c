// The blocks that the rANS codec parts: where their scales and values lie is as in formats/gguf.md.
#include "rans_layouts.h"

#include <string.h>

// Planes of two-byte scales: the high bytes, then the low ones.
static const rans_layout layouts[] = {
    [MMK_RANS_BF16] = {.unit_bytes = 2, .classes = 1, .plane_count = 1, .plane_bytes = {1}},
    [MMK_RANS_F16] = {.unit_bytes = 2, .raw_bits = 3, .classes = 1, .plane_count = 1, .plane_bytes = {1}},
    [MMK_RANS_F32] = {.unit_bytes = 4, .classes = 1, .plane_count = 3, .plane_bytes = {1, 1, 1}},
    [MMK_RANS_Q4_0] = {.unit_bytes = 18, .cells = 1, .classes = 1, .plane_count = 2, .plane_bytes = {1, 1}},
    [MMK_RANS_Q4_1] = {.unit_bytes = 20, .cells = 1, .classes = 8, .plane_count = 4, .plane_bytes = {1, 1, 1, 1}},
    [MMK_RANS_Q5_0] =
        {.unit_bytes = 22, .cells = 1, .raw_bits = 1, .classes = 1, .plane_count = 2, .plane_bytes = {1, 1}},
    [MMK_RANS_Q5_1] =
        {.unit_bytes = 24, .cells = 1, .raw_bits = 1, .classes = 8, .plane_count = 4, .plane_bytes = {1, 1, 1, 1}},
    [MMK_RANS_Q8_0] =
        {.unit_bytes = 34, .cells = 1, .raw_bits = 4, .classes = 1, .plane_count = 2, .plane_bytes = {1, 1}},
    [MMK_RANS_Q4_K] =
        {.unit_bytes = 144, .cells = 8, .classes = 8, .plane_count = 6, .plane_bytes = {1, 1, 1, 1, 8, 8}},
    [MMK_RANS_Q5_K] =
        {.unit_bytes = 176, .cells = 8, .raw_bits = 1, .classes = 8, .plane_count = 6,
         .plane_bytes = {1, 1, 1, 1, 8, 8}},
    [MMK_RANS_Q6_K] =
        {.unit_bytes = 210, .cells = 8, .raw_bits = 2, .classes = 1, .plane_count = 3, .plane_bytes = {1, 1, 16}},
};

const rans_layout *rans_layout_of(unsigned id) {
    return &layouts[id < sizeof layouts / sizeof layouts[0] ? id : 0];
}

size_t mmk_rans_unit_bytes(unsigned layout) { return rans_layout_of(layout)->unit_bytes; }

size_t mmk_rans_plane_count(unsigned layout) { return rans_layout_of(layout)->plane_count; }

size_t mmk_rans_plane_unit_bytes(unsigned layout, size_t index) {
    return index < MMK_RANS_PLANES ? rans_layout_of(layout)->plane_bytes[index] : 0;
}

static size_t value_count(const rans_layout *layout, size_t count) {
    return layout->cells ? count * layout->cells * RANS_CELL : count;
}

size_t mmk_rans_bits_bytes(unsigned id, size_t count) {
    const rans_layout *layout = rans_layout_of(id);
    return (value_count(layout, count) + RANS_LANES - 1) / RANS_LANES * rans_group_bytes(layout);
}

size_t mmk_rans_symbol_bytes(unsigned id, size_t count) {
    const rans_layout *layout = rans_layout_of(id);
    return value_count(layout, count) + layout->classes * (size_t)RANS_LANES;
}

// --- Classes ----------------------------------------------------------------------------------------------------

/// An f16 as f32. Infinities and NaNs become 0: a cell with one is of class 0, whatever else it holds.
static inline float finite_half(unsigned high, unsigned low) {
    const uint32_t bits = high << 8 | low;
    const uint32_t magnitude = (bits & 0x7C00) == 0x7C00 ? 0 : (bits & 0x7FFF) << 13;
    const uint32_t single = magnitude | (bits & 0x8000) << 16;
    float value;
    memcpy(&value, &single, sizeof value);
    // The exponents' biases are 15 and 127. Exact, for subnormals too.
    return value * 0x1p112f;
}

/// How many of the thresholds 9, 11 ... 21 times b are at most a; 0 where b is not above 0. Every product is exact in f32:
/// b has at most 17 bits, a threshold 5.
static inline int32_t class_of(float a, float b) {
    int32_t class = 0;
    for (int step = 0; step < MMK_RANS_CLASSES - 1; step++) class += a >= (float)(9 + 2 * step) * b;
    return b > 0 ? class : 0;
}

void rans_classify(unsigned id, const uint8_t *const *planes, size_t count, uint8_t *restrict classes) {
    const rans_layout *layout = rans_layout_of(id);
    if (layout->classes == 1) {
        memset(classes, 0, count * layout->cells);
        return;
    }
    // A cell's zero lies at value -m/d: thresholds of 4.5, 5.5 ... 10.5 of 16 values, 9, 11 ... 21 of 32.
    const float factor = layout->raw_bits == 0 ? 2 : 1;
    if (layout->cells == 1) {
        for (size_t unit = 0; unit < count; unit++) {
            const float d = finite_half(planes[0][unit], planes[1][unit]);
            const float m = finite_half(planes[2][unit], planes[3][unit]);
            classes[unit] = (uint8_t)class_of(-factor * m, d);
        }
        return;
    }
    for (size_t unit = 0; unit < count; unit++) {
        const float d = finite_half(planes[0][unit], planes[1][unit]);
        const float m = factor * finite_half(planes[2][unit], planes[3][unit]);
        for (size_t cell = 8 * unit; cell < 8 * unit + 8; cell++) {
            classes[cell] = (uint8_t)class_of(m * (float)(planes[5][cell] & 63), d * (float)(planes[4][cell] & 63));
        }
    }
}

// --- Scales -----------------------------------------------------------------------------------------------------

/// Where in a block its two-byte scales lie.
static size_t scales_offset(unsigned id) { return id == MMK_RANS_Q6_K ? 208 : 0; }

void rans_take_scales(unsigned id, const uint8_t *units, size_t count, uint8_t *const *planes) {
    const rans_layout *layout = rans_layout_of(id);
    const size_t unit_bytes = layout->unit_bytes;
    for (size_t pair = 0; pair < rans_pair_count(layout); pair++) {
        const uint8_t *scale = units + scales_offset(id) + 2 * pair;
        for (size_t index = 0; index < count; index++, scale += unit_bytes) {
            planes[2 * pair][index] = scale[1];
            planes[2 * pair + 1][index] = scale[0];
        }
    }
    for (size_t index = 0; index < count && layout->cells > 1; index++) {
        const uint8_t *unit = units + index * unit_bytes;
        if (id == MMK_RANS_Q6_K) {
            memcpy(planes[2] + 16 * index, unit + 192, 16);
            continue;
        }
        for (size_t cell = 0; cell < 4; cell++) {
            const uint8_t a = unit[4 + cell], b = unit[8 + cell], c = unit[12 + cell];
            planes[4][8 * index + cell] = a & 63;
            planes[5][8 * index + cell] = b & 63;
            planes[4][8 * index + cell + 4] = (uint8_t)((c & 15) | a >> 6 << 4);
            planes[5][8 * index + cell + 4] = (uint8_t)(c >> 4 | b >> 6 << 4);
        }
    }
}

void rans_put_scales(unsigned id, uint8_t *units, size_t count, const uint8_t *const *planes) {
    const rans_layout *layout = rans_layout_of(id);
    const size_t unit_bytes = layout->unit_bytes;
    memset(units, 0, count * unit_bytes);
    for (size_t pair = 0; pair < rans_pair_count(layout); pair++) {
        uint8_t *scale = units + scales_offset(id) + 2 * pair;
        for (size_t index = 0; index < count; index++, scale += unit_bytes) {
            scale[1] = planes[2 * pair][index];
            scale[0] = planes[2 * pair + 1][index];
        }
    }
    for (size_t index = 0; index < count && layout->cells > 1; index++) {
        uint8_t *unit = units + index * unit_bytes;
        if (id == MMK_RANS_Q6_K) {
            memcpy(unit + 192, planes[2] + 16 * index, 16);
            continue;
        }
        for (size_t cell = 0; cell < 4; cell++) {
            const uint8_t *scales = planes[4] + 8 * index + cell, *minima = planes[5] + 8 * index + cell;
            unit[4 + cell] = (uint8_t)((scales[0] & 63) | (scales[4] >> 4 & 3) << 6);
            unit[8 + cell] = (uint8_t)((minima[0] & 63) | (minima[4] >> 4 & 3) << 6);
            unit[12 + cell] = (uint8_t)((scales[4] & 15) | (minima[4] & 15) << 4);
        }
    }
}

/// Where the low bytes of each high byte begin.
static void find_places(const uint8_t *high, size_t count, uint32_t places[256]) {
    uint32_t counts[256] = {0}, place = 0;
    for (size_t index = 0; index < count; index++) counts[high[index]] += 1;
    for (unsigned byte = 0; byte < 256; byte++) {
        places[byte] = place;
        place += counts[byte];
    }
}

void rans_sort_low(const uint8_t *high, const uint8_t *low, size_t count, uint8_t *sorted) {
    uint32_t places[256];
    find_places(high, count, places);
    for (size_t index = 0; index < count; index++) sorted[places[high[index]]++] = low[index];
}

void rans_unsort_low(const uint8_t *high, const uint8_t *sorted, size_t count, uint8_t *low) {
    uint32_t places[256];
    find_places(high, count, places);
    for (size_t index = 0; index < count; index++) low[index] = sorted[places[high[index]]++];
}

size_t mmk_rans_pieces(const uint8_t *high, size_t count, size_t least, uint32_t lengths[256]) {
    uint32_t counts[256] = {0};
    for (size_t index = 0; index < count; index++) counts[high[index]] += 1;
    size_t pieces = 0;
    uint32_t length = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        length += counts[byte];
        if (length >= least) {
            lengths[pieces++] = length;
            length = 0;
        }
    }
    if (length > 0) lengths[pieces++] = length;
    return pieces;
}

// --- Values -----------------------------------------------------------------------------------------------------

static void take_nibbles(const uint8_t bytes[16], uint8_t values[RANS_CELL]) {
    for (unsigned j = 0; j < 16; j++) {
        values[j] = bytes[j] & 15;
        values[j + 16] = bytes[j] >> 4;
    }
}

static void put_nibbles(uint8_t bytes[16], const uint8_t values[RANS_CELL]) {
    // Through an array of its own, which overlaps with nothing.
    uint8_t packed[16];
    for (unsigned j = 0; j < 16; j++) packed[j] = (uint8_t)((values[j] & 15) | (values[j + 16] & 15) << 4);
    memcpy(bytes, packed, sizeof packed);
}

/// Bit 4 of each value, from or to 32 bits.
static void take_fifth_bits(const uint8_t bytes[4], uint8_t values[RANS_CELL]) {
    for (unsigned j = 0; j < RANS_CELL; j++) values[j] |= (uint8_t)((bytes[j / 8] >> (j % 8) & 1) << 4);
}

static void put_fifth_bits(uint8_t bytes[4], const uint8_t values[RANS_CELL]) {
    for (unsigned byte = 0; byte < 4; byte++) {
        // Eight values, the first one lowest, as on every machine that this runs on; its bit 8 j goes to bit 56 + j.
        uint64_t eight;
        memcpy(&eight, values + 8 * byte, sizeof eight);
        eight = eight >> 4 & UINT64_C(0x0101010101010101);
        bytes[byte] = (uint8_t)(eight * UINT64_C(0x0102040810204080) >> 56);
    }
}

void rans_take_cell(unsigned id, const uint8_t *restrict unit, size_t cell, uint8_t values[restrict RANS_CELL]) {
    switch (id) {
    case MMK_RANS_Q4_0: take_nibbles(unit + 2, values); break;
    case MMK_RANS_Q4_1: take_nibbles(unit + 4, values); break;
    case MMK_RANS_Q5_0:
        take_nibbles(unit + 6, values);
        take_fifth_bits(unit + 2, values);
        for (unsigned j = 0; j < RANS_CELL; j++) values[j] = (values[j] + 1) & 31;
        break;
    case MMK_RANS_Q5_1:
        take_nibbles(unit + 8, values);
        take_fifth_bits(unit + 4, values);
        break;
    case MMK_RANS_Q8_0:
        for (unsigned j = 0; j < RANS_CELL; j++) values[j] = (uint8_t)(unit[2 + j] + 136);
        break;
    case MMK_RANS_Q4_K: {
        const uint8_t *bytes = unit + 16 + 32 * (cell / 2);
        const unsigned shift = 4 * (cell % 2);
        for (unsigned j = 0; j < RANS_CELL; j++) values[j] = bytes[j] >> shift & 15;
        break;
    }
    case MMK_RANS_Q5_K: {
        const uint8_t *bytes = unit + 48 + 32 * (cell / 2), *bits = unit + 16;
        const unsigned shift = 4 * (cell % 2);
        for (unsigned j = 0; j < RANS_CELL; j++) {
            values[j] = (uint8_t)((bytes[j] >> shift & 15) | (bits[j] >> cell & 1) << 4);
        }
        break;
    }
    case MMK_RANS_Q6_K: {
        const uint8_t *bytes = unit + 64 * (cell / 4) + 32 * (cell % 2), *bits = unit + 128 + 32 * (cell / 4);
        const unsigned shift = 4 * (cell % 4 / 2), bit = 2 * (cell % 4);
        for (unsigned j = 0; j < RANS_CELL; j++) {
            values[j] = (uint8_t)(((bytes[j] >> shift & 15) | (bits[j] >> bit & 3) << 4) + 2) & 63;
        }
        break;
    }
    default: break;
    }
}

void rans_put_cell(unsigned id, uint8_t *restrict unit, size_t cell, const uint8_t values[restrict RANS_CELL]) {
    switch (id) {
    case MMK_RANS_Q4_0: put_nibbles(unit + 2, values); break;
    case MMK_RANS_Q4_1: put_nibbles(unit + 4, values); break;
    case MMK_RANS_Q5_0: {
        uint8_t plain[RANS_CELL];
        for (unsigned j = 0; j < RANS_CELL; j++) plain[j] = (values[j] + 31) & 31;
        put_nibbles(unit + 6, plain);
        put_fifth_bits(unit + 2, plain);
        break;
    }
    case MMK_RANS_Q5_1:
        put_nibbles(unit + 8, values);
        put_fifth_bits(unit + 4, values);
        break;
    case MMK_RANS_Q8_0: {
        uint8_t plain[RANS_CELL];
        for (unsigned j = 0; j < RANS_CELL; j++) plain[j] = (uint8_t)(values[j] + 120);
        memcpy(unit + 2, plain, sizeof plain);
        break;
    }
    case MMK_RANS_Q4_K: {
        uint8_t *bytes = unit + 16 + 32 * (cell / 2);
        const unsigned shift = 4 * (cell % 2);
        for (unsigned j = 0; j < RANS_CELL; j++) bytes[j] |= (uint8_t)((values[j] & 15) << shift);
        break;
    }
    case MMK_RANS_Q5_K: {
        uint8_t *bytes = unit + 48 + 32 * (cell / 2), *bits = unit + 16;
        const unsigned shift = 4 * (cell % 2);
        for (unsigned j = 0; j < RANS_CELL; j++) {
            bytes[j] |= (uint8_t)((values[j] & 15) << shift);
            bits[j] |= (uint8_t)((values[j] >> 4 & 1) << cell);
        }
        break;
    }
    case MMK_RANS_Q6_K: {
        uint8_t *bytes = unit + 64 * (cell / 4) + 32 * (cell % 2), *bits = unit + 128 + 32 * (cell / 4);
        const unsigned shift = 4 * (cell % 4 / 2), bit = 2 * (cell % 4);
        for (unsigned j = 0; j < RANS_CELL; j++) {
            const unsigned value = (values[j] + 62u) & 63;
            bytes[j] |= (uint8_t)((value & 15) << shift);
            bits[j] |= (uint8_t)(value >> 4 << bit);
        }
        break;
    }
    default: break;
    }
}

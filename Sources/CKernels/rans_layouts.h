// How units are parted: the layouts of formats/mmpack.md, rANS, and what they have in common.
#ifndef MMK_RANS_LAYOUTS_H
#define MMK_RANS_LAYOUTS_H

#include "rans.h"

enum {
    /// Values of a cell: what shares a scale, or two.
    RANS_CELL = 32,
    RANS_STEP_CELLS = RANS_LANES / RANS_CELL,
    /// Most cells of a chunk: 1,820 blocks of Q4_K.
    RANS_CELL_LIMIT = 16384,
};

typedef struct {
    /// 0 for no layout.
    uint16_t unit_bytes;
    /// 0 for floats, whose units are values.
    uint8_t cells;
    /// Lowest bits of a value that are stored as they are, packed.
    uint8_t raw_bits;
    uint8_t classes;
    uint8_t plane_count;
    uint8_t plane_bytes[MMK_RANS_PLANES];
} rans_layout;

const rans_layout *rans_layout_of(unsigned id);

static inline bool rans_has_values(const rans_layout *layout) { return layout->cells == 0; }

/// Bytes of the raw bits of 128 values.
static inline size_t rans_group_bytes(const rans_layout *layout) { return 16 * (size_t)layout->raw_bits; }

/// Parts the scales of all blocks to the planes, or joins them and clears the values. Low bytes of two-byte scales lie in
/// the order of their units here; they are stored in the order of their high bytes.
void rans_take_scales(unsigned id, const uint8_t *units, size_t count, uint8_t *const *planes);
void rans_put_scales(unsigned id, uint8_t *units, size_t count, const uint8_t *const *planes);

/// Planes of high bytes, each followed by its plane of low bytes.
static inline size_t rans_pair_count(const rans_layout *layout) {
    return rans_has_values(layout) ? 0 : layout->plane_count >= 4 ? 2 : 1;
}

/// Puts the low bytes into the order of their high bytes, equal ones in the order of their units; or back.
void rans_sort_low(const uint8_t *high, const uint8_t *low, size_t count, uint8_t *sorted);
void rans_unsort_low(const uint8_t *high, const uint8_t *sorted, size_t count, uint8_t *low);

/// The class of each cell of `count` units, from the planes of scales.
void rans_classify(unsigned id, const uint8_t *const *planes, size_t count, uint8_t *classes);

/// A cell's 32 values, centred, of the block at `unit`.
void rans_take_cell(unsigned id, const uint8_t *unit, size_t cell, uint8_t values[RANS_CELL]);
/// Puts a cell's values into a block whose bytes are zeros there.
void rans_put_cell(unsigned id, uint8_t *unit, size_t cell, const uint8_t values[RANS_CELL]);

#endif

// Codec 2 of a bundle (formats/mmpack.md, rANS): an entropy coder of 16 symbols with 128 interleaved lanes of 16-bit
// states, whose slots are dealt by the alias method, so that a table is 16 bytes and a look-up one shuffle; and the
// parting of elements and blocks into symbols for it, raw bits and byte planes.
//
// All instruction sets give the same bytes. Decoding is safe on any input: it reads and writes inside what it is given.
#ifndef CKERNELS_RANS_H
#define CKERNELS_RANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Classes of cells, each with a table of its own.
#define MMK_RANS_CLASSES 8
// Byte planes of a layout, at most.
#define MMK_RANS_PLANES 6
// Most bytes of a chunk; more units than fit do nothing.
#define MMK_RANS_CHUNK_BYTES 262144

// How the bytes of a chunk are parted: the layout id of formats/mmpack.md.
#define MMK_RANS_BF16 1u
#define MMK_RANS_F16 2u
#define MMK_RANS_F32 3u
#define MMK_RANS_Q4_0 4u
#define MMK_RANS_Q4_1 5u
#define MMK_RANS_Q5_0 6u
#define MMK_RANS_Q5_1 7u
#define MMK_RANS_Q8_0 8u
#define MMK_RANS_Q4_K 9u
#define MMK_RANS_Q5_K 10u
#define MMK_RANS_Q6_K 11u

// Bytes of a unit: an element of a float layout, a block of another. 0 where there is no such layout.
size_t mmk_rans_unit_bytes(unsigned layout);
// How many byte planes a layout has, and how many bytes of plane `index` come from one unit.
size_t mmk_rans_plane_count(unsigned layout);
size_t mmk_rans_plane_unit_bytes(unsigned layout, size_t index);
// Bytes of the raw bits of `count` units.
size_t mmk_rans_bits_bytes(unsigned layout, size_t count);
// Bytes of room for the symbols of `count` units: each class is filled up to whole steps of 128.
size_t mmk_rans_symbol_bytes(unsigned layout, size_t count);

// What the units of a chunk are parted into.
typedef struct {
    uint8_t *symbols;                        // mmk_rans_symbol_bytes of room
    uint8_t *bits;                           // mmk_rans_bits_bytes of room
    // As many bytes each as its units have. The low bytes of two-byte scales lie in the order of their high bytes.
    uint8_t *planes[MMK_RANS_PLANES];
    size_t class_counts[MMK_RANS_CLASSES];   // symbols of each class; set by mmk_rans_split
} mmk_rans_parts;

// Parts `count` units.
void mmk_rans_split(unsigned layout, const uint8_t *units, size_t count, mmk_rans_parts *parts);

// Codes the symbols of `parts`, which it overwrites, into `room` bytes at `output`. Gives the length, 0 where they do not
// fit.
size_t mmk_rans_code(unsigned layout, mmk_rans_parts *parts, uint8_t *output, size_t room);

// How a plane of low bytes is best cut where each piece is coded by itself: the run of each byte of `high`, together with
// the next ones while it is shorter than `least`. Gives the number of pieces, at most 256.
size_t mmk_rans_pieces(const uint8_t *high, size_t count, size_t least, uint32_t lengths[256]);

// Whether no code of single bytes makes `plane` smaller by a 64th: the sum of the squares of the bytes' counts is below
// count^2 / 2^7.875, so that the collision entropy, and with it the entropy, is above 7.875 bits.
bool mmk_rans_is_flat(const uint8_t *plane, size_t count);

// What units are joined from. Bytes behind the coded ones may be read (not used) up to `readable_end`.
typedef struct {
    const uint8_t *coded;
    size_t coded_bytes;
    const uint8_t *readable_end;
    const uint8_t *bits;
    const uint8_t *planes[MMK_RANS_PLANES];
} mmk_rans_stored;

// Decodes and joins `count` units. False where the coded bytes are not what a coder writes; then the units hold anything.
bool mmk_rans_join(unsigned layout, const mmk_rans_stored *stored, size_t count, uint8_t *units);

// The coder of one instruction set, for tests: 0 plain C, 1 AVX2, 2 AVX-512 with VBMI2, 3 NEON. Only those that
// `mmk_rans_has` may be used.
bool mmk_rans_has(unsigned variant);
size_t mmk_rans_code_with(unsigned variant, unsigned layout, mmk_rans_parts *parts, uint8_t *output, size_t room);
bool mmk_rans_join_with(
    unsigned variant, unsigned layout, const mmk_rans_stored *stored, size_t count, uint8_t *units);

#endif

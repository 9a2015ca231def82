// Byte planes of numbers, as formats/mmpack.md (zHUF) has them: every element is rotated left by one bit, which moves
// a float's sign below its mantissa and its exponent to the top, and its bytes are dealt to planes, the most
// significant byte to plane 0. Elements are little endian. All instruction sets give the same bytes.
#ifndef CKERNELS_PLANES_H
#define CKERNELS_PLANES_H

#include <stddef.h>
#include <stdint.h>

// `planes` takes width * count bytes: plane after plane, each of `count` bytes. `elements` has width * count bytes too.
// width is 2, 4 or 8; anything else does nothing.
void mmk_planes_split(const uint8_t *elements, size_t count, unsigned width, uint8_t *planes);

// The inverse, with the planes wherever they lie: `planes` has `width` addresses of `count` bytes each.
void mmk_planes_merge(const uint8_t *const *planes, size_t count, unsigned width, uint8_t *elements);

// The same in plain C, one element at a time: what the others are held to, and what runs where there is nothing else.
void mmk_planes_split_portable(const uint8_t *elements, size_t count, unsigned width, uint8_t *planes);
void mmk_planes_merge_portable(const uint8_t *const *planes, size_t count, unsigned width, uint8_t *elements);

#endif

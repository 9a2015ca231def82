// Fuzzes the coder of codec 2 under the address and undefined-behaviour sanitizers: `make fuzz-codecs`.
//
// Of an input, the first byte chooses the layout, its highest bit what is done: units made of the rest are coded, decoded by
// every instruction set and compared; or the rest is taken for a stored chunk and decoded by every instruction set, which
// must agree on whether it is one. Everything lies in allocations of exactly its length, so that one byte too far is seen.
#include "CKernelsRans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIANTS = 4, LAYOUTS = 11 };

static void require(bool condition, const char *what) {
    if (condition) return;
    fprintf(stderr, "codecs: %s\n", what);
    abort();
}

static uint8_t *room(size_t length) {
    uint8_t *bytes = malloc(length ? length : 1);
    require(bytes != NULL, "out of memory");
    return bytes;
}

static uint8_t *copy(const uint8_t *bytes, size_t length) {
    uint8_t *result = room(length);
    if (length) memcpy(result, bytes, length);
    return result;
}

/// Decodes with every instruction set: all give the same verdict, and the same units where it is good.
static bool join_all(unsigned layout, const mmk_rans_stored *stored, size_t count, const uint8_t *expected) {
    const size_t length = count * mmk_rans_unit_bytes(layout);
    uint8_t *first = NULL;
    bool verdict = false;
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        if (!mmk_rans_has(variant)) continue;
        uint8_t *units = room(length);
        const bool is_good = mmk_rans_join_with(variant, layout, stored, count, units);
        if (!first) {
            first = units;
            verdict = is_good;
            continue;
        }
        require(is_good == verdict, "instruction sets disagree on the verdict");
        require(!is_good || memcmp(first, units, length) == 0, "instruction sets decode to other units");
        free(units);
    }
    require(!expected || !verdict || memcmp(first, expected, length) == 0, "the units did not come back");
    free(first);
    return verdict;
}

/// Codes and decodes units. Coded bytes are the same from every instruction set.
static void round_trip(unsigned layout, uint32_t seed, const uint8_t *data, size_t size) {
    const size_t unit = mmk_rans_unit_bytes(layout), count = size / unit, length = count * unit;
    if (count == 0 || length > MMK_RANS_CHUNK_BYTES) return;
    uint8_t *units = copy(data, length), *first = NULL;
    size_t first_length = 0;
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        if (!mmk_rans_has(variant)) continue;
        mmk_rans_parts parts = {
            .symbols = room(mmk_rans_symbol_bytes(layout, count)),
            .bits = room(mmk_rans_bits_bytes(layout, count)),
        };
        for (size_t plane = 0; plane < mmk_rans_plane_count(layout); plane++) {
            parts.planes[plane] = room(count * mmk_rans_plane_unit_bytes(layout, plane));
        }
        mmk_rans_split(layout, units, count, &parts);
        // More room than a chunk has, so that small inputs are coded too.
        const size_t most = length + 2048;
        uint8_t *coded = room(most);
        const size_t coded_length = mmk_rans_code_with(variant, layout, &parts, coded, most);
        if (!first) {
            first = copy(coded, coded_length);
            first_length = coded_length;
        }
        require(coded_length == first_length && memcmp(coded, first, first_length) == 0, "other coded bytes");
        if (coded_length > 0) {
            uint8_t *exact = copy(coded, coded_length);
            mmk_rans_stored stored = {
                .coded = exact, .coded_bytes = coded_length, .readable_end = exact + coded_length, .bits = parts.bits,
            };
            memcpy(stored.planes, parts.planes, sizeof stored.planes);
            require(join_all(layout, &stored, count, units), "coded units were refused");
            // A few bits are changed: an error, or other units, but never outside.
            uint32_t state = seed;
            for (uint32_t flips = 0; flips <= seed % 4; flips++) {
                state = state * 1664525 + 1013904223;
                exact[state % coded_length] ^= (uint8_t)(1 << (state >> 29));
            }
            join_all(layout, &stored, count, NULL);
            free(exact);
        }
        free(coded);
        free(parts.symbols);
        free(parts.bits);
        for (size_t plane = 0; plane < MMK_RANS_PLANES; plane++) free(parts.planes[plane]);
    }
    free(first);
    free(units);
}

/// Takes data for planes, raw bits and coded symbols of `count` units.
static void decode(unsigned layout, size_t count, const uint8_t *data, size_t size) {
    count = count % 600 + 1;
    uint8_t *planes[MMK_RANS_PLANES] = {NULL};
    mmk_rans_stored stored = {0};
    for (size_t plane = 0; plane < mmk_rans_plane_count(layout); plane++) {
        const size_t length = count * mmk_rans_plane_unit_bytes(layout, plane);
        planes[plane] = room(length);
        for (size_t index = 0; index < length; index++) planes[plane][index] = size ? data[index % size] : 0;
        stored.planes[plane] = planes[plane];
    }
    const size_t bits_length = mmk_rans_bits_bytes(layout, count);
    uint8_t *bits = room(bits_length);
    memset(bits, 0x5A, bits_length);
    uint8_t *coded = copy(data, size);
    stored.coded = coded;
    stored.coded_bytes = size;
    stored.readable_end = coded + size;
    stored.bits = bits;
    join_all(layout, &stored, count, NULL);
    free(coded);
    free(bits);
    for (size_t plane = 0; plane < MMK_RANS_PLANES; plane++) free(planes[plane]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3) return 0;
    const unsigned layout = (data[0] & 0x7F) % LAYOUTS + 1;
    const uint32_t seed = data[1] | (uint32_t)data[2] << 8;
    if (data[0] & 0x80) {
        round_trip(layout, seed, data + 3, size - 3);
    } else {
        decode(layout, seed, data + 3, size - 3);
    }
    return 0;
}

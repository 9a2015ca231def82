// Measures codec 2 and zHUF on the bytes of a file, one thread, in the thread's own CPU time: `run` compiles and calls it.
//
//     measure LAYOUT FILE [best]     a line of JSON for memcpy, zHUF (floats) and rANS on every instruction set, or on the
//                                    best alone
//
// The chunks are those of a bundle. Every row is compared with the input after decoding.
#define _GNU_SOURCE
#include "CKernelsPlanes.h"
#include "CKernelsRans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zstd.h>

enum { CHUNK = 262144, ROUNDS = 5, SPACE = 480000 };

static uint8_t symbols[SPACE], bits[SPACE], planes[8][SPACE], frames[8][SPACE], spare[SPACE];
static ZSTD_CCtx *compressor;
static ZSTD_DCtx *decompressor;

static double seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void put(uint8_t *bytes, size_t value) { memcpy(bytes, &(uint32_t){(uint32_t)value}, 4); }
static size_t get(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, 4);
    return value;
}

/// A plane as a frame where that saves 1/64, else as it is, as the bundle writer stores it; 0 without room.
static size_t store_plane(const uint8_t *plane, size_t length, const uint8_t *high, uint8_t *output, size_t room) {
    const size_t limit = length - length / 64 - 1;
    size_t best = ZSTD_compress2(compressor, output, limit < room ? limit : room, plane, length);
    if (ZSTD_isError(best)) best = 0;
    uint32_t lengths[256];
    const size_t pieces = high ? mmk_rans_pieces(high, length, 256, lengths) : 0;
    if (pieces > 1) {
        ZSTD_CCtx_reset(compressor, ZSTD_reset_session_only);
        ZSTD_CCtx_setPledgedSrcSize(compressor, length);
        ZSTD_outBuffer target = {spare, sizeof spare, 0};
        for (size_t piece = 0, start = 0; piece < pieces; start += lengths[piece++]) {
            ZSTD_inBuffer input = {plane + start, lengths[piece], 0};
            ZSTD_compressStream2(compressor, &target, &input, piece == pieces - 1 ? ZSTD_e_end : ZSTD_e_flush);
        }
        if (target.pos < (best ? best : limit) && target.pos <= room) {
            memcpy(output, spare, target.pos);
            best = target.pos;
        }
    }
    if (best) return best;
    if (length > room) return 0;
    memcpy(output, plane, length);
    return length;
}

static const uint8_t *load_plane(const uint8_t *stored, size_t stored_length, uint8_t *space, size_t length) {
    if (stored_length == length) return stored;
    ZSTD_decompressDCtx(decompressor, space, length, stored, stored_length);
    return space;
}

static size_t encode_rans(unsigned variant, unsigned layout, const uint8_t *units, size_t length, uint8_t *output) {
    const size_t count = length / mmk_rans_unit_bytes(layout), plane_count = mmk_rans_plane_count(layout);
    mmk_rans_parts parts = {.symbols = symbols, .bits = bits};
    for (size_t plane = 0; plane < plane_count; plane++) parts.planes[plane] = planes[plane];
    mmk_rans_split(layout, units, count, &parts);
    size_t position = 8 + 4 * plane_count;
    const size_t coded = mmk_rans_code_with(variant, layout, &parts, output + position, length - 1 - position);
    if (!coded) return 0;
    put(output + 4, coded);
    position += coded;
    const size_t bits_length = mmk_rans_bits_bytes(layout, count);
    if (bits_length > length - 1 - position) return 0;
    memcpy(output + position, bits, bits_length);
    position += bits_length;
    for (size_t plane = 0; plane < plane_count; plane++) {
        const size_t plane_length = count * mmk_rans_plane_unit_bytes(layout, plane);
        const bool is_low = layout > 3 && (plane == 1 || (plane == 3 && plane_count >= 4));
        const bool is_flat = mmk_rans_is_flat(planes[plane], plane_length);
        size_t stored = plane_length;
        if (is_flat && !is_low) {
            if (plane_length > length - 1 - position) return 0;
            memcpy(output + position, planes[plane], plane_length);
        } else {
            stored = store_plane(planes[plane], plane_length, is_low ? planes[plane - 1] : NULL, output + position,
                                 length - 1 - position);
        }
        if (!stored) return 0;
        put(output + 8 + 4 * plane, stored);
        position += stored;
    }
    return position;
}

static bool decode_rans(
    unsigned variant, unsigned layout, const uint8_t *stored, size_t stored_length, uint8_t *units, size_t length) {
    const size_t count = length / mmk_rans_unit_bytes(layout), plane_count = mmk_rans_plane_count(layout);
    mmk_rans_stored parts = {
        .coded = stored + 8 + 4 * plane_count, .coded_bytes = get(stored + 4), .readable_end = stored + stored_length};
    parts.bits = parts.coded + parts.coded_bytes;
    const uint8_t *position = parts.bits + mmk_rans_bits_bytes(layout, count);
    for (size_t plane = 0; plane < plane_count; plane++) {
        const size_t plane_stored = get(stored + 8 + 4 * plane);
        parts.planes[plane] =
            load_plane(position, plane_stored, frames[plane], count * mmk_rans_plane_unit_bytes(layout, plane));
        position += plane_stored;
    }
    return mmk_rans_join_with(variant, layout, &parts, count, units);
}

static size_t encode_zhuf(unsigned width, const uint8_t *units, size_t length, uint8_t *output) {
    const size_t count = length / width;
    mmk_planes_split(units, count, width, planes[0]);
    size_t position = 4 + 4 * width;
    for (unsigned plane = 0; plane < width; plane++) {
        const size_t stored = store_plane(planes[0] + plane * count, count, NULL, output + position, length - 1 - position);
        if (!stored) return 0;
        put(output + 4 + 4 * plane, stored);
        position += stored;
    }
    return position;
}

static bool decode_zhuf(unsigned width, const uint8_t *stored, uint8_t *units, size_t length) {
    const size_t count = length / width;
    const uint8_t *position = stored + 4 + 4 * width, *parts[8];
    for (unsigned plane = 0; plane < width; plane++) {
        const size_t plane_stored = get(stored + 4 + 4 * plane);
        parts[plane] = load_plane(position, plane_stored, frames[plane], count);
        position += plane_stored;
    }
    mmk_planes_merge(parts, count, width, units);
    return true;
}

enum { ZHUF = 4 };

static void measure(unsigned method, unsigned layout, const uint8_t *data, size_t size) {
    static const char *const names[] = {"rANS plain C", "rANS AVX2", "rANS AVX-512", "rANS NEON", "zHUF"};
    const size_t unit = mmk_rans_unit_bytes(layout), chunk = CHUNK / unit * unit, chunks = (size + chunk - 1) / chunk;
    uint8_t *stored = malloc(size + CHUNK), *back = malloc(size);
    size_t *starts = malloc((chunks + 1) * sizeof *starts);
    memset(stored, 1, size + CHUNK);
    memset(back, 1, size);
    double encode = 1e9, decode = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double start = seconds();
        starts[0] = 0;
        for (size_t index = 0; index < chunks; index++) {
            const size_t length = index == chunks - 1 ? size - index * chunk : chunk;
            uint8_t *output = stored + starts[index];
            size_t made = method == ZHUF ? encode_zhuf((unsigned)unit, data + index * chunk, length, output)
                                         : encode_rans(method, layout, data + index * chunk, length, output);
            if (!made) memcpy(output, data + index * chunk, made = length);
            starts[index + 1] = starts[index] + made;
        }
        const double took = seconds() - start;
        if (took < encode) encode = took;
    }
    memset(back, 2, size);
    for (int round = 0; round < 2 * ROUNDS; round++) {
        double start = seconds();
        for (size_t index = 0; index < chunks; index++) {
            const size_t length = index == chunks - 1 ? size - index * chunk : chunk;
            const size_t made = starts[index + 1] - starts[index];
            const uint8_t *input = stored + starts[index];
            if (made == length) {
                memcpy(back + index * chunk, input, length);
            } else if (method == ZHUF) {
                decode_zhuf((unsigned)unit, input, back + index * chunk, length);
            } else if (!decode_rans(method, layout, input, made, back + index * chunk, length)) {
                exit(1);
            }
        }
        const double took = seconds() - start;
        if (took < decode) decode = took;
    }
    if (memcmp(back, data, size) != 0) exit(1);
    printf("{\"method\": \"%s\", \"stored\": %zu, \"ratio\": %.4f, \"encode\": %.0f, \"decode\": %.0f}\n", names[method],
           starts[chunks], (double)size / (double)starts[chunks], (double)size / encode / 1e6,
           (double)size / decode / 1e6);
    free(stored);
    free(back);
    free(starts);
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    const unsigned layout = (unsigned)atoi(arguments[1]);
    FILE *file = fopen(arguments[2], "rb");
    if (!file || mmk_rans_unit_bytes(layout) == 0) return 66;
    fseek(file, 0, SEEK_END);
    const size_t size = (size_t)ftell(file) / mmk_rans_unit_bytes(layout) * mmk_rans_unit_bytes(layout);
    rewind(file);
    uint8_t *data = malloc(size), *back = malloc(size);
    if (fread(data, 1, size, file) != size) return 74;
    compressor = ZSTD_createCCtx();
    decompressor = ZSTD_createDCtx();
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_strategy, ZSTD_fast);
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_minMatch, 7);
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_targetLength, 131072);
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_hashLog, 6);
    // ZSTD_c_literalCompressionMode and ZSTD_ps_enable of zstd.h.
    ZSTD_CCtx_setParameter(compressor, 1002, 1);
    memset(back, 1, size);
    double best = 1e9;
    for (int round = 0; round < 2 * ROUNDS; round++) {
        const double start = seconds();
        memcpy(back, data, size);
        // So that no copy is left out.
        __asm__ volatile("" : : "r"(back) : "memory");
        const double took = seconds() - start;
        if (took < best) best = took;
    }
    if (memcmp(back, data, size) != 0) return 1;
    printf("{\"method\": \"memcpy\", \"decode\": %.0f}\n", (double)size / best / 1e6);
    unsigned least = 0;
    for (unsigned variant = 0; variant < 4 && count > 3; variant++) {
        if (mmk_rans_has(variant)) least = variant;
    }
    for (unsigned variant = least; variant < 4; variant++) {
        if (mmk_rans_has(variant)) measure(variant, layout, data, size);
    }
    if (layout <= 3) measure(ZHUF, layout, data, size);
    return 0;
}

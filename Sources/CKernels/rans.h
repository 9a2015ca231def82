// What the files of the rANS coder share.
#ifndef MMK_RANS_H
#define MMK_RANS_H

#include "CKernelsRans.h"

enum {
    /// Symbols are dealt to the lanes in turn; a step is one of each.
    RANS_LANES = 128,
    RANS_SYMBOLS = 16,
    RANS_SLOTS = 256,
    RANS_TABLE_BYTES = 16,
    /// The symbol that stands for a value of the escape list, where symbols stand for values.
    RANS_ESCAPE = 15,
    /// The state that encoding begins and decoding ends with. States are at least this between two steps.
    RANS_FIRST_STATE = 256,
    /// How far a vector step may read beyond its own bytes.
    RANS_READ_AHEAD = 64,
    /// Room that a step of encoding wants: a byte a lane, and what vectors spoil below.
    RANS_STEP_ROOM = RANS_LANES + 8,
};

/// A table as decoders want it. Slot 16 c + p belongs to symbol c where p < own[c], being its number p; else to symbol
/// alias[c], being its number p + base[c] modulo 256.
typedef struct {
    uint8_t own[RANS_SYMBOLS];
    uint8_t alias[RANS_SYMBOLS];
    uint8_t base[RANS_SYMBOLS];
    uint8_t frequency[RANS_SYMBOLS];
    /// What each symbol decodes to.
    uint8_t values[RANS_SYMBOLS];
    /// Whether symbol 15 stands for a listed value.
    bool has_escape;
} rans_table;

typedef struct {
    uint8_t low[RANS_LANES];
    uint8_t high[RANS_LANES];
    const uint8_t *next;
    const uint8_t *end;
    /// Nothing is read from here on. At least `end`.
    const uint8_t *readable_end;
    const uint8_t *escape;
    const uint8_t *escape_end;
} rans_reader;

/// Decodes `steps` steps of values; false where bytes or escapes run out.
typedef bool rans_decoder(rans_reader *reader, const rans_table *table, size_t steps, uint8_t *output);

/// A table as encoders want it.
typedef struct {
    uint8_t frequency[RANS_SYMBOLS];
    /// 65536 / frequency rounded down, 65535 for 1: a quotient by it is right or one too small.
    uint16_t reciprocal[RANS_SYMBOLS];
    /// Where the symbol's slots begin in `slots`, which lists them by symbol and number.
    uint8_t first[RANS_SYMBOLS];
    uint8_t slots[RANS_SLOTS];
} rans_code_table;

/// Writes downwards from `next`, not below `start`.
typedef struct {
    uint16_t states[RANS_LANES];
    uint8_t *next;
    uint8_t *start;
} rans_writer;

/// Encodes `steps` steps of symbols, the last first; false where there is no room.
typedef bool rans_encoder(rans_writer *writer, const rans_code_table *table, const uint8_t *symbols, size_t steps);

/// Checks every byte before it is read: for the last steps, and what all others are held to.
rans_decoder rans_decode_careful;
rans_decoder rans_decode_scalar;
rans_encoder rans_encode_scalar;
#if defined(__x86_64__)
rans_decoder rans_decode_avx2;
rans_encoder rans_encode_avx2;
rans_decoder rans_decode_avx512;
rans_encoder rans_encode_avx512;
#elif defined(__aarch64__)
rans_decoder rans_decode_neon;
rans_encoder rans_encode_neon;
#endif

/// Puts listed values in the place of the `count` lanes of `marks`, lowest bit first.
static inline bool rans_fill_escapes(rans_reader *reader, uint64_t marks, uint8_t *output) {
    while (marks) {
        if (reader->escape == reader->escape_end) return false;
        output[__builtin_ctzll(marks)] = *reader->escape++;
        marks &= marks - 1;
    }
    return true;
}

/// For a mask of eight lanes: byte j is the rank of lane j among those in the mask, 0x80 for a lane outside.
extern const uint64_t rans_expand[256];
/// For a mask of eight lanes: the last bytes are the lanes in the mask, ascending; those before are 0x80.
extern const uint64_t rans_compress[256];

bool rans_table_unpack(const uint8_t packed[RANS_TABLE_BYTES], rans_table *table);
/// The table for symbols that occur so often; at least one does. Fewer than 2^24 symbols.
void rans_table_make(const uint32_t counts[RANS_SYMBOLS], uint8_t packed[RANS_TABLE_BYTES]);
void rans_code_table_make(const rans_table *table, rans_code_table *code);

#endif

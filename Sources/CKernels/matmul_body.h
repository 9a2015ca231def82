// The matrix product. Every sum has sixteen lanes (k mod 16) that grow in ascending k by fused multiply-add and are
// added by `sum16` at the end, whichever path computes it; blocking and partition therefore never change a result.
//
// Few tokens: blocks are decoded in registers and multiplied at once (`NAME_rows`). More tokens: a panel of rows is
// decoded to scratch and multiplied tile by tile.
//
// Includer defines MMK_FUSED_ROWS (rows that share the loads of x), MMK_TILE_ROWS and MMK_TILE_TOKENS.
#include "scalar.h"
#include "vector.h"

#define UNROLL _Pragma("clang loop unroll(full)")
// Which nibble or bit pair a unit has is then known when compiling.
#define UNROLL_FOUR _Pragma("clang loop unroll_count(4)")

enum {
    FUSED_ROWS = MMK_FUSED_ROWS,
    FUSED_TOKENS = 4,
    TILE_ROWS = MMK_TILE_ROWS,
    TILE_TOKENS = MMK_TILE_TOKENS,
    SLICE = MMK_SLICE,                ///< columns that are decoded at a time; a multiple of SUPER_BLOCK
    PANEL_ROWS = MMK_PANEL_ROWS,      ///< rows that are decoded at a time; a multiple of TILE_ROWS
    PREFETCH_GROUPS = 4,              ///< how many groups of rows ahead stored weights are asked for, in address order
    SLICE_ROWS_AHEAD = 16,
    PANEL_TOKENS = MMK_PANEL_TOKENS,  ///< tokens whose sums are kept between slices; a multiple of TILE_TOKENS
};

// --- Few tokens -------------------------------------------------------------------------------------------------

/// Adds the products of `chunks` whole chunks, of `row_count` rows and `token_count` tokens, to the lanes.
#define DEFINE_ROWS(NAME, TYPE, ELEMENTS, BYTES)                                                                    \
    MMK_INLINE void NAME##_products(                                                                                \
        const uint8_t *w, size_t row_bytes, const float *x, size_t x_stride, size_t chunks, const int row_count,    \
        const int token_count, f32x16 *sums) {                                                                      \
        f32x16 lanes[FUSED_ROWS * FUSED_TOKENS];                                                                    \
        UNROLL for (int i = 0; i < row_count * token_count; i++) { lanes[i] = 0; }                                  \
        uintptr_t ahead = (uintptr_t)w + (size_t)(PREFETCH_GROUPS * row_count) * row_bytes;                         \
        for (size_t c = 0; c < chunks; c++, w += (BYTES), ahead += (size_t)row_count * (BYTES)) {                   \
            UNROLL for (int line = 0; line < (row_count * (BYTES) + 63) / 64; line++) {                             \
                __builtin_prefetch((const void *)(ahead + 64 * (uintptr_t)line), 0, 2);                             \
            }                                                                                                       \
            prepared_scales p[FUSED_ROWS];                                                                          \
            UNROLL for (int r = 0; r < row_count; r++) {                                                            \
                NAME##_prepare(w + (size_t)r * row_bytes, &p[r]);                                                   \
            }                                                                                                       \
            UNROLL_FOUR for (size_t j = 0; j < (ELEMENTS) / 32; j++, x += 32) {                                     \
                UNROLL for (int r = 0; r < row_count; r++) {                                                        \
                    const unit32 u = NAME##_unit(w + (size_t)r * row_bytes, &p[r], j);                              \
                    UNROLL for (int t = 0; t < token_count; t++) {                                                  \
                        f32x16 *lane = &lanes[r * token_count + t];                                                 \
                        *lane = fma16(u.a, load16(x + (size_t)t * x_stride), *lane);                                \
                        *lane = fma16(u.b, load16(x + (size_t)t * x_stride + 16), *lane);                           \
                    }                                                                                               \
                }                                                                                                   \
            }                                                                                                       \
        }                                                                                                           \
        UNROLL for (int i = 0; i < row_count * token_count; i++) { sums[i] = lanes[i]; }                            \
    }                                                                                                               \
    static void NAME##_rows(                                                                                        \
        const uint8_t *w, size_t row_bytes, const float *x, size_t x_stride, size_t chunks, size_t row_count,       \
        size_t token_count, f32x16 *sums) {                                                                         \
        if (row_count == FUSED_ROWS) {                                                                              \
            switch (token_count) {                                                                                  \
            case 1: NAME##_products(w, row_bytes, x, x_stride, chunks, FUSED_ROWS, 1, sums); return;                \
            case 2: NAME##_products(w, row_bytes, x, x_stride, chunks, FUSED_ROWS, 2, sums); return;                \
            case 3: NAME##_products(w, row_bytes, x, x_stride, chunks, FUSED_ROWS, 3, sums); return;                \
            default: NAME##_products(w, row_bytes, x, x_stride, chunks, FUSED_ROWS, 4, sums); return;               \
            }                                                                                                       \
        }                                                                                                           \
        for (size_t r = 0; r < row_count; r++) {                                                                    \
            for (size_t t = 0; t < token_count; t++) {                                                              \
                f32x16 *sum = sums + r * token_count + t;                                                           \
                NAME##_products(w + r * row_bytes, row_bytes, x + t * x_stride, x_stride, chunks, 1, 1, sum);       \
            }                                                                                                       \
        }                                                                                                           \
    }
FOR_EACH_FORMAT(DEFINE_ROWS)

typedef void row_products(
    const uint8_t *w, size_t row_bytes, const float *x, size_t x_stride, size_t chunks, size_t row_count,
    size_t token_count, f32x16 *sums);

#define ROWS_ENTRY(NAME, TYPE, ELEMENTS, BYTES) [TYPE] = NAME##_rows,
static row_products *const row_kernels[TYPE_LIMIT] = {FOR_EACH_FORMAT(ROWS_ENTRY)};

/// Decodes `count` columns from a chunk boundary on, and zeroes dst up to a multiple of 16.
static void decode_slice(uint32_t type, const uint8_t *src, float *dst, size_t count) {
    const size_t block = mmk_block_formats[type].elements;
    decode(type, src, dst, (count + block - 1) / block * block);
    for (size_t k = count; k % 16 != 0; k++) {
        dst[k] = 0;
    }
}

/// Adds the columns from `begin` on (fewer than a chunk, or any number for a type without a vector decoder).
static void add_rest(
    uint32_t type, const mmk_product *p, size_t begin, size_t first_row, size_t row_count, f32x16 *sums) {
    float w[SUPER_BLOCK + 16];
    const mmk_block_format format = mmk_block_formats[type];
    for (size_t k = begin; k < p->columns; k += SUPER_BLOCK) {
        const size_t count = p->columns - k < SUPER_BLOCK ? p->columns - k : SUPER_BLOCK;
        for (size_t r = 0; r < row_count; r++) {
            decode_slice(type, p->w + (first_row + r) * p->row_bytes + k / format.elements * format.bytes, w, count);
            for (size_t t = 0; t < p->tokens; t++) {
                const float *x = p->x + t * p->x_stride + k;
                f32x16 lanes = sums[r * p->tokens + t];
                size_t i = 0;
                for (; i + 16 <= count; i += 16) {
                    lanes = fma16(load16(w + i), load16(x + i), lanes);
                }
                if (i < count) {
                    lanes = fma16(load16(w + i), load_first(x + i, count - i, 0), lanes);
                }
                sums[r * p->tokens + t] = lanes;
            }
        }
    }
}

static void matmul_few(uint32_t type, const mmk_product *p) {
    const chunk_format format = chunk_formats[type];
    const size_t chunks = format.decode ? p->columns / format.elements : 0;
    const size_t done = chunks * format.elements;
    for (size_t row = 0; row < p->rows; row += FUSED_ROWS) {
        const size_t row_count = p->rows - row < FUSED_ROWS ? p->rows - row : FUSED_ROWS;
        f32x16 sums[FUSED_ROWS * FUSED_TOKENS];
        if (chunks > 0) {
            row_kernels[type](
                p->w + row * p->row_bytes, p->row_bytes, p->x, p->x_stride, chunks, row_count, p->tokens, sums);
        } else {
            memset(sums, 0, sizeof sums);
        }
        if (done < p->columns) {
            add_rest(type, p, done, row, row_count, sums);
        }
        for (size_t r = 0; r < row_count; r++) {
            for (size_t t = 0; t < p->tokens; t++) {
                p->y[t * p->y_stride + row + r] = sum16(sums[r * p->tokens + t]);
            }
        }
    }
}

// --- Many tokens ------------------------------------------------------------------------------------------------

/// Rows of scratch keep a distance that is no power of two, so that they do not compete for the same cache sets.
enum { SCRATCH_STRIDE = SLICE + 16 };

typedef struct {
    _Alignas(64) float w[PANEL_ROWS * SCRATCH_STRIDE];
    _Alignas(64) float x[TILE_TOKENS * SLICE];
    _Alignas(64) f32x16 sums[PANEL_ROWS * PANEL_TOKENS];
} panel_scratch;

_Static_assert(sizeof(panel_scratch) <= MMK_SCRATCH_BYTES, "the scratch of a thread is shared by all kernels");

/// sums[r][t] += W x over `steps` vectors of sixteen columns, of tokens that are `stride` elements apart.
MMK_INLINE void multiply_tile(
    const float *w, const float *x, size_t stride, size_t steps, const int token_count, bool isFirst, f32x16 *sums) {
    f32x16 lanes[TILE_ROWS * TILE_TOKENS];
    UNROLL for (int i = 0; i < TILE_ROWS * token_count; i++) {
        lanes[i] = isFirst ? (f32x16)0.0f : sums[i];
    }
    for (size_t s = 0; s < steps; s++, w += 16, x += 16) {
        f32x16 rows[TILE_ROWS];
        UNROLL for (int r = 0; r < TILE_ROWS; r++) { rows[r] = load16(w + r * SCRATCH_STRIDE); }
        UNROLL for (int t = 0; t < token_count; t++) {
            const f32x16 token = load16(x + (size_t)t * stride);
            UNROLL for (int r = 0; r < TILE_ROWS; r++) {
                lanes[r * token_count + t] = fma16(rows[r], token, lanes[r * token_count + t]);
            }
        }
    }
    UNROLL for (int i = 0; i < TILE_ROWS * token_count; i++) { sums[i] = lanes[i]; }
}

#define DEFINE_TILE(COUNT)                                                                              \
    static void multiply_tile_##COUNT(                                                                  \
        const float *w, const float *x, size_t stride, size_t steps, bool isFirst, f32x16 *s) {         \
        multiply_tile(w, x, stride, steps, (COUNT) < TILE_TOKENS ? (COUNT) : TILE_TOKENS, isFirst, s);  \
    }
DEFINE_TILE(1)
DEFINE_TILE(2)
DEFINE_TILE(3)
DEFINE_TILE(4)
DEFINE_TILE(5)
DEFINE_TILE(6)

typedef void tile_kernel(
    const float *w, const float *x, size_t stride, size_t steps, bool isFirst, f32x16 *sums);
static tile_kernel *const tile_kernels[] = {
    multiply_tile_1, multiply_tile_2, multiply_tile_3, multiply_tile_4, multiply_tile_5, multiply_tile_6,
};

/// Copies `count` columns of `tokens` rows of x to rows of SLICE elements, with zeros to a whole vector.
static void pad_tokens(const float *x, size_t x_stride, size_t tokens, size_t count, float *dst) {
    for (size_t t = 0; t < tokens; t++, x += x_stride, dst += SLICE) {
        memcpy(dst, x, count * sizeof(float));
        for (size_t k = count; k % 16 != 0; k++) {
            dst[k] = 0;
        }
    }
}

static void store_sums(const mmk_product *p, size_t row, size_t row_count, size_t token, size_t count, f32x16 *sums) {
    for (size_t t = 0; t < count; t++) {
        float *y = p->y + (token + t) * p->y_stride + row;
        for (size_t r = 0; r < row_count; r++) {
            y[r] = sum16(sums[r * count + t]);
        }
    }
}

/// Asks for the stored columns of a slice. Slices of one row after another are no pattern that the processor sees.
MMK_INLINE void prefetch_slice(const uint8_t *row, size_t row_bytes, size_t rows_ahead, size_t byte_count) {
    const uintptr_t begin = (uintptr_t)row + rows_ahead * row_bytes;
    for (size_t offset = 0; offset < byte_count; offset += 64) {
        __builtin_prefetch((const void *)(begin + offset), 0, 2);
    }
}

static void multiply_panel(
    uint32_t type, const mmk_product *p, size_t row, size_t row_count, size_t token, size_t tokens) {
    const mmk_block_format format = mmk_block_formats[type];
    panel_scratch *scratch = (panel_scratch *)mmk_scratch;
    for (size_t begin = 0; begin < p->columns; begin += SLICE) {
        const size_t count = p->columns - begin < SLICE ? p->columns - begin : SLICE;
        const size_t steps = (count + 15) / 16;
        // The sums of a tile wait for the next slice, where there is one.
        const bool isFirst = begin == 0, isLast = begin + count == p->columns, isSingle = isFirst && isLast;
        for (size_t r = 0; r < row_count; r++) {
            const uint8_t *src = p->w + (row + r) * p->row_bytes + begin / format.elements * format.bytes;
            prefetch_slice(src, p->row_bytes, SLICE_ROWS_AHEAD, count / format.elements * format.bytes);
            decode_slice(type, src, scratch->w + r * SCRATCH_STRIDE, count);
        }
        f32x16 *sums = scratch->sums;
        for (size_t t = 0; t < tokens; t += TILE_TOKENS) {
            const size_t tile_tokens = tokens - t < TILE_TOKENS ? tokens - t : TILE_TOKENS;
            const float *x = p->x + (token + t) * p->x_stride + begin;
            size_t stride = p->x_stride;
            if (count % 16 != 0) {
                pad_tokens(x, stride, tile_tokens, count, scratch->x);
                x = scratch->x;
                stride = SLICE;
            }
            for (size_t r = 0; r < row_count; r += TILE_ROWS, sums += isSingle ? 0 : TILE_ROWS * tile_tokens) {
                const size_t tile_rows = row_count - r < TILE_ROWS ? row_count - r : TILE_ROWS;
                tile_kernels[tile_tokens - 1](scratch->w + r * SCRATCH_STRIDE, x, stride, steps, isFirst, sums);
                if (isLast) {
                    store_sums(p, row + r, tile_rows, token + t, tile_tokens, sums);
                }
            }
        }
    }
}

static void matmul(uint32_t type, const mmk_product *p) {
    if (p->tokens <= FUSED_TOKENS) {
        matmul_few(type, p);
        return;
    }
    for (size_t token = 0; token < p->tokens; token += PANEL_TOKENS) {
        const size_t tokens = p->tokens - token < PANEL_TOKENS ? p->tokens - token : PANEL_TOKENS;
        for (size_t row = 0; row < p->rows; row += PANEL_ROWS) {
            const size_t row_count = p->rows - row < PANEL_ROWS ? p->rows - row : PANEL_ROWS;
            multiply_panel(type, p, row, row_count, token, tokens);
        }
    }
}

static float dot(const float *a, const float *b, size_t n) {
    f32x16 lanes = 0;
    size_t k = 0;
    for (; k + 16 <= n; k += 16) {
        lanes = fma16(load16(a + k), load16(b + k), lanes);
    }
    if (k < n) {
        lanes = fma16(load_first(a + k, n - k, 0), load_first(b + k, n - k, 0), lanes);
    }
    return sum16(lanes);
}

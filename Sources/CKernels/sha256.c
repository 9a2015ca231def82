// SHA-256 (FIPS 180-4) by the processor's own instructions, one message or two in turn.
#include "CKernelsDigest.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
// With AVX an instruction need not overwrite its operand: a tenth faster for the copies that this saves.
#define SHA_TARGET __attribute__((target("sha,avx")))
#define MMK_HAS_SHA 1
#elif defined(__aarch64__)
#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif
#define SHA_TARGET __attribute__((target("sha2")))
#define MMK_HAS_SHA 1
#else
#define MMK_HAS_SHA 0
#endif

#if MMK_HAS_SHA

#define SHA_INLINE SHA_TARGET static inline __attribute__((always_inline))

/// The round constants (FIPS 180-4, 4.2.2).
static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/// The hash in the two registers that the instructions want it in; the sixteen words of the message schedule that are
/// next.
#if defined(__x86_64__)
typedef struct {
    __m128i first, second, words[4];
} lane;

/// a..h to (f, e, b, a) and (h, g, d, c), lowest word first.
SHA_INLINE lane lane_of(const uint32_t *hash) {
    const __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)hash), 0xB1);
    const __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(hash + 4)), 0x1B);
    return (lane){.first = _mm_alignr_epi8(low, high, 8), .second = _mm_blend_epi16(high, low, 0xF0)};
}

SHA_INLINE void store_hash(const lane *l, uint32_t *hash) {
    const __m128i low = _mm_shuffle_epi32(l->first, 0x1B);
    const __m128i high = _mm_shuffle_epi32(l->second, 0xB1);
    _mm_storeu_si128((__m128i *)hash, _mm_blend_epi16(low, high, 0xF0));
    _mm_storeu_si128((__m128i *)(hash + 4), _mm_alignr_epi8(high, low, 8));
}

SHA_INLINE void load_block(lane *l, const uint8_t *block) {
    const __m128i big_endian = _mm_set_epi64x(0x0C0D0E0F08090A0B, 0x0405060700010203);
    for (size_t i = 0; i < 4; i++) {
        l->words[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(block + 16 * i)), big_endian);
    }
}

/// Words i of the schedule, from those that stand there: 16 further on.
SHA_INLINE void next_words(lane *l, size_t i) {
    const __m128i last = l->words[(i + 3) % 4];
    const __m128i sum = _mm_add_epi32(
        _mm_sha256msg1_epu32(l->words[i % 4], l->words[(i + 1) % 4]), _mm_alignr_epi8(last, l->words[(i + 2) % 4], 4));
    l->words[i % 4] = _mm_sha256msg2_epu32(sum, last);
}

SHA_INLINE void four_rounds(lane *l, size_t i) {
    const __m128i constants = _mm_loadu_si128((const __m128i *)(round_constants + 4 * i));
    const __m128i sum = _mm_add_epi32(l->words[i % 4], constants);
    l->second = _mm_sha256rnds2_epu32(l->second, l->first, sum);
    l->first = _mm_sha256rnds2_epu32(l->first, l->second, _mm_shuffle_epi32(sum, 0x0E));
}

/// Two messages need more registers than there are: the hash before the block is what can wait in memory. Left alone,
/// the compiler has what the next block waits for make that detour.
SHA_INLINE void put_aside(lane *old) { __asm__("" : "+m"(old->first), "+m"(old->second)); }

SHA_INLINE void add_hash(lane *l, lane old) {
    l->first = _mm_add_epi32(l->first, old.first);
    l->second = _mm_add_epi32(l->second, old.second);
}

bool mmk_sha256_available(void) {
    unsigned a, b, c, d;
    // CPUID leaf 7, EBX bit 29: the SHA extensions.
    return __builtin_cpu_supports("avx") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}

#else
typedef struct {
    uint32x4_t first, second, words[4];
} lane;

SHA_INLINE lane lane_of(const uint32_t *hash) {
    return (lane){.first = vld1q_u32(hash), .second = vld1q_u32(hash + 4)};
}

SHA_INLINE void store_hash(const lane *l, uint32_t *hash) {
    vst1q_u32(hash, l->first);
    vst1q_u32(hash + 4, l->second);
}

SHA_INLINE void load_block(lane *l, const uint8_t *block) {
    for (size_t i = 0; i < 4; i++) {
        l->words[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(block + 16 * i)));
    }
}

/// Words i of the schedule, from those that stand there: 16 further on.
SHA_INLINE void next_words(lane *l, size_t i) {
    l->words[i % 4] = vsha256su1q_u32(
        vsha256su0q_u32(l->words[i % 4], l->words[(i + 1) % 4]), l->words[(i + 2) % 4], l->words[(i + 3) % 4]);
}

SHA_INLINE void four_rounds(lane *l, size_t i) {
    const uint32x4_t sum = vaddq_u32(l->words[i % 4], vld1q_u32(round_constants + 4 * i));
    const uint32x4_t first = l->first;
    l->first = vsha256hq_u32(first, l->second, sum);
    l->second = vsha256h2q_u32(l->second, first, sum);
}

/// There are registers enough.
SHA_INLINE void put_aside(lane *old) { (void)old; }

SHA_INLINE void add_hash(lane *l, lane old) {
    l->first = vaddq_u32(l->first, old.first);
    l->second = vaddq_u32(l->second, old.second);
}

bool mmk_sha256_available(void) {
#if defined(__linux__)
    return getauxval(AT_HWCAP) >> 6 & 1;  // HWCAP_SHA2
#else
    return true;  // every 64-bit processor of Apple
#endif
}
#endif

SHA_TARGET static void hash_blocks(uint32_t *hash, const uint8_t *blocks, size_t count) {
    lane l = lane_of(hash);
    for (; count > 0; count--, blocks += 64) {
        const lane old = l;
        load_block(&l, blocks);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < 16; i++) {
            if (i >= 4) {
                next_words(&l, i);
            }
            four_rounds(&l, i);
        }
        add_hash(&l, old);
    }
    store_hash(&l, hash);
}

SHA_TARGET static void hash_block_pairs(
    uint32_t *a_hash, const uint8_t *a_blocks, uint32_t *b_hash, const uint8_t *b_blocks, size_t count) {
    lane a = lane_of(a_hash), b = lane_of(b_hash);
    for (; count > 0; count--, a_blocks += 64, b_blocks += 64) {
        lane a_old = a, b_old = b;
        load_block(&a, a_blocks);
        load_block(&b, b_blocks);
        put_aside(&a_old);
        put_aside(&b_old);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < 16; i++) {
            if (i >= 4) {
                next_words(&a, i);
                next_words(&b, i);
            }
            four_rounds(&a, i);
            four_rounds(&b, i);
        }
        add_hash(&a, a_old);
        add_hash(&b, b_old);
    }
    store_hash(&a, a_hash);
    store_hash(&b, b_hash);
}

void mmk_sha256_begin(mmk_sha256 *message) {
    // FIPS 180-4, 5.3.3.
    *message = (mmk_sha256){
        {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}, 0, {0}};
}

/// What of the bytes of an update is still to be taken.
typedef struct {
    const uint8_t *bytes;
    size_t count;
} unread;

/// Completes the block that the message has begun, if the bytes suffice; afterwards either it has no rest or no bytes
/// remain.
static unread complete_block(mmk_sha256 *message, const uint8_t *bytes, size_t count) {
    const size_t filled = message->byte_count % 64;
    message->byte_count += count;
    if (filled == 0) {
        return (unread){bytes, count};
    }
    const size_t taken = count < 64 - filled ? count : 64 - filled;
    memcpy(message->rest + filled, bytes, taken);
    if (filled + taken == 64) {
        hash_blocks(message->hash, message->rest, 1);
    }
    return (unread){bytes + taken, count - taken};
}

/// Takes all that remains: whole blocks, and the begin of the next.
static void take(mmk_sha256 *message, unread left) {
    const size_t count = left.count / 64;
    if (count > 0) {
        hash_blocks(message->hash, left.bytes, count);
    }
    // Bytes that a rest has already swallowed leave nothing here.
    if (left.count % 64 > 0) {
        memcpy(message->rest, left.bytes + 64 * count, left.count % 64);
    }
}

void mmk_sha256_update(mmk_sha256 *message, const uint8_t *bytes, size_t count) {
    take(message, complete_block(message, bytes, count));
}

void mmk_sha256_update_pair(
    mmk_sha256 *a, const uint8_t *a_bytes, size_t a_count, mmk_sha256 *b, const uint8_t *b_bytes, size_t b_count) {
    unread a_left = complete_block(a, a_bytes, a_count), b_left = complete_block(b, b_bytes, b_count);
    const size_t count = (a_left.count < b_left.count ? a_left.count : b_left.count) / 64;
    if (count > 0) {
        hash_block_pairs(a->hash, a_left.bytes, b->hash, b_left.bytes, count);
    }
    take(a, (unread){a_left.bytes + 64 * count, a_left.count - 64 * count});
    take(b, (unread){b_left.bytes + 64 * count, b_left.count - 64 * count});
}

void mmk_sha256_digest(const mmk_sha256 *message, uint8_t *digest) {
    uint32_t hash[8];
    memcpy(hash, message->hash, sizeof hash);
    // The rest, a one bit, zeros, and the length in bits, big endian, at the end of a block.
    uint8_t blocks[128] = {0};
    const size_t filled = message->byte_count % 64, count = filled < 56 ? 1 : 2;
    memcpy(blocks, message->rest, filled);
    blocks[filled] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        blocks[64 * count - 1 - i] = (uint8_t)(message->byte_count << 3 >> 8 * i);
    }
    hash_blocks(hash, blocks, count);
    for (size_t i = 0; i < 32; i++) {
        digest[i] = (uint8_t)(hash[i / 4] >> (24 - 8 * (i % 4)));
    }
}

#else

bool mmk_sha256_available(void) { return false; }
void mmk_sha256_begin(mmk_sha256 *message) { (void)message; }
void mmk_sha256_update(mmk_sha256 *message, const uint8_t *bytes, size_t count) {
    (void)message, (void)bytes, (void)count;
}
void mmk_sha256_update_pair(
    mmk_sha256 *a, const uint8_t *a_bytes, size_t a_count, mmk_sha256 *b, const uint8_t *b_bytes, size_t b_count) {
    (void)a, (void)a_bytes, (void)a_count, (void)b, (void)b_bytes, (void)b_count;
}
void mmk_sha256_digest(const mmk_sha256 *message, uint8_t *digest) { (void)message, (void)digest; }

#endif

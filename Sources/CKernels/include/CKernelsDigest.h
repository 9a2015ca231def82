// SHA-256 (FIPS 180-4) with the processor's instructions for it, of one message or of two at once. The instructions of
// one message wait for each other, so that a second one costs no time.
#ifndef CKERNELS_DIGEST_H
#define CKERNELS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A message so far: the hash of its whole blocks, and what lies behind them.
typedef struct mmk_sha256 {
    uint32_t hash[8];
    uint64_t byte_count;
    uint8_t rest[64];
} mmk_sha256;

/// Whether this processor has the instructions (x86 SHA extensions, Armv8 SHA2); without them nothing below may be
/// called.
bool mmk_sha256_available(void);

void mmk_sha256_begin(mmk_sha256 *_Nonnull message);

void mmk_sha256_update(mmk_sha256 *_Nonnull message, const uint8_t *_Nonnull bytes, size_t count);

/// `mmk_sha256_update` of two messages. The bytes may be the same ones, the messages may not.
void mmk_sha256_update_pair(
    mmk_sha256 *_Nonnull a, const uint8_t *_Nonnull a_bytes, size_t a_count, mmk_sha256 *_Nonnull b,
    const uint8_t *_Nonnull b_bytes, size_t b_count);

/// The digest of the whole message, which stays as it is.
void mmk_sha256_digest(const mmk_sha256 *_Nonnull message, uint8_t *_Nonnull digest);

#endif

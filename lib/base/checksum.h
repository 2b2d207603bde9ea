/*
 * checksum.h - CRC32C for what is stored, XXH3 for fingerprints, and what hash maps need.
 */
#ifndef HF_BASE_CHECKSUM_H
#define HF_BASE_CHECKSUM_H

#include "base/wide.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Castagnoli CRC of `bytes` of `data` on top of `crc` (0 at first). By instruction when there is.
 */
uint32_t hf__crc32c(uint32_t crc, const void *data, size_t bytes);

/* The same without the instruction: what other machines run. */
uint32_t hf__crc32c_portable(uint32_t crc, const void *data, size_t bytes);

/* 64 bits for hash maps; never stored. */
uint64_t hf__hash64(const void *data, size_t bytes);

/* Both halves of a product, folded: every bit of the result depends on every bit of the factors. */
static inline uint64_t hf__fold(uint64_t a, uint64_t b)
{
    hf__uwide product = (hf__uwide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Up to 16 bytes as two words; both may hold the same bytes. */
static inline void hf__two_words(const uint8_t *at, size_t bytes, uint64_t words[2])
{
    uint32_t half[2];
    if (bytes >= 8) {
        memcpy(&words[0], at, 8);
        memcpy(&words[1], at + bytes - 8, 8);
    } else if (bytes >= 4) {
        memcpy(&half[0], at, 4);
        memcpy(&half[1], at + bytes - 4, 4);
        words[0] = half[0];
        words[1] = half[1];
    } else if (bytes > 0) {
        words[0] = (uint64_t)at[0] << 16 | (uint64_t)at[bytes / 2] << 8 | at[bytes - 1];
    }
}

/*
 * The same for keys of a few dozen bytes, which are hashed many times an operation. Different
 * values of `seed` give equal keys different hashes. After wyhash (Wang Yi).
 */
static inline uint64_t hf__hash_key(const void *key, size_t bytes, uint64_t seed)
{
    const uint8_t *at = key;
    uint64_t words[2] = {0, 0};
    uint64_t hash = seed ^ UINT64_C(0xa0761d6478bd642f);
    for (size_t left = bytes; left > 16; left -= 16, at += 16) {
        memcpy(words, at, 16);
        hash = hf__fold(words[0] ^ UINT64_C(0xe7037ed1a0b428db), words[1] ^ hash);
    }
    hf__two_words(at, bytes - (size_t)(at - (const uint8_t *)key), words);
    hash = hf__fold(words[0] ^ UINT64_C(0x8ebc6af09c88c6e3), words[1] ^ hash);
    return hf__fold(hash ^ UINT64_C(0x589965cc75374cc3), bytes ^ UINT64_C(0xe7037ed1a0b428db));
}

/* 128 bits for fingerprints; stored. Source: XXH3 128, big-endian canonical form. */
void hf__hash128(const void *data, size_t bytes, uint8_t out[16]);

#endif

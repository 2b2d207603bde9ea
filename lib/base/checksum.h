/*
 * checksum.h - CRC32C for what is stored, XXH3 for hash maps and fingerprints.
 */
#ifndef HF_BASE_CHECKSUM_H
#define HF_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Castagnoli CRC of `bytes` of `data` on top of `crc` (0 at first). By instruction when there is.
 */
uint32_t hf__crc32c(uint32_t crc, const void *data, size_t bytes);

/* The same without the instruction: what other machines run. */
uint32_t hf__crc32c_portable(uint32_t crc, const void *data, size_t bytes);

/* 64 bits for hash maps; never stored. */
uint64_t hf__hash64(const void *data, size_t bytes);

/* 128 bits for fingerprints; stored. Source: XXH3 128, big-endian canonical form. */
void hf__hash128(const void *data, size_t bytes, uint8_t out[16]);

#endif

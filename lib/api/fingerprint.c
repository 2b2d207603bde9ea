/*
 * fingerprint.c - what is hashed of the canonical bytes: all of them, a full buffer, a block.
 */
#include "api/fingerprint.h"
#include "base/checksum.h"

#include <string.h>

void hf__print_fold(hf__print *print)
{
    uint8_t digest[16];
    hf__hash128(print->bytes, print->used, digest);
    memcpy(print->bytes, digest, sizeof digest);
    print->used = sizeof digest;
}

void hf__print_block(hf__print *print, uint32_t position, const void *data, uint64_t bytes)
{
    uint8_t *at = hf__print_reserve(print, 25);
    at[0] = (uint8_t)(position + 1);
    hf__print_word(at + 1, bytes);
    hf__hash128(data, bytes, at + 9);
}

void hf__print_result(hf__print *print, uint8_t out[16])
{
    hf__hash128(print->bytes, print->used, out);
}

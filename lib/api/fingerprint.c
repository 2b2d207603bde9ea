/*
 * fingerprint.c - collects canonical bytes and hashes them, little-endian on every machine.
 */
#include "api/fingerprint.h"
#include "base/checksum.h"

#include <string.h>

#define PIECE_MAX 80u /* the longest piece: position, length, 63 bytes of text */

/* Room for one piece. A full buffer goes on as its own hash. */
static uint8_t *room(hf__print *print, uint32_t bytes)
{
    if (print->used + PIECE_MAX > HF__PRINT_BYTES) {
        uint8_t digest[16];
        hf__hash128(print->bytes, print->used, digest);
        memcpy(print->bytes, digest, sizeof digest);
        print->used = sizeof digest;
    }
    uint8_t *at = print->bytes + print->used;
    print->used += bytes;
    return at;
}

static void put64(uint8_t *at, uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    memcpy(at, &value, sizeof value);
}

void hf__print_init(hf__print *print, uint32_t type)
{
    print->used = 0;
    put64(room(print, 8), type);
}

void hf__print_number(hf__print *print, uint32_t position, uint64_t value)
{
    uint8_t *at = room(print, 9);
    at[0] = (uint8_t)(position + 1);
    put64(at + 1, value);
}

void hf__print_id(hf__print *print, uint32_t position, const uint8_t id[16])
{
    uint8_t *at = room(print, 17);
    at[0] = (uint8_t)(position + 1);
    memcpy(at + 1, id, 16);
}

void hf__print_text(hf__print *print, uint32_t position, const char *text, uint32_t bytes)
{
    uint8_t *at = room(print, 2 + bytes);
    at[0] = (uint8_t)(position + 1);
    at[1] = (uint8_t)bytes;
    memcpy(at + 2, text, bytes);
}

void hf__print_block(hf__print *print, uint32_t position, const void *data, uint64_t bytes)
{
    uint8_t *at = room(print, 25);
    at[0] = (uint8_t)(position + 1);
    put64(at + 1, bytes);
    hf__hash128(data, bytes, at + 9);
}

void hf__print_end(hf__print *print)
{
    room(print, 1)[0] = 0;
}

void hf__print_result(hf__print *print, uint8_t out[16])
{
    hf__hash128(print->bytes, print->used, out);
}

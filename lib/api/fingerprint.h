/*
 * fingerprint.h - the canonical bytes of a request, hashed: they distinguish a repeat from another
 * request that uses the same id.
 *
 * Left out: the id itself, expected_version, actor and fields with HF_FIELD_NOT_FINGERPRINTED,
 * which may differ in a retry. Everything else is in: type, all fields by position, all elements,
 * meta. Fields that are zero, empty or NULL are skipped, so that a field added later changes
 * nothing for those who do not set it. Stored: the format must never change. What makes it
 * unambiguous: every field begins with its position, every struct ends with 0, every text and array
 * begins with its length.
 *
 * Bytes are collected in a small buffer; a full one is replaced by its hash, so that an order of
 * any size needs no more memory.
 */
#ifndef HF_API_FINGERPRINT_H
#define HF_API_FINGERPRINT_H

#include <stdint.h>
#include <string.h>

#define HF__PRINT_BYTES 1024u

typedef struct hf__print {
    uint32_t used;
    uint8_t bytes[HF__PRINT_BYTES];
} hf__print;

#define HF__PRINT_PIECE 80u /* the longest piece: position, length, 63 bytes of text */

/* Replaces what was collected by its hash. */
void hf__print_fold(hf__print *print);

/* Reserves `bytes` for one piece; collected pieces are folded first when the buffer is nearly full.
 */
static inline uint8_t *hf__print_reserve(hf__print *print, uint32_t bytes)
{
    if (print->used + HF__PRINT_PIECE > HF__PRINT_BYTES)
        hf__print_fold(print);
    uint8_t *at = print->bytes + print->used;
    print->used += bytes;
    return at;
}

/* Little-endian on every machine. */
static inline void hf__print_word(uint8_t *at, uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    memcpy(at, &value, sizeof value);
}

static inline void hf__print_init(hf__print *print, uint32_t type)
{
    print->used = 0;
    hf__print_word(hf__print_reserve(print, 8), type);
}

/* One field that is set; `position` in its shape. Texts are at most 63 bytes. */
static inline void hf__print_number(hf__print *print, uint32_t position, uint64_t value)
{
    uint8_t *at = hf__print_reserve(print, 9);
    at[0] = (uint8_t)(position + 1);
    hf__print_word(at + 1, value);
}

static inline void hf__print_id(hf__print *print, uint32_t position, const uint8_t id[16])
{
    uint8_t *at = hf__print_reserve(print, 17);
    at[0] = (uint8_t)(position + 1);
    memcpy(at + 1, id, 16);
}

static inline void hf__print_text(hf__print *print, uint32_t position, const char *text,
                                  uint32_t bytes)
{
    uint8_t *at = hf__print_reserve(print, 2 + bytes);
    at[0] = (uint8_t)(position + 1);
    at[1] = (uint8_t)bytes;
    memcpy(at + 2, text, bytes);
}

void hf__print_block(hf__print *print, uint32_t position, const void *data, uint64_t bytes);

/* The end of a struct or element. */
static inline void hf__print_end(hf__print *print)
{
    hf__print_reserve(print, 1)[0] = 0;
}

void hf__print_result(hf__print *print, uint8_t out[16]);

#endif

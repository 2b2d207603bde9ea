/*
 * fingerprint.h - the canonical bytes of a request, hashed: what tells a repeat from another
 * request that uses the same id.
 *
 * Left out: the id itself, and expected_version, actor and fields of manner (HF_FIELD_MANNER),
 * which a retry may carry changed. Everything else is in: type, all fields by position, all
 * elements, meta. Fields that are zero, empty or NULL are skipped, so that a field added later
 * changes nothing for those who do not set it. Stored: the format must never change. What makes it
 * unambiguous: every field begins with its position, every struct ends with 0, every text and array
 * tells its length.
 *
 * Bytes are collected in a small buffer; a full one is replaced by its hash, so that an order of
 * any size needs no more memory.
 */
#ifndef HF_API_FINGERPRINT_H
#define HF_API_FINGERPRINT_H

#include <stdint.h>

#define HF__PRINT_BYTES 1024u

typedef struct hf__print {
    uint32_t used;
    uint8_t bytes[HF__PRINT_BYTES];
} hf__print;

void hf__print_init(hf__print *print, uint32_t type);

/* One field that is set; `position` in its shape. Texts are at most 63 bytes. */
void hf__print_number(hf__print *print, uint32_t position, uint64_t value);
void hf__print_id(hf__print *print, uint32_t position, const uint8_t id[16]);
void hf__print_text(hf__print *print, uint32_t position, const char *text, uint32_t bytes);
void hf__print_block(hf__print *print, uint32_t position, const void *data, uint64_t bytes);

/* The end of a struct or element. */
void hf__print_end(hf__print *print);

void hf__print_result(hf__print *print, uint8_t out[16]);

#endif

/*
 * varint.h - small integers in few bytes (LEB128; signed by zigzag), bounds-checked both ways.
 *
 * A writer or reader that ran over its end stays failed: check `failed` once at the end.
 */
#ifndef HF_BASE_VARINT_H
#define HF_BASE_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hf__writer {
    uint8_t *at;
    uint8_t *end;
    bool failed;
} hf__writer;

typedef struct hf__reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
} hf__reader;

/* Writes a number without a check of the capacity: at most 10 bytes. Returns what is behind it. */
static inline uint8_t *hf__put_uvar(uint8_t *at, uint64_t value)
{
    while (value >= 0x80u) {
        *at++ = (uint8_t)(value | 0x80u);
        value >>= 7;
    }
    *at++ = (uint8_t)value;
    return at;
}

static inline uint8_t *hf__put_svar(uint8_t *at, int64_t value)
{
    uint64_t sign = value < 0 ? UINT64_MAX : 0;
    return hf__put_uvar(at, ((uint64_t)value << 1) ^ sign);
}

void hf__write_bytes(hf__writer *writer, const void *data, size_t bytes);
void hf__write_uvar(hf__writer *writer, uint64_t value);
void hf__write_svar(hf__writer *writer, int64_t value);

const uint8_t *hf__read_bytes(hf__reader *reader, size_t bytes); /* NULL when failed */
uint8_t hf__read_u8(hf__reader *reader);
uint64_t hf__read_uvar(hf__reader *reader);
int64_t hf__read_svar(hf__reader *reader);
/* A length, then bytes; NUL-padded to max + 1. */
bool hf__read_text(hf__reader *reader, char *out, size_t max);

#endif

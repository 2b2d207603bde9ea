/*
 * key_write.h - writes the columns of a key, for codec_key.c and for the encoders of the tables.
 *
 * As with rows (row_write.h) a table is constant, so of an encoder of its own the compiler leaves
 * what its key's types need.
 */
#ifndef HF_MODEL_KEY_WRITE_H
#define HF_MODEL_KEY_WRITE_H

#include "model/codec_column.h"

/* Compilers take a function that is called for each column for too large to be worth it. */
#define HF__ALWAYS        static inline __attribute__((always_inline))

#define HF__KEY_SMALL_MAX 247u /* numbers up to here are their own byte */
#define HF__KEY_SIGN      ((uint64_t)1 << 63)

/* The lowest `bytes` bytes of a number, the highest first; eight are written. */
HF__ALWAYS uint8_t *hf__key_put_big_endian(uint8_t *out, uint64_t value, uint32_t bytes)
{
    uint64_t word = value << (64 - 8 * bytes);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    memcpy(out, &word, sizeof word);
    return out + bytes;
}

HF__ALWAYS uint8_t *hf__key_put_number(uint8_t *out, uint64_t value)
{
    if (value <= HF__KEY_SMALL_MAX) {
        *out = (uint8_t)value;
        return out + 1;
    }
    uint32_t bytes = (71 - (uint32_t)__builtin_clzll(value)) / 8;
    *out = (uint8_t)(HF__KEY_SMALL_MAX + bytes);
    return hf__key_put_big_endian(out + 1, value, bytes);
}

HF__ALWAYS uint8_t *hf__key_put_name(uint8_t *out, const void *name)
{
    uint32_t bytes = hf__name_copy(out, name);
    out[bytes] = 0;
    return out + bytes + 1;
}

HF__ALWAYS uint8_t *hf__key_put_column(uint8_t *out, const hf_column *column, const void *row)
{
    const uint8_t *field = (const uint8_t *)row + column->offset;
    switch ((hf_column_type)column->type) {
    case HF_COLUMN_I64:
    case HF_COLUMN_TIME:
        return hf__key_put_big_endian(out, hf__load_u64(field) ^ HF__KEY_SIGN, 8);
    case HF_COLUMN_U64:
        return hf__key_put_number(out, hf__load_u64(field));
    case HF_COLUMN_U32:
        return hf__key_put_number(out, hf__load_u32(field));
    case HF_COLUMN_BOOL:
    case HF_COLUMN_ENUM:
        *out = (uint8_t)hf__load_u32(field);
        return out + 1;
    case HF_COLUMN_ID:
    case HF_COLUMN_HASH:
        memcpy(out, field, 16);
        return out + 16;
    case HF_COLUMN_NAME:
        return hf__key_put_name(out, field);
    case HF_COLUMN_BYTES:
        break; /* never in a key */
    }
    return out;
}

/* Writes the primary key of any table, one column after the other; in codec_key.c. */
uint32_t hf__key_encode_any(const hf_table *table, const void *row, uint8_t *out);

/* A whole primary key, by the encoder of its table; in schema.c. */
uint32_t hf__primary_key_encode(const hf_table *table, const void *row, uint8_t *out);

#endif

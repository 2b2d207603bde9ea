/*
 * row_write.h - writes the columns of a key and those of a row outside its key, for codec_key.c,
 * codec_row.c and the encoders of the tables.
 *
 * A table is constant, so an encoder of its own needs no look at it: HF__ENCODERS writes column
 * after column, and the compiler leaves of each what its type needs. Numbers and names are written
 * by whole words wherever enough bytes are left.
 *
 * Failure mode: the capacity is too small, which makes the functions return false.
 */
#ifndef HF_MODEL_ROW_WRITE_H
#define HF_MODEL_ROW_WRITE_H

#include "model/codec_column.h"
#include <stdbool.h>

/* Compilers take a function that is called for each column for too large to be worth it. */
#define HF__ALWAYS static inline __attribute__((always_inline))

/* ---- Keys ------------------------------------------------------------------------------------ */

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

/* Some columns, one after the other, of a row of any table. */
static inline uint8_t *hf__key_put_columns(uint8_t *at, const hf_table *table,
                                           const uint8_t *columns, uint32_t count, const void *row)
{
    for (uint32_t i = 0; i < count; i++)
        at = hf__key_put_column(at, &table->columns[columns[i]], row);
    return at;
}

/* A whole primary key, by the encoder of its table; in schema.c. */
uint32_t hf__primary_key_encode(const hf_table *table, const void *row, uint8_t *out);

/* ---- Rows ------------------------------------------------------------------------------------ */

#define HF__NUMBER_MAX 9 /* bytes of a number */

/* What earlier columns of the row mean for later ones; the same walk in both directions. */
typedef struct hf__row_seen {
    const uint8_t *id;   /* the last id that is set; NULL */
    const uint8_t *name; /* the last name outside the key that is set; NULL */
    uint32_t name_bytes;
    bool timed;       /* base_ms is of an id */
    uint64_t base_ms; /* what times are differences to */
} hf__row_seen;

/* A row being written. */
typedef struct hf__row_writer {
    uint8_t *at;
    uint8_t *end;
    uint64_t flags;
    uint32_t flag; /* the next one */
    hf__row_seen seen;
} hf__row_writer;

/* How many flags each type has; see codec.h. */
/* clang-format off */
static const uint8_t hf__flags_of[] = {
    [HF_COLUMN_I64] = 1, [HF_COLUMN_U64] = 1, [HF_COLUMN_U32] = 1, [HF_COLUMN_BOOL] = 1,
    [HF_COLUMN_ENUM] = 1, [HF_COLUMN_TIME] = 1, [HF_COLUMN_ID] = 2, [HF_COLUMN_HASH] = 0,
    [HF_COLUMN_NAME] = 2, [HF_COLUMN_BYTES] = 1,
};
/* clang-format on */

enum { HF__FLAG_SET = 1, HF__FLAG_SAME = 2 };

static inline uint64_t hf__little_endian(uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(value);
#else
    return value;
#endif
}

static inline uint64_t hf__zigzag(uint64_t value)
{
    return value << 1 ^ (0 - (value >> 63));
}

HF__ALWAYS bool hf__row_id_zero(const uint8_t *id)
{
    return (hf__load_u64(id) | hf__load_u64(id + 8)) == 0;
}

HF__ALWAYS bool hf__row_id_same(const uint8_t *a, const uint8_t *b)
{
    return ((hf__load_u64(a) ^ hf__load_u64(b)) | (hf__load_u64(a + 8) ^ hf__load_u64(b + 8))) == 0;
}

HF__ALWAYS void hf__row_see_id(hf__row_seen *seen, const uint8_t *id)
{
    seen->id = id;
    seen->timed = true;
    seen->base_ms = hf__little_endian(hf__load_u64(id));
    seen->base_ms = __builtin_bswap64(seen->base_ms) >> 16;
}

HF__ALWAYS void hf__row_see_time(hf__row_seen *seen, uint64_t time_ms)
{
    if (!seen->timed)
        seen->base_ms = time_ms;
}

HF__ALWAYS bool hf__row_put_fixed(hf__row_writer *out, const void *data, size_t bytes)
{
    if ((size_t)(out->end - out->at) < bytes)
        return false;
    memcpy(out->at, data, bytes);
    out->at += bytes;
    return true;
}

/* By the zeros in front of a number's highest bit: 7 bits a byte, 64 in nine. */
static const uint8_t hf__row_number_bytes[64] = {
    9, 9, 9, 9, 9, 9, 9, 9, /* more than 56 bits */
    8, 8, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5,
    4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1,
};

/* Writes at least nine bytes, of which the number takes those that are returned. */
HF__ALWAYS uint32_t hf__row_number(uint8_t *to, uint64_t value)
{
    uint32_t bytes = hf__row_number_bytes[__builtin_clzll(value | 1)];
    if (bytes < HF__NUMBER_MAX) {
        hf__store_u64(to, hf__little_endian(value << bytes | (((uint64_t)1 << (bytes - 1)) - 1)));
    } else {
        *to = 0xff;
        hf__store_u64(to + 1, hf__little_endian(value));
    }
    return bytes;
}

/* Where fewer than nine bytes are left; in codec_row.c. */
bool hf__row_put_last_number(hf__row_writer *out, uint64_t value);

HF__ALWAYS bool hf__row_put_number(hf__row_writer *out, uint64_t value)
{
    if (out->end - out->at < HF__NUMBER_MAX)
        return hf__row_put_last_number(out, value);
    out->at += hf__row_number(out->at, value);
    return true;
}

HF__ALWAYS bool hf__row_put_u64(hf__row_writer *out, uint64_t value)
{
    out->flags |= (uint64_t)(value != 0) << out->flag;
    return value == 0 || hf__row_put_number(out, value - 1);
}

HF__ALWAYS bool hf__row_put_i64(hf__row_writer *out, uint64_t value)
{
    if (value == 0)
        return true;
    out->flags |= (uint64_t)HF__FLAG_SET << out->flag;
    if (value == (uint64_t)INT64_MAX)
        return hf__row_put_number(out, 0);
    if (value == (uint64_t)INT64_MAX + 1)
        return hf__row_put_number(out, 1);
    return hf__row_put_number(out, hf__zigzag(value) + 1);
}

HF__ALWAYS bool hf__row_put_time(hf__row_writer *out, uint64_t value)
{
    if (value == 0)
        return true;
    out->flags |= (uint64_t)HF__FLAG_SET << out->flag;
    uint64_t code = hf__zigzag(value - out->seen.base_ms);
    hf__row_see_time(&out->seen, value);
    return hf__row_put_number(out, code);
}

HF__ALWAYS bool hf__row_put_enum(hf__row_writer *out, uint32_t value)
{
    if (value == 0)
        return true;
    out->flags |= (uint64_t)HF__FLAG_SET << out->flag;
    uint8_t byte = (uint8_t)value;
    return hf__row_put_fixed(out, &byte, 1);
}

HF__ALWAYS bool hf__row_put_id(hf__row_writer *out, const uint8_t *id)
{
    if (hf__row_id_zero(id))
        return true;
    bool same = out->seen.id != NULL && hf__row_id_same(id, out->seen.id);
    out->flags |= (uint64_t)(same ? HF__FLAG_SET | HF__FLAG_SAME : HF__FLAG_SET) << out->flag;
    hf__row_see_id(&out->seen, id);
    return same || hf__row_put_fixed(out, id, 16);
}

/* Writes a row of any table, one column after the other; in codec_row.c. */
size_t hf__row_encode_any(const hf_table *table, const void *row, uint8_t *out, size_t capacity);

/* A name that is not empty; bytes. Too large to be in each encoder: in codec_row.c. */
bool hf__row_put_name(hf__row_writer *out, const uint8_t *name);
bool hf__row_put_bytes(hf__row_writer *out, hf__bytes value);

HF__ALWAYS bool hf__row_put_value(hf__row_writer *out, uint32_t type, const uint8_t *field)
{
    switch ((hf_column_type)type) {
    case HF_COLUMN_I64:
        return hf__row_put_i64(out, hf__load_u64(field));
    case HF_COLUMN_U64:
        return hf__row_put_u64(out, hf__load_u64(field));
    case HF_COLUMN_U32:
        return hf__row_put_u64(out, hf__load_u32(field));
    case HF_COLUMN_BOOL:
        out->flags |= (uint64_t)(hf__load_u32(field) != 0) << out->flag;
        return true;
    case HF_COLUMN_ENUM:
        return hf__row_put_enum(out, hf__load_u32(field));
    case HF_COLUMN_TIME:
        return hf__row_put_time(out, hf__load_u64(field));
    case HF_COLUMN_ID:
        return hf__row_put_id(out, field);
    case HF_COLUMN_HASH:
        return hf__row_put_fixed(out, field, 16);
    case HF_COLUMN_NAME:
        return *field == 0 || hf__row_put_name(out, field);
    case HF_COLUMN_BYTES:
        return hf__row_put_bytes(out, hf__load_bytes(field));
    }
    return false;
}

/* Begins a row with so many flags: its values go behind them. */
HF__ALWAYS bool hf__row_put_begin(hf__row_writer *out, uint32_t flags, uint8_t *at, size_t capacity)
{
    const size_t head = (flags + 7) / 8;
    if (capacity < head)
        return false;
    *out = (hf__row_writer){.at = at + head, .end = at + capacity};
    return true;
}

/* A column of the key is only seen. */
HF__ALWAYS bool hf__row_put_column(hf__row_writer *out, const hf_column *column, bool is_key,
                                   const void *row)
{
    const uint8_t *field = (const uint8_t *)row + column->offset;
    if (!is_key) {
        if (!hf__row_put_value(out, column->type, field))
            return false;
        out->flag += hf__flags_of[column->type];
    } else if (column->type == HF_COLUMN_ID && !hf__row_id_zero(field)) {
        hf__row_see_id(&out->seen, field);
    }
    return true;
}

/* Writes the flags in front; returns the bytes of all. */
HF__ALWAYS size_t hf__row_put_end(const hf__row_writer *out, uint32_t flags, uint8_t *at)
{
    const uint64_t bits = hf__little_endian(out->flags);
    memcpy(at, &bits, (flags + 7) / 8);
    return (size_t)(out->at - at);
}

HF__ALWAYS uint64_t hf__key_bit(const hf_table *table, uint32_t at)
{
    return at < table->key_count ? (uint64_t)1 << table->key[at] : 0;
}

/*
 * hf__key_mask without a loop, of a key of eight columns at most. Of a table that is constant this
 * is a constant as soon as it is inlined, so an encoder has no branch for what is known of its
 * columns.
 */
HF__ALWAYS uint64_t hf__key_mask_of_few(const hf_table *table)
{
    return hf__key_bit(table, 0) | hf__key_bit(table, 1) | hf__key_bit(table, 2) |
           hf__key_bit(table, 3) | hf__key_bit(table, 4) | hf__key_bit(table, 5) |
           hf__key_bit(table, 6) | hf__key_bit(table, 7);
}

/*
 * HF__ENCODERS(orders, ORDER_COLUMN_LIST) makes the encoders of a table, behind which it stands:
 * hf__orders_encode, which writes rows of hf__orders_table as hf__row_encode does, and
 * hf__orders_key_encode, which writes their primary keys. A key's columns are in the order of the
 * list.
 */
#define HF__COUNT_FLAGS(ordinal, ...)                                                              \
    flags += (keys >> (ordinal)&1) != 0 ? 0u : hf__flags_of[table->columns[ordinal].type];
#define HF__PUT_COLUMN(ordinal, ...)                                                               \
    if (!hf__row_put_column(&to, &table->columns[ordinal], (keys >> (ordinal)&1) != 0, row))       \
        return 0;
#define HF__PUT_KEY(ordinal, ...)                                                                  \
    if ((keys >> (ordinal)&1) != 0)                                                                \
        at = hf__key_put_column(at, &table->columns[ordinal], row);
#define HF__ENCODERS(name, LIST)                                                                   \
    size_t hf__##name##_encode(const void *row, uint8_t *out, size_t capacity);                    \
    size_t hf__##name##_encode(const void *row, uint8_t *out, size_t capacity)                     \
    {                                                                                              \
        const hf_table *table = &hf__##name##_table;                                               \
        const uint64_t keys = hf__key_mask_of_few(table);                                          \
        uint32_t flags = 0;                                                                        \
        hf__row_writer to;                                                                         \
        LIST(HF__COUNT_FLAGS)                                                                      \
        if (!hf__row_put_begin(&to, flags, out, capacity))                                         \
            return 0;                                                                              \
        LIST(HF__PUT_COLUMN)                                                                       \
        return hf__row_put_end(&to, flags, out);                                                   \
    }                                                                                              \
    uint32_t hf__##name##_key_encode(const void *row, uint8_t *out);                               \
    uint32_t hf__##name##_key_encode(const void *row, uint8_t *out)                                \
    {                                                                                              \
        const hf_table *table = &hf__##name##_table;                                               \
        const uint64_t keys = hf__key_mask(table);                                                 \
        uint8_t *at = out;                                                                         \
        LIST(HF__PUT_KEY)                                                                          \
        return (uint32_t)(at - out);                                                               \
    }

#endif

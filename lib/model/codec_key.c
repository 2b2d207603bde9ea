/*
 * codec_key.c - keys as bytes whose order under memcmp is the order of the values.
 *
 * No encoding of a column is the beginning of another one, so the first columns of a key are a
 * prefix of exactly the keys that share them. Decoding refuses what encoding never writes.
 */
#include "model/codec.h"
#include "model/row_write.h"

/* What is left of a key that is read. */
typedef struct key_reader {
    const uint8_t *at;
    const uint8_t *end;
} key_reader;

/* The columns of the primary key that are not in `done`, at most so many. */
static uint8_t *put_rest(uint8_t *at, const hf_table *table, uint64_t done, uint32_t columns,
                         const void *row)
{
    for (uint32_t i = 0; i < table->key_count && columns > 0; i++) {
        if ((done >> table->key[i] & 1) != 0)
            continue;
        at = hf__key_put_column(at, &table->columns[table->key[i]], row);
        columns--;
    }
    return at;
}

/* Names and numbers are written by words: at most 64 bytes more than the key has. */
uint32_t hf__key_encode(const hf_table *table, uint32_t index, const void *row, uint32_t columns,
                        uint8_t *out)
{
    if (index == 0 && columns >= table->key_count)
        return hf__primary_key_encode(table, row, out);
    uint8_t *at = out;
    uint64_t done = 0;
    if (index != 0) {
        const hf_index *of = &table->indexes[index - 1];
        const uint32_t count = of->column_count < columns ? of->column_count : columns;
        at = hf__key_put_columns(at, table, of->columns, count, row);
        for (uint32_t i = 0; i < count; i++)
            done |= (uint64_t)1 << of->columns[i];
        columns -= count;
    }
    if (columns >= table->key_count && (done & hf__key_mask(table)) == 0)
        return (uint32_t)(at - out) + hf__primary_key_encode(table, row, at);
    return (uint32_t)(put_rest(at, table, done, columns, row) - out);
}

/* A text with its NUL, cut as a name would cut it. */
static uint8_t *put_text(uint8_t *out, const char *text)
{
    const size_t bytes = text == NULL ? 0 : strnlen(text, HF_NAME_MAX);
    if (bytes != 0)
        memcpy(out, text, bytes);
    out[bytes] = 0;
    return out + bytes + 1;
}

uint32_t hf__account_key_encode(const hf_account_key *account, uint8_t *out)
{
    bool world = account->kind == HF_KIND_WORLD;
    uint8_t *at = out;
    *at++ = (uint8_t)account->kind;
    at = put_text(at, world ? NULL : account->name);
    at = put_text(at, world ? NULL : account->place);
    at = put_text(at, world ? NULL : account->unit);
    return (uint32_t)(at - out);
}

static bool take_big_endian(key_reader *key, uint32_t bytes, uint64_t *value)
{
    if (bytes > (size_t)(key->end - key->at))
        return false;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < bytes; i++)
        sum = sum << 8 | key->at[i];
    key->at += bytes;
    *value = sum;
    return true;
}

static bool take_number(key_reader *key, uint64_t max, uint64_t *value)
{
    if (!take_big_endian(key, 1, value))
        return false;
    if (*value <= HF__KEY_SMALL_MAX)
        return true;
    uint32_t bytes = (uint32_t)(*value - HF__KEY_SMALL_MAX);
    if (!take_big_endian(key, bytes, value) || *value <= HF__KEY_SMALL_MAX || *value > max)
        return false;
    return (71 - (uint32_t)__builtin_clzll(*value)) / 8 == bytes;
}

static bool take_wide(key_reader *key, void *field)
{
    uint64_t value;
    if (!take_big_endian(key, 8, &value))
        return false;
    hf__store_u64(field, value ^ HF__KEY_SIGN);
    return true;
}

static bool take_u64(key_reader *key, void *field)
{
    uint64_t value;
    if (!take_number(key, INT64_MAX, &value))
        return false;
    hf__store_u64(field, value);
    return true;
}

static bool take_u32(key_reader *key, void *field)
{
    uint64_t value;
    if (!take_number(key, UINT32_MAX, &value))
        return false;
    hf__store_u32(field, (uint32_t)value);
    return true;
}

static bool take_small(key_reader *key, uint32_t limit, void *field)
{
    uint64_t value;
    if (!take_big_endian(key, 1, &value) || value >= limit)
        return false;
    hf__store_u32(field, (uint32_t)value);
    return true;
}

static bool take_fixed(key_reader *key, void *field)
{
    if (key->end - key->at < 16)
        return false;
    memcpy(field, key->at, 16);
    key->at += 16;
    return true;
}

static bool take_name(key_reader *key, void *field)
{
    size_t left = (size_t)(key->end - key->at);
    const uint8_t *end = left == 0 ? NULL : memchr(key->at, 0, left);
    if (end == NULL || end - key->at > HF_NAME_MAX)
        return false;
    hf__store_name(field, key->at, (uint32_t)(end - key->at));
    key->at = end + 1;
    return true;
}

static bool take_column(key_reader *key, const hf_column *column, void *row)
{
    uint8_t *field = (uint8_t *)row + column->offset;
    switch ((hf_column_type)column->type) {
    case HF_COLUMN_I64:
    case HF_COLUMN_TIME:
        return take_wide(key, field);
    case HF_COLUMN_U64:
        return take_u64(key, field);
    case HF_COLUMN_U32:
        return take_u32(key, field);
    case HF_COLUMN_BOOL:
        return take_small(key, 2, field);
    case HF_COLUMN_ENUM:
        return take_small(key, column->name_count, field);
    case HF_COLUMN_ID:
    case HF_COLUMN_HASH:
        return take_fixed(key, field);
    case HF_COLUMN_NAME:
        return take_name(key, field);
    case HF_COLUMN_BYTES:
        break; /* never in a key */
    }
    return false;
}

bool hf__index_key_decode(const hf_table *table, uint32_t index, const uint8_t *key, uint32_t bytes,
                          void *row)
{
    key_reader reader = {.at = key, .end = key + bytes};
    uint64_t done = 0;
    if (index != 0) {
        const hf_index *of = &table->indexes[index - 1];
        for (uint32_t i = 0; i < of->column_count; i++) {
            if (!take_column(&reader, &table->columns[of->columns[i]], row))
                return false;
            done |= (uint64_t)1 << of->columns[i];
        }
    }
    for (uint32_t i = 0; i < table->key_count; i++) {
        if ((done >> table->key[i] & 1) == 0 &&
            !take_column(&reader, &table->columns[table->key[i]], row))
            return false;
    }
    return reader.at == reader.end;
}

bool hf__key_decode(const hf_table *table, const uint8_t *key, uint32_t bytes, void *row)
{
    return hf__index_key_decode(table, 0, key, bytes, row);
}

/* Whether a column is neither 0 nor empty. */
static bool is_set(const hf_column *column, const void *row)
{
    static const uint8_t zero[16];
    const uint8_t *field = (const uint8_t *)row + column->offset;
    switch ((hf_column_type)column->type) {
    case HF_COLUMN_I64:
    case HF_COLUMN_U64:
    case HF_COLUMN_TIME:
        return hf__load_u64(field) != 0;
    case HF_COLUMN_U32:
    case HF_COLUMN_BOOL:
    case HF_COLUMN_ENUM:
        return hf__load_u32(field) != 0;
    case HF_COLUMN_ID:
    case HF_COLUMN_HASH:
        return memcmp(field, zero, sizeof zero) != 0;
    case HF_COLUMN_NAME:
        return *field != 0;
    case HF_COLUMN_BYTES:
        return hf__load_bytes(field).bytes != 0;
    }
    return false;
}

bool hf__index_has_set(const hf_table *table, const hf_index *of, const void *row)
{
    return is_set(&table->columns[of->where_column], row);
}

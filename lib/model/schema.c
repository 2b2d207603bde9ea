/*
 * schema.c - all tables of this version, the encoders and the decoder of each, by position.
 */
#include "model/codec.h"
#include "model/row_read.h"
#include "model/tables.h"

/* clang-format off */
#define TABLE_ENTRY(position, name) [HF__##position] = &hf__##name##_table,
#define CODER_DECLARE(position, name) \
    size_t hf__##name##_encode(const void *row, uint8_t *out, size_t capacity); \
    uint32_t hf__##name##_key_encode(const void *row, uint8_t *out); \
    int hf__##name##_decode(const uint8_t *bytes, size_t count, void *row, const hf_store_caller *caller);
#define CODER_ENTRY(position, name) \
    [HF__##position] = {hf__##name##_encode, hf__##name##_key_encode, hf__##name##_decode},
/* clang-format on */

HF__EACH_TABLE(CODER_DECLARE)

static const hf_table *const tables[HF__TABLE_COUNT] = {HF__EACH_TABLE(TABLE_ENTRY)};

static const struct {
    size_t (*row)(const void *row, uint8_t *out, size_t capacity);
    uint32_t (*key)(const void *row, uint8_t *out);
    int (*read)(const uint8_t *bytes, size_t count, void *row, const hf_store_caller *caller);
} coders[HF__TABLE_COUNT] = {HF__EACH_TABLE(CODER_ENTRY)};

const hf_schema hf__schema = {
    .version = 4,
    .table_count = HF__TABLE_COUNT,
    .tables = tables,
};

const hf_schema *hf_store_schema(void)
{
    return &hf__schema;
}

/* Tables of older versions have none of their own. */
static bool has_coders(const hf_table *table)
{
    const uint32_t position = table->id - 1;
    return position < HF__TABLE_COUNT && tables[position] == table;
}

size_t hf__row_encode(const hf_table *table, const void *row, uint8_t *out, size_t capacity)
{
    return has_coders(table) ? coders[table->id - 1].row(row, out, capacity)
                             : hf__row_encode_any(table, row, out, capacity);
}

uint32_t hf__primary_key_encode(const hf_table *table, const void *row, uint8_t *out)
{
    if (has_coders(table))
        return coders[table->id - 1].key(row, out);
    return (uint32_t)(hf__key_put_columns(out, table, table->key, table->key_count, row) - out);
}

int hf__row_decode_older(const hf_table *table, uint32_t columns, const uint8_t *bytes,
                         size_t count, void *row, const hf_store_caller *caller)
{
    if (columns == table->column_count && has_coders(table))
        return coders[table->id - 1].read(bytes, count, row, caller);
    return hf__row_decode_any(table, columns, bytes, count, row, caller);
}

int hf__row_decode(const hf_table *table, const uint8_t *bytes, size_t count, void *row,
                   const hf_store_caller *caller)
{
    return hf__row_decode_older(table, table->column_count, bytes, count, row, caller);
}

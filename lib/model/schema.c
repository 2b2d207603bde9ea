/*
 * schema.c - all tables of this version and the encoders of each, by position.
 */
#include "model/codec.h"
#include "model/row_write.h"
#include "model/tables.h"

/* clang-format off */
#define TABLE_ENTRY(position, name) [HF__##position] = &hf__##name##_table,
#define ENCODER_DECLARE(position, name) \
    size_t hf__##name##_encode(const void *row, uint8_t *out, size_t capacity); \
    uint32_t hf__##name##_key_encode(const void *row, uint8_t *out);
#define ENCODER_ENTRY(position, name) [HF__##position] = {hf__##name##_encode, hf__##name##_key_encode},
/* clang-format on */

HF__EACH_TABLE(ENCODER_DECLARE)

static const hf_table *const tables[HF__TABLE_COUNT] = {HF__EACH_TABLE(TABLE_ENTRY)};

static const struct {
    size_t (*row)(const void *row, uint8_t *out, size_t capacity);
    uint32_t (*key)(const void *row, uint8_t *out);
} encoders[HF__TABLE_COUNT] = {HF__EACH_TABLE(ENCODER_ENTRY)};

const hf_schema hf__schema = {
    .version = 4,
    .table_count = HF__TABLE_COUNT,
    .tables = tables,
};

const hf_schema *hf_store_schema(void)
{
    return &hf__schema;
}

/* Tables of older versions have no encoders of their own. */
static bool has_encoders(const hf_table *table)
{
    const uint32_t position = table->id - 1;
    return position < HF__TABLE_COUNT && tables[position] == table;
}

size_t hf__row_encode(const hf_table *table, const void *row, uint8_t *out, size_t capacity)
{
    return has_encoders(table) ? encoders[table->id - 1].row(row, out, capacity)
                               : hf__row_encode_any(table, row, out, capacity);
}

uint32_t hf__primary_key_encode(const hf_table *table, const void *row, uint8_t *out)
{
    if (has_encoders(table))
        return encoders[table->id - 1].key(row, out);
    return (uint32_t)(hf__key_put_columns(out, table, table->key, table->key_count, row) - out);
}

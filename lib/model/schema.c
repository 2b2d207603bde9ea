/*
 * schema.c - all tables of this version and the encoder of each, by position.
 */
#include "model/codec.h"
#include "model/row_write.h"
#include "model/tables.h"

/* clang-format off */
#define TABLE_ENTRY(position, name) [HF__##position] = &hf__##name##_table,
#define ENCODER_DECLARE(position, name) \
    size_t hf__##name##_encode(const void *row, uint8_t *out, size_t capacity);
#define ENCODER_ENTRY(position, name) [HF__##position] = hf__##name##_encode,
/* clang-format on */

HF__EACH_TABLE(ENCODER_DECLARE)

static const hf_table *const tables[HF__TABLE_COUNT] = {HF__EACH_TABLE(TABLE_ENTRY)};

static size_t (*const encoders[HF__TABLE_COUNT])(const void *row, uint8_t *out,
                                                 size_t capacity) = {HF__EACH_TABLE(ENCODER_ENTRY)};

const hf_schema hf__schema = {
    .version = 4,
    .table_count = HF__TABLE_COUNT,
    .tables = tables,
};

const hf_schema *hf_store_schema(void)
{
    return &hf__schema;
}

/* Tables of older versions have no encoder of their own. */
size_t hf__row_encode(const hf_table *table, const void *row, uint8_t *out, size_t capacity)
{
    const uint32_t position = table->id - 1;
    if (position < HF__TABLE_COUNT && tables[position] == table)
        return encoders[position](row, out, capacity);
    return hf__row_encode_any(table, row, out, capacity);
}

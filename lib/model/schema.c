/*
 * schema.c - all tables of this version, by position.
 */
#include "model/tables.h"

#define ENTRY(position, name) [HF__##position] = &hf__##name##_table,

static const hf_table *const tables[HF__TABLE_COUNT] = {HF__EACH_TABLE(ENTRY)};

const hf_schema hf__schema = {
    .version = 4,
    .table_count = HF__TABLE_COUNT,
    .tables = tables,
};

const hf_schema *hf_store_schema(void)
{
    return &hf__schema;
}

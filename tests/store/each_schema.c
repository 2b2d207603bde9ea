/*
 * each_schema.c - two schemas that follow each other; see each_schema.h.
 *
 * The later one is the schema of this version with a higher number. The one before lacks the last
 * column and the last index of the orders, and the last table; it has an index of its own.
 */
#include "each_schema.h"

#include "model/records.h"
#include "model/tables.h"

#include <string.h>

#define COLUMNS_MAX 64
#define INDEXES_MAX 8

static hf_column columns[COLUMNS_MAX];
static hf_index indexes[INDEXES_MAX];
static hf_table orders[2]; /* before, after */
static const hf_table *tables[2][HF__TABLE_COUNT];
static hf_schema schemas[2];

static void make(void)
{
    const hf_schema *today = hf_store_schema();
    const hf_table *table = today->tables[HF__ORDERS];
    if (schemas[0].version != 0)
        return;
    memcpy(columns, table->columns, table->column_count * sizeof columns[0]);
    memcpy(indexes, table->indexes, table->index_count * sizeof indexes[0]);
    columns[table->column_count - 1].since = today->version + 1;
    indexes[table->index_count - 1].name = "orders_gone";
    for (uint32_t i = 0; i < 2; i++) {
        orders[i] = *table;
        orders[i].columns = columns;
        memcpy(tables[i], today->tables, sizeof tables[i]);
        tables[i][HF__ORDERS] = &orders[i];
        schemas[i] = *today;
        schemas[i].version = today->version + i;
        schemas[i].tables = tables[i];
    }
    orders[0].column_count--;
    orders[0].indexes = indexes;
    schemas[0].table_count--;
}

const hf_schema *each_schema_before(void)
{
    make();
    return &schemas[0];
}

const hf_schema *each_schema_after(void)
{
    make();
    return &schemas[1];
}

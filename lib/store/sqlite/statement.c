/*
 * statement.c - the texts of the statements that read and write rows.
 *
 * A scan is made of pieces: some first columns of the key given, at most one more beyond a value,
 * in key order. Such a piece is one seek in one index, whatever the planner thinks of the table;
 * scan.c puts the pieces together. The condition of a partial index is repeated in the text,
 * because SQLite must see that the rows asked for are all in it.
 */
#include "store/sqlite/sql.h"

static void add_columns(hf__sqlite_text *out, const hf_table *table)
{
    for (uint32_t i = 0; i < table->column_count; i++)
        hf__sqlite_add(out, "%s, ", table->columns[i].name);
    hf__sqlite_add(out, "crc");
}

static void add_key_match(hf__sqlite_text *out, const hf_table *table)
{
    for (uint32_t i = 0; i < table->key_count; i++) {
        const uint32_t ordinal = table->key[i];
        hf__sqlite_add(out, "%s%s = ?%u", i > 0 ? " AND " : " WHERE ", table->columns[ordinal].name,
                       ordinal + 1);
    }
}

/*
 * A row of the table for each key of a list that has `columns` parameters for a key. An aggregate
 * takes them: asking a statement for each column of each row costs half as much as finding it.
 */
static void add_list(hf__sqlite_text *out, const hf_table *table, uint32_t columns)
{
    hf__sqlite_add(out, "SELECT " HF__SQLITE_TAKE "(");
    add_columns(out, table);
    hf__sqlite_add(out, ", column1) FROM (VALUES ");
    for (uint32_t i = 0, parameter = 1; i < HF__SQLITE_ASKED; i++) {
        hf__sqlite_add(out, "%s(%u", i > 0 ? ", " : "", i);
        for (uint32_t j = 0; j < columns; j++)
            hf__sqlite_add(out, ", ?%u", parameter++);
        hf__sqlite_add(out, ")");
    }
    hf__sqlite_add(out, ") CROSS JOIN %s", table->name);
}

/*
 * The list comes first in the join and gives one key after the other, so nothing is sorted or
 * stored, and each key is one seek.
 */
static void add_equal(hf__sqlite_text *out, const hf_table *table, const uint8_t *key,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        hf__sqlite_add(out, " %s %s = column%u", i > 0 ? "AND" : "WHERE",
                       table->columns[key[i]].name, i + 2);
}

bool hf__sqlite_numbered(const hf_table *table)
{
    return table->key_count > 1 &&
           table->columns[table->key[table->key_count - 1]].type == HF_COLUMN_U32;
}

void hf__sqlite_sql_get_many(const hf_table *table, hf__sqlite_text *out)
{
    const bool numbered = hf__sqlite_numbered(table);
    const uint32_t equal = numbered ? table->key_count - 1 : table->key_count;
    add_list(out, table, numbered ? equal + 2 : equal);
    add_equal(out, table, table->key, equal);
    if (numbered)
        hf__sqlite_add(out, " AND %s BETWEEN column%u AND column%u",
                       table->columns[table->key[equal]].name, equal + 2, equal + 3);
}

static void add_many(hf__sqlite_text *out, const hf_table *table, const hf__sqlite_shape *shape,
                     const uint8_t *key)
{
    add_list(out, table, shape->equal);
    if (shape->index > 0)
        hf__sqlite_add(out, " INDEXED BY %s", table->indexes[shape->index - 1].name);
    add_equal(out, table, key, shape->equal);
    if (shape->index > 0 && table->indexes[shape->index - 1].where_column >= 0) {
        hf__sqlite_add(out, " AND ");
        hf__sqlite_sql_where(table, shape->index, out);
    }
}

void hf__sqlite_sql_get(const hf_table *table, hf__sqlite_text *out)
{
    hf__sqlite_add(out, "SELECT ");
    add_columns(out, table);
    hf__sqlite_add(out, " FROM %s", table->name);
    add_key_match(out, table);
}

/*
 * Many rows in one statement share its start and its end, and those at the end of a tree are put
 * there without going down from its root. OR FAIL: after a failure everything is rolled back
 * anyway, so SQLite need not note what each statement did.
 */
void hf__sqlite_sql_insert(const hf_table *table, uint32_t rows, hf__sqlite_text *out)
{
    const uint32_t parameters = table->column_count + 1;
    hf__sqlite_add(out, "INSERT OR FAIL INTO %s (", table->name);
    add_columns(out, table);
    hf__sqlite_add(out, ") VALUES ");
    for (uint32_t i = 0; i < rows * parameters; i++) {
        const char *before = i == 0 ? "(" : "), (";
        if (i % parameters > 0)
            before = ", ";
        hf__sqlite_add(out, "%s?%u", before, i + 1);
    }
    hf__sqlite_add(out, ")");
}

bool hf__sqlite_indexed(const hf_table *table, uint32_t column)
{
    for (uint32_t i = 0; i < table->index_count; i++) {
        const hf_index *index = &table->indexes[i];
        if (index->where_column >= 0 && (uint32_t)index->where_column == column)
            return true;
        for (uint32_t j = 0; j < index->column_count; j++) {
            if (index->columns[j] == column)
                return true;
        }
    }
    return false;
}

/* Without the indexed columns SQLite leaves the indexes alone, which most updates can. */
void hf__sqlite_sql_update(const hf_table *table, bool indexed, hf__sqlite_text *out)
{
    hf__sqlite_add(out, "UPDATE %s SET ", table->name);
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (hf__sqlite_in_key(table, i) || (!indexed && hf__sqlite_indexed(table, i)))
            continue;
        hf__sqlite_add(out, "%s = ?%u, ", table->columns[i].name, i + 1);
    }
    hf__sqlite_add(out, "crc = ?%u", table->column_count + 1);
    add_key_match(out, table);
}

void hf__sqlite_sql_delete(const hf_table *table, hf__sqlite_text *out)
{
    hf__sqlite_add(out, "DELETE FROM %s", table->name);
    add_key_match(out, table);
}

static void add_order(hf__sqlite_text *out, const hf_table *table, const uint8_t *key,
                      uint32_t from, uint32_t count, bool descending)
{
    const char *separator = " ORDER BY ";
    for (uint32_t i = from; i < count; i++) {
        hf__sqlite_add(out, "%s%s%s", separator, table->columns[key[i]].name,
                       descending ? " DESC" : "");
        separator = ", ";
    }
}

void hf__sqlite_sql_scan(const hf_table *table, const hf__sqlite_shape *shape, hf__sqlite_text *out)
{
    uint8_t key[HF__SQLITE_KEY_COLUMNS];
    const uint32_t count = hf__sqlite_key(table, shape->index, key);
    const char *separator = " WHERE ";
    if (shape->many) {
        add_many(out, table, shape, key);
        return;
    }
    hf__sqlite_add(out, "SELECT ");
    add_columns(out, table);
    hf__sqlite_add(out, " FROM %s", table->name);
    if (shape->index > 0)
        hf__sqlite_add(out, " INDEXED BY %s", table->indexes[shape->index - 1].name);
    for (uint32_t i = 0; i < shape->equal; i++) {
        hf__sqlite_add(out, "%s%s %s ?%u", separator, table->columns[key[i]].name,
                       hf__sqlite_nullable(table, key[i]) ? "IS" : "=", i + 1);
        separator = " AND ";
    }
    if (shape->ranged) {
        hf__sqlite_add(out, "%s%s %s ?%u", separator, table->columns[key[shape->equal]].name,
                       shape->descending ? "<" : ">", shape->equal + 1);
        separator = " AND ";
    }
    if (shape->index > 0 && table->indexes[shape->index - 1].where_column >= 0) {
        hf__sqlite_add(out, "%s", separator);
        hf__sqlite_sql_where(table, shape->index, out);
    }
    add_order(out, table, key, shape->equal, count, shape->descending != 0);
}

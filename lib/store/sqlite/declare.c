/*
 * declare.c - what a file declares: tables, indexes and views, generated from the const tables.
 *
 * Why text is generated and not written down: one declaration of a record serves every store, and
 * a table cannot drift from its SQL. Tools read the file without us, so enums are names, absent is
 * NULL, and the views show ids as UUID text and times as ISO text.
 */
#include "store/sqlite/sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void hf__sqlite_text_init(hf__sqlite_text *text, char *buffer, size_t capacity)
{
    *text = (hf__sqlite_text){.start = buffer, .capacity = capacity};
    buffer[0] = '\0';
}

void hf__sqlite_add(hf__sqlite_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const size_t left = text->capacity - text->used;
    int written = vsnprintf(text->start + text->used, left, format, arguments);
    va_end(arguments);
    if (written < 0 || (size_t)written >= left)
        text->failed = true;
    else
        text->used += (size_t)written;
}

bool hf__sqlite_in_key(const hf_table *table, uint32_t column)
{
    for (uint32_t i = 0; i < table->key_count; i++) {
        if (table->key[i] == column)
            return true;
    }
    return false;
}

bool hf__sqlite_nullable(const hf_table *table, uint32_t column)
{
    const uint32_t type = table->columns[column].type;
    return (type == HF_COLUMN_TIME || type == HF_COLUMN_ID || type == HF_COLUMN_NAME ||
            type == HF_COLUMN_BYTES) &&
           !hf__sqlite_in_key(table, column);
}

static bool contains(const uint8_t *ordinals, uint32_t count, uint8_t ordinal)
{
    return count > 0 && memchr(ordinals, ordinal, count) != NULL;
}

uint32_t hf__sqlite_key(const hf_table *table, uint32_t index, uint8_t out[HF__SQLITE_KEY_COLUMNS])
{
    uint32_t count = 0;
    if (index > 0) {
        const hf_index *declared = &table->indexes[index - 1];
        for (uint32_t i = 0; i < declared->column_count && count < HF__SQLITE_KEY_COLUMNS; i++)
            out[count++] = declared->columns[i];
    }
    for (uint32_t i = 0; i < table->key_count && count < HF__SQLITE_KEY_COLUMNS; i++) {
        if (!contains(out, count, table->key[i]))
            out[count++] = table->key[i];
    }
    return count;
}

/* One integer as the key is SQLite's own row number. */
static bool is_row_number(const hf_table *table)
{
    const uint32_t type = table->columns[table->key[0]].type;
    return table->key_count == 1 && (type == HF_COLUMN_I64 || type == HF_COLUMN_U64);
}

static void add_names(hf__sqlite_text *out, const hf_column *column, uint32_t mask)
{
    const char *separator = "";
    hf__sqlite_add(out, "%s IN (", column->name);
    for (uint32_t i = 0; i < column->name_count; i++) {
        if (column->names[i] == NULL || (mask != 0 && (i >= 32 || (mask >> i & 1u) == 0)))
            continue;
        hf__sqlite_add(out, "%s'%s'", separator, column->names[i]);
        separator = ", ";
    }
    hf__sqlite_add(out, ")");
}

static void add_column(hf__sqlite_text *out, const hf_table *table, uint32_t ordinal)
{
    static const char *const types[] = {
        [HF_COLUMN_I64] = "INTEGER",  [HF_COLUMN_U64] = "INTEGER", [HF_COLUMN_U32] = "INTEGER",
        [HF_COLUMN_BOOL] = "INTEGER", [HF_COLUMN_ENUM] = "TEXT",   [HF_COLUMN_TIME] = "INTEGER",
        [HF_COLUMN_ID] = "BLOB",      [HF_COLUMN_HASH] = "BLOB",   [HF_COLUMN_NAME] = "TEXT",
        [HF_COLUMN_BYTES] = "BLOB",
    };
    const hf_column *column = &table->columns[ordinal];
    const bool named = column->name_count > 0;
    hf__sqlite_add(out, "  %s %s", column->name, named ? "TEXT" : types[column->type]);
    if (is_row_number(table) && ordinal == table->key[0]) {
        hf__sqlite_add(out, " PRIMARY KEY,\n");
        return;
    }
    if (!hf__sqlite_nullable(table, ordinal))
        hf__sqlite_add(out, " NOT NULL");
    if (column->type == HF_COLUMN_ID || column->type == HF_COLUMN_HASH)
        hf__sqlite_add(out, " CHECK (length(%s) = 16)", column->name);
    if (column->type == HF_COLUMN_BOOL)
        hf__sqlite_add(out, " CHECK (%s IN (0, 1))", column->name);
    if (named) {
        hf__sqlite_add(out, " CHECK (");
        add_names(out, column, 0);
        hf__sqlite_add(out, ")");
    }
    hf__sqlite_add(out, ",\n");
}

static void add_list(hf__sqlite_text *out, const hf_table *table, const uint8_t *ordinals,
                     uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        hf__sqlite_add(out, "%s%s", i > 0 ? ", " : "", table->columns[ordinals[i]].name);
}

static void declare_table(const hf_table *table, hf__sqlite_text *out)
{
    hf__sqlite_add(out, "CREATE TABLE %s (\n", table->name);
    for (uint32_t i = 0; i < table->column_count; i++)
        add_column(out, table, i);
    hf__sqlite_add(out, "  crc INTEGER NOT NULL");
    if (is_row_number(table)) {
        hf__sqlite_add(out, "\n) STRICT");
        return;
    }
    hf__sqlite_add(out, ",\n  PRIMARY KEY (");
    add_list(out, table, table->key, table->key_count);
    hf__sqlite_add(out, ")\n) STRICT, WITHOUT ROWID");
}

void hf__sqlite_sql_where(const hf_table *table, uint32_t index, hf__sqlite_text *out)
{
    if (index == 0 || table->indexes[index - 1].where_column < 0)
        return;
    const hf_index *declared = &table->indexes[index - 1];
    const uint32_t ordinal = (uint32_t)declared->where_column;
    const hf_column *column = &table->columns[ordinal];
    if (column->type == HF_COLUMN_ENUM && declared->where_mask != 0)
        add_names(out, column, declared->where_mask);
    else if (column->type == HF_COLUMN_ENUM)
        hf__sqlite_add(out, "%s <> '%s'", column->name, column->names[0]);
    else if (hf__sqlite_nullable(table, ordinal))
        hf__sqlite_add(out, "%s IS NOT NULL", column->name);
    else if (column->type == HF_COLUMN_NAME)
        hf__sqlite_add(out, "%s <> ''", column->name);
    else if (column->type == HF_COLUMN_ID || column->type == HF_COLUMN_HASH)
        hf__sqlite_add(out, "%s <> x'00000000000000000000000000000000'", column->name);
    else
        hf__sqlite_add(out, "%s <> 0", column->name);
}

static void declare_index(const hf_table *table, uint32_t index, hf__sqlite_text *out)
{
    const hf_index *declared = &table->indexes[index - 1];
    uint8_t key[HF__SQLITE_KEY_COLUMNS];
    uint32_t count = hf__sqlite_key(table, index, key);
    hf__sqlite_add(out, "CREATE INDEX %s ON %s (", declared->name, table->name);
    add_list(out, table, key, count);
    hf__sqlite_add(out, ")");
    if (declared->where_column >= 0) {
        hf__sqlite_add(out, " WHERE ");
        hf__sqlite_sql_where(table, index, out);
    }
}

static void add_shown(hf__sqlite_text *out, const hf_column *column)
{
    static const int parts[][2] = {{1, 8}, {9, 4}, {13, 4}, {17, 4}, {21, 12}};
    const char *name = column->name;
    if (column->type == HF_COLUMN_TIME) {
        hf__sqlite_add(out, "strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', %s / 1000.0, 'unixepoch') AS %s",
                       name, name);
    } else if (column->type == HF_COLUMN_ID) {
        hf__sqlite_add(out, "lower(");
        for (uint32_t i = 0; i < 5; i++)
            hf__sqlite_add(out, "%ssubstr(hex(%s), %d, %d)", i > 0 ? " || '-' || " : "", name,
                           parts[i][0], parts[i][1]);
        hf__sqlite_add(out, ")");
    } else if (column->type == HF_COLUMN_HASH) {
        hf__sqlite_add(out, "lower(hex(%s)) AS %s", name, name);
    } else {
        hf__sqlite_add(out, "%s", name);
    }
}

/* An absent id must stay NULL: hex(NULL) is '' and the dashes would show. */
static void declare_view(const hf_table *table, hf__sqlite_text *out)
{
    hf__sqlite_add(out, "CREATE VIEW v_%s AS SELECT", table->name);
    for (uint32_t i = 0; i < table->column_count; i++) {
        const hf_column *column = &table->columns[i];
        const bool id = column->type == HF_COLUMN_ID;
        hf__sqlite_add(out, "%s\n  ", i > 0 ? "," : "");
        if (id)
            hf__sqlite_add(out, "CASE WHEN %s IS NOT NULL THEN ", column->name);
        add_shown(out, column);
        if (id)
            hf__sqlite_add(out, " END AS %s", column->name);
    }
    hf__sqlite_add(out, "\nFROM %s", table->name);
}

/* ---- All of them ------------------------------------------------------------------------------
 */

typedef struct fixed {
    const char *type;
    const char *name;
    const char *sql;
} fixed;

static const fixed bookkeeping[] = {
    {"table", "hf_store",
     "CREATE TABLE hf_store (\n  id INTEGER PRIMARY KEY CHECK (id = 1),\n"
     "  layout INTEGER NOT NULL,\n  schema INTEGER NOT NULL,\n  batch INTEGER NOT NULL,\n"
     "  time INTEGER,\n  crc INTEGER NOT NULL\n) STRICT"},
    {"table", "hf_tables",
     "CREATE TABLE hf_tables (\n  id INTEGER PRIMARY KEY,\n  name TEXT NOT NULL,\n"
     "  row_count INTEGER NOT NULL,\n  checksum INTEGER NOT NULL,\n  crc INTEGER NOT NULL\n"
     ") STRICT"},
    {"table", "hf_identity",
     "CREATE TABLE hf_identity (\n  id INTEGER PRIMARY KEY CHECK (id = 1),\n"
     "  store BLOB NOT NULL CHECK (length(store) = 16),\n  incarnation INTEGER NOT NULL,\n"
     "  journal INTEGER NOT NULL,\n  segment INTEGER NOT NULL,\n  flags INTEGER NOT NULL,\n"
     "  crc INTEGER NOT NULL\n) STRICT"},
};

/* Of these the files of every schema have the first two. */
#define BOOKKEEPING_FIRST 2u
#define BOOKKEEPING       ((uint32_t)(sizeof bookkeeping / sizeof bookkeeping[0]))

static void declare(const hf_table *table, uint32_t which, hf__sqlite_object *out,
                    hf__sqlite_text *sql)
{
    const char *name = table->name;
    const char *prefix = "";
    if (which == 0) {
        out->type = "table";
        declare_table(table, sql);
    } else if (which <= table->index_count) {
        out->type = "index";
        out->index = which;
        name = table->indexes[which - 1].name;
        declare_index(table, which, sql);
    } else {
        out->type = "view";
        prefix = "v_";
        declare_view(table, sql);
    }
    if ((size_t)snprintf(out->name, sizeof out->name, "%s%s", prefix, name) >= sizeof out->name)
        sql->failed = true;
}

bool hf__sqlite_object_at(const hf_schema *schema, uint32_t n, hf__sqlite_object *out,
                          hf__sqlite_text *sql)
{
    *out = (hf__sqlite_object){.table = UINT32_MAX};
    sql->used = 0;
    if (n < BOOKKEEPING) {
        out->type = bookkeeping[n].type;
        out->optional = n >= BOOKKEEPING_FIRST;
        (void)snprintf(out->name, sizeof out->name, "%s", bookkeeping[n].name);
        hf__sqlite_add(sql, "%s", bookkeeping[n].sql);
        return true;
    }
    n -= BOOKKEEPING;
    for (uint32_t i = 0; i < schema->table_count; i++) {
        const uint32_t objects = schema->tables[i]->index_count + 2; /* itself and its view */
        if (n < objects) {
            out->table = i;
            declare(schema->tables[i], n, out, sql);
            return true;
        }
        n -= objects;
    }
    return false;
}

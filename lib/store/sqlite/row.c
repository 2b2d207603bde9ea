/*
 * row.c - a row's columns as SQLite values, and the checksum that ties them together.
 *
 * Happy path: a row is bound column by column and its checksum, over the codec's encoding, goes
 * into one more column; what is read back is encoded again and compared. Failure modes: SQLite
 * does not notice a changed byte, so a value of another type, length or name than declared, or a
 * checksum that differs, is HF_E_CORRUPT with the table and the key, and the row is not served.
 */
#include "store/sqlite/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A BYTES column as it stands in a row. */
typedef struct span {
    const void *data;
    uint64_t bytes;
} span;

_Static_assert(sizeof(span) == 16, "as store.h says: a pointer, then the length");

static const hf_id no_id;

static const char *at(const hf_table *table, uint32_t column, const void *row)
{
    return (const char *)row + table->columns[column].offset;
}

static char *to(const hf_table *table, uint32_t column, void *row)
{
    return (char *)row + table->columns[column].offset;
}

static uint32_t load_u32(const char *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static int64_t load_i64(const char *from)
{
    int64_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static span load_span(const char *from)
{
    span value;
    memcpy(&value, from, sizeof value);
    return value;
}

/* ---- One column ------------------------------------------------------------------------------ */

#define NO_SUCH_VALUE SQLITE_MISMATCH /* which SQLite returns of no bind */

/* How a type is bound (as SQLite returns it, or NO_SUCH_VALUE), read (false: no such value) and
   compared. */
typedef struct type_entry {
    int (*bind)(sqlite3_stmt *statement, int parameter, const hf_column *column, const char *from);
    bool (*read)(sqlite3_value *value, int type, const hf_column *column, char *into);
    uint32_t bytes; /* in the row struct */
} type_entry;

static int bind_integer(sqlite3_stmt *statement, int parameter, const hf_column *column,
                        const char *from)
{
    const int64_t value = load_i64(from);
    if (column->type == HF_COLUMN_U64 && value < 0)
        return NO_SUCH_VALUE;
    return sqlite3_bind_int64(statement, parameter, value);
}

static int bind_named(sqlite3_stmt *statement, int parameter, const hf_column *column,
                      const char *from)
{
    const uint32_t value = load_u32(from);
    if (value >= column->name_count || column->names[value] == NULL)
        return NO_SUCH_VALUE;
    return sqlite3_bind_text(statement, parameter, column->names[value], -1, SQLITE_STATIC);
}

static int bind_small(sqlite3_stmt *statement, int parameter, const hf_column *column,
                      const char *from)
{
    const uint32_t value = load_u32(from);
    if (column->name_count > 0)
        return bind_named(statement, parameter, column, from);
    if (column->type == HF_COLUMN_BOOL && value > 1)
        return NO_SUCH_VALUE;
    return sqlite3_bind_int64(statement, parameter, value);
}

static int bind_binary(sqlite3_stmt *statement, int parameter, const hf_column *column,
                       const char *from)
{
    (void)column;
    return sqlite3_bind_blob(statement, parameter, from, 16, SQLITE_STATIC);
}

static int bind_name(sqlite3_stmt *statement, int parameter, const hf_column *column,
                     const char *from)
{
    (void)column;
    const char *end = memchr(from, 0, sizeof(hf_name));
    if (end == NULL)
        return NO_SUCH_VALUE;
    return sqlite3_bind_text(statement, parameter, from, (int)(end - from), SQLITE_STATIC);
}

static int bind_bytes(sqlite3_stmt *statement, int parameter, const hf_column *column,
                      const char *from)
{
    (void)column;
    const span value = load_span(from);
    return sqlite3_bind_blob64(statement, parameter, value.data, value.bytes, SQLITE_STATIC);
}

static bool read_integer(sqlite3_value *from, int type, const hf_column *column, char *into)
{
    if (type != SQLITE_INTEGER)
        return false;
    const int64_t value = sqlite3_value_int64(from);
    memcpy(into, &value, sizeof value);
    return column->type != HF_COLUMN_U64 || value >= 0;
}

static bool read_named(sqlite3_value *from, int type, const hf_column *column, char *into)
{
    if (type != SQLITE_TEXT)
        return false;
    const void *text = sqlite3_value_text(from);
    const size_t bytes = (size_t)sqlite3_value_bytes(from);
    for (uint32_t i = 0; text != NULL && i < column->name_count; i++) {
        const char *name = column->names[i];
        if (name != NULL && strlen(name) == bytes && memcmp(text, name, bytes) == 0) {
            memcpy(into, &i, sizeof i);
            return true;
        }
    }
    return false;
}

static bool read_small(sqlite3_value *from, int type, const hf_column *column, char *into)
{
    if (column->name_count > 0)
        return read_named(from, type, column, into);
    if (type != SQLITE_INTEGER)
        return false;
    const int64_t value = sqlite3_value_int64(from);
    const uint32_t small = (uint32_t)value;
    const int64_t most = column->type == HF_COLUMN_BOOL ? 1 : UINT32_MAX;
    memcpy(into, &small, sizeof small);
    return value >= 0 && value <= most;
}

static bool read_binary(sqlite3_value *from, int type, const hf_column *column, char *into)
{
    (void)column;
    if (type != SQLITE_BLOB)
        return false;
    const void *value = sqlite3_value_blob(from);
    if (value == NULL || sqlite3_value_bytes(from) != 16)
        return false;
    memcpy(into, value, 16);
    return true;
}

static bool read_name(sqlite3_value *from, int type, const hf_column *column, char *into)
{
    (void)column;
    if (type != SQLITE_TEXT)
        return false;
    const void *text = sqlite3_value_text(from);
    const size_t bytes = (size_t)sqlite3_value_bytes(from);
    if (text == NULL || bytes > HF_NAME_MAX || memchr(text, 0, bytes) != NULL)
        return false;
    memset(into, 0, sizeof(hf_name));
    memcpy(into, text, bytes);
    return true;
}

static bool read_bytes(sqlite3_value *from, int type, const hf_column *column, char *into)
{
    (void)column;
    if (type != SQLITE_BLOB)
        return false;
    span value = {.data = sqlite3_value_blob(from)};
    value.bytes = (uint64_t)sqlite3_value_bytes(from);
    memcpy(into, &value, sizeof value);
    return value.data != NULL && value.bytes > 0;
}

static const type_entry types[] = {
    [HF_COLUMN_I64] = {bind_integer, read_integer, 8},
    [HF_COLUMN_U64] = {bind_integer, read_integer, 8},
    [HF_COLUMN_U32] = {bind_small, read_small, 4},
    [HF_COLUMN_BOOL] = {bind_small, read_small, 4},
    [HF_COLUMN_ENUM] = {bind_named, read_named, 4},
    [HF_COLUMN_TIME] = {bind_integer, read_integer, 8},
    [HF_COLUMN_ID] = {bind_binary, read_binary, 16},
    [HF_COLUMN_HASH] = {bind_binary, read_binary, 16},
    [HF_COLUMN_NAME] = {bind_name, read_name, sizeof(hf_name)},
    [HF_COLUMN_BYTES] = {bind_bytes, read_bytes, sizeof(span)},
};

bool hf__sqlite_none(const hf_table *table, uint32_t column, const void *row)
{
    if (!hf__sqlite_nullable(table, column))
        return false;
    const char *value = at(table, column, row);
    const uint32_t type = table->columns[column].type;
    if (type == HF_COLUMN_NAME)
        return value[0] == '\0';
    if (type == HF_COLUMN_BYTES)
        return load_span(value).bytes == 0;
    return memcmp(value, &no_id, types[type].bytes) == 0; /* an id or a time */
}

bool hf__sqlite_same(const hf_table *table, uint32_t column, const void *a, const void *b)
{
    const uint32_t type = table->columns[column].type;
    const char *left = at(table, column, a);
    const char *right = at(table, column, b);
    if (type == HF_COLUMN_NAME)
        return strncmp(left, right, sizeof(hf_name)) == 0;
    if (type == HF_COLUMN_BYTES) {
        const span x = load_span(left);
        const span y = load_span(right);
        return x.bytes == y.bytes && (x.bytes == 0 || memcmp(x.data, y.data, x.bytes) == 0);
    }
    return memcmp(left, right, types[type].bytes) == 0;
}

void hf__sqlite_set_none(const hf_table *table, uint32_t column, void *row)
{
    memset(to(table, column, row), 0, types[table->columns[column].type].bytes);
}

uint32_t hf__sqlite_enum(const hf_table *table, uint32_t column, const void *row)
{
    return load_u32(at(table, column, row));
}

void hf__sqlite_set_enum(const hf_table *table, uint32_t column, void *row, uint32_t value)
{
    memcpy(to(table, column, row), &value, sizeof value);
}

/* ---- Into statements ---------------------------------------------------------------------------
 */

int hf__sqlite_bind(hf__sqlite_connection *connection, sqlite3_stmt *statement, int parameter,
                    const hf_table *table, uint32_t column, const void *row)
{
    const hf_column *declared = &table->columns[column];
    int result;
    if (hf__sqlite_none(table, column, row))
        result = sqlite3_bind_null(statement, parameter);
    else
        result = types[declared->type].bind(statement, parameter, declared, at(table, column, row));
    if (result == SQLITE_OK)
        return 0;
    if (result != NO_SUCH_VALUE)
        return hf__sqlite_error(connection, result, table->name);
    return hf__store_fail(connection->error, HF_E_ARGUMENT, 0,
                          "%.120s: %s.%s: the value is outside the column's range",
                          connection->store->path, table->name, declared->name);
}

/* NULL is below every value but compares with none: what is above it begins with the smallest. */
int hf__sqlite_bind_low(hf__sqlite_connection *connection, sqlite3_stmt *statement, int parameter,
                        const hf_table *table, uint32_t column, const void *row)
{
    if (!hf__sqlite_none(table, column, row))
        return hf__sqlite_bind(connection, statement, parameter, table, column, row);
    const uint32_t type = table->columns[column].type;
    int result;
    if (type == HF_COLUMN_TIME)
        result = sqlite3_bind_int64(statement, parameter, INT64_MIN);
    else if (type == HF_COLUMN_NAME)
        result = sqlite3_bind_text(statement, parameter, "", 0, SQLITE_STATIC);
    else
        result = sqlite3_bind_blob(statement, parameter, "", 0, SQLITE_STATIC);
    return hf__sqlite_error(connection, result, "binding a bound");
}

int hf__sqlite_bind_row(hf__sqlite_connection *connection, sqlite3_stmt *statement, uint32_t nth,
                        const hf_table *table, const void *row, uint32_t checksum)
{
    int parameter = (int)(nth * (table->column_count + 1)) + 1;
    for (uint32_t i = 0; i < table->column_count; i++, parameter++) {
        const int error = hf__sqlite_bind(connection, statement, parameter, table, i, row);
        if (error != 0)
            return error;
    }
    return hf__sqlite_error(connection, sqlite3_bind_int64(statement, parameter, checksum),
                            "binding a checksum");
}

int hf__sqlite_bind_key(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                        const hf_table *table, const void *row)
{
    for (uint32_t i = 0; i < table->key_count; i++) {
        const int error =
            hf__sqlite_bind(connection, statement, table->key[i] + 1, table, table->key[i], row);
        if (error != 0)
            return error;
    }
    return 0;
}

int hf__sqlite_bind_asked(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                          const hf_table *table, const hf__sqlite_asked *asked)
{
    const uint32_t all = (asked->columns + (asked->lasts != NULL)) * HF__SQLITE_ASKED;
    uint32_t at = 0;
    int result = SQLITE_OK;
    for (uint32_t i = 0; result == SQLITE_OK && i < asked->count; i++) {
        for (uint32_t j = 0; j < asked->columns; j++) {
            const int error = hf__sqlite_bind(connection, statement, (int)++at, table,
                                              asked->key[j], asked->rows[i]);
            if (error != 0)
                return error;
        }
        if (asked->lasts != NULL)
            result = sqlite3_bind_int64(statement, (int)++at, asked->lasts[i]);
    }
    while (result == SQLITE_OK && at < all)
        result = sqlite3_bind_null(statement, (int)++at);
    return hf__sqlite_error(connection, result, table->name);
}

/* ---- Checksums ----------------------------------------------------------------------------------
 */

/* The buffer grows with the largest row there is; after that nothing is allocated. */
static int reserve(hf__sqlite_connection *connection, size_t bytes)
{
    if (bytes <= connection->encoded_bytes)
        return 0;
    const hf_allocator *allocator = connection->store->allocator;
    uint8_t *larger = hf__sqlite_alloc(allocator, bytes + bytes / 2);
    if (larger == NULL)
        return hf__store_fail(connection->error, HF_E_NOMEM, 0,
                              "no memory to encode a row of %zu bytes", bytes);
    allocator->free(allocator->context, connection->encoded);
    connection->encoded = larger;
    connection->encoded_bytes = bytes + bytes / 2;
    return 0;
}

int hf__sqlite_checksum(hf__sqlite_connection *connection, const hf_table *table, const void *row,
                        uint32_t *out)
{
    uint8_t key[HF__KEY_MAX];
    int error = reserve(connection, hf__row_bytes_max(table, row));
    if (error != 0)
        return error;
    const uint32_t key_bytes = hf__key_encode(table, 0, row, HF__KEY_ALL, key);
    const size_t bytes = hf__row_encode(table, row, connection->encoded, connection->encoded_bytes);
    *out = hf__row_checksum(table, key, key_bytes, connection->encoded, bytes);
    return 0;
}

/* ---- Out of statements
 * --------------------------------------------------------------------------- */

static bool read_value(sqlite3_value *value, const hf_table *table, uint32_t column, void *row)
{
    const hf_column *declared = &table->columns[column];
    const int type = sqlite3_value_type(value);
    if (type == SQLITE_NULL) {
        hf__sqlite_set_none(table, column, row);
        return hf__sqlite_nullable(table, column);
    }
    return types[declared->type].read(value, type, declared, to(table, column, row)) &&
           !hf__sqlite_none(table, column, row); /* none is NULL and nothing else */
}

bool hf__sqlite_read_column(sqlite3_stmt *statement, const hf_table *table, uint32_t column,
                            void *row)
{
    return read_value(sqlite3_column_value(statement, (int)column), table, column, row);
}

/* The key as people read it, as far as it can be read. */
static void show_key(sqlite3_value *const *values, const hf_table *table, hf__sqlite_text *out)
{
    for (uint32_t i = 0; i < table->key_count; i++) {
        sqlite3_value *value = values[table->key[i]];
        hf__sqlite_add(out, "%s%s=", i > 0 ? " " : "", table->columns[table->key[i]].name);
        if (sqlite3_value_type(value) != SQLITE_BLOB) {
            const void *text = sqlite3_value_text(value);
            hf__sqlite_add(out, "%.63s", text != NULL ? (const char *)text : "NULL");
            continue;
        }
        const uint8_t *bytes = sqlite3_value_blob(value);
        const int count = sqlite3_value_bytes(value);
        for (int j = 0; bytes != NULL && j < count && j < 16; j++)
            hf__sqlite_add(out, "%02x", bytes[j]);
    }
}

static int damaged(hf__sqlite_connection *connection, sqlite3_value *const *values,
                   const hf_table *table, const char *what)
{
    char key[160];
    hf__sqlite_text shown;
    hf__sqlite_text_init(&shown, key, sizeof key);
    show_key(values, table, &shown);
    return hf__store_fail(connection->error, HF_E_CORRUPT, 0, "%s: %s: %s: %s",
                          connection->store->path, table->name, key, what);
}

int hf__sqlite_read_values(hf__sqlite_connection *connection, sqlite3_value *const *values,
                           const hf_table *table, void *row, uint32_t *checksum)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (!read_value(values[i], table, i, row))
            return damaged(connection, values, table, table->columns[i].name);
    }
    sqlite3_value *stored = values[table->column_count];
    uint32_t found = 0;
    const int error = hf__sqlite_checksum(connection, table, row, &found);
    if (error != 0)
        return error;
    if (sqlite3_value_type(stored) != SQLITE_INTEGER || sqlite3_value_int64(stored) != found)
        return damaged(connection, values, table, "the checksum does not fit the row");
    if (checksum != NULL)
        *checksum = found;
    return 0;
}

/* Values are read without SQLite's error state, which each sqlite3_column_* of a type sets. */
int hf__sqlite_read_row(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                        const hf_table *table, void *row, uint32_t *checksum)
{
    sqlite3_value *values[HF__SQLITE_COLUMNS + 1];
    for (uint32_t i = 0; i <= table->column_count; i++)
        values[i] = sqlite3_column_value(statement, (int)i);
    return hf__sqlite_read_values(connection, values, table, row, checksum);
}

int hf__sqlite_keep_bytes(hf__sqlite_connection *connection, const hf_table *table, void *row)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].type != HF_COLUMN_BYTES)
            continue;
        span value = load_span(at(table, i, row));
        if (value.bytes == 0)
            continue;
        const hf_store_caller *caller = connection->caller;
        void *copy = caller->alloc != NULL ? caller->alloc(caller->context, value.bytes) : NULL;
        if (copy == NULL)
            return hf__store_fail(connection->error, HF_E_NOMEM, 0,
                                  "no memory for %s.%s of %" PRIu64 " bytes", table->name,
                                  table->columns[i].name, value.bytes);
        memcpy(copy, value.data, value.bytes);
        value.data = copy;
        memcpy(to(table, i, row), &value, sizeof value);
    }
    return 0;
}

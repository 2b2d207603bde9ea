/*
 * get.c - rows by their keys, many of them in one statement.
 *
 * A statement of its own for each key costs as much as finding the row. So keys are joined with the
 * table as a list of fixed length, what is left of it is NULL, and a column of the result says
 * which key a row has. Keys that differ in a last number alone, as the lines of an order do, are
 * one range: one seek finds them all.
 *
 * Failure modes: those of a row, see row.c. What was read before them is not served either.
 */
#include "store/sqlite/store.h"

#include <string.h>

static int get_one(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                   const hf_table *table, void *row, uint8_t *found)
{
    int error = hf__sqlite_bind_key(connection, statement, table, row);
    if (error != 0)
        return error;
    const int result = sqlite3_step(statement);
    *found = result == SQLITE_ROW;
    error = hf__sqlite_error(connection, result, table->name);
    if (result == SQLITE_ROW)
        error = hf__sqlite_read_row(connection, statement, table, row, NULL);
    if (result == SQLITE_ROW && error == 0)
        error = hf__sqlite_keep_bytes(connection, table, row);
    return error;
}

static int get_each(hf__sqlite_connection *connection, uint32_t table, void *const *rows,
                    uint8_t *found, uint32_t count)
{
    const hf_table *declared = connection->store->schema->tables[table];
    sqlite3_stmt *statement = NULL;
    int error = hf__sqlite_table_statement(connection, table, HF__SQLITE_VERB_GET, &statement);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        error = get_one(connection, statement, declared, rows[i], &found[i]);
        (void)sqlite3_reset(statement);
    }
    return error;
}

/* Keys that one statement asks for: single ones, or runs of keys with successive numbers. */
typedef struct runs {
    hf__sqlite_connection *connection;
    const hf_table *table;
    void *const *rows; /* the caller's */
    uint8_t *found;
    uint32_t row_count;
    bool numbered;
    const void *first[HF__SQLITE_ASKED]; /* rows */
    uint32_t at[HF__SQLITE_ASKED];       /* of the first row of each */
    uint32_t from[HF__SQLITE_ASKED];     /* numbers */
    uint32_t last[HF__SQLITE_ASKED];
    uint32_t count;
} runs;

static uint32_t number_of(const runs *of, const void *row)
{
    uint32_t number;
    const uint32_t ordinal = of->table->key[of->table->key_count - 1];
    memcpy(&number, (const uint8_t *)row + of->table->columns[ordinal].offset, sizeof number);
    return number;
}

/* The row continues the last run: it has the next number, and is the same otherwise. */
static bool continues(const runs *of, const void *row)
{
    if (!of->numbered || of->count == 0)
        return false;
    const uint32_t run = of->count - 1;
    bool same = of->last[run] != UINT32_MAX && number_of(of, row) == of->last[run] + 1;
    for (uint32_t i = 0; same && i + 1 < of->table->key_count; i++)
        same = hf__sqlite_same(of->table, of->table->key[i], row, of->first[run]);
    return same;
}

/* Takes keys, one after the other, until they are all taken or one is too many. */
static void take_runs(runs *of, uint32_t most)
{
    for (of->row_count = 0; of->row_count < most; of->row_count++) {
        const void *row = of->rows[of->row_count];
        if (continues(of, row)) {
            of->last[of->count - 1]++;
            continue;
        }
        if (of->count == HF__SQLITE_ASKED)
            break;
        of->first[of->count] = row;
        of->at[of->count] = of->row_count;
        of->from[of->count] = of->numbered ? number_of(of, row) : 0;
        of->last[of->count] = of->from[of->count];
        of->count++;
    }
}

static int bind_runs(hf__sqlite_connection *connection, const runs *of, sqlite3_stmt *statement)
{
    return hf__sqlite_bind_asked(connection, statement, of->table,
                                 &(hf__sqlite_asked){.key = of->table->key,
                                                     .columns = of->table->key_count,
                                                     .rows = of->first,
                                                     .lasts = of->numbered ? of->last : NULL,
                                                     .count = of->count});
}

/* The statement says of each row which run it is of. */
static int take_found(void *context, sqlite3_value *const *values)
{
    const runs *of = context;
    const uint32_t run = (uint32_t)sqlite3_value_int(values[of->table->column_count + 1]);
    uint32_t at = of->at[run];
    if (of->numbered) {
        sqlite3_value *number = values[of->table->key[of->table->key_count - 1]];
        at += (uint32_t)sqlite3_value_int64(number) - of->from[run];
    }
    if (at >= of->row_count) /* a number that is none, which reading the row finds */
        at = of->at[run];
    const int error = hf__sqlite_read_values(of->connection, values, of->table, of->rows[at], NULL);
    of->found[at] = 1;
    return error == 0 ? hf__sqlite_keep_bytes(of->connection, of->table, of->rows[at]) : error;
}

/* Reads the rows of the runs that there are. */
static int get_runs(hf__sqlite_connection *connection, uint32_t table, runs *of)
{
    sqlite3_stmt *statement = NULL;
    memset(of->found, 0, of->row_count);
    int error = hf__sqlite_table_statement(connection, table, HF__SQLITE_VERB_GET_MANY, &statement);
    if (error == 0)
        error = bind_runs(connection, of, statement);
    if (error != 0)
        return error;
    return hf__sqlite_take_all(connection, statement, of->table->name, take_found, of);
}

int hf__sqlite_get(void *txn, uint32_t table, void *const *rows, uint8_t *found, uint32_t count)
{
    hf__sqlite_connection *connection = txn;
    const hf_table *declared = connection->store->schema->tables[table];
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < count;) {
        runs of = {.connection = connection,
                   .table = declared,
                   .rows = rows + i,
                   .found = found + i,
                   .numbered = hf__sqlite_numbered(declared)};
        take_runs(&of, count - i);
        error = of.row_count < HF__SQLITE_ASKED_MIN
                    ? get_each(connection, table, of.rows, of.found, of.row_count)
                    : get_runs(connection, table, &of);
        i += of.row_count;
    }
    return hf__sqlite_check_unwritten(connection, error);
}

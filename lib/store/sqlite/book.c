/*
 * book.c - the bookkeeping tables: hf_store says which batch the file holds, hf_tables how many
 * rows each table has and the XOR of their checksums.
 *
 * hf_identity says which store this is and which journal belongs to it.
 *
 * Written in every commit (hf_identity: when it changes), so that a row that got lost is noticed
 * although nothing points to it. Each row has a checksum of its own over its values in order.
 */
#include "base/checksum.h"
#include "base/varint.h"
#include "store/sqlite/store.h"

#include <string.h>

static uint32_t checksum_of(const int64_t *values, uint32_t count)
{
    uint8_t bytes[96];
    hf__writer writer = {.at = bytes, .end = bytes + sizeof bytes};
    for (uint32_t i = 0; i < count; i++)
        hf__write_svar(&writer, values[i]);
    return hf__crc32c(0, bytes, (size_t)(writer.at - bytes));
}

static int damaged(hf__sqlite_connection *connection, const char *table)
{
    return hf__store_fail(connection->error, HF_E_CORRUPT, 0, "%.120s: %s: %s",
                          connection->store->path, table, "the bookkeeping is damaged");
}

/* The values of a statement, bound one after the other until one of them cannot be. */
typedef struct binding {
    sqlite3_stmt *statement;
    int at;     /* the parameter bound last */
    int result; /* SQLITE_OK as long as all could be bound */
} binding;

static void bind_number(binding *to, int64_t value)
{
    if (to->result == SQLITE_OK)
        to->result = sqlite3_bind_int64(to->statement, ++to->at, value);
}

static void bind_null(binding *to)
{
    if (to->result == SQLITE_OK)
        to->result = sqlite3_bind_null(to->statement, ++to->at);
}

static void bind_text(binding *to, const char *text)
{
    if (to->result == SQLITE_OK)
        to->result = sqlite3_bind_text(to->statement, ++to->at, text, -1, SQLITE_STATIC);
}

static void bind_id(binding *to, const hf_id *id)
{
    if (to->result == SQLITE_OK)
        to->result =
            sqlite3_bind_blob(to->statement, ++to->at, id->bytes, sizeof id->bytes, SQLITE_STATIC);
}

/* Runs a statement whose values are all bound: one that is missing would be written as NULL. */
static int execute(hf__sqlite_connection *connection, const binding *bound, const char *doing)
{
    if (bound->result != SQLITE_OK)
        return hf__sqlite_error(connection, bound->result, doing);
    return hf__sqlite_execute(connection, bound->statement, doing, NULL);
}

int hf__sqlite_mark_get(hf__sqlite_connection *connection, hf_store_mark *out, uint32_t *schema,
                        uint32_t *layout)
{
    sqlite3_stmt *statement = NULL;
    int error = hf__sqlite_fixed_statement(connection, HF__SQLITE_FIXED_MARK_GET, &statement);
    if (error != 0)
        return error;
    int64_t values[5] = {0};
    const int result = sqlite3_step(statement);
    for (int i = 0; result == SQLITE_ROW && i < 5; i++)
        values[i] = sqlite3_column_int64(statement, i);
    (void)sqlite3_reset(statement);
    error = hf__sqlite_error(connection, result, "reading hf_store");
    if (error != 0)
        return error;
    if (result != SQLITE_ROW || values[4] != checksum_of(values, 4) || values[2] < 0)
        return damaged(connection, "hf_store");
    *layout = (uint32_t)values[0];
    *schema = (uint32_t)values[1];
    *out = (hf_store_mark){.batch = (uint64_t)values[2], .time_ms = values[3]};
    return 0;
}

int hf__sqlite_mark_put(hf__sqlite_connection *connection, const hf_store_mark *mark)
{
    sqlite3_stmt *statement = NULL;
    int error = hf__sqlite_fixed_statement(connection, HF__SQLITE_FIXED_MARK_PUT, &statement);
    if (error != 0)
        return error;
    const int64_t values[4] = {HF__SQLITE_LAYOUT, connection->store->schema->version,
                               (int64_t)mark->batch, mark->time_ms};
    binding to = {.statement = statement, .result = SQLITE_OK};
    for (int i = 0; i < 3; i++)
        bind_number(&to, values[i]);
    if (mark->time_ms == 0)
        bind_null(&to);
    else
        bind_number(&to, mark->time_ms);
    bind_number(&to, checksum_of(values, 4));
    return execute(connection, &to, "writing hf_store");
}

/* ---- Identity -------------------------------------------------------------------------------- */

#define IDENTITY_VALUES 6 /* its columns; the id counts as two */

static void identity_values(const hf_store_identity *identity, int64_t values[IDENTITY_VALUES])
{
    memcpy(values, &identity->store, sizeof identity->store);
    values[2] = (int64_t)identity->incarnation;
    values[3] = (int64_t)identity->journal;
    values[4] = (int64_t)identity->segment;
    values[5] = identity->flags;
}

static bool identity_take(sqlite3_stmt *statement, hf_store_identity *out)
{
    int64_t values[IDENTITY_VALUES];
    const void *id = sqlite3_column_blob(statement, 0);
    if (id == NULL || sqlite3_column_bytes(statement, 0) != (int)sizeof out->store)
        return false;
    memcpy(&out->store, id, sizeof out->store);
    out->incarnation = (uint64_t)sqlite3_column_int64(statement, 1);
    out->journal = (uint64_t)sqlite3_column_int64(statement, 2);
    out->segment = (uint64_t)sqlite3_column_int64(statement, 3);
    out->flags = (uint32_t)sqlite3_column_int64(statement, 4);
    identity_values(out, values);
    return sqlite3_column_int64(statement, 5) == checksum_of(values, IDENTITY_VALUES);
}

int hf__sqlite_identity_get(hf__sqlite_connection *connection, hf_store_identity *out)
{
    sqlite3_stmt *statement = NULL;
    *out = (hf_store_identity){.flags = 0};
    int error = hf__sqlite_fixed_statement(connection, HF__SQLITE_FIXED_IDENTITY_GET, &statement);
    if (error != 0)
        return error;
    const int result = sqlite3_step(statement);
    const bool good = result != SQLITE_ROW || identity_take(statement, out);
    (void)sqlite3_reset(statement);
    error = hf__sqlite_error(connection, result, "reading hf_identity");
    if (error != 0 || good)
        return error;
    return damaged(connection, "hf_identity");
}

int hf__sqlite_identity_put(hf__sqlite_connection *connection, const hf_store_identity *identity)
{
    sqlite3_stmt *statement = NULL;
    int64_t values[IDENTITY_VALUES];
    int error = hf__sqlite_fixed_statement(connection, HF__SQLITE_FIXED_IDENTITY_PUT, &statement);
    if (error != 0)
        return error;
    identity_values(identity, values);
    binding to = {.statement = statement, .result = SQLITE_OK};
    bind_id(&to, &identity->store);
    for (int i = 2; i < IDENTITY_VALUES; i++)
        bind_number(&to, values[i]);
    bind_number(&to, checksum_of(values, IDENTITY_VALUES));
    return execute(connection, &to, "writing hf_identity");
}

int hf__sqlite_set_copy(hf__sqlite_connection *connection)
{
    int64_t there = 0;
    hf_store_identity identity;
    int error = hf__sqlite_number(
        connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'hf_identity'", 0, &there);
    if (error != 0 || there == 0)
        return error;
    error = hf__sqlite_identity_get(connection, &identity);
    if (error != 0 || !hf__identity_is(&identity))
        return error;
    identity.flags |= HF_STORE_COPY;
    return hf__sqlite_identity_put(connection, &identity);
}

/* ---- Counts ---------------------------------------------------------------------------------- */

int hf__sqlite_count_get(hf__sqlite_connection *connection, uint32_t table, hf_table_stat *out,
                         bool *found)
{
    sqlite3_stmt *statement = NULL;
    const hf_table *declared = connection->store->schema->tables[table];
    int error = hf__sqlite_fixed_statement(connection, HF__SQLITE_FIXED_COUNT_GET, &statement);
    if (error != 0)
        return error;
    binding to = {.statement = statement, .result = SQLITE_OK};
    bind_number(&to, declared->id);
    int64_t values[3] = {declared->id};
    const int result = to.result == SQLITE_OK ? sqlite3_step(statement) : to.result;
    bool good = result == SQLITE_DONE;
    if (result == SQLITE_ROW) {
        const void *name = sqlite3_column_text(statement, 0);
        values[1] = sqlite3_column_int64(statement, 1);
        values[2] = sqlite3_column_int64(statement, 2);
        good = name != NULL && strcmp(name, declared->name) == 0 && values[1] >= 0 &&
               sqlite3_column_int64(statement, 3) == checksum_of(values, 3);
    }
    (void)sqlite3_reset(statement);
    error = hf__sqlite_error(connection, result, "reading hf_tables");
    if (error != 0)
        return error;
    *found = result == SQLITE_ROW;
    *out = (hf_table_stat){.rows = (uint64_t)values[1], .checksum = (uint32_t)values[2]};
    return good ? 0 : damaged(connection, "hf_tables");
}

int hf__sqlite_count_put(hf__sqlite_connection *connection, uint32_t table,
                         const hf_table_stat *count)
{
    sqlite3_stmt *statement = NULL;
    const hf_table *declared = connection->store->schema->tables[table];
    int error = hf__sqlite_fixed_statement(connection, HF__SQLITE_FIXED_COUNT_PUT, &statement);
    if (error != 0)
        return error;
    const int64_t values[3] = {declared->id, (int64_t)count->rows, count->checksum};
    binding to = {.statement = statement, .result = SQLITE_OK};
    bind_number(&to, values[0]);
    bind_text(&to, declared->name);
    bind_number(&to, values[1]);
    bind_number(&to, values[2]);
    bind_number(&to, checksum_of(values, 3));
    return execute(connection, &to, "writing hf_tables");
}

int hf__sqlite_book_create(hf__sqlite_connection *connection)
{
    const hf_store_mark none = {0};
    const hf_table_stat empty = {0};
    int error = hf__sqlite_mark_put(connection, &none);
    for (uint32_t i = 0; error == 0 && i < connection->store->schema->table_count; i++)
        error = hf__sqlite_count_put(connection, i, &empty);
    return error;
}

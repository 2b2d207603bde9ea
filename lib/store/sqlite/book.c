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
    for (int i = 0; i < 4; i++)
        (void)sqlite3_bind_int64(statement, i + 1, values[i]);
    if (mark->time_ms == 0)
        (void)sqlite3_bind_null(statement, 4);
    (void)sqlite3_bind_int64(statement, 5, checksum_of(values, 4));
    return hf__sqlite_execute(connection, statement, "writing hf_store", NULL);
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
    (void)sqlite3_bind_blob(statement, 1, &identity->store, sizeof identity->store,
                            SQLITE_TRANSIENT);
    for (int i = 2; i < IDENTITY_VALUES; i++)
        (void)sqlite3_bind_int64(statement, i, values[i]);
    (void)sqlite3_bind_int64(statement, IDENTITY_VALUES, checksum_of(values, IDENTITY_VALUES));
    return hf__sqlite_execute(connection, statement, "writing hf_identity", NULL);
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
    (void)sqlite3_bind_int64(statement, 1, declared->id);
    int64_t values[3] = {declared->id};
    const int result = sqlite3_step(statement);
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
    (void)sqlite3_bind_int64(statement, 1, values[0]);
    (void)sqlite3_bind_text(statement, 2, declared->name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(statement, 3, values[1]);
    (void)sqlite3_bind_int64(statement, 4, values[2]);
    (void)sqlite3_bind_int64(statement, 5, checksum_of(values, 3));
    return hf__sqlite_execute(connection, statement, "writing hf_tables", NULL);
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

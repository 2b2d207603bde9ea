/*
 * check.c - the whole file: SQLite's own check, then every row, the counts and the sums.
 *
 * SQLite's check sees broken pages and indexes that do not fit their tables; the walk sees changed
 * and missing rows, which SQLite cannot know of.
 */
#include "store/sqlite/store.h"

#include <inttypes.h>
#include <stdio.h>

#define OPCODES_A_CALL 1000000
#define ROWS_A_CALL    1024

typedef struct reporter {
    hf_progress_cb progress;
    void *data;
    uint64_t done;
    uint64_t total;
    bool stopped;
} reporter;

static int report(void *data)
{
    reporter *r = data;
    r->stopped = r->progress != NULL && r->progress(r->data, r->done, r->total) != 0;
    return r->stopped ? 1 : 0;
}

static int cancelled(hf__sqlite_connection *connection)
{
    return hf__store_fail(connection->error, HF_E_CANCELLED, 0, "%.120s: the check was stopped",
                          connection->store->path);
}

int hf__sqlite_pages(hf__sqlite_connection *connection, const char *pragma, hf_progress_cb progress,
                     void *data)
{
    char sql[60];
    char found[160];
    reporter r = {.progress = progress, .data = data};
    (void)snprintf(sql, sizeof sql, "PRAGMA %s(1)", pragma);
    sqlite3_progress_handler(connection->db, OPCODES_A_CALL, report, &r);
    const int error = hf__sqlite_ask(connection, sql, found, sizeof found);
    sqlite3_progress_handler(connection->db, 0, NULL, NULL);
    if (r.stopped)
        return cancelled(connection);
    if (error != 0 || sqlite3_stricmp(found, "ok") == 0)
        return error;
    for (char *c = found; *c != '\0'; c++) {
        if (*c == '\n')
            *c = ' ';
    }
    return hf__store_fail(connection->error, HF_E_CORRUPT, 0, "%s: %s", connection->store->path,
                          found);
}

/* What the bookkeeping says; in a write, as it will be written. */
static int expected(hf__sqlite_connection *connection, uint32_t table, hf_table_stat *out)
{
    bool found = false;
    if (connection->caller != NULL && connection->mode == HF_TXN_WRITE) {
        *out = connection->store->pending[table];
        return 0;
    }
    const int error = hf__sqlite_count_get(connection, table, out, &found);
    if (error == 0 && !found)
        return hf__store_fail(connection->error, HF_E_CORRUPT, 0, "%.120s: hf_tables lacks %s",
                              connection->store->path,
                              connection->store->schema->tables[table]->name);
    return error;
}

static int walk_rows(hf__sqlite_connection *connection, uint32_t table, hf_table_stat *found,
                     reporter *r)
{
    const hf_table *declared = connection->store->schema->tables[table];
    const hf__sqlite_shape all = {0};
    sqlite3_stmt *statement = NULL;
    int result = SQLITE_ROW;
    int error = hf__sqlite_scan_statement(connection, table, &all, &statement);
    while (error == 0 && result == SQLITE_ROW) {
        uint32_t checksum = 0;
        result = sqlite3_step(statement);
        error = hf__sqlite_error(connection, result, declared->name);
        if (error != 0 || result != SQLITE_ROW)
            break;
        error =
            hf__sqlite_read_row(connection, statement, declared, connection->rows[1], &checksum);
        found->rows++;
        found->checksum ^= checksum;
        r->done++;
        if (error == 0 && r->done % ROWS_A_CALL == 0 && report(r) != 0)
            error = cancelled(connection);
    }
    (void)sqlite3_reset(statement);
    return error;
}

static int walk_table(hf__sqlite_connection *connection, uint32_t table, reporter *r)
{
    hf_table_stat stored = {0};
    hf_table_stat found = {0};
    int error = expected(connection, table, &stored);
    if (error == 0)
        error = walk_rows(connection, table, &found, r);
    if (error == 0 && (stored.rows != found.rows || stored.checksum != found.checksum))
        return hf__store_fail(
            connection->error, HF_E_CORRUPT, 0,
            "%.120s: %s: has %" PRIu64 " rows with sum %08x, not %" PRIu64 " with %08x",
            connection->store->path, connection->store->schema->tables[table]->name, found.rows,
            found.checksum, stored.rows, stored.checksum);
    return error;
}

int hf__sqlite_walk(hf__sqlite_connection *connection, hf_progress_cb progress, void *data)
{
    const uint32_t tables = connection->store->schema->table_count;
    reporter r = {.progress = progress, .data = data};
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < tables; i++) {
        hf_table_stat stored = {0};
        error = expected(connection, i, &stored);
        r.total += stored.rows;
    }
    for (uint32_t i = 0; error == 0 && i < tables; i++)
        error = walk_table(connection, i, &r);
    return error;
}

int hf__sqlite_check(void *txn, hf_progress_cb progress, void *progress_data)
{
    int error = hf__sqlite_pages(txn, "integrity_check", progress, progress_data);
    if (error == 0)
        error = hf__sqlite_walk(txn, progress, progress_data);
    return hf__sqlite_check_unwritten(txn, error);
}

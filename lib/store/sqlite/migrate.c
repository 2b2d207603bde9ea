/*
 * migrate.c - brings a file of an older schema to this one, in one transaction.
 *
 * There is one mechanism and no list of steps: indexes and views are made anew, a missing table is
 * created, and a table that is declared otherwise is copied row by row into one as it is declared
 * now. A column that the old table does not have gets its empty value: 0, empty, absent, the first
 * name of an enum. A column that was renamed, or whose values were, is read as the schema of the
 * file declares it (hf_column's `was`) and written as this one does; the number between the two
 * names does not change. Each row is checked by the columns it was written with before it gets its
 * new checksum. Failure modes: a column that this version does not know, a row that is damaged,
 * anything left that this version would not declare: HF_E_CORRUPT, and the file is as before.
 */
#include "store/sqlite/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define OLD_NAME    "hf_old"
#define ROWS_A_CALL 1024

/* A table as the file has it. */
typedef struct old_table {
    hf_table table;
    hf_column columns[HF__SQLITE_COLUMNS];
    uint8_t key[HF__SQLITE_KEY_COLUMNS];
} old_table;

typedef struct migration {
    hf__sqlite_connection *connection;
    const hf_store_config *config;
    uint64_t done;   /* rows copied */
    uint32_t schema; /* of the file */
} migration;

static int refuse(const migration *m, const char *table, const char *column, const char *why)
{
    return hf__store_fail(m->connection->error, HF_E_CORRUPT, 0, "%.120s: %s%s%s: %s",
                          m->connection->store->path, table, column[0] != '\0' ? "." : "", column,
                          why);
}

/* Drops what can be made anew. The name comes from the file, so SQLite quotes it. */
static int drop_all(const migration *m, const char *type)
{
    char query[160];
    char name[128];
    char drop[400];
    (void)snprintf(query, sizeof query,
                   "SELECT name FROM sqlite_schema WHERE type = '%s' AND sql IS NOT NULL LIMIT 1",
                   type);
    for (;;) {
        int error = hf__sqlite_ask(m->connection, query, name, sizeof name);
        if (error != 0 || name[0] == '\0')
            return error;
        (void)sqlite3_snprintf((int)sizeof drop, drop, "DROP %s \"%w\"", type, name);
        error = hf__sqlite_run(m->connection, drop);
        if (error != 0)
            return error;
    }
}

/* ---- A table that changed
 * ------------------------------------------------------------------------ */

/* A column as the schema of the file declares it. */
static const hf_column *column_then(const migration *m, const hf_column *column)
{
    while (column->renamed > m->schema)
        column = column->was;
    return column;
}

/* Takes one stored column over: the next declared one of that name. */
static int take_column(const migration *m, const hf_table *now, const char *name, uint32_t *next,
                       old_table *old)
{
    while (*next < now->column_count &&
           strcmp(column_then(m, &now->columns[*next])->name, name) != 0)
        ++*next;
    if (*next == now->column_count || old->table.column_count == HF__SQLITE_COLUMNS)
        return refuse(m, now->name, name, "this version does not know that column");
    old->columns[old->table.column_count++] = *column_then(m, &now->columns[(*next)++]);
    return 0;
}

static int read_columns(const migration *m, const hf_table *now, old_table *old)
{
    sqlite3_stmt *statement = NULL;
    bool ended = false;
    uint32_t next = 0;
    int result =
        sqlite3_prepare_v2(m->connection->db, "SELECT name FROM pragma_table_info(?1) ORDER BY cid",
                           -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_bind_text(statement, 1, now->name, -1, SQLITE_STATIC);
    int error = hf__sqlite_error(m->connection, result, "reading the columns");
    while (error == 0 && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        const void *name = sqlite3_column_text(statement, 0);
        if (name == NULL || ended)
            error = refuse(m, now->name, "", "has columns behind its checksum");
        else if (strcmp(name, "crc") == 0)
            ended = true;
        else
            error = take_column(m, now, name, &next, old);
    }
    if (error == 0)
        error = hf__sqlite_error(m->connection, result, "reading the columns");
    (void)sqlite3_finalize(statement);
    if (error == 0 && !ended)
        return refuse(m, now->name, "crc", "is missing");
    return error;
}

static int read_key(const migration *m, const hf_table *now, old_table *old)
{
    for (uint32_t i = 0; i < now->key_count; i++) {
        const char *name = column_then(m, &now->columns[now->key[i]])->name;
        uint32_t at = 0;
        while (at < old->table.column_count && strcmp(old->columns[at].name, name) != 0)
            at++;
        if (at == old->table.column_count)
            return refuse(m, now->name, name, "a column of the key is missing");
        old->key[i] = (uint8_t)at;
    }
    return 0;
}

static int read_old(const migration *m, const hf_table *now, old_table *old)
{
    memset(old, 0, sizeof *old);
    old->table = *now;
    old->table.name = OLD_NAME;
    old->table.columns = old->columns;
    old->table.key = old->key;
    old->table.indexes = NULL;
    old->table.index_count = 0;
    old->table.column_count = 0;
    const int error = read_columns(m, now, old);
    return error != 0 ? error : read_key(m, now, old);
}

static int copy_row(migration *m, uint32_t table, const old_table *old, sqlite3_stmt *from,
                    hf_table_stat sums[2])
{
    hf__sqlite_connection *connection = m->connection;
    const hf_table *now = connection->store->schema->tables[table];
    void *row = connection->rows[1];
    sqlite3_stmt *into = NULL;
    uint32_t before = 0;
    uint32_t after = 0;
    memset(row, 0, now->row_bytes);
    int error = hf__sqlite_read_row(connection, from, &old->table, row, &before);
    if (error == 0)
        error = hf__sqlite_checksum(connection, now, row, &after);
    if (error == 0)
        error = hf__sqlite_table_statement(connection, table, HF__SQLITE_VERB_INSERT, &into);
    if (error == 0)
        error = hf__sqlite_bind_row(connection, into, 0, now, row, after);
    if (error == 0)
        error = hf__sqlite_execute(connection, into, now->name, NULL);
    sums[0].rows++;
    sums[0].checksum ^= before;
    sums[1].rows++;
    sums[1].checksum ^= after;
    m->done++;
    const hf_store_config *config = m->config;
    if (error == 0 && m->done % ROWS_A_CALL == 0 && config->progress != NULL &&
        config->progress(config->progress_data, m->done, 0) != 0)
        error = hf__store_fail(connection->error, HF_E_CANCELLED, 0,
                               "%.120s: the migration was stopped", connection->store->path);
    return error;
}

static int copy_rows(migration *m, uint32_t table, const old_table *old)
{
    hf__sqlite_connection *connection = m->connection;
    const hf__sqlite_shape all = {0};
    hf_table_stat sums[2] = {{0}, {0}};
    hf_table_stat stored = {0};
    bool found = false;
    sqlite3_stmt *from = NULL;
    hf__sqlite_text sql;
    hf__sqlite_text_init(&sql, connection->sql, HF__SQLITE_SQL_MAX);
    hf__sqlite_sql_scan(&old->table, &all, &sql);
    int result = sqlite3_prepare_v2(connection->db, sql.start, -1, &from, NULL);
    int error = hf__sqlite_error(connection, result, "reading an older table");
    while (error == 0 && (result = sqlite3_step(from)) == SQLITE_ROW)
        error = copy_row(m, table, old, from, sums);
    if (error == 0)
        error = hf__sqlite_error(connection, result, "reading an older table");
    (void)sqlite3_finalize(from);
    if (error == 0)
        error = hf__sqlite_count_get(connection, table, &stored, &found);
    if (error == 0 && memcmp(&stored, &sums[0], sizeof stored) != 0)
        error = refuse(m, connection->store->schema->tables[table]->name, "",
                       "rows are missing or changed");
    return error != 0 ? error : hf__sqlite_count_put(connection, table, &sums[1]);
}

static int rebuild(migration *m, uint32_t table, const char *sql)
{
    const hf_table *now = m->connection->store->schema->tables[table];
    char rename[200];
    old_table old;
    (void)snprintf(rename, sizeof rename, "ALTER TABLE %s RENAME TO " OLD_NAME, now->name);
    int error = read_old(m, now, &old);
    if (error == 0)
        error = hf__sqlite_run(m->connection, rename);
    if (error == 0)
        error = hf__sqlite_run(m->connection, sql);
    if (error == 0)
        error = copy_rows(m, table, &old);
    if (error == 0)
        error = hf__sqlite_run(m->connection, "DROP TABLE " OLD_NAME);
    return error;
}

/* ---- All of it
 * ----------------------------------------------------------------------------------- */

static int bring(migration *m, const hf__sqlite_object *object, const char *sql)
{
    const hf_table_stat empty = {0};
    bool found = false;
    bool same = false;
    int error = hf__sqlite_stored(m->connection, object->type, object->name, sql, &found, &same);
    if (error != 0 || same)
        return error;
    if (found) /* indexes and views have been dropped, so it is a table */
        return object->table == UINT32_MAX ? refuse(m, object->name, "", "is declared otherwise")
                                           : rebuild(m, object->table, sql);
    error = hf__sqlite_run(m->connection, sql);
    if (error == 0 && object->table != UINT32_MAX && object->index == 0 &&
        strcmp(object->type, "table") == 0)
        error = hf__sqlite_count_put(m->connection, object->table, &empty);
    return error;
}

static int bring_all(migration *m)
{
    hf__sqlite_connection *connection = m->connection;
    const hf_schema *schema = connection->store->schema;
    hf__sqlite_object object;
    hf__sqlite_text sql;
    hf__sqlite_text_init(&sql, connection->sql, HF__SQLITE_SQL_MAX);
    char *text = hf__sqlite_alloc(connection->store->allocator, HF__SQLITE_SQL_MAX);
    if (text == NULL)
        return hf__store_fail(connection->error, HF_E_NOMEM, 0, "no memory for a migration");
    int error = 0;
    for (uint32_t n = 0; error == 0 && hf__sqlite_object_at(schema, n, &object, &sql); n++) {
        memcpy(text, sql.start, sql.used + 1); /* statements are made in the same buffer */
        error = bring(m, &object, text);
    }
    connection->store->allocator->free(connection->store->allocator->context, text);
    return error;
}

/* A file of schema 3 or older has none. */
static int give_identity(const migration *m)
{
    hf_store_identity identity;
    int error = hf__sqlite_identity_get(m->connection, &identity);
    if (error != 0 || hf__identity_is(&identity) || !hf__identity_is(m->config->identity))
        return error;
    return hf__sqlite_identity_put(m->connection, m->config->identity);
}

static int migrate(migration *m)
{
    hf__sqlite_connection *connection = m->connection;
    hf_store_mark mark;
    uint32_t layout = 0;
    char version[60];
    (void)snprintf(version, sizeof version, "PRAGMA user_version = %u",
                   connection->store->schema->version);
    int error = hf__sqlite_mark_get(connection, &mark, &m->schema, &layout);
    if (error == 0)
        error = drop_all(m, "view");
    if (error == 0)
        error = drop_all(m, "index");
    if (error == 0)
        error = bring_all(m);
    if (error == 0)
        error = hf__sqlite_mark_put(connection, &mark);
    if (error == 0)
        error = give_identity(m);
    if (error == 0)
        error = hf__sqlite_run(connection, version);
    return error != 0 ? error : hf__sqlite_declared(connection);
}

int hf__sqlite_migrate(hf__sqlite_connection *connection, const hf_store_config *config)
{
    migration m = {.connection = connection, .config = config};
    char text[200];
    int error = hf__sqlite_run(connection, "BEGIN IMMEDIATE");
    if (error == 0)
        error = migrate(&m);
    if (error == 0)
        error = hf__sqlite_run(connection, "COMMIT");
    if (error != 0) {
        hf_store_error *kept = connection->error;
        connection->error = NULL;
        (void)hf__sqlite_run(connection, "ROLLBACK");
        connection->error = kept;
        return error;
    }
    (void)snprintf(text, sizeof text, "%.120s: migrated to schema %u, %" PRIu64 " rows rewritten",
                   connection->store->path, connection->store->schema->version, m.done);
    connection->store->log(connection->store->log_data, HF_LOG_INFO, text);
    return 0;
}

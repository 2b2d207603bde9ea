/*
 * connection.c - one SQLite connection: opening it, its statements, what its errors mean.
 *
 * Happy path: a statement is prepared when it is first needed and kept, so that the steady state
 * only binds and steps. A connection is used by one thread at a time, so SQLite's own mutexes are
 * off. Failure modes: every result goes through one table; the extended code is kept as detail.
 */
#include "store/sqlite/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BUSY_MS 250 /* how long another program's lock is waited for */

/* ---- Errors ---------------------------------------------------------------------------------- */

typedef struct translation {
    int result; /* extended codes before the primary ones they would fall under */
    int error;
} translation;

static const translation translations[] = {
    {SQLITE_IOERR_NOMEM, HF_E_NOMEM},
    {SQLITE_IOERR_CORRUPTFS, HF_E_CORRUPT},
    {SQLITE_FULL, HF_E_NO_SPACE},
    {SQLITE_NOMEM, HF_E_NOMEM},
    {SQLITE_BUSY, HF_E_BUSY},
    {SQLITE_LOCKED, HF_E_BUSY},
    {SQLITE_PROTOCOL, HF_E_BUSY},
    {SQLITE_INTERRUPT, HF_E_CANCELLED},
    {SQLITE_READONLY, HF_E_READ_ONLY},
    {SQLITE_PERM, HF_E_READ_ONLY},
    {SQLITE_CANTOPEN, HF_E_PATH},
    {SQLITE_CORRUPT, HF_E_CORRUPT},
    {SQLITE_NOTADB, HF_E_CORRUPT},
    {SQLITE_SCHEMA, HF_E_CORRUPT},     /* another program changed the declarations */
    {SQLITE_ERROR, HF_E_CORRUPT},      /* a text of ours does not fit what is declared there */
    {SQLITE_CONSTRAINT, HF_E_CORRUPT}, /* a row that the caller says is not there is there */
    {SQLITE_MISMATCH, HF_E_CORRUPT},
    {SQLITE_FORMAT, HF_E_CORRUPT},
    {SQLITE_TOOBIG, HF_E_TOO_MANY},
};

/* A full disk shows as an I/O error when it was the shared memory or the log that could not grow.
 */
static int of_system(sqlite3 *db, int result, int otherwise)
{
    const int native = db != NULL ? sqlite3_system_errno(db) : 0;
    if (native == 0 || result == SQLITE_IOERR_FSYNC || result == SQLITE_IOERR_DIR_FSYNC)
        return otherwise;
    const int error = hf__os_error(native);
    return error == HF_E_IO ? otherwise : error;
}

int hf__sqlite_translate(sqlite3 *db, int result)
{
    if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE)
        return 0;
    for (size_t i = 0; i < sizeof translations / sizeof translations[0]; i++) {
        if (translations[i].result != result && translations[i].result != (result & 0xff))
            continue;
        if (translations[i].result == SQLITE_CANTOPEN)
            return of_system(db, result, HF_E_PATH);
        return translations[i].error;
    }
    return (result & 0xff) == SQLITE_IOERR ? of_system(db, result, HF_E_IO) : HF_E_IO;
}

int hf__sqlite_error(hf__sqlite_connection *connection, int result, const char *doing)
{
    const int code = hf__sqlite_translate(connection->db, result);
    if (code == 0)
        return 0;
    if (connection->failure == 0)
        connection->failure = code;
    const int extended = connection->db != NULL ? sqlite3_extended_errcode(connection->db) : result;
    const char *cause = connection->db != NULL && extended == result
                            ? sqlite3_errmsg(connection->db)
                            : sqlite3_errstr(result);
    const int primary = result & 0xff;
    const bool of_a_call = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
    const int native =
        of_a_call && connection->db != NULL ? sqlite3_system_errno(connection->db) : 0;
    return hf__store_fail(connection->error, code, result, "%.120s: %s: %s%s%s",
                          connection->store->path, doing, cause, native != 0 ? ": " : "",
                          native != 0 ? hf__os_text(native, code) : "");
}

/* ---- Life ------------------------------------------------------------------------------------ */

int hf__sqlite_connection_init(hf__sqlite_connection *connection, hf__sqlite_store *store)
{
    const size_t encoded = (size_t)64 << 10;
    connection->store = store;
    connection->statements =
        hf__sqlite_alloc(store->allocator, store->slot_count * sizeof(sqlite3_stmt *));
    connection->sql = hf__sqlite_alloc(store->allocator, HF__SQLITE_SQL_MAX);
    connection->encoded = hf__sqlite_alloc(store->allocator, encoded);
    connection->encoded_bytes = encoded;
    connection->rows[0] = hf__sqlite_alloc(store->allocator, store->row_bytes);
    connection->rows[1] = hf__sqlite_alloc(store->allocator, store->row_bytes);
    const bool all = connection->statements != NULL && connection->sql != NULL &&
                     connection->encoded != NULL && connection->rows[0] != NULL &&
                     connection->rows[1] != NULL;
    return all ? 0 : HF_E_NOMEM;
}

void hf__sqlite_connection_fini(hf__sqlite_connection *connection)
{
    const hf_allocator *allocator = connection->store->allocator;
    allocator->free(allocator->context, connection->statements);
    allocator->free(allocator->context, connection->sql);
    allocator->free(allocator->context, connection->encoded);
    allocator->free(allocator->context, connection->rows[0]);
    allocator->free(allocator->context, connection->rows[1]);
}

/* The aggregate of statements that read many rows. */
static void take_row(sqlite3_context *context, int count, sqlite3_value **values)
{
    hf__sqlite_connection *connection = sqlite3_user_data(context);
    (void)count;
    connection->take_error = connection->take(connection->take_context, values);
    if (connection->take_error != 0)
        sqlite3_result_error_code(context, SQLITE_ABORT); /* no further row */
}

static void end_rows(sqlite3_context *context)
{
    sqlite3_result_null(context);
}

/*
 * What is set before the first byte is read. A file is data, never a program: its views and checks
 * may call nothing with side effects, its cells are checked before they are followed, it is never
 * mapped (a file cut short would end the process by a signal), and the log stays where it is when a
 * connection closes that has not found the file to be valid.
 */
static int configure(hf__sqlite_connection *connection)
{
    sqlite3 *db = connection->db;
    (void)sqlite3_extended_result_codes(db, 1);
    (void)sqlite3_busy_timeout(db, BUSY_MS);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    (void)sqlite3_wal_autocheckpoint(db, 0); /* txn.c does it, and sees when it fails */
    const int result =
        sqlite3_create_function_v2(db, HF__SQLITE_TAKE, -1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                   connection, NULL, take_row, end_rows, NULL);
    if (result != SQLITE_OK)
        return hf__sqlite_error(connection, result, "declaring a function");
    return hf__sqlite_run(connection, "PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; "
                                      "PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF");
}

static int connect_by(hf__sqlite_connection *connection, const char *path, int flags,
                      const char *vfs)
{
    if (sqlite3_threadsafe() == 0)
        return hf__store_fail(connection->error, HF_E_UNSUPPORTED, 0,
                              "SQLite was built without threads");
    int result = sqlite3_open_v2(path, &connection->db, flags | SQLITE_OPEN_NOMUTEX, vfs);
    int error = hf__sqlite_error(connection, result, "opening");
    if (error == 0)
        error = configure(connection);
    if (error != 0)
        hf__sqlite_disconnect(connection);
    return error;
}

int hf__sqlite_connect(hf__sqlite_connection *connection, const char *path, int flags)
{
    return connect_by(connection, path, flags, hf__sqlite_vfs());
}

/* ---- A file that is only read ---------------------------------------------------------------- */

#define ESCAPE_BYTES 3u /* of a character that has a meaning in a URI */

static void write_uri(char *out, size_t bytes, const char *path, const char *option)
{
    size_t used = (size_t)snprintf(out, bytes, "file:");
    for (; *path != '\0'; path++)
        used +=
            (size_t)snprintf(out + used, bytes - used,
                             strchr("%?#", *path) == NULL ? "%c" : "%%%02x", (unsigned char)*path);
    (void)snprintf(out + used, bytes - used, "?%s=1", option);
}

static int connect_with(hf__sqlite_connection *connection, const char *option, const char *vfs)
{
    const hf__sqlite_store *store = connection->store;
    const hf_allocator *allocator = store->allocator;
    const size_t bytes = strlen(store->place.path) * ESCAPE_BYTES + strlen(option) + 16;
    char *uri = hf__sqlite_alloc(allocator, bytes);
    if (uri == NULL)
        return hf__store_fail(connection->error, HF_E_NOMEM, 0, "no memory for a name");
    write_uri(uri, bytes, store->place.path, option);
    const int code = connect_by(connection, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, vfs);
    allocator->free(allocator->context, uri);
    return code;
}

/*
 * A file that nobody changes. Without a log the file is all there is: SQLite looks at nothing
 * beside it. With a log its index is made in memory, as for the only connection there is.
 */
static int connect_alone(hf__sqlite_connection *connection)
{
    const hf__sqlite_store *store = connection->store;
    if (hf__sqlite_bytes(store->log_path) == 0)
        return connect_with(connection, "immutable", hf__sqlite_vfs_alone());
    int code =
        connect_by(connection, store->place.path, SQLITE_OPEN_READONLY, hf__sqlite_vfs_alone());
    return code == 0 ? hf__sqlite_run(connection, "PRAGMA locking_mode = EXCLUSIVE") : code;
}

/* A file that an engine of another process writes: its index of the log is used, and not written.
 */
static int connect_beside(hf__sqlite_connection *connection)
{
    return connect_with(connection, "readonly_shm", hf__sqlite_vfs_beside());
}

static int connect_to_write(hf__sqlite_connection *connection)
{
    return hf__sqlite_connect(connection, connection->store->place.path, SQLITE_OPEN_READWRITE);
}

static int connect_to_snapshot(hf__sqlite_connection *connection)
{
    int error = hf__sqlite_connect(connection, connection->store->place.path, SQLITE_OPEN_READONLY);
    if (error != 0)
        return error;
    error = hf__sqlite_run(connection, HF__SQLITE_CACHE);
    if (error != 0)
        hf__sqlite_disconnect(connection);
    return error;
}

/* SQLite opens by name. What it has opened must be the file that is open already. */
int hf__sqlite_connect_own(hf__sqlite_connection *connection, hf__sqlite_use use)
{
    static int (*const connects[])(hf__sqlite_connection *) = {
        [HF__SQLITE_USE_WRITES] = connect_to_write,
        [HF__SQLITE_USE_SNAPSHOTS] = connect_to_snapshot,
        [HF__SQLITE_USE_ALONE] = connect_alone,
        [HF__SQLITE_USE_BESIDE] = connect_beside,
    };
    const hf__sqlite_store *store = connection->store;
    int moved = 1;
    int code = connects[use](connection);
    if (code != 0)
        return code;
    const int asked = sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (asked == SQLITE_OK && moved == 0 && hf__data_file_is_at(&store->data, &store->place))
        return 0;
    hf__sqlite_disconnect(connection);
    return hf__file_refuse(connection->error, HF_E_BUSY, store->path,
                           "another file has its name now, or none");
}

void hf__sqlite_disconnect(hf__sqlite_connection *connection)
{
    for (uint32_t i = 0; i < connection->store->slot_count; i++) {
        (void)sqlite3_finalize(connection->statements[i]);
        connection->statements[i] = NULL;
    }
    (void)sqlite3_close_v2(connection->db);
    connection->db = NULL;
}

/* ---- Statements ------------------------------------------------------------------------------ */

int hf__sqlite_run(hf__sqlite_connection *connection, const char *sql)
{
    return hf__sqlite_error(connection, sqlite3_exec(connection->db, sql, NULL, NULL, NULL), sql);
}

int hf__sqlite_number(hf__sqlite_connection *connection, const char *sql, int64_t absent,
                      int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    *out = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : absent;
    const int error = hf__sqlite_error(connection, result, sql);
    (void)sqlite3_finalize(statement);
    return error;
}

static const char *const fixed_texts[HF__SQLITE_FIXED_COUNT] = {
    [HF__SQLITE_FIXED_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [HF__SQLITE_FIXED_BEGIN_READ] = "BEGIN",
    [HF__SQLITE_FIXED_COMMIT] = "COMMIT",
    [HF__SQLITE_FIXED_ROLLBACK] = "ROLLBACK",
    [HF__SQLITE_FIXED_DATA_VERSION] = "PRAGMA data_version",
    [HF__SQLITE_FIXED_MARK_GET] =
        "SELECT layout, schema, batch, time, crc FROM hf_store WHERE id = 1",
    [HF__SQLITE_FIXED_MARK_PUT] =
        "INSERT OR REPLACE INTO hf_store (id, layout, schema, batch, time, "
        "crc) VALUES (1, ?1, ?2, ?3, ?4, ?5)",
    [HF__SQLITE_FIXED_COUNT_GET] =
        "SELECT name, row_count, checksum, crc FROM hf_tables WHERE id = ?1",
    [HF__SQLITE_FIXED_COUNT_PUT] =
        "INSERT OR REPLACE INTO hf_tables (id, name, row_count, checksum, "
        "crc) VALUES (?1, ?2, ?3, ?4, ?5)",
    [HF__SQLITE_FIXED_IDENTITY_GET] =
        "SELECT store, incarnation, journal, segment, flags, crc FROM "
        "hf_identity WHERE id = 1",
    [HF__SQLITE_FIXED_IDENTITY_PUT] =
        "INSERT OR REPLACE INTO hf_identity (id, store, incarnation, "
        "journal, segment, flags, crc) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)",
};

/* A slot's statement, prepared from `text` when it is not there yet. */
static int prepared(hf__sqlite_connection *connection, uint32_t slot, const char *text,
                    sqlite3_stmt **out)
{
    int result = SQLITE_OK;
    if (connection->statements[slot] == NULL)
        result = sqlite3_prepare_v3(connection->db, text, -1, SQLITE_PREPARE_PERSISTENT,
                                    &connection->statements[slot], NULL);
    *out = connection->statements[slot];
    return hf__sqlite_error(connection, result, "preparing a statement");
}

int hf__sqlite_fixed_statement(hf__sqlite_connection *connection, uint32_t which,
                               sqlite3_stmt **out)
{
    return prepared(connection, which, fixed_texts[which], out);
}

int hf__sqlite_table_statement(hf__sqlite_connection *connection, uint32_t table, uint32_t verb,
                               sqlite3_stmt **out)
{
    const uint32_t slot = connection->store->first_slot[table] + verb;
    const hf_table *declared = connection->store->schema->tables[table];
    hf__sqlite_text text;
    hf__sqlite_text_init(&text, connection->sql, HF__SQLITE_SQL_MAX);
    if (connection->statements[slot] != NULL)
        ; /* the text is not needed again */
    else if (verb == HF__SQLITE_VERB_GET)
        hf__sqlite_sql_get(declared, &text);
    else if (verb == HF__SQLITE_VERB_GET_MANY)
        hf__sqlite_sql_get_many(declared, &text);
    else if (verb == HF__SQLITE_VERB_INSERT || verb == HF__SQLITE_VERB_INSERT_MANY)
        hf__sqlite_sql_insert(declared, verb == HF__SQLITE_VERB_INSERT ? 1 : HF__SQLITE_MANY,
                              &text);
    else if (verb == HF__SQLITE_VERB_DELETE)
        hf__sqlite_sql_delete(declared, &text);
    else
        hf__sqlite_sql_update(declared, verb == HF__SQLITE_VERB_UPDATE, &text);
    return prepared(connection, slot, connection->sql, out);
}

/* Slots of a table's scans: by index, then by shape. */
static uint32_t scan_slot(const hf__sqlite_store *store, uint32_t table,
                          const hf__sqlite_shape *shape)
{
    uint8_t key[HF__SQLITE_KEY_COLUMNS];
    uint32_t slot = store->first_slot[table] + HF__SQLITE_VERB_COUNT;
    for (uint32_t i = 0; i < shape->index; i++)
        slot += HF__SQLITE_SHAPES * (hf__sqlite_key(store->schema->tables[table], i, key) + 1);
    const uint32_t last = HF__SQLITE_SHAPES - 1;
    return slot + HF__SQLITE_SHAPES * shape->equal +
           (shape->many ? last : 2 * shape->ranged + shape->descending);
}

int hf__sqlite_scan_statement(hf__sqlite_connection *connection, uint32_t table,
                              const hf__sqlite_shape *shape, sqlite3_stmt **out)
{
    const uint32_t slot = scan_slot(connection->store, table, shape);
    if (connection->statements[slot] == NULL) {
        hf__sqlite_text text;
        hf__sqlite_text_init(&text, connection->sql, HF__SQLITE_SQL_MAX);
        hf__sqlite_sql_scan(connection->store->schema->tables[table], shape, &text);
    }
    return prepared(connection, slot, connection->sql, out);
}

int hf__sqlite_take_all(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                        const char *doing, hf__sqlite_take take, void *context)
{
    connection->take = take;
    connection->take_context = context;
    connection->take_error = 0;
    const int result = sqlite3_step(statement);
    int error = connection->take_error;
    if (error == 0)
        error = hf__sqlite_error(connection, result, doing);
    (void)sqlite3_reset(statement);
    return error;
}

int hf__sqlite_execute(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                       const char *doing, int64_t *changed)
{
    const int result = sqlite3_step(statement);
    const int error = hf__sqlite_error(connection, result, doing);
    if (changed != NULL)
        *changed = sqlite3_changes64(connection->db);
    (void)sqlite3_reset(statement);
    return error;
}

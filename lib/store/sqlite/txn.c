/*
 * txn.c - transactions: the writer's and snapshots; rows by key; commit and what it may leave.
 *
 * Happy path: begin takes the write lock, rows are written by cached statements while counts and
 * sums are kept in memory, commit writes those and flushes SQLite's log. Failure modes: whatever
 * fails in between leaves a transaction that can only be rolled back. A flush that failed is never
 * repeated: the store refuses every further write. A write by another program is seen by
 * PRAGMA data_version and is fatal, because nothing it wrote went through our rules.
 */
#include "store/sqlite/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CHECKPOINT_FRAMES 1000 /* pages in SQLite's log before they are moved into the file */

static int fixed(hf__sqlite_connection *connection, uint32_t which, const char *doing)
{
    sqlite3_stmt *statement = NULL;
    const int error = hf__sqlite_fixed_statement(connection, which, &statement);
    return error != 0 ? error : hf__sqlite_execute(connection, statement, doing, NULL);
}

static int start(hf__sqlite_connection *connection, uint32_t mode, const hf_store_caller *caller)
{
    const hf__sqlite_store *store = connection->store;
    connection->caller = caller;
    connection->error = caller->error;
    connection->mode = mode;
    connection->failure = 0;
    if (store->forks != hf__os_fork_count())
        return hf__store_fail(caller->error, HF_E_FORKED, 0,
                              "%.120s: opened before a fork; open your own", store->path);
    return 0;
}

static void finish(hf__sqlite_connection *connection)
{
    connection->caller = NULL;
    connection->error = NULL;
    atomic_store(&connection->busy, 0);
}

static void undo(hf__sqlite_connection *connection)
{
    if (connection->store->read_only)
        return; /* it is kept until the store is closed */
    if (connection->db == NULL || sqlite3_get_autocommit(connection->db) != 0)
        return; /* SQLite did it itself */
    hf_store_error *kept = connection->error;
    connection->error = NULL; /* the failure before is what counts */
    (void)fixed(connection, HF__SQLITE_FIXED_ROLLBACK, "rolling back");
    connection->error = kept;
}

/* ---- Begin ----------------------------------------------------------------------------------- */

static int poisoned(const hf__sqlite_store *store, hf_store_error *error)
{
    const char *why = store->poison == HF_E_POISONED ? "another program wrote to the file"
                                                     : "an earlier write or flush failed";
    return hf__store_fail(error, HF_E_POISONED, 0, "%.120s: %s; close it and open it again",
                          store->path, why);
}

/* Asked inside the transaction: from here on nobody else can write. */
static int check_foreign(hf__sqlite_connection *connection)
{
    hf__sqlite_store *store = connection->store;
    sqlite3_stmt *statement = NULL;
    int error = hf__sqlite_fixed_statement(connection, HF__SQLITE_FIXED_DATA_VERSION, &statement);
    if (error != 0)
        return error;
    const int result = sqlite3_step(statement);
    const int64_t version = sqlite3_column_int64(statement, 0);
    (void)sqlite3_reset(statement);
    error = hf__sqlite_error(connection, result, "reading the data version");
    if (error != 0 || version == store->data_version)
        return error;
    store->poison = HF_E_POISONED;
    return poisoned(store, connection->error);
}

static int begin_write(hf__sqlite_store *store, const hf_store_caller *caller)
{
    hf__sqlite_connection *writer = &store->writer;
    if (atomic_exchange(&writer->busy, 1) != 0)
        return hf__store_fail(caller->error, HF_E_BUSY, 0, "%.120s: a write is running already",
                              store->path);
    int error = start(writer, HF_TXN_WRITE, caller);
    if (error == 0 && store->poison != 0)
        error = poisoned(store, caller->error);
    if (error == 0)
        error = fixed(writer, HF__SQLITE_FIXED_BEGIN_WRITE, "beginning a write");
    if (error == 0)
        error = check_foreign(writer);
    if (error != 0) {
        if (error != HF_E_FORKED)
            undo(writer);
        finish(writer);
        return error;
    }
    memcpy(store->pending, store->counts, store->schema->table_count * sizeof *store->pending);
    return 0;
}

int hf__sqlite_reader(hf__sqlite_store *store, hf_store_error *error, hf__sqlite_connection **out)
{
    const uint32_t count = store->read_only ? HF__SQLITE_FIXED : HF__SQLITE_READERS;
    for (uint32_t i = 0; i < count; i++) {
        hf__sqlite_connection *reader = &store->readers[i];
        if (atomic_exchange(&reader->busy, 1) != 0)
            continue;
        reader->error = error;
        reader->failure = 0;
        const int failed =
            reader->db != NULL ? 0 : hf__sqlite_connect_own(reader, HF__SQLITE_USE_SNAPSHOTS);
        if (failed != 0) {
            finish(reader);
            return failed;
        }
        *out = reader;
        return 0;
    }
    return hf__store_fail(error, HF_E_BUSY, 0, "%.120s: %u snapshots are open already", store->path,
                          count);
}

void hf__sqlite_reader_done(hf__sqlite_connection *connection)
{
    undo(connection);
    finish(connection);
}

/* Of a store that is only read every reader has its snapshot since the store was opened. */
static int continue_snapshot(hf__sqlite_connection *reader)
{
    if (sqlite3_get_autocommit(reader->db) == 0)
        return 0;
    return hf__store_fail(reader->error, HF_E_IO, 0,
                          "%.120s: an earlier read failed and ended the snapshot; open it again",
                          reader->store->path);
}

/* BEGIN alone takes no snapshot: the first read does. */
static int begin_snapshot(hf__sqlite_store *store, const hf_store_caller *caller, void **txn)
{
    hf__sqlite_connection *reader = NULL;
    hf_store_mark mark;
    uint32_t schema;
    uint32_t layout;
    if (store->forks != hf__os_fork_count())
        return hf__store_fail(caller->error, HF_E_FORKED, 0,
                              "%.120s: opened before a fork; open your own", store->path);
    int error = hf__sqlite_reader(store, caller->error, &reader);
    if (error != 0)
        return error;
    error = start(reader, HF_TXN_SNAPSHOT, caller);
    if (error == 0 && store->read_only)
        error = continue_snapshot(reader);
    else if (error == 0)
        error = fixed(reader, HF__SQLITE_FIXED_BEGIN_READ, "beginning a snapshot");
    if (error == 0)
        error = hf__sqlite_mark_get(reader, &mark, &schema, &layout);
    error = hf__sqlite_check_unwritten(reader, error);
    if (error != 0)
        hf__sqlite_reader_done(reader);
    else
        *txn = reader;
    return error;
}

int hf__sqlite_begin(void *handle, uint32_t mode, const hf_store_caller *caller, void **txn)
{
    hf__sqlite_store *store = handle;
    *txn = NULL;
    if (mode != HF_TXN_WRITE)
        return begin_snapshot(store, caller, txn);
    const int error = begin_write(store, caller);
    if (error == 0)
        *txn = &store->writer;
    return error;
}

void hf__sqlite_rollback(void *txn)
{
    hf__sqlite_reader_done(txn);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* What is written without indexed columns moves no index entry. */
static uint32_t update_of(const hf_table *table, const void *row, const void *old)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (hf__sqlite_indexed(table, i) && !hf__sqlite_same(table, i, row, old))
            return HF__SQLITE_VERB_UPDATE;
    }
    return HF__SQLITE_VERB_UPDATE_PLAIN;
}

static int check_changed(hf__sqlite_connection *connection, const hf_table *table, int64_t changed,
                         int64_t expected)
{
    if (changed == expected)
        return 0;
    connection->failure = HF_E_CORRUPT;
    return hf__store_fail(connection->error, HF_E_CORRUPT, 0,
                          "%.120s: %s: a row that was there is missing", connection->store->path,
                          table->name);
}

static int insert(hf__sqlite_connection *connection, uint32_t table, const void *const *rows,
                  uint32_t count)
{
    const hf_table *declared = connection->store->schema->tables[table];
    hf_table_stat *stat = &connection->store->pending[table];
    const uint32_t verb = count == 1 ? HF__SQLITE_VERB_INSERT : HF__SQLITE_VERB_INSERT_MANY;
    sqlite3_stmt *statement = NULL;
    uint32_t sum = 0;
    int64_t changed = 0;
    int error = hf__sqlite_table_statement(connection, table, verb, &statement);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        uint32_t checksum = 0;
        error = hf__sqlite_checksum(connection, declared, rows[i], &checksum);
        if (error == 0)
            error = hf__sqlite_bind_row(connection, statement, i, declared, rows[i], checksum);
        sum ^= checksum;
    }
    if (error == 0)
        error = hf__sqlite_execute(connection, statement, declared->name, &changed);
    if (error == 0)
        error = check_changed(connection, declared, changed, count);
    if (error != 0)
        return error;
    stat->rows += count;
    stat->checksum ^= sum;
    return 0;
}

static int update(hf__sqlite_connection *connection, uint32_t table, const void *row,
                  const void *old)
{
    const hf_table *declared = connection->store->schema->tables[table];
    sqlite3_stmt *statement = NULL;
    uint32_t before = 0;
    uint32_t after = 0;
    int64_t changed = 0;
    int error =
        hf__sqlite_table_statement(connection, table, update_of(declared, row, old), &statement);
    if (error == 0)
        error = hf__sqlite_checksum(connection, declared, old, &before);
    if (error == 0)
        error = hf__sqlite_checksum(connection, declared, row, &after);
    if (error == 0)
        error = hf__sqlite_bind_row(connection, statement, 0, declared, row, after);
    if (error == 0)
        error = hf__sqlite_execute(connection, statement, declared->name, &changed);
    if (error == 0)
        error = check_changed(connection, declared, changed, 1);
    if (error == 0)
        connection->store->pending[table].checksum ^= before ^ after;
    return error;
}

/* How many of `count` rows, the first of which is new, one statement inserts. */
static uint32_t insertable(const void *const *olds, uint32_t count)
{
    uint32_t fresh = 1;
    while (fresh < count && fresh < HF__SQLITE_MANY && (olds == NULL || olds[fresh] == NULL))
        fresh++;
    return fresh == HF__SQLITE_MANY ? fresh : 1;
}

/* A write is refused on a snapshot and after a failure. */
static int writable(hf__sqlite_connection *connection)
{
    if (connection->mode != HF_TXN_WRITE)
        return hf__store_fail(connection->error, HF_E_ARGUMENT, 0,
                              "%.120s: a snapshot cannot be written", connection->store->path);
    return connection->failure; /* its text is in the error already */
}

int hf__sqlite_put(void *txn, uint32_t table, const void *const *rows, const void *const *olds,
                   uint32_t count)
{
    hf__sqlite_connection *connection = txn;
    int error = writable(connection);
    for (uint32_t i = 0, step; error == 0 && i < count; i += step) {
        const void *old = olds != NULL ? olds[i] : NULL;
        const void *const *from = olds != NULL ? olds + i : NULL;
        step = old != NULL ? 1 : insertable(from, count - i);
        error = old != NULL ? update(connection, table, rows[i], old)
                            : insert(connection, table, rows + i, step);
    }
    if (error != 0)
        connection->failure = error;
    return error;
}

static int del_one(hf__sqlite_connection *connection, sqlite3_stmt *statement, uint32_t table,
                   const void *old)
{
    const hf_table *declared = connection->store->schema->tables[table];
    hf_table_stat *count = &connection->store->pending[table];
    uint32_t before = 0;
    int64_t changed = 0;
    int error = hf__sqlite_checksum(connection, declared, old, &before);
    if (error == 0)
        error = hf__sqlite_bind_key(connection, statement, declared, old);
    if (error == 0)
        error = hf__sqlite_execute(connection, statement, declared->name, &changed);
    if (error == 0)
        error = check_changed(connection, declared, changed, 1);
    if (error != 0)
        return error;
    count->rows--;
    count->checksum ^= before;
    return 0;
}

int hf__sqlite_del(void *txn, uint32_t table, const void *const *olds, uint32_t count)
{
    hf__sqlite_connection *connection = txn;
    sqlite3_stmt *statement = NULL;
    int error = writable(connection);
    if (error == 0)
        error = hf__sqlite_table_statement(connection, table, HF__SQLITE_VERB_DELETE, &statement);
    for (uint32_t i = 0; error == 0 && i < count; i++)
        error = del_one(connection, statement, table, olds[i]);
    if (error != 0)
        connection->failure = error;
    return error;
}

/* ---- Commit ---------------------------------------------------------------------------------- */

static int write_book(hf__sqlite_connection *connection, const hf_store_mark *mark)
{
    const hf__sqlite_store *store = connection->store;
    int error = hf__sqlite_mark_put(connection, mark);
    if (error == 0 && hf__identity_is(&mark->identity) &&
        memcmp(&mark->identity, &store->mark.identity, sizeof mark->identity) != 0)
        error = hf__sqlite_identity_put(connection, &mark->identity);
    for (uint32_t i = 0; error == 0 && i < store->schema->table_count; i++) {
        if (memcmp(&store->pending[i], &store->counts[i], sizeof store->counts[i]) != 0)
            error = hf__sqlite_count_put(connection, i, &store->pending[i]);
    }
    return error;
}

/*
 * A commit that failed without an I/O error may have left its frames in SQLite's log, where a
 * recovery after a crash would find them complete. Another commit overwrites these frames.
 */
static bool overwrite_frames(hf__sqlite_connection *writer)
{
    hf_store_error *kept = writer->error;
    writer->error = NULL;
    int error = fixed(writer, HF__SQLITE_FIXED_BEGIN_WRITE, "beginning a write");
    if (error == 0)
        error = hf__sqlite_mark_put(writer, &writer->store->mark);
    if (error == 0)
        error = fixed(writer, HF__SQLITE_FIXED_COMMIT, "committing");
    if (error != 0)
        undo(writer);
    writer->error = kept;
    return error == 0;
}

static int commit_failed(hf__sqlite_connection *writer, int error, int result)
{
    hf__sqlite_store *store = writer->store;
    undo(writer);
    if ((result & 0xff) == SQLITE_FULL)
        return error; /* the frame that would make it a commit was not written */
    if ((result & 0xff) != SQLITE_IOERR && overwrite_frames(writer))
        return error;
    store->poison = HF_E_IO;
    if (result == SQLITE_IOERR_FSYNC || result == SQLITE_IOERR_DIR_FSYNC)
        return error;
    if (writer->error != NULL)
        writer->error->code = HF_E_UNKNOWN;
    return HF_E_UNKNOWN;
}

/* Another program's read only delays it; a failed flush must not be tried again. */
static void checkpoint(hf__sqlite_store *store)
{
    char text[256];
    int frames = 0;
    int moved = 0;
    if (store->log_frames < CHECKPOINT_FRAMES && !store->must_move)
        return;
    if (hf__data_file_pinned(&store->data) != UINT64_MAX)
        return; /* a process that was there before reads the file as it is */
    hf__sqlite_guard_end(store);
    const int result = sqlite3_wal_checkpoint_v2(store->writer.db, NULL, SQLITE_CHECKPOINT_PASSIVE,
                                                 &frames, &moved);
    const int error = hf__sqlite_translate(store->writer.db, result);
    if (result == SQLITE_OK && frames == moved)
        store->must_move = false;
    if (error == 0 || error == HF_E_BUSY)
        return;
    if ((result & 0xff) == SQLITE_IOERR && error != HF_E_NO_SPACE)
        store->poison = HF_E_IO;
    (void)snprintf(text, sizeof text, "%.120s: moving SQLite's log into the file: %s", store->path,
                   sqlite3_errstr(result));
    store->log(store->log_data, HF_LOG_WARN, text);
}

/*
 * From here on the store has a journal, and the file alone, without SQLite's log, must say so: else
 * a copy of the file would pass for a store that was closed in good order. A reader may keep the
 * log from being moved now; then the next commits try again.
 */
static void note_open(hf__sqlite_store *store, const hf_store_identity *identity)
{
    const uint32_t changed = identity->flags ^ store->mark.identity.flags;
    if (hf__identity_is(identity) && (identity->flags & changed & HF_STORE_OPEN) != 0)
        store->must_move = true;
}

int hf__sqlite_commit(void *txn, const hf_store_mark *mark)
{
    hf__sqlite_connection *writer = txn;
    hf__sqlite_store *store = writer->store;
    sqlite3_stmt *statement = NULL;
    int error = writable(writer);
    if (error == 0)
        error = write_book(writer, mark);
    if (error == 0)
        error = hf__sqlite_fixed_statement(writer, HF__SQLITE_FIXED_COMMIT, &statement);
    if (error != 0) {
        hf__sqlite_reader_done(writer);
        return error;
    }
    const int result = sqlite3_step(statement);
    error = hf__sqlite_error(writer, result, "committing");
    (void)sqlite3_reset(statement);
    if (error != 0) {
        error = commit_failed(writer, error, result);
    } else {
        const hf_store_identity before = store->mark.identity;
        note_open(store, &mark->identity);
        store->mark = *mark;
        if (!hf__identity_is(&mark->identity))
            store->mark.identity = before;
        memcpy(store->counts, store->pending, store->schema->table_count * sizeof *store->counts);
        checkpoint(store);
    }
    finish(writer);
    return error;
}

/* ---- Stat ------------------------------------------------------------------------------------ */

int hf__sqlite_stat(void *txn, hf_store_stat *out)
{
    hf__sqlite_connection *connection = txn;
    const hf__sqlite_store *store = connection->store;
    const bool write = connection->mode == HF_TXN_WRITE;
    uint32_t layout = 0;
    int error = 0;
    out->bytes = hf__sqlite_bytes(store->place.path) + hf__sqlite_bytes(store->log_path);
    out->schema = store->schema->version;
    if (write) /* what is in memory is the writer's alone */
        out->mark = store->mark;
    else
        error = hf__sqlite_mark_get(connection, &out->mark, &out->schema, &layout);
    if (error == 0 && !write)
        error = hf__sqlite_identity_get(connection, &out->mark.identity);
    const uint32_t tables = out->tables != NULL ? out->table_count : 0;
    for (uint32_t i = 0; error == 0 && i < tables && i < store->schema->table_count; i++) {
        bool found = false;
        if (write)
            out->tables[i] = store->pending[i];
        else
            error = hf__sqlite_count_get(connection, i, &out->tables[i], &found);
    }
    if (out->tables == NULL)
        out->table_count = store->schema->table_count;
    return hf__sqlite_check_unwritten(connection, error);
}

/*
 * backup.c - copies the last commit while writes continue, and restores a copy.
 *
 * Happy path: SQLite's backup reads pages within one snapshot, step by step, into PATH.creating,
 * which gets its name when it is whole and flushed, see making.h. A copy is put back the same way,
 * and checked as a whole before the rename. Failure modes: whatever stops it, a half copy is
 * removed; what a process that died left is removed by the next attempt.
 */
#include "store/sqlite/store.h"

#include <stdio.h>
#include <string.h>

#define PAGES_A_STEP 256
#define COPY_BYTES   ((size_t)256 << 10)

typedef struct copying {
    hf__sqlite_store *store;
    const hf__making *making; /* the copy */
    hf_progress_cb progress;
    void *data;
    hf_store_error *error;
} copying;

static int stopped(const copying *c)
{
    return hf__store_fail(c->error, HF_E_CANCELLED, 0, "%.120s: the copy was stopped",
                          hf__path_end(c->making->place->shown));
}

/* ---- Backup ---------------------------------------------------------------------------------- */

static int failed(const copying *c, sqlite3 *db, int result)
{
    return hf__store_fail(c->error, hf__sqlite_translate(db, result), result,
                          "%.120s: copying from %.60s: %s", hf__path_end(c->making->place->shown),
                          c->store->path, sqlite3_errstr(result));
}

static int copy_pages(const copying *c, sqlite3 *from, sqlite3 *into)
{
    sqlite3_backup *backup = sqlite3_backup_init(into, "main", from, "main");
    if (backup == NULL)
        return failed(c, into, sqlite3_errcode(into));
    int result = SQLITE_OK;
    int error = 0;
    while (error == 0 && result == SQLITE_OK) {
        result = sqlite3_backup_step(backup, PAGES_A_STEP);
        const int total = sqlite3_backup_pagecount(backup);
        const int left = sqlite3_backup_remaining(backup);
        if (result != SQLITE_OK && result != SQLITE_DONE)
            error = failed(c, into, result);
        else if (c->progress != NULL &&
                 c->progress(c->data, (uint64_t)(total - left), (uint64_t)total) != 0)
            error = stopped(c);
    }
    result = sqlite3_backup_finish(backup);
    if (error == 0 && result != SQLITE_OK)
        return failed(c, into, result);
    return error;
}

/* Says in the copy that it is one. */
static int set_copy(const copying *c, sqlite3 *into)
{
    sqlite3_stmt *statements[HF__SQLITE_FIXED_COUNT] = {NULL};
    hf__sqlite_connection connection = {
        .store = c->store, .db = into, .statements = statements, .error = c->error};
    int error = hf__sqlite_set_copy(&connection);
    for (uint32_t i = 0; i < HF__SQLITE_FIXED_COUNT; i++)
        (void)sqlite3_finalize(statements[i]);
    return error;
}

/* The copy needs no journal of SQLite: an incomplete copy is removed. */
static int copy_into(const copying *c, sqlite3 *from)
{
    sqlite3 *into = NULL;
    int result = sqlite3_open_v2(c->making->creating, &into,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, hf__sqlite_vfs());
    if (result == SQLITE_OK)
        result = sqlite3_exec(into, "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF", NULL,
                              NULL, NULL);
    int error = result == SQLITE_OK ? copy_pages(c, from, into) : failed(c, into, result);
    if (error == 0)
        error = set_copy(c, into);
    result = sqlite3_close(into);
    if (error == 0 && result != SQLITE_OK)
        return failed(c, NULL, result);
    return error;
}

static int make_copy(const copying *c)
{
    void *txn = NULL;
    const hf_store_caller caller = {.error = c->error};
    int error = hf__sqlite_begin(c->store, HF_TXN_SNAPSHOT, &caller, &txn);
    if (error != 0)
        return error;
    error = copy_into(c, ((hf__sqlite_connection *)txn)->db);
    error = hf__sqlite_check_unwritten(txn, error);
    hf__sqlite_rollback(txn);
    return error;
}

static int fill_copy(const copying *c, hf__sqlite_store *copy)
{
    hf__sqlite_connection *writer = &copy->writer;
    int error = hf__sqlite_connect(writer, c->making->creating, SQLITE_OPEN_READWRITE);
    if (error != 0)
        return error;
    error = hf__sqlite_run(writer, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF");
    if (error == 0)
        error = hf__sqlite_load(copy);
    writer->error = NULL;
    if (error == 0)
        error = c->store->complete(c->store->complete_data, copy, c->error);
    (void)sqlite3_db_config(writer->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    hf__sqlite_disconnect(writer);
    return error;
}

/* No other process uses the name, so the copy's log needs no shared memory. */
static int complete(const copying *c)
{
    const hf__sqlite_store *store = c->store;
    const hf_store_config config = {.size = sizeof config,
                                    .location = c->making->place->shown,
                                    .schema = store->schema,
                                    .allocator = store->allocator,
                                    .log = store->log,
                                    .log_data = store->log_data,
                                    .error = c->error};
    hf__sqlite_store *copy = NULL;
    if (!store->read_only || store->complete == NULL)
        return 0;
    int error = hf__sqlite_store_create(&config, &copy);
    if (error == 0)
        error = fill_copy(c, copy);
    hf__sqlite_store_destroy(copy);
    return error;
}

int hf__sqlite_backup(void *opened, const char *path, hf_progress_cb progress, void *progress_data,
                      hf_store_error *error)
{
    hf__sqlite_store *store = opened;
    hf__making making = {.fd = -1};
    hf__place place;
    int code = hf__place_of(&place, path, error);
    if (code == 0)
        code = hf__sqlite_making(&making, &place, store->allocator, error);
    if (code == 0) {
        const copying c = {store, &making, progress, progress_data, error};
        code = make_copy(&c);
        if (code == 0)
            code = complete(&c);
        code = hf__sqlite_made(&making, code);
    }
    hf__place_end(&hf__os_files, &place);
    return code;
}

/* ---- Restore --------------------------------------------------------------------------------- */

static int copy_bytes(const copying *c, int from, int into, uint64_t total)
{
    const hf_allocator *allocator = c->store->allocator;
    uint8_t *buffer = hf__sqlite_alloc(allocator, COPY_BYTES);
    if (buffer == NULL)
        return hf__store_fail(c->error, HF_E_NOMEM, 0, "no memory to copy with");
    uint64_t done = 0;
    size_t got = 0;
    int native = 0;
    int code = 0;
    do {
        code = hf__os_files.read_at(from, buffer, COPY_BYTES, done, &got, &native);
        if (code == 0 && got > 0)
            code = hf__os_files.write_at(into, buffer, got, done, &native);
        if (code != 0)
            (void)hf__file_error(c->error, code, native, hf__path_end(c->making->place->shown),
                                 "copying");
        done += got;
        if (code == 0 && c->progress != NULL && c->progress(c->data, done, total) != 0)
            code = stopped(c);
    } while (code == 0 && got > 0);
    allocator->free(allocator->context, buffer);
    return code;
}

static int look_at_copy(hf__sqlite_connection *connection, const hf_store_config *config,
                        bool older)
{
    hf_store_stat stat = {.table_count = connection->store->schema->table_count};
    uint32_t layout = 0;
    int error = hf__sqlite_mark_get(connection, &stat.mark, &stat.schema, &layout);
    if (error == 0 && !older)
        error = hf__sqlite_identity_get(connection, &stat.mark.identity);
    return error == 0 ? hf__store_look(config, &stat) : error;
}

/* Checks the copy where it is; no other process uses it, so its log needs no shared memory. */
static int verify(const copying *c, const hf_store_config *config)
{
    hf__sqlite_connection *connection = &c->store->writer;
    bool older = false;
    int error = hf__sqlite_connect(connection, c->making->creating, SQLITE_OPEN_READWRITE);
    if (error != 0)
        return error;
    error = hf__sqlite_run(connection, "PRAGMA locking_mode = EXCLUSIVE");
    if (error == 0)
        error = hf__sqlite_structure(connection, &older);
    if (error == 0)
        error = hf__sqlite_pages(connection, "integrity_check", config->progress,
                                 config->progress_data);
    if (error == 0 && !older) /* an older one is checked row by row as it is migrated */
        error = hf__sqlite_walk(connection, config->progress, config->progress_data);
    if (error == 0)
        error = look_at_copy(connection, config, older);
    if (error == 0)
        error = hf__sqlite_set_copy(connection);
    (void)sqlite3_db_config(connection->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    hf__sqlite_disconnect(connection);
    return error;
}

static int check_log(const hf__place *place, hf_store_error *error)
{
    char log[HF__PLACE_MAX + 32];
    (void)snprintf(log, sizeof log, "%s-wal", place->path);
    if (hf__sqlite_bytes(log) > 0)
        return hf__store_fail(error, HF_E_BUSY, 0,
                              "%.120s: has a log beside it (-wal): it is in use or was not "
                              "closed; open and close it, or take a backup of it",
                              hf__path_end(place->shown));
    return 0;
}

/* Registered and locked meanwhile: closing a file that this process has open drops its locks. */
static int copy_source(const copying *c, const hf__place *from)
{
    hf__data_file file;
    int error = hf__data_file_open(&file, from, HF__DATA_COPY, c->error);
    if (error == HF_E_NOT_FOUND)
        return hf__file_refuse(c->error, HF_E_PATH, from->shown, "there is no such file");
    if (error != 0)
        return error;
    error = check_log(from, c->error);
    if (error == 0)
        error = hf__sqlite_header(c->store, &file, hf__path_end(from->shown), true, c->error);
    if (error == 0)
        error = copy_bytes(c, file.fd, c->making->fd, file.info.bytes);
    hf__data_file_close(&file);
    return error;
}

static int restore(hf__sqlite_store *store, const char *path, const hf_store_config *config)
{
    hf__making making = {.fd = -1};
    int error = hf__data_file_place_is_free(&store->place, config->error);
    if (error == 0)
        error = hf__sqlite_making(&making, &store->place, store->allocator, config->error);
    if (error != 0)
        return error;
    const copying c = {store, &making, config->progress, config->progress_data, config->error};
    hf__place from;
    error = hf__place_of(&from, path, config->error);
    if (error == 0)
        error = copy_source(&c, &from);
    hf__place_end(&hf__os_files, &from);
    if (error == 0)
        error = verify(&c, config);
    return hf__sqlite_made(&making, error);
}

int hf__sqlite_restore(const char *path, const hf_store_config *config)
{
    hf__sqlite_store *store = NULL;
    int error = hf__sqlite_store_create(config, &store);
    if (error == 0)
        error = restore(store, path, config);
    hf__sqlite_store_destroy(store);
    return error;
}

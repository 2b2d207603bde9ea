/*
 * driver.c - opening and closing a store, and the driver's table of functions.
 *
 * Happy path: look at the first bytes, lock, connect, compare the declarations, let SQLite check
 * its pages; only then is anything written: WAL mode, a migration. Failure modes: until then every
 * refusal leaves the file as it was; SQLite's log is not even moved into it.
 */
#include "store/sqlite/store.h"

#include <stdio.h>
#include <string.h>

/*
 * The declared checks guard against other programs. What we write has been compared with the same
 * lists when it was bound (row.c), and evaluating them again was half of the time of a checkpoint.
 * A check() compares each value when it reads it, so it needs them on no connection.
 *
 * secure_delete: what a row had is overwritten in the file with the next checkpoint, so that the
 * file no longer has what hf_erase erased. Some builds of SQLite do it by default, others do not.
 */
#define WRITER "PRAGMA ignore_check_constraints = ON; PRAGMA secure_delete = ON; " HF__SQLITE_CACHE

/* ---- Memory ---------------------------------------------------------------------------------- */

/* ---- Open and close -------------------------------------------------------------------------- */

/* Called by SQLite after each commit: how long its log is. */
static int note_log(void *data, sqlite3 *db, const char *name, int frames)
{
    hf__sqlite_store *store = data;
    (void)db;
    (void)name;
    store->log_frames = frames;
    return SQLITE_OK;
}

/* Checks the file without writing to it. */
static int look_at_file(hf__sqlite_store *store, const hf_store_config *config, bool *older)
{
    hf__sqlite_connection *writer = &store->writer;
    int error = hf__sqlite_structure(writer, older);
    /* An engine that has the file open looked at it when it was opened. */
    const bool quick =
        !store->is_written && hf__sqlite_bytes(store->place.path) <= HF__SQLITE_QUICK;
    if (error == 0 && (config->check == HF_CHECK_FULL || quick))
        error = hf__sqlite_pages(writer, "quick_check", config->progress, config->progress_data);
    if (error == 0 && !*older && config->check == HF_CHECK_FULL)
        error = hf__sqlite_walk(writer, config->progress, config->progress_data);
    return error;
}

/* Asks the caller, who may refuse what the file says of itself. */
static int look(hf__sqlite_store *store, const hf_store_config *config, bool *older)
{
    hf__sqlite_connection *writer = &store->writer;
    hf_store_stat stat = {.bytes = hf__sqlite_bytes(store->place.path),
                          .table_count = store->schema->table_count};
    uint32_t layout = 0;
    int error = look_at_file(store, config, older);
    if (error == 0)
        error = hf__sqlite_mark_get(writer, &stat.mark, &stat.schema, &layout);
    if (error == 0 && !*older)
        error = hf__sqlite_identity_get(writer, &stat.mark.identity);
    if (error == 0 && !store->created)
        return hf__store_look(config, &stat);
    return error;
}

/* The file is valid. From here on it may be written. */
static int set_modes(hf__sqlite_store *store)
{
    hf__sqlite_connection *writer = &store->writer;
    char mode[16];
    int error = hf__sqlite_ask(writer, "PRAGMA journal_mode = WAL", mode, sizeof mode);
    if (error == 0 && strcmp(mode, "wal") != 0)
        return hf__store_fail(writer->error, HF_E_UNSUPPORTED, 0,
                              "%.120s: its file system cannot share memory, which SQLite's log "
                              "needs",
                              store->path);
    if (error == 0)
        error = hf__sqlite_guard_begin(store, writer->error);
    if (error == 0)
        error = hf__sqlite_run(writer, store->durability == HF_DURABILITY_NONE
                                           ? "PRAGMA synchronous = OFF"
                                           : "PRAGMA synchronous = FULL");
    if (error == 0)
        error = hf__sqlite_run(writer, "PRAGMA journal_size_limit = 67108864");
    if (error == 0)
        error = hf__sqlite_run(writer, WRITER);
    (void)sqlite3_wal_hook(writer->db, note_log, store);
    (void)sqlite3_db_config(writer->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return error;
}

/*
 * Another process may create the file at the same moment. Then that file is opened, unless it is
 * locked.
 */
static int find_or_create(hf__sqlite_store *store, const hf_store_config *config)
{
    hf_store_error *error = config->error;
    int code = hf__sqlite_adopt(store, error);
    if (code != HF_E_NOT_FOUND)
        return code;
    code = hf__store_look(config, NULL);
    if (code != 0)
        return code;
    if (store->read_only)
        return hf__file_refuse(error, HF_E_PATH, store->path, "there is no store to read");
    code = hf__sqlite_create(store, error);
    if (code != 0 && code != HF_E_EXISTS)
        return code;
    store->created = code == 0;
    code = hf__sqlite_adopt(store, error);
    return code == HF_E_NOT_FOUND
               ? hf__file_refuse(error, HF_E_PATH, store->path, "the file was removed again")
               : code;
}

static int migrate(hf__sqlite_store *store, const hf_store_config *config)
{
    int fd = -1;
    int error = hf__sqlite_lock_older(store, &fd, config->error);
    if (error == 0)
        error = set_modes(store);
    if (error == 0)
        error = hf__sqlite_migrate(&store->writer, config);
    if (fd >= 0)
        hf__os_files.close(fd);
    return error;
}

static int refuse_older(const hf__sqlite_store *store, hf_store_error *error)
{
    return hf__file_refuse(error, HF_E_SCHEMA, store->path,
                           "was written with an older schema; open it once for writing, which "
                           "migrates it");
}

/* From here on it may be written, if it is to be: until then no connection could write. */
static int prepare(hf__sqlite_store *store, const hf_store_config *config, bool older)
{
    hf__sqlite_connection *writer = &store->writer;
    if (store->read_only)
        return older ? refuse_older(store, config->error) : 0;
    hf__sqlite_disconnect(writer);
    int error = hf__sqlite_connect_own(writer, HF__SQLITE_USE_WRITES);
    if (error != 0)
        return error;
    if (sqlite3_db_readonly(writer->db, "main") == 1)
        return hf__store_fail(config->error, HF_E_READ_ONLY, 0, "%.120s: cannot be written",
                              store->path);
    return older ? migrate(store, config) : set_modes(store);
}

/* A connection to look at the file by, which leaves everything as it is. */
static int connect_to_look(hf__sqlite_store *store, hf_store_error *error)
{
    if (store->read_only)
        return hf__sqlite_begin_reading(store, error);
    return hf__sqlite_connect_own(&store->writer, hf__sqlite_vfs_alone() != NULL
                                                      ? HF__SQLITE_USE_ALONE
                                                      : HF__SQLITE_USE_WRITES);
}

static int open_file(hf__sqlite_store *store, const hf_store_config *config)
{
    bool older = false;
    int error = find_or_create(store, config);
    if (error == 0)
        error = connect_to_look(store, config->error);
    if (error == 0)
        error = look(store, config, &older);
    if (error == 0)
        error = prepare(store, config, older);
    if (error == 0)
        error = hf__sqlite_load(store);
    (void)hf__os_files.info(store->log_path, &store->log_file, NULL); /* by now it is there */
    if (error == 0 && store->read_only)
        return hf__sqlite_check_alone(store, config->error);
    return error;
}

/* Whether the file has lost the name by which it was opened. Not of a file that was refused. */
static bool was_renamed(const hf__sqlite_store *store)
{
    int moved = 0;
    int refused = 1;
    sqlite3 *db = store->writer.db;
    (void)sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, -1, &refused);
    return refused == 0 &&
           sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved != 0;
}

/*
 * The log is emptied, unless another process reads it. True when the file has all of it: a reader
 * that uses SQLite's locks may keep the checkpoint from moving what came after the reader began.
 */
static bool move_log(hf__sqlite_store *store, bool is_read)
{
    int frames = -1;
    int moved = 0;
    sqlite3 *db = store->writer.db;
    if (store->poison != 0)
        return false;
    hf__sqlite_guard_end(store); /* a checkpoint stops at a locked mark */
    (void)sqlite3_busy_timeout(db, 0);
    const int result = sqlite3_wal_checkpoint_v2(
        db, "main", is_read ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE, &frames,
        &moved);
    return (result == SQLITE_OK || (result & 0xff) == SQLITE_BUSY) && frames == moved;
}

/*
 * SQLite leaves the log alone when it closes a file that has lost its name. A process that opens
 * the file under its new name finds no log there, so the log is checkpointed before, although
 * another process may read the file as it is: that process notices, see reading.c. Then the log is
 * renamed too, because a reader may keep a part of it from being moved.
 *
 * The log also stays when another process reads the file as it is, and when a write or flush has
 * failed: a checkpoint would move what the disk may not have.
 */
static void close_writer(hf__sqlite_store *store)
{
    const bool is_read = hf__data_file_pinned(&store->data) != UINT64_MAX;
    const bool is_renamed = was_renamed(store);
    const bool is_complete = is_renamed && move_log(store, is_read);
    if (is_read || store->poison != 0)
        (void)sqlite3_db_config(store->writer.db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    hf__sqlite_disconnect(&store->writer);
    if (is_renamed)
        hf__sqlite_rename_log(store, is_complete);
}

/*
 * In a forked child SQLite is not touched: what it would close belongs to the parent. Nor is the
 * file, whose lock the parent would lose.
 */
static void close_all(hf__sqlite_store *store)
{
    if (store->forks == hf__os_fork_count()) {
        for (uint32_t i = 0; i < HF__SQLITE_READERS; i++)
            if (store->readers[i].db != NULL)
                hf__sqlite_disconnect(&store->readers[i]);
        if (store->writer.db != NULL)
            close_writer(store);
        hf__sqlite_guard_close(store);
        hf__data_file_close(&store->data); /* after SQLite, see data_file.h */
    }
    hf__sqlite_store_destroy(store);
}

static int store_open(const hf_store_config *config, void **out)
{
    hf__sqlite_store *store = NULL;
    *out = NULL;
    int error = hf__sqlite_store_create(config, &store);
    if (error == 0)
        error = open_file(store, config);
    if (error != 0) {
        if (store != NULL)
            close_all(store);
        return error;
    }
    store->writer.error = NULL;
    store->fresh = NULL;
    *out = store;
    return 0;
}

static void store_close(void *store)
{
    close_all(store);
}

const hf_store_driver hf__sqlite_driver = {
    .size = sizeof(hf_store_driver),
    .capabilities =
        HF_STORE_EXCLUSIVE | HF_STORE_PERSISTENT | HF_STORE_JOURNALED | HF_STORE_READ_ONLY,
    .scheme = "sqlite",
    .open = store_open,
    .close = store_close,
    .begin = hf__sqlite_begin,
    .get = hf__sqlite_get,
    .put = hf__sqlite_put,
    .del = hf__sqlite_del,
    .scan = hf__sqlite_scan,
    .commit = hf__sqlite_commit,
    .rollback = hf__sqlite_rollback,
    .stat = hf__sqlite_stat,
    .check = hf__sqlite_check,
    .backup = hf__sqlite_backup,
    .restore = hf__sqlite_restore,
    .scans = hf__sqlite_scans,
};

/*
 * reading.c - opens a store to be read only, beside other processes that have it open.
 *
 * All snapshots of such a store are the same one, begun at open and kept. What keeps its pages
 * where they are depends on who else is there:
 *
 *     nobody writes     the file, and the log if there is one, are read without SQLite's locks, and
 *                       nothing is written. A writer that comes later finds the byte that is locked
 *                       (data_file.h) and lets its log grow instead of moving it into the file, or
 *                       beginning it anew, see guard.c
 *     a writer is there SQLite's own locks of a reader: the log is moved into the file up to where
 *                       the oldest reader began, and not begun anew
 *
 * Failure modes: a writer that comes or goes meanwhile, or commits faster than snapshots can be
 * begun: HF_E_BUSY, and the caller opens the store again. A log or an index of it that this process
 * may not read: HF_E_READ_ONLY. A writer that is closed while the file has another name moves its
 * log into the file (driver.c): a reader that uses none of SQLite's locks finds the file written
 * and refuses whatever it has read since, HF_E_IO.
 */
#include "store/sqlite/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FIX_TRIES 1000u /* for snapshots that are the same */
#define STATE     0u    /* the byte that is locked: it matters only that there is a reader */

static int busy(const hf__sqlite_store *store, hf_store_error *error)
{
    return hf__file_refuse(error, HF_E_BUSY, store->path,
                           "an engine changes it while it is opened");
}

/* Of the writer's connection and of each reader's. */
static hf__sqlite_connection *connection_of(hf__sqlite_store *store, uint32_t number)
{
    return number == 0 ? &store->writer : &store->readers[number - 1];
}

#define CONNECTIONS (1u + HF__SQLITE_FIXED)

/* ---- Snapshots ------------------------------------------------------------------------------- */

static int read_mark(hf__sqlite_connection *connection, hf_store_mark *mark)
{
    uint32_t schema = 0;
    uint32_t layout = 0;
    int error = hf__sqlite_mark_get(connection, mark, &schema, &layout);
    if (error == 0 && schema == connection->store->schema->version)
        error = hf__sqlite_identity_get(connection, &mark->identity);
    connection->failure = 0;
    return error;
}

/* *good false: the file is none of ours, or damaged; the next check reports that. */
static int begin(hf__sqlite_connection *connection, hf_store_mark *mark, bool *good,
                 hf_store_error *error)
{
    hf_store_error *kept = connection->error;
    connection->error = error;
    int code = hf__sqlite_run(connection, "BEGIN");
    if (code == 0)
        code = read_mark(connection, mark);
    connection->error = kept;
    *good = code == 0;
    return code == HF_E_CORRUPT ? 0 : code;
}

/* One try to begin the same snapshot on each connection. */
static int begin_fixed(hf__sqlite_store *store, bool *again, hf_store_error *error)
{
    hf_store_mark first = {.batch = 0};
    bool good = true;
    int code = 0;
    *again = false;
    for (uint32_t i = 0; code == 0 && good && i < CONNECTIONS; i++) {
        hf_store_mark mark = {.batch = 0};
        code = begin(connection_of(store, i), &mark, &good, error);
        if (i == 0)
            first = mark;
        *again = *again || memcmp(&mark, &first, sizeof mark) != 0;
    }
    *again = *again && good;
    for (uint32_t i = 0; code == 0 && *again && i < CONNECTIONS; i++)
        code = hf__sqlite_run(connection_of(store, i), "ROLLBACK");
    return code;
}

static int fix(hf__sqlite_store *store, hf_store_error *error)
{
    bool again = true;
    int code = 0;
    for (uint32_t tries = 0; code == 0 && again && tries < FIX_TRIES; tries++)
        code = begin_fixed(store, &again, error);
    if (code == 0 && again)
        return busy(store, error);
    return code;
}

/* ---- Opening --------------------------------------------------------------------------------- */

int hf__sqlite_check_alone(hf__sqlite_store *store, hf_store_error *error)
{
    bool written = false;
    if (store->is_written)
        return 0;
    const int code = hf__data_file_is_written(&store->data, &written, &store->place, error);
    if (code == 0 && written)
        return busy(store, error);
    return code;
}

static int connect(hf__sqlite_connection *connection, hf_store_error *error)
{
    const bool beside = connection->store->is_written;
    hf_store_error *kept = connection->error;
    connection->error = error;
    const int code =
        hf__sqlite_connect_own(connection, beside ? HF__SQLITE_USE_BESIDE : HF__SQLITE_USE_ALONE);
    connection->error = kept;
    return code;
}

/*
 * The same code of SQLite's means that there is no log (or index of it) yet and that it may not be
 * read. So it is opened here first; closing it drops no lock, because SQLite has it not open yet.
 */
static int check_readable(const hf__sqlite_store *store, const char *ending, hf_store_error *error)
{
    char path[HF__PLACE_MAX + 8];
    int fd = -1;
    int native = 0;
    (void)snprintf(path, sizeof path, "%s%s", store->place.path, ending);
    const int code = hf__os_files.open(path, HF__OPEN_READ, &fd, &native);
    if (code == 0)
        hf__os_files.close(fd);
    if (code == 0 || native == ENOENT)
        return 0;
    return hf__store_fail(error, code, native, "%s%s: opening it to read: %s",
                          hf__path_end(store->place.shown), ending, hf__os_text(native, code));
}

static int check_files(hf__sqlite_store *store, hf_store_error *error)
{
    int native = 0;
    int code = hf__os_files.info_of(store->data.fd, &store->as_read, &native);
    if (code != 0)
        return hf__file_error(error, code, native, store->path, "looking at the file");
    code = check_readable(store, "-wal", error);
    if (code == 0 && store->is_written)
        return check_readable(store, "-shm", error);
    return code;
}

int hf__sqlite_begin_reading(hf__sqlite_store *store, hf_store_error *error)
{
    if (hf__sqlite_vfs_alone() == NULL || hf__sqlite_vfs_beside() == NULL)
        return hf__store_fail(error, HF_E_UNSUPPORTED, 0,
                              "this SQLite cannot read a file without its locks");
    int code = 0;
    if (!store->is_written)
        code = hf__data_file_pin(&store->data, STATE, &store->place, error);
    if (code == 0)
        code = hf__sqlite_check_alone(store, error);
    if (code == 0)
        code = check_files(store, error);
    if (code != 0)
        return code;
    for (uint32_t i = 0; code == 0 && i < CONNECTIONS; i++)
        code = connect(connection_of(store, i), error);
    if (code == 0)
        code = fix(store, error);
    /* Of a log, or an index of it, that the writer has not made yet or has removed. */
    const bool not_made = code == HF_E_READ_ONLY || code == HF_E_PATH;
    if (not_made && store->is_written)
        return busy(store, error);
    return code;
}

/* ---- Open ------------------------------------------------------------------------------------ */

int hf__sqlite_check_unwritten(hf__sqlite_connection *connection, int code)
{
    const hf__sqlite_store *store = connection->store;
    hf__file_info now;
    if (!store->read_only || store->is_written)
        return code;
    if (hf__os_files.info_of(store->data.fd, &now, NULL) == 0 &&
        now.bytes == store->as_read.bytes && now.modified_ns == store->as_read.modified_ns)
        return code;
    return hf__store_fail(connection->error, HF_E_IO, 0,
                          "%.120s: was written while it was read, after it was renamed or by "
                          "another program; open it again",
                          store->path);
}

/*
 * place.c - where a store's file is: its paths, its first bytes, and how a new file is created.
 *
 * Happy path: the file is registered, opened and locked before SQLite opens it, see data_file.h; it
 * is closed after SQLite has, because closing any descriptor of a file drops the locks that SQLite
 * holds on it in this process. A new file is made under another name and renamed when it is
 * complete and flushed, so that PATH is either absent or whole. Failure modes: a foreign, empty,
 * damaged or newer file is refused by its first bytes, before SQLite, which would recover a log
 * into it, has seen it.
 */
#include "store/making.h"
#include "store/sqlite/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define HEADER_BYTES 100 /* of SQLite's file format */

int hf__sqlite_place(hf__sqlite_store *store, const hf_store_config *config)
{
    const char *location = config->location;
    const size_t bytes = location != NULL ? strlen(location) : 0;
    if (bytes == 0 || bytes > HF__SQLITE_PATH_MAX || location[bytes - 1] == '/')
        return hf__store_fail(config->error, HF_E_PATH, 0,
                              "sqlite: the location is not the path of a file");
    const int code = hf__place_of(&store->place, location, config->error);
    if (code != 0)
        return code;
    const size_t capacity = strlen(store->place.path) + sizeof "-wal";
    store->path = hf__path_end(store->place.shown);
    store->log_path = hf__sqlite_alloc(store->allocator, capacity);
    if (store->log_path == NULL)
        return hf__store_fail(config->error, HF_E_NOMEM, 0, "no memory for the paths");
    (void)snprintf(store->log_path, capacity, "%s-wal", store->place.path);
    hf__sqlite_vfs_enter();
    store->has_vfs = true;
    return 0;
}

/* ---- The file ------------------------------------------------------------------------------- */

int hf__sqlite_adopt(hf__sqlite_store *store, hf_store_error *error)
{
    int code = hf__data_file_open(&store->data, &store->place,
                                  store->read_only ? HF__DATA_READ : HF__DATA_WRITE, error);
    if (code == 0 && store->read_only)
        code = hf__data_file_is_written(&store->data, &store->is_written, &store->place, error);
    if (code != 0)
        return code;
    /*
     * With a log beside it the file may end anywhere: moving the log into it was interrupted, or is
     * under way.
     */
    const bool whole = !store->is_written && hf__sqlite_bytes(store->log_path) == 0;
    return hf__sqlite_header(store, &store->data, store->path, whole, error);
}

/*
 * Versions of this library up to schema 3 locked PATH.lock and not the file. One of them may have
 * the file open now, but none opens it any more once it is migrated.
 */
int hf__sqlite_lock_older(const hf__sqlite_store *store, int *fd, hf_store_error *error)
{
    char path[HF__PLACE_MAX + 32];
    int native = 0;
    (void)snprintf(path, sizeof path, "%s.lock", store->place.path);
    int code = hf__os_files.open(path, HF__OPEN_WRITE, fd, &native);
    if (code != 0)
        return native == ENOENT ? 0 : hf__file_error(error, code, native, path, "opening it");
    code = hf__os_files.lock(*fd, &native);
    if (code == HF_E_LOCKED)
        return hf__file_refuse(error, code, store->path,
                               "another process has it open with an older version of this library");
    return code == 0 ? 0 : hf__file_error(error, code, native, path, "locking it");
}

/* ---- A file that was renamed ------------------------------------------------------------------
 */

static bool is_own_log(const hf__sqlite_store *store, const char *path)
{
    hf__file_info found;
    return hf__os_files.info(path, &found, NULL) == 0 && found.device == store->log_file.device &&
           found.inode == store->log_file.inode;
}

/* The index first: a process that finds the log by its new name uses the index that readers use. */
static int rename_beside(const hf__sqlite_store *store, const char *name)
{
    static const char *const endings[] = {"-shm", "-wal"};
    char from[HF__PLACE_MAX + 8];
    char to[HF__PLACE_MAX + 8];
    int code = 0;
    for (size_t i = 0; code == 0 && i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(from, sizeof from, "%s%s", store->place.path, endings[i]);
        (void)snprintf(to, sizeof to, "%s%s", name, endings[i]);
        code = hf__os_files.rename_new(from, to, NULL);
    }
    return code == 0 ? hf__os_files.sync_folder(name, NULL) : code;
}

/* Whether the log is where SQLite looks for it now. */
static bool log_follows(const hf__sqlite_store *store)
{
    char name[HF__PLACE_MAX];
    char log[HF__PLACE_MAX + 8];
    if (!hf__os_name_of(store->data.fd, name))
        return false;
    (void)snprintf(log, sizeof log, "%s-wal", name);
    if (is_own_log(store, log))
        return true;
    return is_own_log(store, store->log_path) && rename_beside(store, name) == 0;
}

void hf__sqlite_rename_log(const hf__sqlite_store *store, bool complete)
{
    char text[300];
    if (log_follows(store) || complete)
        return;
    (void)snprintf(
        text, sizeof text,
        "%.120s: was renamed while it was open, and SQLite's log of it (-wal) has changes "
        "that the file lacks; rename the log too before the store is opened again",
        store->path);
    store->log(store->log_data, HF_LOG_ERROR, text);
}

/* ---- First bytes ----------------------------------------------------------------------------- */

static uint32_t big_endian(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static int read_header(int fd, const char *path, uint8_t header[HEADER_BYTES],
                       hf_store_error *error)
{
    size_t got = 0;
    int native = 0;
    int code = hf__os_files.read_at(fd, header, HEADER_BYTES, 0, &got, &native);
    if (code != 0)
        return hf__file_error(error, code, native, path, "reading the first bytes");
    if (got < HEADER_BYTES)
        return hf__store_fail(error, HF_E_CORRUPT, 0,
                              "%.120s: is empty, cut short or no SQLite file", path);
    return 0;
}

/* SQLite reads what is missing of the last page as zeros. */
static bool cut_short(const uint8_t header[HEADER_BYTES], uint64_t bytes)
{
    const uint32_t stored = (uint32_t)header[16] << 8 | header[17];
    const uint64_t page = stored == 1 ? 65536 : stored;
    return page == 0 || bytes % page != 0 || bytes < page * big_endian(header + 28);
}

int hf__sqlite_header(const hf__sqlite_store *store, const hf__data_file *file, const char *path,
                      bool whole, hf_store_error *error)
{
    static const char magic[] = "SQLite format 3"; /* with its NUL */
    uint8_t header[HEADER_BYTES] = {0};
    const int code = read_header(file->fd, path, header, error);
    if (code != 0)
        return code;
    if (memcmp(header, magic, sizeof magic) != 0)
        return hf__store_fail(error, HF_E_CORRUPT, 0,
                              "%.120s: is not a SQLite file, or its start is damaged", path);
    if (big_endian(header + 68) != HF__SQLITE_APPLICATION)
        return hf__store_fail(error, HF_E_CORRUPT, 0, "%.120s: is a SQLite file of another program",
                              path);
    if (big_endian(header + 60) > store->schema->version)
        return hf__store_fail(error, HF_E_SCHEMA, 0,
                              "%.120s: was written by a newer version (schema %u, this one "
                              "knows %u); open it with a library that knows it",
                              path, big_endian(header + 60), store->schema->version);
    if (whole && cut_short(header, file->info.bytes))
        return hf__store_fail(error, HF_E_CORRUPT, 0, "%.120s: is cut short", path);
    return 0;
}

/* ---- A new file ------------------------------------------------------------------------------ */

static int declare_all(hf__sqlite_connection *connection)
{
    const hf_schema *schema = connection->store->schema;
    hf__sqlite_object object;
    hf__sqlite_text sql;
    hf__sqlite_text_init(&sql, connection->sql, HF__SQLITE_SQL_MAX);
    for (uint32_t n = 0; hf__sqlite_object_at(schema, n, &object, &sql); n++) {
        if (sql.failed)
            return hf__store_fail(connection->error, HF_E_UNSUPPORTED, 0,
                                  "%s: its declaration is too long", object.name);
        const int error = hf__sqlite_run(connection, sql.start);
        if (error != 0)
            return error;
    }
    return 0;
}

/* No process sees the file before it is flushed as a whole, so SQLite needs no journal for it. */
static int fill_new(hf__sqlite_connection *connection)
{
    char versions[120];
    (void)snprintf(versions, sizeof versions,
                   "PRAGMA application_id = %d; PRAGMA user_version = %u", HF__SQLITE_APPLICATION,
                   connection->store->schema->version);
    int error = hf__sqlite_run(connection, "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; "
                                           "PRAGMA journal_mode = MEMORY; "
                                           "PRAGMA synchronous = OFF; BEGIN");
    if (error == 0)
        error = hf__sqlite_run(connection, versions);
    if (error == 0)
        error = declare_all(connection);
    if (error == 0)
        error = hf__sqlite_book_create(connection);
    if (error == 0 && hf__identity_is(connection->store->fresh))
        error = hf__sqlite_identity_put(connection, connection->store->fresh);
    if (error == 0)
        error = hf__sqlite_run(connection, "COMMIT");
    return error;
}

/* Removes what SQLite puts beside a file that is being made. */
static void remove_beside(const hf__making *making)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal"};
    char path[HF__PLACE_MAX + 32];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(path, sizeof path, "%s%s", making->creating, endings[i]);
        (void)hf__os_files.remove(path, NULL); /* mostly there is none */
    }
}

/* SQLite would take what an older log has for a part of the new file. */
static int check_logs(const hf__place *place, hf_store_error *error)
{
    static const char *const endings[] = {"-wal", "-journal"};
    char log[HF__PLACE_MAX + 32];
    if (hf__sqlite_exists(place->path))
        return 0; /* the log is of that file, which is refused */
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(log, sizeof log, "%s%s", place->path, endings[i]);
        if (hf__sqlite_bytes(log) > 0)
            return hf__store_fail(
                error, HF_E_EXISTS, 0,
                "%s%s: the log of a database that no longer exists is there; move it "
                "away",
                hf__path_end(place->shown), endings[i]);
    }
    return 0;
}

int hf__sqlite_making(hf__making *making, const hf__place *place, const hf_allocator *allocator,
                      hf_store_error *error)
{
    int code = check_logs(place, error);
    if (code == 0)
        code = hf__making_begin(making, place, allocator, error);
    if (code == 0)
        remove_beside(making); /* of a process that died */
    return code;
}

/* SQLite reports no error when it cannot bring the log into the file: it leaves the log. */
static int check_closed(const hf__making *making)
{
    static const char *const endings[] = {"-wal", "-journal"};
    char log[HF__PLACE_MAX + 32];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(log, sizeof log, "%s%s", making->creating, endings[i]);
        if (hf__sqlite_bytes(log) > 0)
            return hf__store_fail(making->error, HF_E_IO, 0,
                                  "%s: SQLite's log of it could not be brought into the file",
                                  hf__path_end(making->place->shown));
    }
    return 0;
}

int hf__sqlite_made(hf__making *making, int error)
{
    if (error == 0)
        error = check_closed(making);
    remove_beside(making);
    if (error == 0)
        return hf__making_finish(making);
    hf__making_abandon(making);
    return error;
}

int hf__sqlite_create(hf__sqlite_store *store, hf_store_error *error)
{
    hf__making making = {.fd = -1};
    if (hf__sqlite_bytes(store->log_path) > 0)
        return hf__store_fail(error, HF_E_CORRUPT, 0,
                              "%.120s: is missing, but SQLite's log of it (-wal) is there",
                              store->path);
    int code = hf__sqlite_making(&making, &store->place, store->allocator, error);
    if (code != 0)
        return code;
    code = hf__sqlite_connect(&store->writer, making.creating, SQLITE_OPEN_READWRITE);
    if (code == 0)
        code = fill_new(&store->writer);
    hf__sqlite_disconnect(&store->writer);
    return hf__sqlite_made(&making, code);
}

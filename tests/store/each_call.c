/*
 * each_call.c - the layer below a store that fails; see each_call.h.
 */
#include "each_call.h"

#include "base/os.h"

#include <errno.h>
#include <holdfast/error.h>
#include <stdlib.h>
#include <unistd.h>
#if HF_HAVE_LMDB
#include <lmdb.h>
#endif
#if HF_HAVE_SQLITE
#include <sqlite3.h>
#endif

/* ---- The call that fails --------------------------------------------------------------------- */

struct each_call_fault fault;

static bool fails(fault_kind kind, const char *name)
{
    if (fault.kind != kind || ++fault.calls != fault.at)
        return false;
    fault.name = name;
    return true;
}

/* ---- The system ------------------------------------------------------------------------------ */

extern const hf__files __real_hf__os_files;

static bool call_fails(const char *name, int *native)
{
    if (fails(FAULT_MEANWHILE, name))
        fault.meanwhile();
    if (!fails(FAULT_FILES, name))
        return false;
    if (native != NULL)
        *native = EIO;
    return true;
}

#define FILES(name, parameters, arguments)                                                         \
    static int files_##name parameters                                                             \
    {                                                                                              \
        return call_fails(#name, native) ? HF_E_IO : __real_hf__os_files.name arguments;           \
    }

FILES(open, (const char *path, uint32_t mode, int *fd, int *native), (path, mode, fd, native))
FILES(read_at, (int fd, void *out, size_t bytes, uint64_t offset, size_t *got, int *native),
      (fd, out, bytes, offset, got, native))
FILES(write_at, (int fd, const void *data, size_t bytes, uint64_t offset, int *native),
      (fd, data, bytes, offset, native))
FILES(sync, (int fd, int *native), (fd, native))
FILES(sync_folder, (const char *path, int *native), (path, native))
FILES(reserve, (int fd, uint64_t bytes, int *native), (fd, bytes, native))
FILES(space, (const char *path, uint64_t *bytes, int *native), (path, bytes, native))
FILES(info, (const char *path, hf__file_info *out, int *native), (path, out, native))
FILES(info_of, (int fd, hf__file_info *out, int *native), (fd, out, native))
FILES(remove, (const char *path, int *native), (path, native))
FILES(rename, (const char *from, const char *to, int *native), (from, to, native))
FILES(rename_new, (const char *from, const char *to, int *native), (from, to, native))
FILES(lock, (int fd, int *native), (fd, native))
FILES(lock_byte, (int fd, uint64_t at, bool exclusive, int *native), (fd, at, exclusive, native))
FILES(find_lock,
      (int fd, uint64_t at, uint64_t count, bool exclusive, uint64_t *found, int *native),
      (fd, at, count, exclusive, found, native))
extern const hf__files __wrap_hf__os_files;

static int files_place(const char *path, hf__place *out, int *native)
{
    out->folder = -1;
    return call_fails("place", native) ? HF_E_IO : __real_hf__os_files.place(path, out, native);
}

static void files_close(int fd)
{
    __real_hf__os_files.close(fd);
}

static int files_make_folder(const char *path, int *native)
{
    return __real_hf__os_files.make_folder(path, native);
}

static void files_unlock_bytes(int fd, uint64_t at, uint64_t count)
{
    __real_hf__os_files.unlock_bytes(fd, at, count);
}

const hf__files __wrap_hf__os_files = {
    .open = files_open,
    .close = files_close,
    .read_at = files_read_at,
    .write_at = files_write_at,
    .sync = files_sync,
    .sync_folder = files_sync_folder,
    .reserve = files_reserve,
    .space = files_space,
    .info = files_info,
    .info_of = files_info_of,
    .make_folder = files_make_folder,
    .remove = files_remove,
    .rename = files_rename,
    .rename_new = files_rename_new,
    .lock = files_lock,
    .lock_byte = files_lock_byte,
    .unlock_bytes = files_unlock_bytes,
    .find_lock = files_find_lock,
    .place = files_place,
};

/* Nobody's power fails here: a flush would only take time. The libraries call these, too. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

/* ---- LMDB and SQLite ------------------------------------------------------------------------- */

#define NATIVE(name, parameters, arguments)                                                        \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        return fails(FAULT_NATIVE, #name) ? fault.code : __real_##name arguments;                  \
    }

#if HF_HAVE_LMDB
NATIVE(mdb_cursor_del, (MDB_cursor * cursor, unsigned flags), (cursor, flags))
NATIVE(mdb_cursor_get, (MDB_cursor * cursor, MDB_val *key, MDB_val *value, MDB_cursor_op op),
       (cursor, key, value, op))
NATIVE(mdb_cursor_open, (MDB_txn * txn, MDB_dbi dbi, MDB_cursor **cursor), (txn, dbi, cursor))
NATIVE(mdb_cursor_put, (MDB_cursor * cursor, MDB_val *key, MDB_val *value, unsigned flags),
       (cursor, key, value, flags))
NATIVE(mdb_cursor_renew, (MDB_txn * txn, MDB_cursor *cursor), (txn, cursor))
NATIVE(mdb_dbi_open, (MDB_txn * txn, const char *name, unsigned flags, MDB_dbi *dbi),
       (txn, name, flags, dbi))
NATIVE(mdb_drop, (MDB_txn * txn, MDB_dbi dbi, int removes), (txn, dbi, removes))
NATIVE(mdb_env_create, (MDB_env * *env), (env))
NATIVE(mdb_env_get_fd, (MDB_env * env, mdb_filehandle_t *fd), (env, fd))
NATIVE(mdb_env_open, (MDB_env * env, const char *path, unsigned flags, mdb_mode_t mode),
       (env, path, flags, mode))
NATIVE(mdb_env_set_mapsize, (MDB_env * env, size_t bytes), (env, bytes))
NATIVE(mdb_env_set_maxdbs, (MDB_env * env, MDB_dbi count), (env, count))
NATIVE(mdb_env_set_maxreaders, (MDB_env * env, unsigned count), (env, count))
NATIVE(mdb_get, (MDB_txn * txn, MDB_dbi dbi, MDB_val *key, MDB_val *value), (txn, dbi, key, value))
NATIVE(mdb_put, (MDB_txn * txn, MDB_dbi dbi, MDB_val *key, MDB_val *value, unsigned flags),
       (txn, dbi, key, value, flags))
NATIVE(mdb_stat, (MDB_txn * txn, MDB_dbi dbi, MDB_stat *out), (txn, dbi, out))
NATIVE(mdb_txn_begin, (MDB_env * env, MDB_txn *parent, unsigned flags, MDB_txn **txn),
       (env, parent, flags, txn))
NATIVE(mdb_txn_renew, (MDB_txn * txn), (txn))

/* A commit that fails has freed its transaction. */
int __real_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn);
int __wrap_mdb_txn_commit(MDB_txn *txn)
{
    if (!fails(FAULT_NATIVE, "mdb_txn_commit"))
        return __real_mdb_txn_commit(txn);
    mdb_txn_abort(txn);
    return fault.code;
}
#endif

#if HF_HAVE_SQLITE
NATIVE(sqlite3_backup_step, (sqlite3_backup * b, int pages), (b, pages))
NATIVE(sqlite3_bind_blob,
       (sqlite3_stmt * s, int at, const void *bytes, int count, void (*release)(void *)),
       (s, at, bytes, count, release))
NATIVE(sqlite3_bind_blob64,
       (sqlite3_stmt * s, int at, const void *bytes, sqlite3_uint64 count, void (*release)(void *)),
       (s, at, bytes, count, release))
NATIVE(sqlite3_bind_int64, (sqlite3_stmt * s, int at, sqlite3_int64 value), (s, at, value))
NATIVE(sqlite3_bind_null, (sqlite3_stmt * s, int at), (s, at))
NATIVE(sqlite3_bind_text,
       (sqlite3_stmt * s, int at, const char *text, int count, void (*release)(void *)),
       (s, at, text, count, release))
NATIVE(sqlite3_exec,
       (sqlite3 * db, const char *sql, int (*each)(void *, int, char **, char **), void *context,
        char **text),
       (db, sql, each, context, text))
NATIVE(sqlite3_file_control, (sqlite3 * db, const char *name, int what, void *out),
       (db, name, what, out))
NATIVE(sqlite3_open_v2, (const char *path, sqlite3 **db, int flags, const char *layer),
       (path, db, flags, layer))
NATIVE(sqlite3_prepare_v2,
       (sqlite3 * db, const char *sql, int bytes, sqlite3_stmt **out, const char **tail),
       (db, sql, bytes, out, tail))
NATIVE(sqlite3_prepare_v3,
       (sqlite3 * db, const char *sql, int bytes, unsigned flags, sqlite3_stmt **out,
        const char **tail),
       (db, sql, bytes, flags, out, tail))
NATIVE(sqlite3_step, (sqlite3_stmt * s), (s))
NATIVE(sqlite3_wal_checkpoint_v2,
       (sqlite3 * db, const char *name, int mode, int *frames, int *moved),
       (db, name, mode, frames, moved))

/* A backup that is finished is gone, whatever its end was. */
int __real_sqlite3_backup_finish(sqlite3_backup *b);
int __wrap_sqlite3_backup_finish(sqlite3_backup *b);
int __wrap_sqlite3_backup_finish(sqlite3_backup *b)
{
    const int result = __real_sqlite3_backup_finish(b);
    return fails(FAULT_NATIVE, "sqlite3_backup_finish") ? fault.code : result;
}

static sqlite3_mem_methods sqlite_memory;

static void *sqlite_malloc(int bytes)
{
    return fails(FAULT_SQLITE_MEMORY, "malloc") ? NULL : sqlite_memory.xMalloc(bytes);
}

static void *sqlite_realloc(void *memory, int bytes)
{
    return fails(FAULT_SQLITE_MEMORY, "realloc") ? NULL : sqlite_memory.xRealloc(memory, bytes);
}
#endif

void each_call_install(void)
{
#if HF_HAVE_SQLITE
    (void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory);
    sqlite3_mem_methods memory = sqlite_memory;
    memory.xMalloc = sqlite_malloc;
    memory.xRealloc = sqlite_realloc;
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
#endif
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static uint8_t rows_memory[1 << 20];
size_t rows_used;
hf_store_error error;

static void *take_for_rows(void *context, uint64_t bytes)
{
    (void)context;
    const size_t whole = (size_t)(bytes + 15) & ~(size_t)15;
    if (fails(FAULT_MEMORY, "alloc") || rows_used + whole > sizeof rows_memory)
        return NULL;
    rows_used += whole;
    return rows_memory + rows_used - whole;
}

static void *take(void *context, size_t bytes)
{
    (void)context;
    return fails(FAULT_MEMORY, "alloc") ? NULL : malloc(bytes);
}

static void release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

const hf_store_caller caller = {.alloc = take_for_rows, .error = &error};
const hf_allocator allocator = {take, release, NULL};

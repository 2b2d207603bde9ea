/*
 * vfs.c - SQLite's VFS for the files of a store, which does not follow the symbolic links of their
 * paths.
 *
 * SQLite follows every symbolic link in the path of a database when it opens it, and uses what it
 * found from then on: for the log, when that is first needed, and to remove the log at the end. A
 * place (see hf__place) leads through the link of a descriptor in /proc, so that a folder may be
 * renamed; followed once, it would name the folder as it was called then. So this VFS calls the
 * default one for everything but one function: the full name of a path is that path, which is
 * absolute.
 *
 * There are two more that never create or change the log. One is for files that nobody changes: it
 * takes none of SQLite's locks, which need the right to write. The other one is for files that an
 * engine of another process writes: it takes those of a reader.
 *
 * They are registered while a store is open, and not longer, because this library may be unloaded
 * before SQLite is. Where it cannot be registered the default is used, and a renamed folder leaves
 * the log behind, which the next open takes in.
 */
#include "store/sqlite/store.h"

#include <stdio.h>
#include <string.h>

typedef struct layer {
    sqlite3_vfs vfs; /* pAppData: the one below */
    char name[48];   /* of its own: another copy of this library may be loaded */
    bool registered;
} layer;

static struct {
    layer usual;  /* above the default when the first store was opened */
    layer alone;  /* above the one without locks; not registered where SQLite has none */
    layer beside; /* above the default */
    uint32_t users;
} shared; /* under SQLite's mutex for applications */

static sqlite3_vfs *below(const sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static int full_name(sqlite3_vfs *vfs, const char *path, int bytes, char *out)
{
    (void)vfs;
    const size_t length = strlen(path) + 1;
    if (length > (size_t)bytes)
        return SQLITE_CANTOPEN;
    memcpy(out, path, length);
    return SQLITE_OK;
}

/* ---- What the default does ------------------------------------------------------------------- */

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
    return below(vfs)->xOpen(below(vfs), path, file, flags, out);
}

/*
 * Without changing anything: the log is opened to read. As the log of a database SQLite would also
 * set its owner, which is a change to the file.
 */
static int open_to_read(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out)
{
    if ((flags & SQLITE_OPEN_WAL) != 0)
        flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
    return open_file(vfs, path, file, flags, out);
}

static int remove_file(sqlite3_vfs *vfs, const char *path, int flush)
{
    return below(vfs)->xDelete(below(vfs), path, flush);
}

static int look(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    return below(vfs)->xAccess(below(vfs), path, flags, out);
}

static int fill_random(sqlite3_vfs *vfs, int bytes, char *out)
{
    return below(vfs)->xRandomness(below(vfs), bytes, out);
}

static int wait_us(sqlite3_vfs *vfs, int microseconds)
{
    return below(vfs)->xSleep(below(vfs), microseconds);
}

static int current_time(sqlite3_vfs *vfs, double *out)
{
    return below(vfs)->xCurrentTime(below(vfs), out);
}

static int last_error(sqlite3_vfs *vfs, int bytes, char *out)
{
    return below(vfs)->xGetLastError(below(vfs), bytes, out);
}

/* ---- Registration ---------------------------------------------------------------------------- */

/* No extension is ever loaded, so what loads them is left out. */
static void add(layer *made, sqlite3_vfs *inner, const char *name, bool reads)
{
    made->registered = false;
    if (inner == NULL)
        return;
    (void)snprintf(made->name, sizeof made->name, "holdfast-%s%p", name, (void *)&shared);
    made->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = inner->szOsFile,
        .mxPathname = inner->mxPathname,
        .zName = made->name,
        .pAppData = inner,
        .xOpen = reads ? open_to_read : open_file,
        .xDelete = remove_file,
        .xAccess = look,
        .xFullPathname = full_name,
        .xRandomness = fill_random,
        .xSleep = wait_us,
        .xCurrentTime = current_time,
        .xGetLastError = last_error,
    };
    made->registered = sqlite3_vfs_register(&made->vfs, 0) == SQLITE_OK;
}

static void drop(layer *made)
{
    if (made->registered)
        (void)sqlite3_vfs_unregister(&made->vfs);
    made->registered = false;
}

void hf__sqlite_vfs_enter(void)
{
    sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(mutex);
    if (shared.users++ == 0) {
        add(&shared.usual, sqlite3_vfs_find(NULL), "", false);
        add(&shared.alone, sqlite3_vfs_find("unix-none"), "alone-", true);
        add(&shared.beside, sqlite3_vfs_find(NULL), "beside-", true);
    }
    sqlite3_mutex_leave(mutex);
}

void hf__sqlite_vfs_leave(void)
{
    sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(mutex);
    if (--shared.users == 0) {
        drop(&shared.usual);
        drop(&shared.alone);
        drop(&shared.beside);
    }
    sqlite3_mutex_leave(mutex);
}

const char *hf__sqlite_vfs(void)
{
    return shared.usual.registered ? shared.usual.name : NULL;
}

const char *hf__sqlite_vfs_alone(void)
{
    return shared.alone.registered ? shared.alone.name : NULL;
}

const char *hf__sqlite_vfs_beside(void)
{
    return shared.beside.registered ? shared.beside.name : NULL;
}

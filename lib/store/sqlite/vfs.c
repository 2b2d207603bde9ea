/*
 * vfs.c - SQLite's own way to the files, without its look at what their paths lead through.
 *
 * SQLite follows every symbolic link in the path of a database when it opens it, and uses what it
 * found from then on: for the log, when that is first needed, and to remove the log at the end. A
 * place (see hf__place) leads through the link of a descriptor in /proc, so that a folder may be
 * renamed; followed once, it would name the folder as it was called then. So this VFS calls the
 * default one for everything but one function: the full name of a path is that path, which is
 * absolute.
 *
 * It is registered while a store is open, and not longer, because this library may be unloaded
 * before SQLite is. Where it cannot be registered the default is used, and a renamed folder leaves
 * the log behind, which the next open takes in.
 */
#include "store/sqlite/store.h"

#include <stdio.h>
#include <string.h>

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *inner; /* the default when the first store was opened */
    char name[40];      /* of its own: another copy of this library may be loaded */
    uint32_t users;
    bool registered;
} shared; /* under SQLite's mutex for applications */

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
    (void)vfs;
    return shared.inner->xOpen(shared.inner, path, file, flags, out);
}

static int remove_file(sqlite3_vfs *vfs, const char *path, int flush)
{
    (void)vfs;
    return shared.inner->xDelete(shared.inner, path, flush);
}

static int look(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    (void)vfs;
    return shared.inner->xAccess(shared.inner, path, flags, out);
}

static int fill_random(sqlite3_vfs *vfs, int bytes, char *out)
{
    (void)vfs;
    return shared.inner->xRandomness(shared.inner, bytes, out);
}

static int wait_us(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return shared.inner->xSleep(shared.inner, microseconds);
}

static int tell_time(sqlite3_vfs *vfs, double *out)
{
    (void)vfs;
    return shared.inner->xCurrentTime(shared.inner, out);
}

static int last_error(sqlite3_vfs *vfs, int bytes, char *out)
{
    (void)vfs;
    return shared.inner->xGetLastError(shared.inner, bytes, out);
}

/* ---- Registration ---------------------------------------------------------------------------- */

/* No extension is ever loaded, so what loads them is left out. */
static void add(void)
{
    shared.inner = sqlite3_vfs_find(NULL);
    if (shared.inner == NULL)
        return;
    (void)snprintf(shared.name, sizeof shared.name, "holdfast-%p", (void *)&shared);
    shared.vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = shared.inner->szOsFile,
        .mxPathname = shared.inner->mxPathname,
        .zName = shared.name,
        .xOpen = open_file,
        .xDelete = remove_file,
        .xAccess = look,
        .xFullPathname = full_name,
        .xRandomness = fill_random,
        .xSleep = wait_us,
        .xCurrentTime = tell_time,
        .xGetLastError = last_error,
    };
    shared.registered = sqlite3_vfs_register(&shared.vfs, 0) == SQLITE_OK;
}

void hf__sqlite_vfs_enter(void)
{
    sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(mutex);
    if (shared.users++ == 0)
        add();
    sqlite3_mutex_leave(mutex);
}

void hf__sqlite_vfs_leave(void)
{
    sqlite3_mutex *mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(mutex);
    if (--shared.users == 0 && shared.registered) {
        (void)sqlite3_vfs_unregister(&shared.vfs);
        shared.registered = false;
    }
    sqlite3_mutex_leave(mutex);
}

const char *hf__sqlite_vfs(void)
{
    return shared.registered ? shared.name : NULL;
}

/*
 * vfs.c - SQLite's own way to the files, without its look at what their paths lead through.
 *
 * SQLite follows every symbolic link in the path of a database when it opens it, and uses what it
 * found from then on: for the log, when that is first needed, and to remove the log at the end. A
 * place (see hf__place) leads through the link of a descriptor in /proc, so that a folder may be
 * renamed; followed once, it would name the folder as it was called then. So this VFS is SQLite's
 * for Unix with one function replaced: the full name of a path is that path, which is absolute.
 *
 * It is registered while a store is open, and not longer, because this library may be unloaded
 * before SQLite is. Where SQLite has no VFS of that name its default is used, and a renamed folder
 * leaves the log behind, which the next open takes in.
 */
#include "store/sqlite/store.h"

#include <stdio.h>
#include <string.h>

static struct {
    sqlite3_vfs vfs;
    char name[40]; /* of its own: another copy of this library may be loaded */
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

static void add(void)
{
    const sqlite3_vfs *of_unix = sqlite3_vfs_find("unix");
    if (of_unix == NULL)
        return;
    (void)snprintf(shared.name, sizeof shared.name, "holdfast-%p", (void *)&shared);
    shared.vfs = *of_unix;
    shared.vfs.zName = shared.name;
    shared.vfs.pNext = NULL;
    shared.vfs.xFullPathname = full_name;
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

/*
 * guard.c - the writer keeps SQLite's log for readers that use none of SQLite's locks.
 *
 * A reader that was opened when no engine was there reads the file and the log without SQLite's
 * locks, see reading.c. It has locked a byte of the file, see data_file.h. While such a lock is
 * held, the writer does not move the log into the file (txn.c). It must not begin the log anew
 * either: SQLite writes over the log from its start once all of it has been moved into the file and
 * nobody reads it. An engine that was killed may have moved it, and its index (PATH-shm) keeps that
 * as long as any process has the index open. So the writer holds a lock of its own where the
 * readers of the index lock their first mark: while it is held, SQLite begins no log anew.
 *
 * The lock belongs to an open file description, and SQLite's own locks of this process conflict
 * with it as those of another process would. Its descriptor stays open until SQLite has closed the
 * index: closing any descriptor of a file drops the process's other locks on it.
 *
 * Failure modes: the index cannot be opened (the errors of hf__files) or locked (HF_E_LOCKED). Then
 * the store is not opened for writing beside such a reader.
 */
#include "store/sqlite/store.h"

#include <stdio.h>

#define FIRST_MARK_AT 124u /* WAL_READ_LOCK(1) in SQLite's WAL-index format */
#define TRIES         100u /* a process that sets the mark holds it for a moment */
#define PAUSE_MS      1u

static int lock_mark(hf__sqlite_guard *guard)
{
    int code = HF_E_LOCKED;
    for (uint32_t tries = 0; code == HF_E_LOCKED && tries < TRIES; tries++) {
        if (tries > 0)
            hf__os_pause(PAUSE_MS);
        code = hf__os_files.lock_byte(guard->fd, FIRST_MARK_AT, false, NULL);
    }
    return code;
}

int hf__sqlite_guard_begin(hf__sqlite_store *store, hf_store_error *error)
{
    char path[HF__PLACE_MAX + 8];
    hf__sqlite_guard *guard = &store->guard;
    if (hf__data_file_pinned(&store->data) == UINT64_MAX)
        return 0;
    (void)snprintf(path, sizeof path, "%s-shm", store->place.path);
    int native = 0;
    int code = hf__os_files.open(path, HF__OPEN_WRITE, &guard->fd, &native);
    if (code != 0)
        return hf__file_error(error, code, native, store->path, "keeping its log for a reader");
    code = lock_mark(guard);
    guard->is_locked = code == 0;
    return code == 0 ? 0
                     : hf__store_fail(error, HF_E_LOCKED, 0,
                                      "%.120s: another process reads an older state of it; close "
                                      "it there first",
                                      store->path);
}

void hf__sqlite_guard_end(hf__sqlite_store *store)
{
    if (store->guard.is_locked)
        hf__os_files.unlock_bytes(store->guard.fd, FIRST_MARK_AT, 1);
    store->guard.is_locked = false;
}

void hf__sqlite_guard_close(hf__sqlite_store *store)
{
    if (store->guard.fd >= 0)
        hf__os_files.close(store->guard.fd);
    store->guard.fd = -1;
}

/*
 * file.c - what happens to the files around LMDB: names, locks, the walk before the mapping.
 *
 * Beside the data file PATH stand PATH.lock, our process lock (it is never removed: removing a lock
 * file lets two processes hold "it" at once), and PATH-lock, LMDB's table of readers. PATH.creating
 * is a store or copy that is being made; it becomes PATH by rename when it is whole.
 */
#include "store/lmdb/state.h"
#include "store/lmdb/walker.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES      80u    /* of a path in a text */
#define LOCK_FILE_BYTES 16384u /* more than LMDB's table for HF__LMDB_READERS */

char *hf__lmdb_path(const hf_allocator *allocator, const char *path, const char *suffix)
{
    size_t bytes = strlen(path) + strlen(suffix) + 1;
    char *made = allocator->alloc(allocator->context, bytes);
    if (made != NULL)
        snprintf(made, bytes, "%s%s", path, suffix);
    return made;
}

const char *hf__lmdb_name(const char *path)
{
    size_t bytes = strlen(path);
    return bytes <= NAME_BYTES ? path : path + bytes - NAME_BYTES;
}

int hf__lmdb_lock(const hf_store_config *config, const char *path, int *fd)
{
    const hf__files *files = &hf__os_files;
    const hf_allocator *allocator = config->allocator;
    const char *name = hf__lmdb_name(path);
    *fd = -1;
    char *lock = hf__lmdb_path(allocator, path, ".lock");
    if (lock == NULL)
        return hf__store_fail(config->error, HF_E_NOMEM, 0, "lmdb:%s: no memory for a name", name);
    int native = 0;
    int error = files->open(lock, HF__OPEN_CREATE, fd, &native);
    allocator->free(allocator->context, lock);
    if (error != 0)
        return hf__store_fail(config->error, error, native, "lmdb:%s: opening its .lock file: %s",
                              name, mdb_strerror(native));
    error = files->lock(*fd, &native);
    if (error == 0)
        return 0;
    files->close(*fd);
    *fd = -1;
    if (error != HF_E_LOCKED)
        return hf__lmdb_native(config->error, name, "locking its .lock file", native);
    return hf__store_fail(config->error, error, native,
                          "lmdb:%s: another process has it open (it holds the .lock file); one "
                          "process at a time",
                          name);
}

/*
 * LMDB maps its lock file right after making it longer. On a full disk the first touch of such a
 * page kills the process (SIGBUS), so its blocks are taken here, where that is an error.
 */
int hf__lmdb_lock_file(const hf_store_config *config, const char *path)
{
    const hf__files *files = &hf__os_files;
    const hf_allocator *allocator = config->allocator;
    const char *name = hf__lmdb_name(path);
    char *lock = hf__lmdb_path(allocator, path, "-lock");
    if (lock == NULL)
        return hf__store_fail(config->error, HF_E_NOMEM, 0, "lmdb:%s: no memory for a name", name);
    int fd;
    int native = 0;
    int error = files->open(lock, HF__OPEN_CREATE, &fd, &native);
    allocator->free(allocator->context, lock);
    if (error == 0) {
        error = files->reserve(fd, LOCK_FILE_BYTES, &native);
        files->close(fd);
    }
    if (error == 0)
        return 0;
    return hf__store_fail(config->error, error, native, "lmdb:%s: making its -lock file: %s", name,
                          mdb_strerror(native));
}

/* ---- Walk ------------------------------------------------------------------------------------ */

static int read_all(void *context, void *out, size_t bytes, uint64_t offset)
{
    const int *fd = context;
    size_t got = 0;
    int error = hf__os_files.read_at(*fd, out, bytes, offset, &got, NULL);
    return error == 0 && got == bytes ? 0 : -1;
}

int hf__lmdb_walk(const hf_store_config *config, const char *name, int fd, uint64_t bytes)
{
    struct hf__walk_params params = {
        .read_at = read_all,
        .read_ctx = &fd,
        .alloc = config->allocator->alloc,
        .free = config->allocator->free,
        .alloc_ctx = config->allocator->context,
        .file_size = bytes,
    };
    struct hf__walk_report report;
    int result = hf__walk(&params, &report);
    if (result == HF__WALK_SOUND)
        return 0;
    int error = result == HF__WALK_NO_MEMORY     ? HF_E_NOMEM
                : result == HF__WALK_READ_FAILED ? HF_E_IO
                                                 : HF_E_CORRUPT;
    return hf__store_fail(
        config->error, error, (int)report.reason, "lmdb:%s: page %llu, byte %llu: %s", name,
        (unsigned long long)report.page, (unsigned long long)report.offset, report.what);
}

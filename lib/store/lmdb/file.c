/*
 * file.c - what happens to the files around LMDB: names, locks, the walk before the mapping.
 *
 * Beside the data file PATH stands PATH-lock, LMDB's table of readers. PATH.creating is a store or
 * copy that is being made, see making.h.
 *
 * The table of readers is made anew whenever the store is opened for writing. No other engine has a
 * reader in it, and guard.c protects the readers of other processes; a table that an operator
 * linked, renamed or copied here may belong to another store. Two stores with one table would take
 * each other's last transaction for their own, and lose commits. A program that reads the file by
 * LMDB itself while an engine opens it is in no table then; such a program reads a backup. LMDB
 * maps the table right after making it longer: on a full disk the first touch of such a page ends
 * the process (SIGBUS), so its blocks are taken here, where that is an error.
 */
#include "store/lmdb/state.h"
#include "store/lmdb/walker/walker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES    80u /* of a path in a text */
#define MAKE_TRIES    8u
#define READERS_BYTES 16384u /* more than LMDB's table for HF__LMDB_READERS */

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

/* ---- The table of readers -------------------------------------------------------------------- */

static int readers_failed(const hf_store_config *config, const char *name, int code, int native)
{
    return hf__store_fail(config->error, code, native, "lmdb:%s: making its -lock file: %s", name,
                          mdb_strerror(native));
}

/* A file of its own, whatever is under the name. A process that reads may make one meanwhile. */
static int make_anew(const char *path, hf__file_info *made, int *native)
{
    const hf__files *files = &hf__os_files;
    int fd = -1;
    int code = HF_E_EXISTS;
    for (uint32_t tries = 0; code == HF_E_EXISTS && tries < MAKE_TRIES; tries++) {
        (void)files->remove(path, native);
        code = files->open(path, HF__OPEN_CREATE_NEW, &fd, native);
    }
    if (code != 0)
        return code;
    code = files->reserve(fd, READERS_BYTES, native);
    if (code == 0)
        code = files->info_of(fd, made, native);
    files->close(fd);
    return code;
}

int hf__lmdb_readers_make(const hf_store_config *config, const hf__place *place,
                          hf__file_info *made)
{
    const hf_allocator *allocator = config->allocator;
    const char *name = hf__lmdb_name(place->shown);
    char *readers = hf__lmdb_path(allocator, place->path, "-lock");
    if (readers == NULL)
        return hf__store_fail(config->error, HF_E_NOMEM, 0, "lmdb:%s: no memory for a name", name);
    int native = 0;
    int code = make_anew(readers, made, &native);
    allocator->free(allocator->context, readers);
    return code == 0 ? 0 : readers_failed(config, name, code, native);
}

bool hf__lmdb_readers_are(const hf_allocator *allocator, const hf__place *place,
                          const hf__file_info *made)
{
    hf__file_info found = {0};
    char *readers = hf__lmdb_path(allocator, place->path, "-lock");
    bool same = readers != NULL && hf__os_files.info(readers, &found, NULL) == 0 &&
                found.device == made->device && found.inode == made->inode;
    allocator->free(allocator->context, readers);
    return same;
}

int hf__lmdb_readers_check(const hf_store_config *config, const hf__place *place,
                           const hf__file_info *made)
{
    return hf__lmdb_readers_are(config->allocator, place, made)
               ? 0
               : hf__store_fail(config->error, HF_E_BUSY, 0,
                                "lmdb:%s: its -lock file was replaced while it was opened",
                                hf__lmdb_name(place->shown));
}

int hf__lmdb_readers_find(const hf_store_config *config, const hf__place *place,
                          hf__file_info *found)
{
    const hf_allocator *allocator = config->allocator;
    const hf__files *files = &hf__os_files;
    const char *name = hf__lmdb_name(place->shown);
    char *readers = hf__lmdb_path(allocator, place->path, "-lock");
    int fd = -1;
    int native = 0;
    int code = readers == NULL ? HF_E_NOMEM : files->open(readers, HF__OPEN_WRITE, &fd, &native);
    if (code == 0)
        code = files->info_of(fd, found, &native);
    if (fd >= 0)
        files->close(fd);
    allocator->free(allocator->context, readers);
    if (native == ENOENT)
        return hf__store_fail(config->error, HF_E_BUSY, 0,
                              "lmdb:%s: an engine has it open, and its -lock file is not there",
                              name);
    return code == 0 ? 0
                     : hf__store_fail(config->error, code, native,
                                      "lmdb:%s-lock: a reader beside an engine needs the right "
                                      "to write this file: %s",
                                      name, hf__os_text(native, code));
}

/* ---- Walk ------------------------------------------------------------------------------------ */

static int read_all(void *context, void *out, size_t bytes, uint64_t offset)
{
    const int *fd = context;
    size_t got = 0;
    int error = hf__os_files.read_at(*fd, out, bytes, offset, &got, NULL);
    if (error == 0 && got == bytes)
        return 0;
    return -1;
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
    int error = HF_E_CORRUPT;
    if (result == HF__WALK_NO_MEMORY)
        error = HF_E_NOMEM;
    else if (result == HF__WALK_READ_FAILED)
        error = HF_E_IO;
    return hf__store_fail(
        config->error, error, (int)report.reason, "lmdb:%s: page %llu, byte %llu: %s", name,
        (unsigned long long)report.page, (unsigned long long)report.offset, report.what);
}

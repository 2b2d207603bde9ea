/*
 * data_file.c - lets only one engine use a file, whatever the name of the file is.
 *
 * Happy path: the path is looked up, device and inode are registered for this process, the file is
 * opened and locked against other processes that write, and the path still leads to it.
 *
 * Failure modes: another file may get the name at any moment (a restore, a rename by an operator).
 * Then the lock would be on a file without a name, so all steps are repeated.
 */
#include "store/data_file.h"
#include "store/making.h"

#include <errno.h>

#define TRIES 8u /* while others replace the file */

/* Why a lock is refused. */
#define IN_USE "another process has it open, by this or another name; close it there first"

/* Bytes that are locked; those of SQLite lie far before them. */
#define WRITER_AT    ((uint64_t)1 << 62)
#define STATES_AT    (WRITER_AT + 1)
#define STATES_COUNT ((uint64_t)1 << 61)

static const hf__files *const files = &hf__os_files;

static bool same(const hf__file_info *a, const hf__file_info *b)
{
    return a->device == b->device && a->inode == b->inode;
}

bool hf__data_file_is_at(const hf__data_file *file, const hf__place *place)
{
    hf__file_info found;
    return files->info(place->path, &found, NULL) == 0 && same(&found, &file->info);
}

void hf__data_file_close(hf__data_file *file)
{
    if (file->fd < 0)
        return;
    files->close(file->fd);
    file->fd = -1;
    hf__os_unregister_open(file->info.device, file->info.inode);
}

/* ---- Writer and readers ---------------------------------------------------------------------- */

int hf__data_file_is_written(const hf__data_file *file, bool *written, const hf__place *place,
                             hf_store_error *error)
{
    uint64_t found = UINT64_MAX;
    int native = 0;
    int code = files->find_lock(file->fd, WRITER_AT, 1, true, &found, &native);
    *written = found != UINT64_MAX;
    return code == 0 ? 0
                     : hf__file_error(error, code, native, place->shown, "looking for a writer");
}

int hf__data_file_pin(const hf__data_file *file, uint64_t state, const hf__place *place,
                      hf_store_error *error)
{
    int native = 0;
    int code = files->lock_byte(file->fd, STATES_AT + state, false, &native);
    return code == 0 ? 0
                     : hf__file_error(error, code, native, place->shown, "locking what it reads");
}

uint64_t hf__data_file_pinned(const hf__data_file *file)
{
    uint64_t found = 0;
    int code = files->find_lock(file->fd, STATES_AT, STATES_COUNT, false, &found, NULL);
    if (code != 0)
        return 0; /* not known: as if the oldest state were read */
    return found == UINT64_MAX ? UINT64_MAX : found - STATES_AT;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* HF_E_NOT_FOUND without a text when nothing is there. */
static int look(hf__data_file *file, const hf__place *place, hf_store_error *error)
{
    int native = 0;
    int code = files->info(place->path, &file->info, &native);
    if (code == HF_E_NOT_FOUND)
        return code;
    if (code != 0)
        return hf__file_error(error, code, native, place->shown, "looking for the file");
    if (file->info.is_file == 0)
        return hf__file_refuse(error, HF_E_PATH, place->shown,
                               file->info.is_folder != 0
                                   ? "a folder; name the file that holds the store"
                                   : "not an ordinary file; name the file that holds the store");
    return 0;
}

static int register_file(const hf__file_info *info, const hf__place *place, hf_store_error *error)
{
    int code = hf__os_register_open(info->device, info->inode);
    if (code == HF_E_OPEN_TWICE)
        return hf__file_refuse(error, code, place->shown,
                               "this process has it open already, by this or another name");
    return code == 0 ? 0 : hf__file_refuse(error, code, place->shown, "too many stores are open");
}

/* Opens what is registered. *again: the name leads to another file now. */
static int open_registered(hf__data_file *file, const hf__place *place, hf__data_use use,
                           bool *again, hf_store_error *error)
{
    hf__file_info opened = {0};
    int native = 0;
    int code = files->open(place->path, use == HF__DATA_WRITE ? HF__OPEN_WRITE : HF__OPEN_READ,
                           &file->fd, &native);
    *again = code != 0 && native == ENOENT;
    if (*again)
        return 0;
    if (native == ELOOP)
        return hf__file_refuse(error, HF_E_PATH, place->shown,
                               "a symbolic link; name the file itself");
    if (code != 0)
        return hf__file_error(error, code, native, place->shown, "opening the file");
    code = files->info_of(file->fd, &opened, &native);
    *again = code == 0 && !same(&opened, &file->info);
    if (*again || code != 0)
        return code == 0 ? 0
                         : hf__file_error(error, code, native, place->shown, "looking at the file");
    code = use == HF__DATA_READ ? 0 : files->lock(file->fd, &native);
    if (code == HF_E_LOCKED)
        return hf__file_refuse(error, code, place->shown, IN_USE);
    if (code == 0 && use == HF__DATA_WRITE)
        code = files->lock_byte(file->fd, WRITER_AT, true, &native);
    if (code != 0)
        return hf__file_error(error, code, native, place->shown, "locking the file");
    file->info = opened;
    *again = !hf__data_file_is_at(file, place);
    return 0;
}

/*
 * Closes what open_registered left. A file that is not the registered one may be open elsewhere in
 * this process: then its descriptor stays open, because closing it would drop the locks there.
 */
static void forget(hf__data_file *file)
{
    hf__file_info opened = {0};
    bool other = file->fd >= 0 && files->info_of(file->fd, &opened, NULL) == 0 &&
                 !same(&opened, &file->info);
    bool in_use = other && hf__os_register_open(opened.device, opened.inode) != 0;
    if (file->fd >= 0 && !in_use)
        files->close(file->fd);
    if (other && !in_use)
        hf__os_unregister_open(opened.device, opened.inode);
    hf__os_unregister_open(file->info.device, file->info.inode);
    file->fd = -1;
}

int hf__data_file_open(hf__data_file *file, const hf__place *place, hf__data_use use,
                       hf_store_error *error)
{
    file->fd = -1;
    for (uint32_t tries = 0; tries < TRIES; tries++) {
        bool again = false;
        int code = look(file, place, error);
        if (code == 0)
            code = register_file(&file->info, place, error);
        if (code != 0)
            return code;
        code = open_registered(file, place, use, &again, error);
        if (code == 0 && !again)
            return 0;
        forget(file);
        if (code != 0)
            return code;
    }
    return hf__file_refuse(error, HF_E_BUSY, place->shown, "the file is replaced again and again");
}

int hf__data_file_place_is_free(const hf__place *place, hf_store_error *error)
{
    hf__data_file file;
    int code = hf__data_file_open(&file, place, HF__DATA_COPY, error);
    if (code == HF_E_NOT_FOUND)
        return 0;
    if (code == HF_E_OPEN_TWICE || code == HF_E_LOCKED)
        return code;
    hf__data_file_close(&file);
    return hf__file_refuse(error, HF_E_EXISTS, place->shown, "there is a file already");
}

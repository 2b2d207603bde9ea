/*
 * making.c - creating a file under another name, and giving it its own.
 *
 * Happy path: PATH.creating is created and locked; its maker writes it; it is flushed and renamed,
 * and the folder is flushed. The lock is what distinguishes a file that is being written from one
 * that a dead process left. It belongs to the open file, so it ends with its process.
 *
 * Failure modes: another process may replace or remove a leftover at any moment. So a lock counts
 * only when the name still leads to the locked file afterwards; otherwise all is tried again.
 */
#include "store/making.h"

#include <stdio.h>
#include <string.h>

#define TRIES 8u /* to create the file while others remove it */

static const hf__files *const files = &hf__os_files;

int hf__file_error(hf_store_error *error, int code, int native, const char *path, const char *doing)
{
    return hf__store_fail(error, code, native, "%s: %s: %s", hf__path_end(path), doing,
                          hf__os_text(native, code));
}

int hf__file_refuse(hf_store_error *error, int code, const char *path, const char *why)
{
    return hf__store_fail(error, code, 0, "%s: %s", hf__path_end(path), why);
}

int hf__place_of(hf__place *place, const char *path, hf_store_error *error)
{
    int native = 0;
    int code = files->place(path, place, &native);
    return code == 0 ? 0 : hf__file_error(error, code, native, path, "looking for its folder");
}

static int failed(const hf__making *making, int code, int native, const char *doing)
{
    return hf__store_fail(making->error, code, native, "%s%s: %s: %s",
                          hf__path_end(making->place->shown), HF__CREATING, doing,
                          hf__os_text(native, code));
}

static int in_use(const hf__making *making, int code)
{
    return hf__store_fail(
        making->error, code, 0, "%s%s: %s", hf__path_end(making->place->shown), HF__CREATING,
        code == HF_E_OPEN_TWICE ? "this process is writing it" : "another process is writing it");
}

/* ---- Begin ----------------------------------------------------------------------------------- */

/* True when PATH.creating still leads to the open file. */
static bool has_name(const hf__making *making)
{
    hf__file_info named;
    return files->info(making->creating, &named, NULL) == 0 &&
           named.device == making->file.device && named.inode == making->file.inode;
}

static void drop(hf__making *making)
{
    if (making->fd >= 0)
        files->close(making->fd);
    making->fd = -1;
    hf__os_unregister_open(making->file.device, making->file.inode);
}

/* Opens and locks the leftover that `file` describes, and removes it. */
static int remove_opened(hf__making *making, bool *again)
{
    hf__file_info opened = {0};
    int native = 0;
    int code = files->open(making->creating, HF__OPEN_READ, &making->fd, &native);
    *again = code != 0 && files->info(making->creating, &opened, NULL) == HF_E_NOT_FOUND;
    if (*again)
        return 0;
    if (code != 0)
        return failed(making, code, native, "opening what an earlier attempt left");
    code = files->info_of(making->fd, &opened, &native);
    if (code != 0)
        return failed(making, code, native, "looking at what an earlier attempt left");
    *again = opened.device != making->file.device || opened.inode != making->file.inode;
    if (*again)
        return 0;
    code = files->lock(making->fd, &native);
    if (code == HF_E_LOCKED)
        return in_use(making, code);
    *again = code == 0 && !has_name(making);
    if (code == 0 && !*again)
        code = files->remove(making->creating, &native);
    return code == 0 ? 0 : failed(making, code, native, "removing what an earlier attempt left");
}

/* *again: it was removed or replaced meanwhile. */
static int remove_leftover(hf__making *making, bool *again)
{
    int native = 0;
    int code = files->info(making->creating, &making->file, &native);
    *again = code == HF_E_NOT_FOUND;
    if (*again)
        return 0;
    if (code != 0 || making->file.is_file == 0)
        return failed(making, code != 0 ? code : HF_E_PATH, native,
                      "looking at what an earlier attempt left");
    /* Before it is opened: closing a file that SQLite has open here would drop SQLite's locks. */
    code = hf__os_register_open(making->file.device, making->file.inode);
    if (code != 0)
        return in_use(making, code);
    code = remove_opened(making, again);
    drop(making);
    return code;
}

static int create(hf__making *making)
{
    int native = 0;
    int code = files->open(making->creating, HF__OPEN_CREATE_NEW, &making->fd, &native);
    if (code == HF_E_EXISTS)
        return code;
    if (code != 0)
        return failed(making, code, native, "creating it");
    code = files->info_of(making->fd, &making->file, &native);
    if (code == 0)
        code = hf__os_register_open(making->file.device, making->file.inode);
    if (code != 0) {
        files->close(making->fd);
        (void)files->remove(making->creating, NULL);
        return failed(making, code, native, "creating it");
    }
    code = files->lock(making->fd, &native);
    if (code == 0 && has_name(making))
        return 0;
    drop(making); /* the process that has it locked takes it for a leftover, and removes it */
    if (code == 0 || code == HF_E_LOCKED)
        return HF_E_EXISTS;
    return failed(making, code, native, "locking it");
}

static int create_alone(hf__making *making)
{
    int code = create(making);
    for (uint32_t tries = 0; code == HF_E_EXISTS && tries < TRIES; tries++) {
        bool again = false;
        code = remove_leftover(making, &again);
        if (code == 0)
            code = create(making);
    }
    return code == HF_E_EXISTS ? in_use(making, HF_E_LOCKED) : code;
}

int hf__making_begin(hf__making *making, const hf__place *place, const hf_allocator *allocator,
                     hf_store_error *error)
{
    const size_t bytes = strlen(place->path) + sizeof HF__CREATING;
    hf__file_info info;
    int native = 0;
    *making = (hf__making){.place = place, .fd = -1, .allocator = allocator, .error = error};
    int code = files->info(place->path, &info, &native);
    if (code == 0)
        return hf__file_refuse(error, HF_E_EXISTS, place->shown, "there is a file already");
    if (code != HF_E_NOT_FOUND)
        return hf__file_error(error, code, native, place->shown, "looking at the place");
    making->creating = allocator->alloc(allocator->context, bytes);
    if (making->creating == NULL)
        return hf__file_error(error, HF_E_NOMEM, 0, place->shown, "making its name");
    (void)snprintf(making->creating, bytes, "%s%s", place->path, HF__CREATING);
    code = create_alone(making);
    if (code != 0)
        allocator->free(allocator->context, making->creating);
    return code;
}

/* ---- End ------------------------------------------------------------------------------------- */

static void end(hf__making *making)
{
    drop(making);
    making->allocator->free(making->allocator->context, making->creating);
    making->creating = NULL;
}

int hf__making_finish(hf__making *making)
{
    const char *left = making->creating;
    int native = 0;
    int code = files->sync(making->fd, &native);
    if (code == 0)
        code = files->rename_new(making->creating, making->place->path, &native);
    if (code == 0) {
        left = making->place->path;
        code = files->sync_folder(making->place->path, &native);
    }
    if (code != 0) {
        (void)hf__file_error(making->error, code, native, making->place->shown,
                             "giving it its name");
        (void)files->remove(left, NULL);
    }
    end(making);
    return code;
}

void hf__making_abandon(hf__making *making)
{
    (void)files->remove(making->creating, NULL);
    end(making);
}

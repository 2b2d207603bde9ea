/*
 * files.c - what is done to the files of a store without an engine: a backup back to where a store
 * is to be, and a look at the journal beside one. No engine is needed, so neither needs a loop: the
 * work is done in the caller's thread.
 *
 * Failure modes: those of the store and the journal, the URL's, and HF_E_UNSUPPORTED for a store
 * that has no such files.
 */
#include "base/fail.h"
#include "base/os.h"
#include "journal/journal.h"
#include "loop/loop.h"

#include <holdfast.h>
#include <stdio.h>

/* Gives the detail to the caller; the error's text stands for one that has none. */
static int report(const hf__detail *detail, int result, char *error, size_t error_bytes)
{
    if (error != NULL && error_bytes != 0)
        (void)snprintf(error, error_bytes, "%s",
                       result != 0 && detail->text[0] == '\0' ? hf_error_text(result)
                                                              : detail->text);
    return result;
}

/* ---- Restore --------------------------------------------------------------------------------- */

/* A store with a journal beside it is no whole copy: what the journal has may be missing in it. */
static int check_source(const hf_env *env, const char *path, hf__detail *detail)
{
    hf__file_info info;
    if (env->files->info(path, &info, NULL) != 0 || !hf__journal_exists(env, path))
        return 0; /* when it is not there the store reports that */
    int error = hf__os_register_open(info.device, info.inode);
    if (error == 0)
        hf__os_unregister_open(info.device, info.inode);
    if (error == HF_E_OPEN_TWICE)
        return hf__refuse(detail, error, "%s: this process has it open as a store",
                          hf__path_end(path));
    return hf__refuse(detail, HF_E_BUSY,
                      "%s: has a journal beside it: it is in use or was not closed; open and close "
                      "it once, or take a backup of it",
                      hf__path_end(path));
}

static int restore_to(const hf_env *env, const hf_store_driver *driver, const char *source,
                      hf_store_config *config, hf__detail *detail)
{
    int error = hf__journal_check_place(env, config->location, config->error);
    if (error == 0)
        error = driver->restore(source, config);
    return error == 0 ? 0 : hf__refuse(detail, error, "%s", config->error->text);
}

/* Both are files; config->location is that of the store to make. */
static int restore_file(const hf_env *env, const hf_store_driver *driver, const char *path,
                        hf_store_config *config, hf__detail *detail)
{
    hf__place from;
    hf__place to;
    const char *source = hf__place_absolute(env->files, path, &from);
    const char *location = config->location;
    config->location = hf__place_absolute(env->files, location, &to);
    int error = check_source(env, source, detail);
    if (error == 0)
        error = restore_to(env, driver, source, config, detail);
    config->location = location; /* the absolute one ends with `to` */
    hf__place_end(env->files, &to);
    hf__place_end(env->files, &from);
    return error;
}

/* Copied from a store that was open: what its journal had is not in it. */
static int look(void *error, const hf_store_stat *stat)
{
    const uint32_t flags = stat == NULL ? 0 : stat->mark.identity.flags;
    if ((flags & HF_STORE_OPEN) == 0 || (flags & HF_STORE_COPY) != 0)
        return 0;
    return hf__store_fail(error, HF_E_BUSY, 0,
                          "the file was copied while its store was in use, and what the journal "
                          "had is missing in it; restore from a backup");
}

static int restore(const char *path, const char *url, hf__detail *detail)
{
    hf_env env;
    hf__env_init(&env);
    hf_store_error failure = {.code = 0};
    hf_store_config config = {
        .size = sizeof config,
        .schema = hf_store_schema(),
        .allocator = &env.allocator,
        .log = env.log,
        .log_data = env.log_data,
        .error = &failure,
        .check = HF_CHECK_FULL,
        .look = look,
        .look_data = &failure,
    };
    const hf_store_driver *driver;
    int error = hf__url_split(url, &driver, &config.location, detail);
    if (error != 0)
        return error;
    if (driver->restore == NULL)
        return hf__refuse(detail, HF_E_UNSUPPORTED, "%s: cannot be restored", driver->scheme);
    if ((driver->capabilities & HF_STORE_JOURNALED) != 0)
        return restore_file(&env, driver, path, &config, detail);
    error = driver->restore(path, &config);
    return error == 0 ? 0 : hf__refuse(detail, error, "%s", failure.text);
}

int hf_restore(const char *path, const char *url, char *error, size_t error_bytes)
{
    hf__detail detail = {.text = ""};
    int result = path == NULL || path[0] == '\0'
                     ? hf__refuse(&detail, HF_E_ARGUMENT, "path: is NULL or empty")
                     : restore(path, url, &detail);
    return report(&detail, result, error, error_bytes);
}

/* ---- Journal --------------------------------------------------------------------------------- */

static int read_journal(const char *url, hf_segment_cb cb, void *data, hf__detail *detail)
{
    hf_env env;
    hf__env_init(&env);
    hf_store_error failure = {.code = 0};
    const hf_store_driver *driver;
    const char *location;
    int error = hf__url_split(url, &driver, &location, detail);
    if (error != 0)
        return error;
    if ((driver->capabilities & HF_STORE_JOURNALED) == 0)
        return hf__refuse(detail, HF_E_UNSUPPORTED, "%s: has no journal", driver->scheme);
    if (location[0] == '\0')
        return hf__refuse(detail, HF_E_PATH, "%s: names no file", url);
    hf__place place;
    location = hf__place_absolute(env.files, location, &place);
    error = hf__journal_list(&env, location, cb, data, &failure);
    hf__place_end(env.files, &place);
    return error == 0 ? 0 : hf__refuse(detail, error, "%s", failure.text);
}

int hf_journal_read(const char *url, hf_segment_cb cb, void *data, char *error, size_t error_bytes)
{
    hf__detail detail = {.text = ""};
    return report(&detail, read_journal(url, cb, data, &detail), error, error_bytes);
}

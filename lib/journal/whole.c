/*
 * whole.c - a backup of a store that is only read, with what its journal has.
 *
 * The store below lacks the batches of the journal, and nothing may be written to it. So it is
 * copied to PATH.part, the copy gets the batches in one commit, and a copy of that one gets the
 * name PATH. PATH is a whole copy or absent, as after any backup.
 *
 * Failure modes: those of a backup. What a process that died left under PATH.part is removed by the
 * next backup to PATH; HF_E_LOCKED when another process is writing it.
 */
#include "journal/state.h"

#include <holdfast/error.h>
#include <stdio.h>
#include <string.h>

#define PART       ".part"
#define ENDING_MAX 8u

typedef struct whole {
    hf__journal *journal;
    const char *path;
    char *part;   /* PATH.part */
    char *beside; /* a file beside it */
    size_t bytes; /* of both */
    hf_store_error *error;
} whole;

static int failed(const whole *of, int code, int native, const char *doing)
{
    return hf__store_fail(of->error, code, native, "%s: %s: %s", hf__path_end(of->part), doing,
                          hf__os_text(native, code));
}

/* The part, and what stores put beside a file of theirs. */
static void remove_part(const whole *of)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", "-lock"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(of->beside, of->bytes, "%s%s", of->part, endings[i]);
        (void)of->journal->env->files->remove(of->beside, NULL); /* mostly there is none */
    }
}

/* Removes what another process left, unless that one lives. */
static int remove_left(const whole *of)
{
    const hf__files *files = of->journal->env->files;
    hf__file_info info;
    int native = 0;
    int fd = -1;
    if (files->info(of->part, &info, NULL) == HF_E_NOT_FOUND) {
        remove_part(of);
        return 0;
    }
    int code = files->open(of->part, HF__OPEN_READ, &fd, &native);
    if (code == 0)
        code = files->lock(fd, &native);
    if (code == 0)
        remove_part(of);
    if (fd >= 0)
        files->close(fd);
    return code == 0 ? 0 : failed(of, code, native, "removing what an earlier attempt left");
}

static int copy_with_batches(const whole *of, void *part, hf_progress_cb progress, void *data)
{
    const hf__journal *journal = of->journal;
    int code = hf__checkpoint_into(of->journal, part, of->error);
    return code == 0 ? journal->inner->backup(part, of->path, progress, data, of->error) : code;
}

static int make(const whole *of, hf_progress_cb progress, void *data)
{
    const hf__journal *journal = of->journal;
    hf_store_config config = journal->config;
    hf__file_info info;
    void *part = NULL;
    config.location = of->part;
    config.error = of->error;
    if (journal->env->files->info(of->path, &info, NULL) != HF_E_NOT_FOUND)
        return hf__store_fail(of->error, HF_E_EXISTS, 0, "%s: there is a file already",
                              hf__path_end(of->path));
    int code = remove_left(of);
    if (code == 0)
        code = journal->inner->backup(journal->store, of->part, progress, data, of->error);
    if (code == 0)
        code = journal->inner->open(&config, &part);
    if (code == 0) {
        code = copy_with_batches(of, part, progress, data);
        journal->inner->close(part);
    }
    if (code != HF_E_LOCKED)
        remove_part(of);
    return code;
}

int hf__journal_backup_whole(hf__journal *journal, const char *path, hf_progress_cb progress,
                             void *progress_data, hf_store_error *error)
{
    whole of = {.journal = journal,
                .path = path,
                .bytes = strlen(path) + sizeof PART + ENDING_MAX,
                .error = error};
    of.part = hf__alloc(journal->env, of.bytes);
    of.beside = hf__alloc(journal->env, of.bytes);
    int code = HF_E_NOMEM;
    if (of.part != NULL && of.beside != NULL) {
        (void)snprintf(of.part, of.bytes, "%s%s", path, PART);
        code = make(&of, progress, progress_data);
    }
    hf__free(journal->env, of.part);
    hf__free(journal->env, of.beside);
    return code;
}

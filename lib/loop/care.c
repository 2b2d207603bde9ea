/*
 * care.c - verify and backup on a thread of their own, one at a time.
 *
 * Happy path: the call notes the work, the pump gives it to the thread, the thread leaves its
 * progress in atomics and wakes the loop, which tells the host; a host that says stop, and a
 * close, set `cancel`, which the work asks for at each step.
 *
 * Failure modes: HF_E_BUSY while one runs; all else is told to the callback.
 */
#include "base/os.h"
#include "loop/host.h"

#include <stdio.h>
#include <string.h>

/* On the care thread; inline (no thread) the host is asked at once. */
static int on_progress(void *data, uint64_t done, uint64_t total)
{
    hf__host *host = data;
    hf__care *care = &host->care;
    if (!host->threaded) {
        if (care->progress != NULL && care->progress(care->data, done, total) != 0)
            atomic_store(&care->cancel, true);
        return atomic_load(&care->cancel);
    }
    atomic_store(&care->done, done);
    atomic_store(&care->total, total);
    if (!atomic_exchange(&care->moved, true))
        (void)uv_async_send(&host->async);
    return atomic_load(&care->cancel);
}

void hf__care_run(void *context, void *job)
{
    hf__host *host = context;
    hf__care *care = job;
    if (care->kind == HF__WORK_VERIFY)
        care->status =
            hf__engine_verify(host->engine, on_progress, host, &care->result, care->findings);
    else
        care->status = hf__engine_backup(host->engine, care->path, on_progress, host, &care->error);
}

static void tell_progress(hf__care *care)
{
    if (!atomic_exchange(&care->moved, false) || care->progress == NULL)
        return;
    if (care->progress(care->data, atomic_load(&care->done), atomic_load(&care->total)) != 0)
        atomic_store(&care->cancel, true);
}

/* The slot is free before the callback runs: it may start the next work. */
static void tell_end(hf__care *care)
{
    hf__work_kind kind = care->kind;
    care->kind = HF__WORK_NONE;
    if (kind == HF__WORK_VERIFY) {
        hf_verify_result result = care->result;
        care->verified(care->data, care->status, care->status == 0 ? &result : NULL);
    } else if (care->ended != NULL) {
        hf_store_error error = care->error;
        care->ended(care->data, care->status, care->status == 0 ? "" : error.text);
    }
}

void hf__care_pump(hf__host *host)
{
    hf__care *care = &host->care;
    if (care->kind == HF__WORK_NONE)
        return;
    if (!care->running && atomic_load(&care->cancel)) {
        care->status = HF_E_CANCELLED;
        tell_end(care);
        return;
    }
    if (!care->running) {
        care->running = true;
        hf__worker_give(&care->worker, care);
    }
    bool ended = hf__worker_take(&care->worker) != NULL;
    if (!ended) {
        tell_progress(care);
        return;
    }
    care->running = false;
    tell_end(care);
}

void hf__care_cancel(hf__host *host)
{
    atomic_store(&host->care.cancel, true);
}

/* The engine whose care slot is free, or NULL and why not. */
static hf__host *enter(hf_engine *engine, int *error)
{
    hf__host *host;
    *error = hf__host_enter_open(engine, &host);
    if (*error != 0)
        return NULL;
    if (host->care.kind == HF__WORK_NONE)
        return host;
    *error = hf__refuse(&host->detail, HF_E_BUSY, "a verify or backup is running");
    return NULL;
}

static hf__care *begin(hf__host *host, hf__work_kind kind, hf_progress_cb progress, void *data)
{
    hf__care *care = &host->care;
    care->kind = kind;
    care->progress = progress;
    care->data = data;
    care->error = (hf_store_error){.code = 0};
    care->result = (hf_verify_result){.size = sizeof care->result, .findings = care->findings};
    atomic_store(&care->cancel, false);
    atomic_store(&care->moved, false);
    hf__arm(host);
    return care;
}

int hf_verify(hf_engine *engine, hf_progress_cb progress, hf_verify_cb cb, void *data)
{
    if (cb == NULL)
        return HF_E_ARGUMENT;
    int error;
    hf__host *host = enter(engine, &error);
    if (host != NULL)
        begin(host, HF__WORK_VERIFY, progress, data)->verified = cb;
    return error;
}

/* Absolute, because the process may have changed its folder when the care thread begins. */
static void set_path(hf__host *host, const char *path)
{
    hf__place place;
    const char *absolute = hf__place_absolute(host->env.files, path, &place);
    (void)snprintf(host->care.path, sizeof host->care.path, "%s", absolute);
    hf__place_end(host->env.files, &place);
}

int hf_backup(hf_engine *engine, const char *path, hf_progress_cb progress, hf_work_cb cb,
              void *data)
{
    if (path == NULL || path[0] == '\0' || cb == NULL)
        return HF_E_ARGUMENT;
    if (strnlen(path, HF__PATH_MAX) == HF__PATH_MAX)
        return HF_E_PATH;
    int error;
    hf__host *host = enter(engine, &error);
    if (host == NULL)
        return error;
    hf__care *care = begin(host, HF__WORK_BACKUP, progress, data);
    care->ended = cb;
    set_path(host, path);
    return 0;
}

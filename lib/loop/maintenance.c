/*
 * maintenance.c - verify and backup on a thread of their own, one at a time.
 *
 * Happy path: the call notes the work, the pump gives it to the thread, the thread leaves its
 * progress in atomics and wakes the loop, which reports it to the host. A host that cancels, and a
 * close, set `cancel`, which the work checks at each step.
 *
 * Failure modes: HF_E_BUSY while one runs; the callback gets every other error.
 */
#include "base/os.h"
#include "loop/host.h"

#include <stdio.h>
#include <string.h>

/* On the maintenance thread; inline (no thread) the host is asked at once. */
static int on_progress(void *data, uint64_t done, uint64_t total)
{
    hf__host *host = data;
    hf__maintenance *maintenance = &host->maintenance;
    if (!host->threaded) {
        if (maintenance->progress != NULL &&
            maintenance->progress(maintenance->data, done, total) != 0)
            atomic_store(&maintenance->cancel, true);
        return atomic_load(&maintenance->cancel);
    }
    atomic_store(&maintenance->done, done);
    atomic_store(&maintenance->total, total);
    if (!atomic_exchange(&maintenance->moved, true))
        (void)uv_async_send(&host->async);
    return atomic_load(&maintenance->cancel);
}

void hf__maintenance_run(void *context, void *job)
{
    hf__host *host = context;
    hf__maintenance *maintenance = job;
    if (maintenance->kind == HF__WORK_VERIFY)
        maintenance->status = hf__engine_verify(host->engine, on_progress, host,
                                                &maintenance->result, maintenance->findings);
    else
        maintenance->status = hf__engine_backup(host->engine, maintenance->path, on_progress, host,
                                                &maintenance->error);
}

static void report_progress(hf__maintenance *maintenance)
{
    if (!atomic_exchange(&maintenance->moved, false) || maintenance->progress == NULL)
        return;
    if (maintenance->progress(maintenance->data, atomic_load(&maintenance->done),
                              atomic_load(&maintenance->total)) != 0)
        atomic_store(&maintenance->cancel, true);
}

/* The slot is free before the callback runs: it may start the next work. */
static void report_end(hf__maintenance *maintenance)
{
    hf__work_kind kind = maintenance->kind;
    maintenance->kind = HF__WORK_NONE;
    if (kind == HF__WORK_VERIFY) {
        hf_verify_result result = maintenance->result;
        maintenance->verified(maintenance->data, maintenance->status,
                              maintenance->status == 0 ? &result : NULL);
    } else if (maintenance->ended != NULL) {
        hf_store_error error = maintenance->error;
        maintenance->ended(maintenance->data, maintenance->status,
                           maintenance->status == 0 ? "" : error.text);
    }
}

void hf__maintenance_pump(hf__host *host)
{
    hf__maintenance *maintenance = &host->maintenance;
    if (maintenance->kind == HF__WORK_NONE)
        return;
    if (!maintenance->running && atomic_load(&maintenance->cancel)) {
        maintenance->status = HF_E_CANCELLED;
        report_end(maintenance);
        return;
    }
    if (!maintenance->running) {
        maintenance->running = true;
        hf__worker_give(&maintenance->thread, maintenance);
    }
    bool ended = hf__worker_take(&maintenance->thread) != NULL;
    if (!ended) {
        report_progress(maintenance);
        return;
    }
    maintenance->running = false;
    report_end(maintenance);
}

void hf__maintenance_cancel(hf__host *host)
{
    atomic_store(&host->maintenance.cancel, true);
}

/* The engine whose maintenance slot is free, or NULL and why not. */
static hf__host *enter(hf_engine *engine, int *error)
{
    hf__host *host;
    *error = hf__host_enter_open(engine, &host);
    if (*error != 0)
        return NULL;
    if (host->maintenance.kind == HF__WORK_NONE)
        return host;
    *error = hf__refuse(&host->detail, HF_E_BUSY, "a verify or backup is running");
    return NULL;
}

static hf__maintenance *begin(hf__host *host, hf__work_kind kind, hf_progress_cb progress,
                              void *data)
{
    hf__maintenance *maintenance = &host->maintenance;
    maintenance->kind = kind;
    maintenance->progress = progress;
    maintenance->data = data;
    maintenance->error = (hf_store_error){.code = 0};
    maintenance->result =
        (hf_verify_result){.size = sizeof maintenance->result, .findings = maintenance->findings};
    atomic_store(&maintenance->cancel, false);
    atomic_store(&maintenance->moved, false);
    hf__arm(host);
    return maintenance;
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

/* Absolute, because the process may have changed its folder when the maintenance thread begins. */
static void set_path(hf__host *host, const char *path)
{
    hf__place place;
    const char *absolute = hf__place_absolute(host->env.files, path, &place);
    (void)snprintf(host->maintenance.path, sizeof host->maintenance.path, "%s", absolute);
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
    hf__maintenance *maintenance = begin(host, HF__WORK_BACKUP, progress, data);
    maintenance->ended = cb;
    set_path(host, path);
    return 0;
}

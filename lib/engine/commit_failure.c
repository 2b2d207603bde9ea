/*
 * commit_failure.c - what a commit that fails means for its operations and for the engine.
 *
 *   no space       nothing happened; the engine is degraded and heals when a probe commits
 *   busy, no memory nothing happened; the same call may succeed later
 *   all else       before the commit: as no space, since the store undoes what was written;
 *                  of the commit itself: the outcome is not known; the engine is poisoned until
 *                  it is opened again, because after a failed flush the state on disk is not known
 */
#include "engine/state.h"
#include <holdfast/error.h>

/* The status of operations whose commit failed, and the state of the engine after it. */
typedef struct hf__commit_failure {
    int error;  /* of the store */
    int status; /* of every operation */
    int state;  /* hf_health_state */
} hf__commit_failure;

/* clang-format off */
static const hf__commit_failure failures[] = {
    { HF_E_NO_SPACE,  HF_E_NO_SPACE, HF_HEALTH_DEGRADED },
    { HF_E_READ_ONLY, HF_E_DEGRADED, HF_HEALTH_DEGRADED },
    { HF_E_DEGRADED,  HF_E_DEGRADED, HF_HEALTH_DEGRADED },
    { HF_E_BUSY,      HF_E_BUSY,     HF_HEALTH_OK },
    { HF_E_NOMEM,     HF_E_NOMEM,    HF_HEALTH_OK },
    { HF_E_CORRUPT,   HF_E_CORRUPT,  HF_HEALTH_POISONED },
    { HF_E_FORKED,    HF_E_FORKED,   HF_HEALTH_POISONED },
    { HF_E_POISONED,  HF_E_POISONED, HF_HEALTH_POISONED },
    { 0,              HF_E_UNKNOWN,  HF_HEALTH_POISONED }, /* anything else */
};
/* clang-format on */

static const hf__commit_failure *failure_of(int error)
{
    const hf__commit_failure *failure = failures;
    while (failure->error != 0 && failure->error != error)
        failure++;
    return failure;
}

int hf__commit_undone(int error)
{
    return failure_of(error)->error != 0 ? error : HF_E_DEGRADED;
}

/* Completes every task of a group whose commit failed. */
void hf__commit_failed(hf__engine *engine, const hf__pending_commit *pending,
                       const hf_store_error *why)
{
    hf__batch *batch = pending->batch;
    const hf__commit_failure *failure = failure_of(why->code);
    const char *text = why->text[0] != '\0' ? why->text : hf_error_text(why->code);
    bool passes = failure->state == HF_HEALTH_OK;
    if (passes || !hf__engine_enter(engine, failure->state, why->code, text))
        hf__log(engine->env, passes ? HF_LOG_WARN : HF_LOG_DEBUG, "commit failed: %s: %s",
                hf_error_name(why->code), text);
    for (uint32_t i = pending->first; i < pending->end; i++) {
        hf__task *task = &batch->tasks[i];
        task->done.type = task->op.type;
        task->done.id = task->op.id;
        task->done.at_ms = batch->time_ms;
        hf__task_fail(task, failure->status, why->text, &batch->work);
    }
}

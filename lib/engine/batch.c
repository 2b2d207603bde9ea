/*
 * batch.c - the memory of a batch, and how its operations end.
 *
 * A batch takes its memory once. A completion that fails carries a detail, in the batch's memory;
 * without memory the detail is the text of the error.
 */
#include "engine/state.h"
#include <holdfast/error.h>
#include <string.h>

int hf__batch_init(hf__batch *batch, hf_env *env, uint32_t tasks, uint64_t args_bytes,
                   uint64_t work_bytes)
{
    *batch = (hf__batch){.capacity = tasks};
    batch->tasks = hf__alloc(env, sizeof(hf__task) * tasks);
    hf__arena_init(&batch->args, hf__alloc_uncleared(env, args_bytes), args_bytes);
    hf__arena_init(&batch->work, hf__alloc_uncleared(env, work_bytes), work_bytes);
    batch->work_capacity = batch->work.capacity;
    if (batch->tasks != NULL && batch->args.memory != NULL && batch->work.memory != NULL)
        return 0;
    hf__batch_fini(batch, env);
    return HF_E_NOMEM;
}

void hf__batch_fini(hf__batch *batch, hf_env *env)
{
    hf__free(env, batch->tasks);
    hf__free(env, batch->args.memory);
    hf__free(env, batch->work.memory);
    *batch = (hf__batch){0};
}

void hf__batch_reset(hf__batch *batch)
{
    batch->count = 0;
    batch->touched = NULL;
    batch->changes = NULL;
    batch->last = NULL;
    batch->unlisted = false;
    hf__arena_reset(&batch->args, 0);
    hf__arena_reset(&batch->work, 0);
    batch->work.capacity = batch->work_capacity;
}

void hf__task_fail(hf__task *task, int status, const char *detail, hf__arena *work)
{
    hf_completion *done = &task->done;
    done->status = status;
    done->result = NULL;
    done->event_seq = 0;
    const char *kept = detail[0] == '\0' ? "" : hf__arena_copy(work, detail, strlen(detail) + 1);
    done->detail = kept != NULL ? kept : hf_error_text(status);
}

int hf__task_broke(hf__engine *engine, const char *what, const char *place, hf__detail *detail)
{
    atomic_fetch_add(&engine->invariants, 1);
    hf__log(engine->env, HF_LOG_ERROR, "%s: " HF__BROKEN "%s", what, place);
    detail->text[0] = '\0';
    return hf__refuse(detail, HF_E_INVARIANT, HF__BROKEN "%s", place);
}

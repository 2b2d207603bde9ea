/*
 * own.c - one operation of the engine's own, in the open group or in a commit of its own.
 *
 * An operation that fails changes nothing, and its error is logged. When there was no memory, the
 * caller tries the operation again.
 */
#include "engine/run/run.h"
#include <holdfast/error.h>
#include <holdfast/event.h>

int hf__own_run(hf__engine *engine, const hf__operation *op)
{
    hf__arena *work = &engine->group.batch->work;
    size_t mark = work->used;
    hf__savepoint before = hf__savepoint_take(engine);
    int error = hf__task_decide(engine, op, work);
    if (error == 0)
        error = hf__task_apply(engine);
    if (error != 0) {
        hf__savepoint_rollback(engine, &before); /* nothing may point behind the mark */
        hf__arena_reset(work, mark);
    }
    if (error < 0) /* without memory it is tried again, with less or later */
        hf__log(engine->env, error == HF_E_NOMEM ? HF_LOG_DEBUG : HF_LOG_ERROR, "%s: %s: %s",
                hf_event_type_name(op->type), hf_error_name(error), engine->detail.text);
    engine->group.operations++;
    return error;
}

int hf__own_commit(hf__engine *engine, hf__batch *batch, const hf__operation *op)
{
    hf__pending_commit pending;
    int error = hf__group_begin(engine, batch, 0);
    if (error != 0)
        return error;
    const uint64_t number = engine->number;
    error = hf__own_run(engine, op);
    hf__group_commit(engine, 0, &pending);
    bool finished = hf__commit_finish(engine, &pending);
    if (error != 0 || (finished && engine->number != number))
        return error;
    return engine->error.code != 0 ? engine->error.code : HF_E_UNKNOWN;
}

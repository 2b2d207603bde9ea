/*
 * read.c - a read batch: one snapshot, each task answered by the function of its type.
 */
#include "base/fail.h"
#include "engine/reads/query.h"
#include "engine/state.h"

#include <holdfast/error.h>
#include <holdfast/event.h>

#define HF__READ(NAME, name, args, last, result, query) [HF_OP_##NAME] = hf__query_##query,

static const hf__query_fn queries[] = {
#include "model/operations.def"
};

hf__query_fn hf__query_of(uint32_t type)
{
    return type < sizeof(queries) / sizeof(queries[0]) ? queries[type] : NULL;
}

bool hf__engine_reads(uint32_t type)
{
    return hf__query_of(type) != NULL;
}

static void *alloc(void *context, uint64_t bytes)
{
    return hf__arena_alloc(context, bytes);
}

static void answer(hf__engine *engine, hf__query *query, hf__batch *batch, hf__task *task)
{
    hf_completion *done = &task->done;
    size_t mark = batch->work.used;
    query->detail.text[0] = '\0';
    done->type = task->op.type;
    done->id = task->op.id;
    done->at_ms = batch->time_ms;
    done->detail = "";
    done->result = NULL;
    done->event_seq = 0;
    done->status = hf__query_of(task->op.type)(query, task->op.args, &done->result);
    const char *place = hf__invariant_taken(HF__OF_OPERATION);
    if (place != NULL)
        done->status =
            hf__task_broke(engine, hf_event_type_name(task->op.type), place, &query->detail);
    if (done->status != 0) {
        hf__arena_reset(&batch->work, mark);
        hf__task_fail(task, done->status, query->detail.text, &batch->work);
    }
}

static void fail_all(hf__batch *batch, int error, const char *detail)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        batch->tasks[i].done.type = batch->tasks[i].op.type;
        batch->tasks[i].done.id = batch->tasks[i].op.id;
        hf__task_fail(&batch->tasks[i], error, detail, &batch->work);
    }
}

static void read_batch(hf__engine *engine, hf__batch *batch)
{
    hf_store_error native = {0};
    hf_store_caller caller = {.alloc = alloc, .context = &batch->work, .error = &native};
    hf__query query = {
        .driver = engine->driver,
        .work = &batch->work,
        .self = &engine->holding,
        .store_id = engine->store_id,
        .incarnation = engine->incarnation,
        .now_ms = hf__clock_now(&engine->clock),
    };
    hf_store_stat stat = {0};
    batch->begun_ms = engine->reads.shared ? hf__engine_uptime(engine) : 0;
    hf__batch_order_enter(&engine->read_order, batch);
    int error = engine->driver->begin(engine->store, HF_TXN_SNAPSHOT, &caller, &query.txn);
    hf__batch_order_leave(&engine->read_order);
    if (error != 0) {
        fail_all(batch, error, native.text);
        return;
    }
    error = engine->driver->stat(query.txn, &stat);
    batch->number = stat.mark.batch;
    batch->time_ms = stat.mark.time_ms;
    if (query.now_ms < batch->time_ms)
        query.now_ms = batch->time_ms;
    if (error != 0)
        fail_all(batch, error, native.text);
    for (uint32_t i = 0; error == 0 && i < batch->count; i++) {
        const bool is_order = batch->tasks[i].op.type == HF_OP_ORDER_GET;
        query.order = is_order ? hf__gather_take(&query, batch, i) : NULL;
        answer(engine, &query, batch, &batch->tasks[i]);
    }
    engine->driver->rollback(query.txn);
}

void hf__engine_read(hf__engine *engine, hf__batch *batch)
{
    batch->is_read = true;
    batch->begun_ns = hf__engine_steady_ns(engine);
    read_batch(engine, batch);
    batch->ended_ns = hf__engine_steady_ns(engine);
}

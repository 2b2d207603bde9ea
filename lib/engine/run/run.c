/*
 * run.c - a write batch from its first task to its last commit.
 *
 * Tasks run in the order of submission; later ones see what earlier ones did. A chain is all or
 * nothing: when one of its operations is refused, the working set is rolled back to the savepoint,
 * that operation keeps its error, and the others get HF_E_CHAIN. When the engine must do other work
 * first (HF__SWEEP), the chain is rolled back, the engine does that work, and the chain is run
 * again. The same happens when an operation breaks an invariant: the record that it handled is set
 * aside first (aside.c). When the working set is full the group commits and the task runs in the
 * next one.
 */
#include "engine/run/run.h"
#include <holdfast/error.h>

#define WORK_OF_ARGS 8 /* bytes of `work` that an operation uses for each of its arguments */

/* True: no other operation and no sweep has used this batch's memory. */
static bool begins_batch(const hf__engine *engine)
{
    return engine->group.first == 0 && engine->group.operations == 0 &&
           engine->group.batch->touched == NULL;
}

/*
 * HF_E_NOMEM may go away in another batch, unless the operation has had this one's memory for
 * itself: no other and no sweep ran before it, and none has named rows before its turn. A commit
 * within a batch frees none of its memory. When the store had no memory, nothing is known about the
 * memory of the batch, and the error of the store stays.
 */
static int without_memory(hf__engine *engine)
{
    if (engine->error.code == HF_E_NOMEM && !engine->group.used_up)
        return HF_E_NOMEM;
    const bool alone = begins_batch(engine) && !engine->wave.used;
    return alone ? hf__refuse(&engine->detail, HF_E_TOO_MANY,
                              "the operation does not fit batch_bytes_max; raise it")
                 : hf__refuse(&engine->detail, HF_E_OVERLOADED,
                              "the batch's memory is used up; try again");
}

static int run_one(hf__engine *engine, hf__task *task)
{
    hf__savepoint before = hf__savepoint_take(engine);
    engine->error.code = 0;
    engine->group.used_up = false;
    int status = hf__task_decide(engine, &task->op, &engine->group.batch->work);
    if (status == 0) {
        status = hf__task_apply(engine);
        if (status == 0)
            hf__share_earn(engine);
        else
            hf__savepoint_rollback(engine, &before);
    }
    return status;
}

/* Where a chain begins. */
typedef struct beginning {
    hf__savepoint before;
    size_t mark; /* of the batch's memory */
} beginning;

static beginning begin_chain(hf__engine *engine)
{
    hf__supply_chain(engine);
    return (beginning){hf__savepoint_take(engine), engine->group.batch->work.used};
}

/*
 * Rolls the chain back and does the work that must come first. True: the chain is to be decided
 * again. `later`: the operation is not the first one of its chain.
 */
static bool do_first(hf__engine *engine, const beginning *begun, hf__task *task, bool later,
                     int *status)
{
    hf__savepoint_rollback(engine, &begun->before);
    if (*status == HF_E_INVARIANT)
        return hf__aside_first(engine, &task->op);
    hf__arena_reset(&engine->group.batch->work, begun->mark);
    engine->group.later = later;
    bool again = hf__sweep_first(engine, status);
    engine->group.later = false;
    return again;
}

/*
 * True when all operations of the chain were done. The work that the engine did before the chain
 * stays, whatever the outcome of the chain.
 */
static bool decide_chain(hf__engine *engine, uint32_t first, uint32_t count)
{
    hf__task *tasks = engine->group.batch->tasks + first;
    beginning begun = begin_chain(engine);
    for (uint32_t i = 0; i < count; i++) {
        hf__wave_behind(&engine->wave, engine->group.batch, first + i + 1);
        int status = run_one(engine, &tasks[i]);
        if (status == HF__SWEEP || status == HF_E_INVARIANT) {
            bool again = do_first(engine, &begun, &tasks[i], i > 0, &status);
            begun = begin_chain(engine);
            if (again) {
                i = UINT32_MAX; /* from its first operation on */
                continue;
            }
        }
        if (status == HF_E_NOMEM)
            status = without_memory(engine);
        hf__task_answer(engine, &tasks[i], status);
        if (status == 0)
            continue;
        hf__savepoint_rollback(engine, &begun.before);
        for (uint32_t k = 0; k < count; k++) {
            if (k == i)
                continue;
            engine->detail.text[0] = '\0';
            hf__refuse(&engine->detail, HF_E_CHAIN, "operation %u of the chain was refused: %s",
                       i + 1, hf_error_name(status));
            hf__task_answer(engine, &tasks[k], HF_E_CHAIN);
        }
        return false;
    }
    return true;
}

static bool run_chain(hf__engine *engine, uint32_t first, uint32_t count)
{
    engine->group.nothing_due = false;
    bool done = decide_chain(engine, first, count);
    engine->group.nothing_due = false;
    return done;
}

static uint32_t chain_length(const hf__batch *batch, uint32_t first)
{
    uint32_t last = first;
    while (batch->tasks[last].op.linked && last + 1 < batch->count)
        last++;
    return last - first + 1;
}

/* Completes all tasks from `first` on with the error that the state of the engine has. */
static void refuse_from(hf__engine *engine, hf__batch *batch, uint32_t first)
{
    int status = hf__engine_accepts(engine);
    for (uint32_t i = first; i < batch->count; i++) {
        hf__engine_cause(engine, engine->detail.text, sizeof engine->detail.text);
        hf__task_answer(engine, &batch->tasks[i], status != 0 ? status : HF_E_DEGRADED);
    }
}

/* Nothing has been answered yet, so nothing points into the memory that the run has used. */
static void take_memory_back(hf__engine *engine, hf__batch *batch)
{
    if (batch->touched != NULL)
        return;
    hf__arena_reset(&batch->work, 0);
    batch->work.capacity = batch->work_capacity;
    hf__changes_again(batch);
    hf__wave_begin(&engine->wave, batch);
}

/* After a failed commit no batch follows at once. */
static void commit(hf__engine *engine, uint32_t end_task, hf__pending_commit *pending)
{
    hf__group_commit(engine, end_task, pending);
    if (!pending->open)
        hf__share_stop(engine);
}

static int begin(hf__engine *engine, hf__batch *batch, uint32_t first_task)
{
    int error = hf__group_begin(engine, batch, first_task);
    if (error != 0)
        hf__share_stop(engine);
    return error;
}

/* Commits the tasks before `task` and continues with it; false when all tasks from it on are
   completed. */
static bool next_group(hf__engine *engine, uint32_t task)
{
    hf__batch *batch = engine->group.batch;
    hf__pending_commit pending;
    commit(engine, task, &pending);
    (void)hf__commit_finish(engine, &pending);
    if (hf__engine_accepts(engine) == HF_E_POISONED) {
        refuse_from(engine, batch, task);
        return false;
    }
    if (task == 0)
        take_memory_back(engine, batch);
    return begin(engine, batch, task) == 0;
}

/* True when the first chain of a batch had no memory because rows of later operations use it. */
static bool was_hindered(const hf__engine *engine, uint32_t count)
{
    bool lacked = false;
    for (uint32_t i = 0; i < count; i++)
        lacked = lacked || engine->group.batch->tasks[i].done.status == HF_E_OVERLOADED;
    return lacked && engine->wave.used && begins_batch(engine);
}

/* Runs a chain; the first one of a batch again when it can have all memory. False: as next_group.
 */
static bool run_whole(hf__engine *engine, uint32_t first, uint32_t count)
{
    bool done = run_chain(engine, first, count);
    if (!done && first == 0 && was_hindered(engine, count)) {
        if (!next_group(engine, 0))
            return false;
        hf__wave_end(&engine->wave);
        done = run_chain(engine, first, count);
    }
    if (done)
        hf__promote(engine);
    return true;
}

static bool run_tasks(hf__engine *engine, hf__batch *batch)
{
    for (uint32_t i = 0; i < batch->count;) {
        uint32_t count = chain_length(batch, i);
        if (engine->group.operations != 0 && hf__group_full(engine) && !next_group(engine, i))
            return false;
        hf__prefetch_tasks(&engine->prefetch, batch, i);
        if (!run_whole(engine, i, count))
            return false;
        engine->group.operations += count;
        i += count;
    }
    return true;
}

/*
 * Whether callers' operations may need the memory that is used. A commit of its own costs a flush,
 * so what is left is compared with what their arguments may become.
 */
static bool callers_need_memory(const hf__batch *batch)
{
    const size_t used = batch->work_capacity - batch->work.capacity + batch->work.used;
    const size_t left = batch->work_capacity - used;
    return used > batch->work_capacity / 8 && left / WORK_OF_ARGS < batch->args.used;
}

/*
 * What the engine does by itself comes first. It is committed before callers' operations that may
 * need the memory that it used, and in several commits when one has no capacity for the share.
 * False: everything is answered.
 */
static bool sweep(hf__engine *engine, hf__batch *batch)
{
    bool again;
    uint64_t number;
    const int64_t begun_ns = hf__engine_steady_ns(engine);
    hf__share_begin(engine, batch->count);
    hf__sweep_look(engine);
    do {
        number = engine->number;
        hf__share_commit(engine);
        hf__sweep_due(engine);
        hf__promote(engine);
        again = engine->share.full && batch->count != 0;
        if ((again || callers_need_memory(batch)) && !next_group(engine, 0))
            return false;
    } while (again && engine->number != number);
    hf__share_swept(engine);
    hf__report_backlog(engine);
    batch->sweep_ns = hf__engine_steady_ns(engine) - begun_ns;
    return true;
}

/*
 * True while the clock is behind the stored time. When it is not, the batch gets the current time.
 */
static bool is_behind(hf__engine *engine)
{
    if (!engine->clock.refuses)
        return false;
    if (!hf__clock_catch_up(engine))
        return true;
    (void)hf__engine_enter(engine, HF_HEALTH_OK, 0, "");
    return false;
}

static void run(hf__engine *engine, hf__batch *batch, hf__pending_commit *pending)
{
    bool refuses = is_behind(engine);
    int64_t now = hf__clock_batch(&engine->clock);
    atomic_store(&engine->time_ms, now);
    batch->number = engine->number;
    batch->time_ms = now;
    batch->again = false;
    batch->begun_ms = engine->reads.shared ? hf__engine_uptime(engine) : 0;
    engine->group.batch = batch;
    hf__wave_begin(&engine->wave, batch);
    if (atomic_load(&engine->state) == HF_HEALTH_POISONED || refuses) {
        refuse_from(engine, batch, 0);
        return;
    }
    if (begin(engine, batch, 0) != 0)
        return;
    if (sweep(engine, batch) && run_tasks(engine, batch))
        commit(engine, batch->count, pending);
    batch->again = engine->share.more;
}

void hf__engine_run(hf__engine *engine, hf__batch *batch)
{
    hf__pending_commit pending = {.batch = batch};
    hf__batch_order_enter(&engine->write_order, batch);
    batch->is_read = false;
    batch->sweep_ns = 0;
    batch->begun_ns = hf__engine_steady_ns(engine);
    if (engine->read_only)
        refuse_from(engine, batch, 0);
    else
        run(engine, batch, &pending);
    hf__batch_order_leave(&engine->write_order);
    (void)hf__commit_finish(engine, &pending);
    batch->ended_ns = hf__engine_steady_ns(engine);
}

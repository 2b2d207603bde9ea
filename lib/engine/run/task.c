/*
 * task.c - one operation: decide until nothing is missing, then take its draft.
 *
 * Nothing of a refused operation stays: its draft is dropped with the arena's mark. What a batch's
 * memory cannot hold is refused as overload, so that the same operation may succeed in another
 * batch; what no batch could ever hold is named as too large.
 *
 * The first operation that writes a transaction finds that an engine with a store of its own has no
 * lease. Then the engine takes all leases in the same group, and the operation is decided again.
 */
#include "domain/txn/txn.h"
#include "engine/run/run.h"
#include <holdfast/error.h>
#include <holdfast/event.h>
#include <string.h>

/* Nothing of the decision stays, and the draft still names its suspect. */
static int broke(hf__engine *engine, const hf__operation *op, const char *place)
{
    return hf__task_broke(engine, hf_event_type_name(op->type), place, &engine->detail);
}

/*
 * Loads and decides once. An invariant that breaks in a pass with missing rows is ignored: it
 * breaks again when the rows are there.
 */
static int pass(hf__engine *engine, const hf__operation *op)
{
    int status = hf__decide(op, &engine->draft);
    const char *place = hf__invariant_taken(HF__OF_OPERATION);
    if (place == NULL)
        return status;
    return engine->draft.missing != 0 ? HF__MISSING : broke(engine, op, place);
}

static int load_and_decide(hf__engine *engine, const hf__operation *op, hf__arena *work)
{
    size_t mark = work->used;
    uint32_t known; /* rows; a range that is read in a pass may bring what the pass has asked for */
    do {
        known = engine->cache.batch_count;
        hf__engine_draft(engine, &engine->draft, &engine->view, &engine->detail, work);
        int status = pass(engine, op);
        if (status == 0)
            return 0;
        hf__arena_reset(work, mark);
        if (status != HF__MISSING) {
            /* A refusal needs no row that is missing. */
            hf__cache_clear_load_list(&engine->cache);
            return status;
        }
        status = hf__wave_load(engine);
        if (status != 0)
            return status;
    } while (engine->cache.batch_count > known);
    return broke(engine, op, "a decision asks for the same rows again");
}

int hf__task_apply(hf__engine *engine)
{
    const hf__draft *draft = &engine->draft;
    if (draft->row_count > hf__cache_remaining(&engine->cache))
        return HF_E_NOMEM;
    engine->cache.stamp++;
    hf__note_begin(engine);
    for (uint32_t i = 0; i < draft->row_count; i++)
        hf__cache_prefetch(&engine->cache, &draft->rows[i].key);
    for (uint32_t i = 0; i < draft->row_count; i++) {
        const hf__draft_row *row = &draft->rows[i];
        if (!row->changed)
            continue;
        int error = hf__cache_apply(&engine->cache, &row->key, row->old, row->row);
        if (error != 0)
            return error;
        hf__note_row(engine, row);
    }
    hf__walks_take(engine, draft);
    if (draft->held != NULL)
        hf__lease_held(engine, draft->held);
    if (!draft->quiet)
        engine->next_seq++;
    return 0;
}

/* The engine takes the leases of all transactions. */
static int take_leases(hf__engine *engine, hf__arena *work)
{
    const hf__txn_lease_args all = {.head = {.size = sizeof all}, .drives = 1};
    const hf_name no_actor = {{0}};
    const hf__operation op = {.type = HF_EVENT_LEASE, .args = &all.head, .actor = &no_actor};
    int error = load_and_decide(engine, &op, work);
    return error != 0 ? error : hf__task_apply(engine);
}

int hf__task_decide(hf__engine *engine, const hf__operation *op, hf__arena *work)
{
    int status = load_and_decide(engine, op, work);
    if (status != HF__SWEEP || engine->draft.sweep_type != HF_EVENT_LEASE)
        return status;
    status = take_leases(engine, work);
    return status != 0 ? status : load_and_decide(engine, op, work);
}

void hf__task_answer(hf__engine *engine, hf__task *task, int status)
{
    hf_completion *done = &task->done;
    done->type = task->op.type;
    done->id = task->op.id;
    done->at_ms = engine->clock.last_ms;
    if (status != 0) {
        const char *detail = engine->detail.text;
        if (detail[0] == '\0' && engine->error.code == status)
            detail = engine->error.text;
        hf__task_fail(task, status, detail, &engine->group.batch->work);
        return;
    }
    const hf__draft *draft = &engine->draft;
    done->status = 0;
    done->detail = "";
    done->result = draft->result;
    task->stamp = engine->cache.stamp;
    task->shows_order = draft->order != NULL && draft->result == draft->order;
    done->event_seq = draft->quiet ? draft->answered_seq : draft->event_seq;
}

/*
 * aside.c - what follows when an operation broke an invariant: the record that it handled by itself
 * is set aside, a report is recorded without effect, and the operation is decided again.
 *
 * Happy path: the draft that was thrown away names the record that was being expired, promoted or
 * driven. SET_ASIDE marks this record in the same group, and from then on every decision passes it
 * by. After opening, RESUME takes up what an older version of the library has set aside, some
 * records in each batch, each of them tried once.
 *
 * Failure modes: no record is named, or SET_ASIDE fails: then the operation is refused, and what
 * the engine does by itself is tried again later.
 */
#include "domain/upkeep/aside.h"
#include "base/version.h"
#include "domain/txn/work.h"
#include "engine/state.h"
#include "model/column.h"
#include <holdfast/error.h>
#include <holdfast/event.h>

#define RESUME_LIMIT 32u /* records in one batch */

int hf__own_run(hf__engine *engine, const hf__operation *op)
{
    hf__arena *work = &engine->group.batch->work;
    size_t mark = work->used;
    hf__savepoint before = hf__savepoint_take(engine);
    int error = hf__lease_decide(engine, op, work);
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

static int run(hf__engine *engine, uint32_t type, const hf__aside_args *args)
{
    const hf_name no_actor = {{0}};
    const hf__operation op = {.type = type, .args = &args->head, .actor = &no_actor};
    return hf__own_run(engine, &op);
}

/* True when the record is skipped from now on. */
static bool set_aside(hf__engine *engine, const hf__suspect *suspect, const char *place)
{
    hf__aside_args args = {.head = {.size = sizeof args}, .id = suspect->id, .kind = suspect->kind};
    hf__name_print(&args.place, "%s", place);
    if (run(engine, HF_EVENT_SET_ASIDE, &args) != 0 || engine->draft.quiet)
        return false;
    char id[37];
    hf__log(engine->env, HF_LOG_ERROR, "%s %s is set aside", hf__subject_names[args.kind],
            hf_id_format(&args.id, id));
    return true;
}

bool hf__aside_first(hf__engine *engine, hf__operation *op)
{
    const hf__suspect suspect = engine->draft.suspect;
    const hf__detail detail = engine->detail; /* of the operation, which may be refused with it */
    bool again = false;
    if (suspect.kind != HF_SUBJECT_NONE) {
        bool done = set_aside(engine, &suspect, detail.text + sizeof HF__BROKEN - 1);
        /* A transaction is what its step is about: there is nothing left to decide. */
        again = done && suspect.kind != HF_SUBJECT_TXN;
    } else if (op->type == HF_OP_PAYMENT_REPORT && !op->aside) {
        op->aside = true;
        again = true;
    }
    engine->detail = detail;
    return again;
}

/* ---- After opening --------------------------------------------------------------------------- */

/* The next record that an older version has set aside; *found NULL: there is none. */
static int next_old(hf__engine *engine, const hf__set_aside **found)
{
    const hf__set_aside own = {.library = HF__VERSION_NUMBER};
    const hf_scan scan = {
        .table = HF__SET_ASIDES,
        .index = HF__SET_ASIDES_LIBRARY,
        .low = &engine->resumed,
        .high = &own,
        .low_columns = engine->resumed.kind == HF_SUBJECT_NONE ? 0 : 3,
        .high_columns = 1,
        .low_exclusive = 1,
        .high_exclusive = 1,
    };
    const void *const *rows;
    uint32_t count;
    uint32_t more;
    int error = hf__cache_scan(&engine->cache, &scan, 1, &rows, &count, &more);
    *found = error == 0 && count == 1 ? rows[0] : NULL;
    return error;
}

void hf__aside_search(hf__engine *engine)
{
    engine->resuming = true;
    engine->resumed = (hf__set_aside){.kind = HF_SUBJECT_NONE};
}

int hf__aside_find(hf__engine *engine)
{
    const hf__set_aside *found;
    int error = next_old(engine, &found);
    if (found == NULL)
        return error;
    hf__aside_search(engine);
    hf__sweep_due_soon(engine);
    return 0;
}

void hf__aside_resume(hf__engine *engine)
{
    for (uint32_t i = 0; engine->resuming && i < RESUME_LIMIT; i++) {
        const hf__set_aside *found;
        if (next_old(engine, &found) != 0) {
            engine->share.failed = true; /* another batch continues */
            return;
        }
        engine->resuming = found != NULL;
        if (found == NULL)
            return;
        engine->resumed = *found;
        const hf__aside_args args = {
            .head = {.size = sizeof args}, .id = found->id, .kind = found->kind};
        if (run(engine, HF_EVENT_RESUME, &args) == HF_E_INVARIANT) {
            hf__operation op = {.type = HF_EVENT_RESUME};
            (void)hf__aside_first(engine, &op);
        }
    }
}

void hf__aside_note(hf__engine *engine, const hf__draft_row *row)
{
    if (row->row != NULL)
        return;
    hf__promote_search(engine); /* an order that has taken its place in a queue again */
    hf__sweep_due_soon(engine);
}

/*
 * aside.c - what follows when an operation broke an invariant: the record that the engine handled
 * by itself is set aside, a report is recorded without effect, and the operation is decided again.
 *
 * Happy path: the discarded draft names the record that was being expired, promoted or driven.
 * SET_ASIDE marks this record in the same group, and every later decision skips the record.
 *
 * Failure modes: no record is named, or SET_ASIDE fails: then the operation is refused, and what
 * the engine does by itself is tried again later.
 */
#include "domain/upkeep/aside.h"
#include "domain/txn/work.h"
#include "engine/run/run.h"
#include "model/column.h"
#include <holdfast/error.h>
#include <holdfast/event.h>

static int run(hf__engine *engine, const hf__aside_args *args)
{
    const hf_name no_actor = {{0}};
    const hf__operation op = {.type = HF_EVENT_SET_ASIDE, .args = &args->head, .actor = &no_actor};
    return hf__own_run(engine, &op);
}

/* True when the record is skipped from now on. */
static bool set_aside(hf__engine *engine, const hf__suspect *suspect, const char *place)
{
    hf__aside_args args = {.head = {.size = sizeof args}, .id = suspect->id, .kind = suspect->kind};
    hf__name_print(&args.place, "%s", place);
    if (run(engine, &args) != 0 || engine->draft.quiet)
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
        /*
         * The step of a transaction concerns only that transaction. When the transaction is set
         * aside, nothing is left to decide.
         */
        again = done && suspect.kind != HF_SUBJECT_TXN;
    } else if (op->type == HF_OP_PAYMENT_REPORT && !op->aside) {
        op->aside = true;
        again = true;
    }
    engine->detail = detail;
    return again;
}

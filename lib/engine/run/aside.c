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
#include "domain/txn/work.h"
#include "engine/run/run.h"
#include "model/column.h"
#include <holdfast/error.h>
#include <holdfast/event.h>

#define RESUME_LIMIT 32u /* records in one batch */

static int run(hf__engine *engine, uint32_t type, const hf__aside_args *args)
{
    const hf_name no_actor = {{0}};
    const hf__operation op = {.type = type, .args = &args->head, .actor = &no_actor};
    int error;
    do
        error = hf__own_run(engine, &op);
    while (hf__chore_expire_first(engine, &error));
    return error;
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

void hf__aside_resume(hf__engine *engine)
{
    for (uint32_t i = 0; engine->resume.going && i < RESUME_LIMIT; i++) {
        const hf__set_aside *found;
        if (hf__resume_next(engine, &found) != 0) {
            hf__share_fail(engine); /* another batch continues */
            return;
        }
        hf__resume_took(engine, found);
        if (found == NULL)
            return;
        const hf__aside_args args = {
            .head = {.size = sizeof args}, .id = found->id, .kind = found->kind};
        if (run(engine, HF_EVENT_RESUME, &args) == HF_E_INVARIANT) {
            hf__operation op = {.type = HF_EVENT_RESUME};
            (void)hf__aside_first(engine, &op);
        }
    }
}

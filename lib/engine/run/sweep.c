/*
 * sweep.c - what the engine does by itself: expiry when deadlines pass, promotion of waiting orders
 * when supply came (promote.c). Both are bounded operations of the core (chore.c), repeated as long
 * as the batch has a share for them (share.c); what they leave is done by the next batch, which
 * follows at once.
 *
 * After opening, RESUME handles the records that an older version of the library has set aside:
 * some records in each batch, each of them tried once.
 */
#include "domain/lifecycle/expire.h"
#include "domain/upkeep/aside.h"
#include "engine/run/run.h"
#include <holdfast/error.h>
#include <holdfast/event.h>

#define RESUME_LIMIT 32u /* records in one batch */

static bool is_due(const hf__engine *engine)
{
    const int64_t next_ms = engine->walks.next_ms;
    return next_ms != 0 && next_ms <= engine->clock.last_ms;
}

/* As many as the batch has a share for; *all: nothing that is due is left. */
static int expire(hf__engine *engine, bool *all)
{
    const hf__supplied world = {.account = {.kind = HF_KIND_WORLD}};
    hf__sweep_result result = {.more = is_due(engine) ? 1 : 0};
    int error = 0;
    while (error == 0 && result.more && hf__share_left(engine, HF__CHORE_EXPIRY)) {
        error = hf__chore_run(engine, HF_EVENT_EXPIRE, &world, &result);
        if (error == 0 && result.more)
            hf__walks_next(engine, result.due_ms);
    }
    *all = error == 0 && result.more == 0;
    if (!*all && (error == 0 || error == HF__LATER))
        hf__share_continue(engine);
    return error == HF__LATER ? 0 : error;
}

/* Resumes a record that was set aside, or sets it aside again. */
static void resume_one(hf__engine *engine, const hf__set_aside *found)
{
    const hf_name no_actor = {{0}};
    const hf__aside_args args = {
        .head = {.size = sizeof args}, .id = found->id, .kind = found->kind};
    hf__operation op = {.type = HF_EVENT_RESUME, .args = &args.head, .actor = &no_actor};
    int error;
    do
        error = hf__own_run(engine, &op);
    while (hf__chore_expire_first(engine, &error));
    if (error == HF_E_INVARIANT)
        (void)hf__aside_first(engine, &op);
}

static void resume(hf__engine *engine)
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
        resume_one(engine, found);
    }
}

void hf__sweep_look(hf__engine *engine)
{
    resume(engine);
    hf__promote_look(engine);
}

void hf__sweep_due(hf__engine *engine)
{
    const int64_t due = atomic_load(&engine->next_due);
    if (due == 0 || due > engine->clock.last_ms)
        return;
    if (!is_due(engine)) { /* the sweep was requested because of promotions */
        hf__due_set(engine, engine->walks.next_ms);
        return;
    }
    bool all;
    int error = expire(engine, &all);
    if (error == 0 && all)
        error = hf__due_find(engine);
    if (error != 0)
        hf__due_set(engine, engine->clock.last_ms + HF__PROBE_MS);
}

bool hf__sweep_first(hf__engine *engine, int *status)
{
    bool again;
    if (*status == HF__SWEEP && engine->draft.sweep_type == HF_EVENT_PROMOTE) {
        const hf_account_ref account = engine->draft.sweeps[0];
        *status = hf__promote_owed(engine, &account);
        again = *status == 0;
    } else {
        again = hf__chore_expire_first(engine, status);
    }
    if (*status == HF__LATER)
        *status = hf__refuse(&engine->detail, HF_E_OVERLOADED,
                             "the batch has no memory left for what must expire or be promoted "
                             "first; try again");
    return again;
}

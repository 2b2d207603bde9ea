/*
 * chore.c - one operation of the engine's own: expiry or promotions, with as many records as the
 * batch has memory for.
 *
 * One operation handles up to HF__SWEEP_MOST records. When a batch has no memory for so many, it
 * handles half as many, and one more each time that it succeeds.
 *
 * Failure mode: a batch has no memory for one record. It is tried again by the next batch, which
 * begins with it.
 */
#include "domain/lifecycle/expire.h"
#include "engine/run/run.h"
#include <holdfast/error.h>
#include <string.h>

void hf__chore_init(hf__engine *engine)
{
    for (uint32_t i = 0; i < HF__CHORE_COUNT; i++)
        engine->chores.limit[i] = HF__SWEEP_MOST;
}

void hf__chore_had_memory(hf__engine *engine, hf__chore chore)
{
    engine->chores.no_memory[chore] = false;
}

/* One internal operation in the open group, with as many records as it may handle. */
static int run_once(hf__engine *engine, uint32_t type, const hf__supplied *of, uint32_t limit)
{
    hf__sweep_args args = {
        .head = {.size = sizeof(args)},
        .limit = limit,
        .account = of->account,
        .after = of->after,
    };
    hf_name no_actor = {{0}};
    hf__operation op = {.type = type, .args = &args.head, .actor = &no_actor};
    int error;
    do
        error = hf__own_run(engine, &op);
    while (error == HF_E_INVARIANT && hf__aside_first(engine, &op));
    return error;
}

/*
 * No batch has the memory for one record. This is logged once, until there is no such record any
 * more.
 */
static void report_no_memory(hf__engine *engine, uint32_t type, hf__chore chore)
{
    if (!engine->chores.no_memory[chore])
        hf__log(engine->env, HF_LOG_ERROR,
                "%s: %s: a batch has no memory for one record, which is tried again every second; "
                "raise batch_bytes_max",
                hf_event_type_name(type), hf_error_name(HF_E_NOMEM));
    engine->chores.no_memory[chore] = true;
    hf__share_spend(engine, chore);
}

int hf__chore_run(hf__engine *engine, uint32_t type, const hf__supplied *of, hf__sweep_result *out)
{
    const hf__chore chore = type == HF_EVENT_EXPIRE ? HF__CHORE_EXPIRY : HF__CHORE_PROMOTION;
    uint32_t *limit = &engine->chores.limit[chore];
    const bool first =
        engine->group.first == 0 && engine->cache.log == NULL && !engine->wave.used && *limit == 1;
    int error = run_once(engine, type, of, *limit);
    while (error == HF_E_NOMEM && *limit > 1) {
        *limit /= 2;
        error = run_once(engine, type, of, *limit);
    }
    if (error == HF_E_NOMEM && !first)
        return HF__LATER;
    if (error == HF_E_NOMEM)
        report_no_memory(engine, type, chore);
    if (error != 0)
        return error;
    if (chore == HF__CHORE_EXPIRY)
        hf__chore_had_memory(engine, chore);
    const hf__sweep_result *result = engine->draft.result;
    if (result != NULL)
        *out = *result;
    *limit += *limit < HF__SWEEP_MOST ? 1 : 0;
    hf__share_take(engine, chore, out->count);
    return 0;
}

/* Expires what is due of each account that the decision has named. */
static int expire_named(hf__engine *engine)
{
    hf_account_ref accounts[HF__SWEEPS_MAX]; /* each EXPIRE has the engine's draft */
    const uint32_t count = engine->draft.sweep_count;
    memcpy(accounts, engine->draft.sweeps, count * sizeof *accounts);
    int error = 0;
    for (uint32_t i = 0; i < count && error == 0; i++) {
        const hf__supplied of = {.account = accounts[i]};
        hf__sweep_result result = {.more = 0};
        error = hf__chore_run(engine, HF_EVENT_EXPIRE, &of, &result);
    }
    return error;
}

bool hf__chore_expire_first(hf__engine *engine, int *status)
{
    if (*status != HF__SWEEP || engine->draft.sweep_type != HF_EVENT_EXPIRE)
        return false;
    const uint64_t before = engine->next_seq; /* setting a record aside is an event, too */
    *status = expire_named(engine);
    if (*status == HF__LATER)
        hf__due_soon(engine);
    const bool nothing = *status == 0 && engine->next_seq == before;
    if (nothing && engine->group.later)
        engine->group.nothing_due = true; /* earlier operations of the chain made it due */
    else if (nothing)
        *status = hf__task_broke(engine, hf_event_type_name(HF_EVENT_EXPIRE),
                                 "nothing of an account expires that is due", &engine->detail);
    return *status == 0;
}

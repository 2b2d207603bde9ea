/*
 * promote.c - the promotion of the orders that wait on accounts which got something.
 *
 * Happy path: a sweep promotes along the list of these accounts (supply.c), from its front, as long
 * as the batch has a share for promotions (share.c). When no account is ready, the search for
 * further ones continues, some accounts in each batch.
 *
 * Where orders may overtake each other, a new taker is refused nothing because others wait. So a
 * decision that would take from such an account while the account owes promotions asks for these
 * first (HF__SWEEP), whatever capacity the group has. Within a chain only what was noted before the
 * chain counts.
 *
 * Failure modes: a promotion may fail with the memory of a whole batch, or because an operation
 * broke an invariant. Such an account is tried again after a second. Until then the account owes
 * nothing: an order that cannot be promoted is overtaken. A failure of the store concerns every
 * account and leaves the list as it is.
 */
#include "domain/lifecycle/expire.h"
#include "engine/run/run.h"
#include <holdfast/error.h>

/* The search for accounts; an error of the store: another batch continues. */
static int search(hf__engine *engine)
{
    int error = hf__supply_look(engine);
    if (error != 0)
        hf__share_fail(engine);
    return error;
}

void hf__promote_look(hf__engine *engine)
{
    (void)search(engine);
}

/* True when a failure concerns only the account whose orders were to be promoted. */
static bool is_of_one(int error)
{
    return error == 0 || error == HF_E_NOMEM || error == HF_E_INVARIANT;
}

/*
 * Removes an account from the list and promotes the orders that wait on it. An account whose
 * promotion fails is appended to the list; when the failure concerns only this account, it is tried
 * again after a second.
 */
static int promote_at(hf__engine *engine, uint32_t at)
{
    hf__supplied chosen = hf__supply_take(engine, at);
    hf__sweep_result result = {.more = 0};
    int error;
    do
        error = hf__chore_run(engine, HF_EVENT_PROMOTE, &chosen, &result);
    while (hf__chore_expire_first(engine, &error));
    if (error != 0) {
        if (is_of_one(error))
            chosen.not_before_ms = engine->clock.last_ms + HF__PROBE_MS;
        hf__supply_put(engine, &chosen);
        return error;
    }
    if (result.more)
        hf__supply_put(engine, &(hf__supplied){.account = chosen.account, .after = result.after});
    else if (result.after != 0)
        hf__supply_forget(engine, &chosen.account); /* noted by the run that has just ended */
    hf__walks_set_head(engine, &chosen.account, result.queue_head);
    return 0;
}

/* One step: the promotions of an account, or a part of the search when no account is ready. */
static int promote_next(hf__engine *engine)
{
    uint32_t at = hf__supply_ready(engine);
    return at < engine->supply.count ? promote_at(engine, at) : search(engine);
}

int hf__promote_owed(hf__engine *engine, const hf_account_ref *account)
{
    int error = 0;
    while (is_of_one(error) && hf__supply_owes_now(engine, account))
        error = promote_next(engine);
    return is_of_one(error) ? 0 : error;
}

/* The next batch continues with what this one leaves, at once unless the store failed. */
static void leave_rest(hf__engine *engine)
{
    const int64_t retry_ms = hf__supply_retry_ms(engine);
    bool is_left = hf__supply_ready(engine) < engine->supply.count || engine->supply.searching ||
                   engine->resume.going;
    if (is_left && engine->share.failed) {
        hf__due_at(engine, engine->clock.last_ms + HF__PROBE_MS);
    } else if (is_left) {
        hf__due_soon(engine);
        hf__share_continue(engine);
    } else if (retry_ms == 0) {
        hf__chore_had_memory(engine, HF__CHORE_PROMOTION);
    }
    hf__due_at(engine, retry_ms);
}

void hf__promote(hf__engine *engine)
{
    int error = 0;
    while (is_of_one(error) && hf__supply_ready(engine) < engine->supply.count &&
           hf__share_left(engine, HF__CHORE_PROMOTION))
        error = promote_next(engine);
    if (!is_of_one(error) && error != HF__LATER)
        hf__share_fail(engine);
    leave_rest(engine);
}

/*
 * shortage.c - due records expire and waiting orders are promoted before an account gives.
 *
 * Why: an expired hold never costs a sale, whether or not a timer has run. And where orders may
 * overtake each other, those that wait come before a new taker when something has come for them.
 *
 * Happy path: the account can give what is taken, and nothing happens. Otherwise its due records
 * are looked for. When there is one, the operation is not decided yet: the engine runs EXPIRE for
 * the account first, and for other accounts that are short (HF__SWEEPS_MAX in one load), and the
 * operation is loaded again, as often as it takes.
 *
 * What an operation takes of an account is added up while its rows are named. It may be more than
 * the operation takes in the end, so that no movement is short of what has expired.
 *
 * Failure modes: a row is missing, which the draft has noted; HF_E_NOMEM, in draft->load_error.
 */
#include "domain/ledger/shortage.h"

#include "base/money/checked.h"
#include "domain/core/account_ref.h"
#include "domain/ledger/due.h"
#include "domain/ledger/limits.h"

#include <holdfast/event.h>

static bool is_short(const hf_account *account, int64_t amount)
{
    return hf__headroom_out(account) < amount && account->held_out != 0;
}

/* Whether something came for the orders that wait, which they were not offered yet. */
static bool owes_promotions(const hf__draft *draft, const hf_account *account)
{
    const hf__view *view = draft->view;
    return draft->queue == NULL && account->overtake && account->waiting > 0 &&
           view->owes != NULL && view->owes(view->context, &account->key);
}

/* Whether an order that waits comes first, so that nothing is given. */
static bool is_queued(const hf__draft *draft, const hf_account *account, uint64_t place_seq)
{
    return account->waiting > 0 && !account->overtake &&
           (place_seq == 0 || place_seq == draft->event_seq);
}

/* Whether EXPIRE can be asked for the account, and was not yet. */
static bool may_ask(const hf__draft *draft, const hf_account_ref *account)
{
    bool noted = draft->nothing_due || draft->sweep_count == HF__SWEEPS_MAX ||
                 (draft->sweep_type != 0 && draft->sweep_type != HF_EVENT_EXPIRE);
    for (uint32_t i = 0; i < draft->sweep_count && !noted; i++)
        noted = hf__account_same(&draft->sweeps[i], account);
    return !noted;
}

static void look(hf__draft *draft, const hf_account *account, int64_t amount, uint64_t place_seq)
{
    const bool queues = place_seq != HF__BEFORE_QUEUES;
    if (account->frozen || amount <= 0)
        return;
    if (queues && owes_promotions(draft, account))
        hf__draft_defer(draft, &account->key, HF_EVENT_PROMOTE);
    else if (is_short(account, amount) && !is_queued(draft, account, place_seq) &&
             may_ask(draft, &account->key) && hf__load_any_due(draft, &account->key))
        hf__draft_defer(draft, &account->key, HF_EVENT_EXPIRE);
}

void hf__load_taking(hf__draft *draft, uint32_t at, int64_t amount, uint64_t place_seq)
{
    const hf_account *account = hf__loaded(draft, at);
    if (account == NULL)
        return;
    int64_t *taken = &draft->rows[at - 1].taken;
    if (!hf__add(*taken, amount, taken))
        *taken = INT64_MAX;
    look(draft, account, *taken, place_seq);
}

bool hf__cannot_give(const hf__draft *draft, uint32_t from, int64_t amount, bool queues)
{
    const hf_account *account = hf__loaded(draft, from);
    if (account == NULL || account->frozen || amount <= 0)
        return false;
    if (queues && account->waiting > 0)
        return account->overtake != 0; /* else an order comes before, so that nothing is given */
    return is_short(account, amount);
}

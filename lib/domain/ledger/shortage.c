/*
 * shortage.c - due records expire and waiting orders are promoted before an account gives.
 *
 * Why: an expired hold never costs a sale, whether or not a timer has run. And where orders may
 * overtake each other, those that wait come before a new taker when something has come for them.
 *
 * Happy path: the account can give what is taken, and nothing happens. Otherwise its due records
 * expire in the draft of the operation, whose event then lists them first. What would be too much
 * for one operation is left to operations of the engine's own (hf__draft_defer).
 *
 * Failure modes: HF__NEED, HF_E_NOMEM.
 */
#include "domain/ledger/shortage.h"

#include "domain/ledger/limits.h"

#include <holdfast/event.h>

/*
 * What is due belongs to holds, orders and payments, which are decided above accounts. It is found
 * here and now, so its rows need no load.
 */
int hf__expire_due(hf__draft *draft, const hf_account_ref *account, int64_t amount)
{
    const uint32_t deciding = draft->deciding;
    if (draft->expire_due == NULL)
        return 0;
    draft->deciding = 0;
    int error = draft->expire_due(draft, account, amount);
    draft->deciding = deciding;
    return error;
}

static bool is_short(const hf_account *account, int64_t amount)
{
    return hf__room_out(account) < amount && account->held_out != 0;
}

int hf__expire_if_short(hf__draft *draft, const hf_account *account, int64_t amount)
{
    return is_short(account, amount) ? hf__expire_due(draft, &account->key, amount) : 0;
}

int hf__promote_first(hf__draft *draft, const hf_account *account)
{
    const hf__view *view = draft->view;
    if (draft->promoting || !account->overtake || account->waiting == 0 || view->owes == NULL ||
        !view->owes(view->context, &account->key))
        return 0;
    return hf__draft_defer(draft, &account->key, HF_EVENT_PROMOTE);
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

int hf__prepare_taking(hf__draft *draft)
{
    const hf__taking *taking = &draft->taking;
    const hf_account *account = hf__loaded(draft, taking->from);
    if (account == NULL)
        return 0;
    int error = taking->queues ? hf__promote_first(draft, account) : 0;
    return error != 0 ? error : hf__expire_if_short(draft, account, taking->amount);
}

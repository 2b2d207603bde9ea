/*
 * shortage.h - what must happen before an account gives what it cannot give as it is: its due
 * records expire, and waiting orders that may overtake get what came for them.
 */
#ifndef HF_DOMAIN_LEDGER_SHORTAGE_H
#define HF_DOMAIN_LEDGER_SHORTAGE_H

#include "domain/core/draft.h"

/* Expires due records of an account until `amount` is available. 0, HF__NEED, HF_E_NOMEM. */
int hf__expire_due(hf__draft *draft, const hf_account_ref *account, int64_t amount);

/* The same when the account cannot give `amount` as it is, and holds something. */
int hf__expire_if_short(hf__draft *draft, const hf_account *account, int64_t amount);

/*
 * Lets the orders that wait on an account with `overtake` come before a new taker: HF__NEED with
 * draft->sweep_wanted set while the account owes them a look (hf__view.owes). 0 when it does not.
 */
int hf__promote_first(hf__draft *draft, const hf_account *account);

/*
 * For a load whose operation takes `amount` of the account at `from` (as in hf__draft.loaded): true
 * when something must happen first. The load then sets draft->taking, unless the operation is
 * refused before it takes. `queues`: it comes behind the orders that wait on the account.
 */
bool hf__cannot_give(const hf__draft *draft, uint32_t from, int64_t amount, bool queues);

/*
 * Between load and decide: what draft->taking says happens, in this draft or first of all. 0;
 * HF__NEED when rows of due records are missing, or with draft->sweep_wanted set; HF_E_NOMEM.
 */
int hf__prepare_taking(hf__draft *draft);

#endif

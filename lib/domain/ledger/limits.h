/*
 * limits.h - what the numbers of one account allow.
 *
 * An account is outside its limits when balance < min_balance, available < min_available, or
 * balance + held_in > max_balance. Only facts and tightened limits lead there; the account then
 * carries HF_ATTENTION_BEYOND_LIMIT, and nothing new is held of it. Any change
 * that brings it back within its limits clears the bit.
 *
 * One case is an exception: an account that was opened with less than its min_available (a safety
 * stock before the first delivery) and has promised nothing. It is short, not beyond.
 */
#ifndef HF_DOMAIN_LEDGER_LIMITS_H
#define HF_DOMAIN_LEDGER_LIMITS_H

#include "domain/core/draft.h"

/* Headroom for holds: available - min_available; negative when it is beyond that. */
int64_t hf__headroom_out(const hf_account *account);

/* Headroom for what comes in: max_balance - balance - held_in. */
int64_t hf__headroom_in(const hf_account *account);

/* True when a number is outside its limit now. */
bool hf__outside_limits(const hf_account *account);

/* The same without the one case above: such an account must have attention. */
bool hf__beyond_limits(const hf_account *account);

/* Completes a change of an account: sets version and time, and clears attention that is over. */
void hf__account_touch(const hf__draft *draft, hf_account *account);

/* The same after a fact: raises attention when the account is outside its limits. */
void hf__account_touch_fact(const hf__draft *draft, hf_account *account);

/* True when orders wait on the account and one of them may now get more. `old` NULL: new. */
bool hf__may_promote(const hf_account *old, const hf_account *now);

#endif

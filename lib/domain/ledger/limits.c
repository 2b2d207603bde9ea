/*
 * limits.c - headroom, limits and versions of one account.
 *
 * The limits may stand at the ends of int64 ("no limit"), so differences saturate: headroom that
 * does not fit counts as unlimited.
 */
#include "domain/ledger/limits.h"

#include "base/money/checked.h"

/* a - b, at the end of the range when it does not fit. */
static int64_t less(int64_t a, int64_t b)
{
    int64_t result;
    if (hf__sub(a, b, &result))
        return result;
    return b < 0 ? INT64_MAX : INT64_MIN;
}

int64_t hf__headroom_out(const hf_account *account)
{
    return less(less(account->balance, account->held_out), account->min_available);
}

int64_t hf__headroom_in(const hf_account *account)
{
    return less(less(account->max_balance, account->balance), account->held_in);
}

bool hf__outside_limits(const hf_account *account)
{
    return account->balance < account->min_balance || hf__headroom_out(account) < 0 ||
           hf__headroom_in(account) < 0;
}

bool hf__beyond_limits(const hf_account *account)
{
    bool only_short = account->balance >= account->min_balance && hf__headroom_in(account) >= 0 &&
                      account->held_out == 0;
    return hf__outside_limits(account) && !only_short;
}

void hf__account_touch(const hf__draft *draft, hf_account *account)
{
    account->version++;
    account->updated_at_ms = draft->now_ms;
    if (!hf__outside_limits(account))
        account->attention &= ~(uint32_t)HF_ATTENTION_BEYOND_LIMIT;
}

void hf__account_touch_fact(const hf__draft *draft, hf_account *account)
{
    hf__account_touch(draft, account);
    if (hf__outside_limits(account))
        account->attention |= HF_ATTENTION_BEYOND_LIMIT;
}

/* What a new taker could get; expired holds are not counted, because EXPIRE releases them later. */
static int64_t takable(const hf_account *account)
{
    bool blocked = account->frozen || (account->attention & HF_ATTENTION_BEYOND_LIMIT) != 0;
    int64_t headroom = hf__headroom_out(account);
    if (blocked || headroom < 0)
        return 0;
    return headroom;
}

/* Where orders overtake each other, no order that fits has waited behind the one that left. */
bool hf__may_promote(const hf_account *old, const hf_account *now)
{
    if (old == NULL || now == NULL || now->waiting == 0 || takable(now) == 0)
        return false;
    bool moved_up = now->overtake ? !old->overtake : now->waiting < old->waiting;
    return takable(now) > takable(old) || moved_up;
}

/*
 * movement.c - holding, posting, releasing and moving between two accounts, with every limit.
 *
 * Why here alone: a stock level, a wallet, a seat and a coupon differ in what they are called, not
 * in how they can be oversold. Every change of balance, held_out or held_in comes through these
 * functions, so the limits are checked in one place:
 *
 *     function    checked of the giving account            checked of the taking account
 *     hold        frozen, queue, attention, headroom       balance + held_in <= max_balance
 *     post        frozen, balance >= min_balance           -  (held_in turns into balance)
 *     release     -                                        -
 *     move        frozen, queue, headroom, min_balance     balance + held_in <= max_balance
 *     reverse     as move without queue, ends swapped      as move, ends swapped
 *     move_fact   - (attention instead)                    - (attention instead)
 *
 * in this order. "Headroom" is available - min_available. Frozen means that nothing is promised or
 * moved out of an account; what comes in and what is released passes. Attention refuses a hold as
 * long as the numbers are beyond the limits (limits.h). Queue means that while an order waits on an
 * account no later taker gets of it, unless the account lets them overtake.
 *
 * The rows of both ends are there: what must expire or be promoted before an account gives
 * (shortage.h) has been done, and who waits on the account is known.
 *
 * Failure modes: HF_E_NOT_FOUND, HF_E_CURRENCY, HF_E_ARGUMENT for the ends; the refusals of the
 * table; HF_E_OVERFLOW; HF_E_NOMEM. A refused draft is discarded as a whole, so nothing is undone
 * here.
 */
#include "domain/ledger/movement.h"

#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/core/body.h"
#include "domain/ledger/limits.h"

#include <stdio.h>
#include <string.h>

/* What an account that is short is called, by its kind. */
static const int short_of[] = {
    [HF_KIND_WORLD] = HF_E_INVARIANT, /* never short */
    [HF_KIND_ITEM] = HF_E_STOCK_SHORT,
    [HF_KIND_MONEY] = HF_E_FUNDS_SHORT,
    [HF_KIND_LIMIT] = HF_E_LIMIT_SHORT,
};

/* Refuses with "line 3: ITEM tea @berlin [pcs]: why". */
static int refuse(const hf__draft *draft, const hf__movement *m, const hf_account_ref *account,
                  int error, const char *why)
{
    char name[208];
    const char *what = m->what == NULL ? "" : m->what;
    char no[16] = "";
    if (m->no != 0)
        (void)snprintf(no, sizeof no, " %u", m->no);
    return hf__refuse(draft->detail, error, "%s%s%s%s: %s", what, no, *what == '\0' ? "" : ": ",
                      hf__account_text(account, name), why);
}

static int refuse_short(const hf__draft *draft, const hf__movement *m, const hf_account *account)
{
    char why[96];
    (void)snprintf(why, sizeof why, "%lld wanted, %lld available", (long long)m->amount,
                   (long long)hf__headroom_out(account));
    return refuse(draft, m, &account->key, short_of[account->key.kind], why);
}

int hf__ends_check(const hf__draft *draft, const hf__movement *m)
{
    if (hf__is_world(m->from) && hf__is_world(m->to))
        return hf__refuse(draft->detail, HF_E_ARGUMENT, "both ends are the world");
    if (hf__is_world(m->from) || hf__is_world(m->to))
        return 0;
    if (!hf__name_equal(&m->from->unit, &m->to->unit)) {
        char why[96];
        (void)snprintf(why, sizeof why, "goes to an account in %s", m->to->unit.text);
        return refuse(draft, m, m->from, HF_E_CURRENCY, why);
    }
    if (hf__account_same(m->from, m->to))
        return refuse(draft, m, m->from, HF_E_ARGUMENT, "is both ends");
    return 0;
}

int hf__ends_there(const hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    if (e->from == NULL && !hf__is_world(m->from))
        return refuse(draft, m, m->from, HF_E_NOT_FOUND, "no such account");
    if (e->to == NULL && !hf__is_world(m->to))
        return refuse(draft, m, m->to, HF_E_NOT_FOUND, "no such account");
    return 0;
}

static int refuse_queued(const hf__draft *draft, const hf__movement *m)
{
    char why[96];
    (void)snprintf(why, sizeof why, "%lld wanted, but an earlier order waits",
                   (long long)m->amount);
    return refuse(draft, m, m->from, HF_E_QUEUED_AHEAD, why);
}

bool hf__blocked_by_attention(const hf_account *account)
{
    return (account->attention & HF_ATTENTION_BEYOND_LIMIT) != 0 && hf__outside_limits(account);
}

/* The giving account of a new hold. */
static int check_hold_from(const hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    const hf_account *from = e->from;
    if (from->frozen)
        return refuse(draft, m, m->from, HF_E_FROZEN, "frozen");
    if (e->queued)
        return refuse_queued(draft, m);
    if (hf__blocked_by_attention(from))
        return refuse(draft, m, m->from, HF_E_ATTENTION, "beyond its limits");
    return hf__headroom_out(from) < m->amount ? refuse_short(draft, m, from) : 0;
}

/* The giving account of a move. */
static int check_move_from(const hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    const hf_account *from = e->from;
    if (from->frozen)
        return refuse(draft, m, m->from, HF_E_FROZEN, "frozen");
    if (e->queued)
        return refuse_queued(draft, m);
    int64_t left;
    if (hf__headroom_out(from) < m->amount || !hf__sub(from->balance, m->amount, &left) ||
        left < from->min_balance)
        return refuse_short(draft, m, from);
    return 0;
}

/* The taking account of a hold or move. */
static int check_to(const hf__draft *draft, const hf__movement *m, const hf_account *to)
{
    if (hf__headroom_in(to) >= m->amount)
        return 0;
    char why[96];
    (void)snprintf(why, sizeof why, "%lld would come in, %lld fit", (long long)m->amount,
                   (long long)hf__headroom_in(to));
    return refuse(draft, m, m->to, HF_E_MAX_BALANCE, why);
}

/* held_out and held_in of both ends by `amount`, and the change in the body. */
static int apply_held(hf__draft *draft, const hf__movement *m, const hf__ends *e, int64_t amount)
{
    if (e->from != NULL && !hf__add(e->from->held_out, amount, &e->from->held_out))
        return refuse(draft, m, m->from, HF_E_OVERFLOW, "too much is held");
    if (e->to != NULL && !hf__add(e->to->held_in, amount, &e->to->held_in))
        return refuse(draft, m, m->to, HF_E_OVERFLOW, "too much is held");
    bool holds =
        (e->from == NULL || e->from->held_out >= 0) && (e->to == NULL || e->to->held_in >= 0);
    if (!hf_invariant(holds))
        return HF_E_INVARIANT;
    return hf__body_add(
        draft,
        &(hf__change){.type = HF_CHANGE_HOLD, .from = m->from, .to = m->to, .amount = amount});
}

/* Balances of both ends, and the change in the body. */
static int apply_balance(hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    if (e->from != NULL && !hf__sub(e->from->balance, m->amount, &e->from->balance))
        return refuse(draft, m, m->from, HF_E_OVERFLOW, "the balance does not fit");
    if (e->to != NULL && !hf__add(e->to->balance, m->amount, &e->to->balance))
        return refuse(draft, m, m->to, HF_E_OVERFLOW, "the balance does not fit");
    return hf__body_add(
        draft,
        &(hf__change){.type = HF_CHANGE_MOVE, .from = m->from, .to = m->to, .amount = m->amount});
}

static void touch(const hf__draft *draft, const hf__ends *e)
{
    if (e->from != NULL)
        hf__account_touch(draft, e->from);
    if (e->to != NULL)
        hf__account_touch(draft, e->to);
}

int hf__ends_hold(hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    if (m->amount == 0)
        return 0;
    int error = e->from == NULL ? 0 : check_hold_from(draft, m, e);
    if (error == 0 && e->to != NULL)
        error = check_to(draft, m, e->to);
    if (error == 0)
        error = apply_held(draft, m, e, m->amount);
    if (error == 0)
        touch(draft, e);
    return error;
}

static int check_post_from(const hf__draft *draft, const hf__movement *m, const hf_account *from)
{
    if (from->frozen)
        return refuse(draft, m, m->from, HF_E_FROZEN, "frozen");
    int64_t left;
    if (hf__sub(from->balance, m->amount, &left) && left >= from->min_balance)
        return 0;
    char why[96];
    (void)snprintf(why, sizeof why, "%lld to post, %lld there", (long long)m->amount,
                   (long long)from->balance);
    return refuse(draft, m, m->from, short_of[m->from->kind], why);
}

int hf__ends_post(hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    if (m->amount == 0)
        return 0;
    int error = e->from == NULL ? 0 : check_post_from(draft, m, e->from);
    if (error == 0)
        error = apply_held(draft, m, e, -m->amount);
    if (error == 0)
        error = apply_balance(draft, m, e);
    if (error == 0)
        touch(draft, e);
    return error;
}

int hf__ends_release(hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    if (m->amount == 0)
        return 0;
    int error = apply_held(draft, m, e, -m->amount);
    if (error == 0)
        touch(draft, e);
    return error;
}

int hf__ends_move(hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    if (m->amount == 0)
        return 0;
    int error = e->from == NULL ? 0 : check_move_from(draft, m, e);
    if (error == 0 && e->to != NULL)
        error = check_to(draft, m, e->to);
    if (error == 0)
        error = apply_balance(draft, m, e);
    if (error == 0)
        touch(draft, e);
    return error;
}

int hf__ends_move_fact(hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    int error = m->amount == 0 ? 0 : apply_balance(draft, m, e);
    if (error != 0 || m->amount == 0)
        return error;
    if (e->from != NULL)
        hf__account_touch_fact(draft, e->from);
    if (e->to != NULL)
        hf__account_touch_fact(draft, e->to);
    return 0;
}

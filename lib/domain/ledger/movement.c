/*
 * movement.c - holding, posting, releasing and moving between two accounts, with every limit.
 *
 * Why here alone: a stock level, a wallet, a seat and a coupon differ in what they are called, not
 * in how they can be oversold. Every change of balance, held_out or held_in comes through these six
 * functions, so the limits are checked in one place:
 *
 *     function    checked of the giving account            checked of the taking account
 *     hold        frozen, queue, attention, room           balance + held_in <= max_balance
 *     post        frozen, balance >= min_balance           -  (held_in turns into balance)
 *     release     -                                        -
 *     move        frozen, queue, room, min_balance         balance + held_in <= max_balance
 *     reverse     as move without queue, ends swapped      as move, ends swapped
 *     move_fact   - (attention instead)                    - (attention instead)
 *
 * in this order. "Room" is available - min_available. Frozen means that nothing is promised or
 * moved out of an account; what comes in and what is released passes. Attention refuses a hold as
 * long as the numbers are beyond the limits (limits.h). Queue means that while an order waits on an
 * account no later taker gets of it, unless the account lets them overtake: then the waiting orders
 * that fit are promoted before a new taker gets of what came.
 *
 * An account whose room is short first frees its own holds that are due, so that an expired hold
 * never costs a sale.
 *
 * Failure modes: HF__NEED; HF_E_NOT_FOUND, HF_E_CURRENCY, HF_E_ARGUMENT for the ends; the refusals
 * of the table; HF_E_OVERFLOW; HF_E_NOMEM. A draft that was refused is thrown away as a whole, so
 * nothing is undone here.
 */
#include "domain/ledger/movement.h"

#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/core/body.h"
#include "domain/ledger/limits.h"

#include <stdio.h>
#include <string.h>

#define WAITS_PAGE 64u /* waiting orders looked at in one step; promotions remove at most 32 */

/* What an account that is short is called, by its kind. */
static const int short_of[] = {
    [HF_KIND_WORLD] = HF_E_INVARIANT, /* never short */
    [HF_KIND_ITEM] = HF_E_STOCK_SHORT,
    [HF_KIND_MONEY] = HF_E_FUNDS_SHORT,
    [HF_KIND_LIMIT] = HF_E_LIMIT_SHORT,
};

/* Both accounts of a movement as rows of the draft; the world is NULL. */
typedef struct ends {
    hf_account *from;
    hf_account *to;
} ends;

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
                   (long long)hf__room_out(account));
    return refuse(draft, m, &account->key, short_of[account->key.kind], why);
}

_Static_assert(offsetof(hf_account, key) == 0, "an account is looked up by the name of it alone");

static int load_end(hf__draft *draft, const hf_account_ref *ref, hf_account **account)
{
    *account = NULL;
    if (hf__is_world(ref))
        return 0;
    void *row;
    int error = hf__draft_edit(draft, HF__ACCOUNTS, ref, &row);
    *account = row;
    return error;
}

static bool same_account(const hf_account_ref *a, const hf_account_ref *b)
{
    return a->kind == b->kind && hf__name_equal(&a->name, &b->name) &&
           hf__name_equal(&a->place, &b->place) && hf__name_equal(&a->unit, &b->unit);
}

/* What can be said of the ends without their rows. */
static int check_ends(const hf__draft *draft, const hf__movement *m)
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
    if (same_account(m->from, m->to))
        return refuse(draft, m, m->from, HF_E_ARGUMENT, "is both ends");
    return 0;
}

/* Loads both ends, so that both are noted when both are needed. */
static int load(hf__draft *draft, const hf__movement *m, ends *out)
{
    if (!hf_invariant(m->amount >= 0))
        return HF_E_INVARIANT;
    int error = check_ends(draft, m);
    if (error != 0)
        return error;
    int from = load_end(draft, m->from, &out->from);
    int to = load_end(draft, m->to, &out->to);
    if (from < 0)
        return from;
    if (to < 0)
        return to;
    if (from != 0 || to != 0)
        return HF__NEED;
    if (out->from == NULL && !hf__is_world(m->from))
        return refuse(draft, m, m->from, HF_E_NOT_FOUND, "no such account");
    if (out->to == NULL && !hf__is_world(m->to))
        return refuse(draft, m, m->to, HF_E_NOT_FOUND, "no such account");
    return 0;
}

/* No order placed before this event waits on the account. */
static uint64_t head_of(const hf__draft *draft, const hf_account_ref *account)
{
    bool promoting = draft->queue != NULL && same_account(draft->queue, account);
    uint64_t known = hf__view_queue_head(draft->view, account);
    if (promoting && draft->queue_head > known)
        return draft->queue_head;
    return known;
}

/*
 * Lets the orders that wait on an account with `overtake` come before a new taker: HF__NEED with
 * draft->sweep_wanted set while the account owes them a look (hf__view.owes). 0 when it does not.
 */
static int promote_first(hf__draft *draft, const hf_account *account)
{
    const hf__view *view = draft->view;
    if (draft->promoting || !account->overtake || account->waiting == 0 || view->owes == NULL ||
        !view->owes(view->context, &account->key))
        return 0;
    return hf__draft_defer(draft, &account->key, HF_EVENT_PROMOTE);
}

/* *ahead: whether an order that came before place_seq (0: any) waits on the account. */
static int queued_ahead(hf__draft *draft, const hf_account *account, uint64_t place_seq,
                        bool *ahead)
{
    *ahead = account->waiting > 0 && !account->overtake;
    if (!*ahead || place_seq == 0)
        return promote_first(draft, account);
    const uint64_t head = head_of(draft, &account->key);
    *ahead = head < place_seq;
    if (!*ahead)
        return 0;
    hf__wait low = {.account = account->key, .placed_seq = head};
    hf__wait high = {.account = account->key, .placed_seq = place_seq};
    hf_scan scan = {.table = HF__WAITS,
                    .low = &low,
                    .high = &high,
                    .low_columns = 5,
                    .high_columns = 5,
                    .high_exclusive = 1};
    hf__rows rows = {.more = 1};
    /* Rows that this draft removed are left out, so a page may be empty though more follow. */
    uint32_t limit = WAITS_PAGE;
    while (rows.count == 0 && rows.more) {
        int error = hf__draft_scan(draft, &scan, limit, &rows);
        if (error != 0)
            return error;
        limit *= 2;
    }
    *ahead = rows.count > 0;
    return 0;
}

static int check_queue(hf__draft *draft, const hf__movement *m, const hf_account *from)
{
    bool ahead;
    int error = queued_ahead(draft, from, m->place_seq, &ahead);
    if (error != 0 || !ahead)
        return error;
    char why[96];
    (void)snprintf(why, sizeof why, "%lld wanted, but an earlier order waits",
                   (long long)m->amount);
    return refuse(draft, m, m->from, HF_E_QUEUED_AHEAD, why);
}

/* What is due belongs to holds, orders and payments, which are decided above accounts. */
static int expire_due(hf__draft *draft, const hf_account_ref *account, int64_t wanted)
{
    return draft->expire_due == NULL ? 0 : draft->expire_due(draft, account, wanted);
}

/* Frees what is due when the account could not give `wanted` as it is. */
static int sweep_if_short(hf__draft *draft, const hf_account *account, int64_t wanted)
{
    if (hf__room_out(account) >= wanted || account->held_out == 0)
        return 0;
    return expire_due(draft, &account->key, wanted);
}

static bool blocked_by_attention(const hf_account *account)
{
    return (account->attention & HF_ATTENTION_BEYOND_LIMIT) != 0 && hf__outside_limits(account);
}

/* The giving account of a new hold. */
static int check_hold_from(hf__draft *draft, const hf__movement *m, const hf_account *from)
{
    if (from->frozen)
        return refuse(draft, m, m->from, HF_E_FROZEN, "frozen");
    int error = check_queue(draft, m, from);
    if (error == 0)
        error = sweep_if_short(draft, from, m->amount);
    if (error != 0)
        return error;
    if (blocked_by_attention(from))
        return refuse(draft, m, m->from, HF_E_ATTENTION, "beyond its limits");
    return hf__room_out(from) < m->amount ? refuse_short(draft, m, from) : 0;
}

/* The giving account of a move; `account` is where it really goes out. */
static int check_move_from(hf__draft *draft, const hf__movement *m, const hf_account *from,
                           bool queue)
{
    if (from->frozen)
        return refuse(draft, m, m->from, HF_E_FROZEN, "frozen");
    int error = queue ? check_queue(draft, m, from) : 0;
    if (error == 0)
        error = sweep_if_short(draft, from, m->amount);
    if (error != 0)
        return error;
    int64_t left;
    if (hf__room_out(from) < m->amount || !hf__sub(from->balance, m->amount, &left) ||
        left < from->min_balance)
        return refuse_short(draft, m, from);
    return 0;
}

/* The taking account of a hold or move. */
static int check_to(const hf__draft *draft, const hf__movement *m, const hf_account *to)
{
    if (hf__room_in(to) >= m->amount)
        return 0;
    char why[96];
    (void)snprintf(why, sizeof why, "%lld would come in, %lld fit", (long long)m->amount,
                   (long long)hf__room_in(to));
    return refuse(draft, m, m->to, HF_E_MAX_BALANCE, why);
}

/* held_out and held_in of both ends by `amount`, and the change in the body. */
static int apply_held(hf__draft *draft, const hf__movement *m, const ends *e, int64_t amount)
{
    if (e->from != NULL && !hf__add(e->from->held_out, amount, &e->from->held_out))
        return refuse(draft, m, m->from, HF_E_OVERFLOW, "too much is held");
    if (e->to != NULL && !hf__add(e->to->held_in, amount, &e->to->held_in))
        return refuse(draft, m, m->to, HF_E_OVERFLOW, "too much is held");
    bool holds =
        (e->from == NULL || e->from->held_out >= 0) && (e->to == NULL || e->to->held_in >= 0);
    /* In a pass that continues after a need, the hold that is released here may be missing. */
    if (!holds && draft->wanted != 0)
        return HF__NEED;
    if (!hf_invariant(holds))
        return HF_E_INVARIANT;
    return hf__body_add(
        draft,
        &(hf__change){.type = HF_CHANGE_HOLD, .from = m->from, .to = m->to, .amount = amount});
}

/* Balances of both ends, and the change in the body. */
static int apply_balance(hf__draft *draft, const hf__movement *m, const ends *e)
{
    if (e->from != NULL && !hf__sub(e->from->balance, m->amount, &e->from->balance))
        return refuse(draft, m, m->from, HF_E_OVERFLOW, "the balance does not fit");
    if (e->to != NULL && !hf__add(e->to->balance, m->amount, &e->to->balance))
        return refuse(draft, m, m->to, HF_E_OVERFLOW, "the balance does not fit");
    return hf__body_add(
        draft,
        &(hf__change){.type = HF_CHANGE_MOVE, .from = m->from, .to = m->to, .amount = m->amount});
}

static void touch(const hf__draft *draft, const ends *e)
{
    if (e->from != NULL)
        hf__account_touch(draft, e->from);
    if (e->to != NULL)
        hf__account_touch(draft, e->to);
}

int hf__hold(hf__draft *draft, const hf__movement *m)
{
    ends e;
    int error = load(draft, m, &e);
    if (error != 0 || m->amount == 0)
        return error;
    error = e.from == NULL ? 0 : check_hold_from(draft, m, e.from);
    if (error == 0 && e.to != NULL)
        error = check_to(draft, m, e.to);
    if (error == 0)
        error = apply_held(draft, m, &e, m->amount);
    if (error == 0)
        touch(draft, &e);
    return error;
}

int hf__post(hf__draft *draft, const hf__movement *m)
{
    ends e;
    int error = load(draft, m, &e);
    if (error != 0 || m->amount == 0)
        return error;
    if (e.from != NULL && e.from->frozen)
        return refuse(draft, m, m->from, HF_E_FROZEN, "frozen");
    int64_t left;
    if (e.from != NULL &&
        (!hf__sub(e.from->balance, m->amount, &left) || left < e.from->min_balance)) {
        char why[96];
        (void)snprintf(why, sizeof why, "%lld to post, %lld there", (long long)m->amount,
                       (long long)e.from->balance);
        return refuse(draft, m, m->from, short_of[m->from->kind], why);
    }
    error = apply_held(draft, m, &e, -m->amount);
    if (error == 0)
        error = apply_balance(draft, m, &e);
    if (error == 0)
        touch(draft, &e);
    return error;
}

int hf__release(hf__draft *draft, const hf__movement *m)
{
    ends e;
    int error = load(draft, m, &e);
    if (error != 0 || m->amount == 0)
        return error;
    error = apply_held(draft, m, &e, -m->amount);
    if (error == 0)
        touch(draft, &e);
    return error;
}

/* A move under the limits of a command. */
static int move(hf__draft *draft, const hf__movement *m, bool queue)
{
    ends e;
    int error = load(draft, m, &e);
    if (error != 0 || m->amount == 0)
        return error;
    error = e.from == NULL ? 0 : check_move_from(draft, m, e.from, queue);
    if (error == 0 && e.to != NULL)
        error = check_to(draft, m, e.to);
    if (error == 0)
        error = apply_balance(draft, m, &e);
    if (error == 0)
        touch(draft, &e);
    return error;
}

int hf__move(hf__draft *draft, const hf__movement *m)
{
    return move(draft, m, true);
}

int hf__reverse(hf__draft *draft, const hf__movement *m)
{
    hf__movement back = *m;
    back.from = m->to;
    back.to = m->from;
    return move(draft, &back, false);
}

int hf__move_fact(hf__draft *draft, const hf__movement *m)
{
    ends e;
    int error = load(draft, m, &e);
    if (error != 0 || m->amount == 0)
        return error;
    error = apply_balance(draft, m, &e);
    if (error != 0)
        return error;
    if (e.from != NULL)
        hf__account_touch_fact(draft, e.from);
    if (e.to != NULL)
        hf__account_touch_fact(draft, e.to);
    return 0;
}

int hf__available(hf__draft *draft, const hf_account_ref *account, uint64_t place_seq, int64_t *out)
{
    *out = hf__is_world(account) ? INT64_MAX : 0;
    if (hf__is_world(account))
        return 0;
    const void *row;
    int error = hf__draft_get(draft, HF__ACCOUNTS, account, &row);
    if (error != 0 || row == NULL)
        return error;
    const hf_account *found = row;
    bool ahead;
    error = queued_ahead(draft, found, place_seq, &ahead);
    if (error != 0 || ahead || found->frozen)
        return error;
    error = found->held_out > 0 ? expire_due(draft, account, INT64_MAX) : 0;
    if (error == 0)
        error = hf__draft_get(draft, HF__ACCOUNTS, account, &row);
    if (error != 0)
        return error;
    found = row; /* the sweep edited it */
    int64_t room = hf__room_out(found);
    *out = room < 0 || blocked_by_attention(found) ? 0 : room;
    return 0;
}

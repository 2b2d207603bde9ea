/*
 * movement_find.c - movements of operations that look for their rows while they decide.
 *
 * Happy path: both accounts are in the view. What must happen before an account gives what it
 * cannot give as it is (shortage.h) happens here, then the movement itself (movement.c).
 *
 * Failure modes: HF__NEED, when a row is missing or when the engine must do something first; those
 * of movement.c.
 */
#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"
#include "domain/ledger/shortage.h"

#define WAITS_PAGE 64u /* waiting orders looked at in one step; promotions remove at most 32 */

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

/* Loads both ends, so that both are noted when both are needed. */
static int find_ends(hf__draft *draft, const hf__movement *m, hf__ends *out)
{
    if (!hf_invariant(m->amount >= 0))
        return HF_E_INVARIANT;
    int error = hf__ends_check(draft, m);
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
    return hf__ends_there(draft, m, out);
}

/* No order placed before this event waits on the account. */
static uint64_t head_of(const hf__draft *draft, const hf_account_ref *account)
{
    bool promoting = draft->queue != NULL && hf__account_same(draft->queue, account);
    uint64_t known = hf__view_queue_head(draft->view, account);
    if (promoting && draft->queue_head > known)
        return draft->queue_head;
    return known;
}

/* *ahead: whether an order that came before place_seq (0: any) waits on the account. */
static int queued_ahead(hf__draft *draft, const hf_account *account, uint64_t place_seq,
                        bool *ahead)
{
    *ahead = account->waiting > 0 && !account->overtake;
    if (!*ahead || place_seq == 0)
        return hf__promote_first(draft, account);
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

/* What happens before the giving account gives; *e says then whether orders come before. */
static int prepare(hf__draft *draft, const hf__movement *m, hf__ends *e, bool queues)
{
    e->queued = false;
    if (e->from == NULL || e->from->frozen)
        return 0;
    int error = queues ? queued_ahead(draft, e->from, m->place_seq, &e->queued) : 0;
    if (error != 0 || e->queued)
        return error;
    return hf__expire_if_short(draft, e->from, m->amount);
}

/* In a pass that continues after a need, the hold that is released here may be missing. */
static bool hold_is_missing(const hf__draft *draft, const hf__movement *m, const hf__ends *e)
{
    return draft->wanted != 0 && ((e->from != NULL && e->from->held_out < m->amount) ||
                                  (e->to != NULL && e->to->held_in < m->amount));
}

int hf__hold(hf__draft *draft, const hf__movement *m)
{
    hf__ends e;
    int error = find_ends(draft, m, &e);
    if (error != 0 || m->amount == 0)
        return error;
    error = prepare(draft, m, &e, true);
    return error != 0 ? error : hf__ends_hold(draft, m, &e);
}

int hf__post(hf__draft *draft, const hf__movement *m)
{
    hf__ends e;
    int error = find_ends(draft, m, &e);
    if (error != 0)
        return error;
    return hold_is_missing(draft, m, &e) ? HF__NEED : hf__ends_post(draft, m, &e);
}

int hf__release(hf__draft *draft, const hf__movement *m)
{
    hf__ends e;
    int error = find_ends(draft, m, &e);
    if (error != 0)
        return error;
    return hold_is_missing(draft, m, &e) ? HF__NEED : hf__ends_release(draft, m, &e);
}

/* A move under the limits of a command. */
static int move(hf__draft *draft, const hf__movement *m, bool queues)
{
    hf__ends e;
    int error = find_ends(draft, m, &e);
    if (error != 0 || m->amount == 0)
        return error;
    error = prepare(draft, m, &e, queues);
    return error != 0 ? error : hf__ends_move(draft, m, &e);
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
    hf__ends e;
    int error = find_ends(draft, m, &e);
    return error != 0 ? error : hf__ends_move_fact(draft, m, &e);
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
    error = found->held_out > 0 ? hf__expire_due(draft, account, INT64_MAX) : 0;
    if (error == 0)
        error = hf__draft_get(draft, HF__ACCOUNTS, account, &row);
    if (error != 0)
        return error;
    found = row; /* the sweep edited it */
    int64_t room = hf__room_out(found);
    *out = room < 0 || hf__blocked_by_attention(found) ? 0 : room;
    return 0;
}

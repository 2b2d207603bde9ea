/*
 * movement_find.c - movements between accounts that are found by their names.
 *
 * Happy path: both accounts are there, because the load has named them, and what must happen before
 * an account gives what it cannot give as it is (shortage.h) has happened. Whether orders come
 * before is read here, then the movement is made (movement.c).
 *
 * Failure modes: those of movement.c.
 */
#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"

#define WAITS_PAGE 64u /* waiting orders looked at in one step; promotions remove at most 32 */

_Static_assert(offsetof(hf_account, key) == 0, "an account is looked up by the name of it alone");

static int edit_end(hf__draft *draft, const hf_account_ref *ref, hf_account **account)
{
    *account = NULL;
    if (hf__is_world(ref))
        return 0;
    void *row;
    int error = hf__draft_edit_if_any(draft, HF__ACCOUNTS, ref, &row);
    *account = row;
    return error;
}

static int find_ends(hf__draft *draft, const hf__movement *m, hf__ends *out)
{
    if (!hf_invariant(m->amount >= 0))
        return HF_E_INVARIANT;
    int error = hf__ends_check(draft, m);
    if (error != 0)
        return error;
    error = edit_end(draft, m->from, &out->from);
    if (error == 0)
        error = edit_end(draft, m->to, &out->to);
    return error != 0 ? error : hf__ends_there(draft, m, out);
}

/* Orders are promoted along this queue: each one before the one that is looked at has left it. */
static bool is_promoted_along(const hf__draft *draft, const hf_account_ref *account)
{
    return draft->queue != NULL && hf__account_same(draft->queue, account);
}

/* The bounds of the orders that wait on an account and were placed before another one. */
typedef struct queue_range {
    hf__wait low;
    hf__wait high;
} queue_range;

static hf_scan queue_scan(queue_range *range, const hf_account_ref *account, uint64_t head,
                          uint64_t place_seq)
{
    range->low = (hf__wait){.account = *account, .placed_seq = head};
    range->high = (hf__wait){.account = *account, .placed_seq = place_seq};
    return (hf_scan){.table = HF__WAITS,
                     .low = &range->low,
                     .high = &range->high,
                     .low_columns = 5,
                     .high_columns = 5,
                     .high_exclusive = 1};
}

/* Every order that waits was placed before one that is being placed now, or has no place. */
static bool is_last(const hf__draft *draft, uint64_t place_seq)
{
    return place_seq == 0 || place_seq == draft->event_seq;
}

void hf__load_queue(hf__draft *draft, const hf_account *account, uint64_t place_seq)
{
    if (account == NULL || account->waiting == 0 || account->overtake ||
        is_last(draft, place_seq) || is_promoted_along(draft, &account->key))
        return;
    const uint64_t head = hf__view_queue_head(draft->view, &account->key);
    queue_range range;
    hf__rows rows;
    hf_scan scan = queue_scan(&range, &account->key, head, place_seq);
    if (head < place_seq)
        hf__draft_load_scan(draft, &scan, WAITS_PAGE, &rows);
}

/* *ahead: whether an order that came before place_seq (0: any) waits on the account. */
static int queued_ahead(hf__draft *draft, const hf_account *account, uint64_t place_seq,
                        bool *ahead)
{
    *ahead = account->waiting > 0 && !account->overtake &&
             (!is_promoted_along(draft, &account->key) || is_last(draft, place_seq));
    if (!*ahead || is_last(draft, place_seq))
        return 0;
    const uint64_t head = hf__view_queue_head(draft->view, &account->key);
    *ahead = head < place_seq;
    if (!*ahead)
        return 0;
    queue_range range;
    hf_scan scan = queue_scan(&range, &account->key, head, place_seq);
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

/* Whether orders come before, in *e. */
static int prepare(hf__draft *draft, const hf__movement *m, hf__ends *e, bool queues)
{
    e->queued = false;
    if (e->from == NULL || e->from->frozen)
        return 0;
    return queues ? queued_ahead(draft, e->from, m->place_seq, &e->queued) : 0;
}

int hf__hold_between(hf__draft *draft, const hf__movement *m, hf__ends *e)
{
    if (m->amount == 0)
        return 0;
    int error = prepare(draft, m, e, true);
    return error != 0 ? error : hf__ends_hold(draft, m, e);
}

int hf__hold(hf__draft *draft, const hf__movement *m)
{
    hf__ends e;
    int error = find_ends(draft, m, &e);
    return error != 0 ? error : hf__hold_between(draft, m, &e);
}

int hf__post(hf__draft *draft, const hf__movement *m)
{
    hf__ends e;
    int error = find_ends(draft, m, &e);
    return error != 0 ? error : hf__ends_post(draft, m, &e);
}

int hf__release(hf__draft *draft, const hf__movement *m)
{
    hf__ends e;
    int error = find_ends(draft, m, &e);
    return error != 0 ? error : hf__ends_release(draft, m, &e);
}

/* A move under the limits of a command. */
static int move(hf__draft *draft, const hf__movement *m, hf__ends *e, bool queues)
{
    if (m->amount == 0)
        return 0;
    int error = prepare(draft, m, e, queues);
    return error != 0 ? error : hf__ends_move(draft, m, e);
}

int hf__move_between(hf__draft *draft, const hf__movement *m, hf__ends *e)
{
    return move(draft, m, e, true);
}

int hf__move(hf__draft *draft, const hf__movement *m)
{
    hf__ends e;
    int error = find_ends(draft, m, &e);
    return error != 0 ? error : move(draft, m, &e, true);
}

int hf__reverse(hf__draft *draft, const hf__movement *m)
{
    hf__movement back = *m;
    back.from = m->to;
    back.to = m->from;
    hf__ends e;
    int error = find_ends(draft, &back, &e);
    return error != 0 ? error : move(draft, &back, &e, false);
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
    int64_t headroom = hf__headroom_out(found);
    *out = headroom < 0 || hf__blocked_by_attention(found) ? 0 : headroom;
    return 0;
}

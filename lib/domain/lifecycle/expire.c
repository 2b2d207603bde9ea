/*
 * expire.c - releases what due holds and orders hold: of one account on demand, of everything by
 * timer.
 *
 * Why: expiry is exact. A hold whose deadline has come is free for the next taker at that moment,
 * whether or not a timer has run. So an account that is short is swept before anybody is refused,
 * and the timer only tidies up.
 *
 * Happy path: each kind of record that can be due has an index by deadline, of one account or of
 * all. The sources are read page by page and merged, earliest deadline first (a tie goes to the
 * source that stands first in the table, then to the key), until enough is free, the limit is
 * reached or nothing is due. Order lines, legs and payments expire with their order, as a whole.
 * When a row of one is missing, those of the next ones are named with it.
 *
 * A walk begins behind the marks that earlier walks left, because an index still has the keys of
 * records that have expired: until a checkpoint the journal's changes lie over the store, and
 * within a batch the batch's changes lie over both. The draft notes how far this walk came. The
 * engine keeps the marks and moves one back when a record with an earlier deadline is written.
 *
 * Failure modes: a row is missing (view.h), HF_E_NOMEM, and what releasing returns.
 */
#include "domain/lifecycle/expire.h"

#include "base/id.h"
#include "domain/core/body.h"
#include "domain/core/handlers.h"
#include "domain/core/suspect.h"
#include "domain/ledger/hold_state.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"
#include "domain/ledger/rows.h"
#include "domain/lifecycle/load.h"

#include <string.h>

#define PAGE       HF__SWEEP_MOST /* rows of one source read ahead */
#define FIRST_PAGE 8u             /* of an account's source, of which one record often is enough */
#define NAMED      HF__SWEEP_MOST /* records whose rows are named at once */

enum { ORDER = HF__DUE_ORDER, HOLD = HF__DUE_HOLD, PAYMENT = HF__DUE_PAYMENT };

/* A record that can be due, by the index that finds it. */
typedef struct source {
    uint32_t table;
    uint32_t index;
    uint32_t account_at;  /* offset of the account it holds of */
    uint32_t deadline_at; /* offset of the deadline, the index's last own column */
    uint32_t id_at;       /* offset of the id of what expires */
    uint32_t key_at;      /* offset of the first column of the row's key, which is an id */
    uint32_t what;        /* what expires: ORDER, HOLD or PAYMENT */
} source;

/* clang-format off */
/* Of one account: the index is (account, deadline). */
static const source of_account[] = {
    { HF__HOLDS, HF__HOLDS_DUE, offsetof(hf_hold, from), offsetof(hf_hold, deadline_ms),
      offsetof(hf_hold, id), offsetof(hf_hold, id), HOLD },
    { HF__ORDER_LINES, HF__ORDER_LINES_DUE, offsetof(hf_order_line, leg.from),
      offsetof(hf_order_line, leg.deadline_ms), offsetof(hf_order_line, order),
      offsetof(hf_order_line, order), ORDER },
    { HF__ORDER_LEGS, HF__ORDER_LEGS_DUE, offsetof(hf_order_leg, leg.from),
      offsetof(hf_order_leg, leg.deadline_ms), offsetof(hf_order_leg, order),
      offsetof(hf_order_leg, order), ORDER },
    { HF__PAYMENTS, HF__PAYMENTS_DUE, offsetof(hf_payment, account),
      offsetof(hf_payment, deadline_ms), offsetof(hf_payment, order), offsetof(hf_payment, id),
      ORDER },
};

/*
 * Of all: the index is the deadline. Payments of providers have no account, so those that wait for
 * an answer stand in the index of accounts under the world.
 */
static const source of_all[] = {
    [ORDER] = { HF__ORDERS, HF__ORDERS_DUE, 0, offsetof(hf_order, deadline_ms), offsetof(hf_order, id),
      offsetof(hf_order, id), ORDER },
    [HOLD] = { HF__HOLDS, HF__HOLDS_DEADLINE, 0, offsetof(hf_hold, deadline_ms), offsetof(hf_hold, id),
      offsetof(hf_hold, id), HOLD },
    [PAYMENT] = { HF__PAYMENTS, HF__PAYMENTS_DUE, offsetof(hf_payment, account),
      offsetof(hf_payment, deadline_ms), offsetof(hf_payment, id), offsetof(hf_payment, id),
      PAYMENT },
};
/* clang-format on */

_Static_assert(sizeof of_account / sizeof of_account[0] <= HF__DUE_SOURCES, "marks for each");
_Static_assert(sizeof of_all / sizeof of_all[0] <= HF__DUE_SOURCES, "marks for each");

#define ACCOUNT_COLUMNS 4u /* of an account in a key */

/* Room for a bound of any source. */
typedef union any_row {
    hf_hold hold;
    hf_order order;
    hf_order_line line;
    hf_order_leg leg;
    hf_payment payment;
} any_row;

/* One source being read. */
typedef struct reading {
    const source *of;
    hf__rows page;
    uint32_t at;
    uint32_t limit;      /* of the next page */
    hf__due_mark passed; /* the last row that was looked at, here or by an earlier walk */
} reading;

/* All due records, and the account for which they expire. */
typedef struct walk {
    hf__draft *draft;
    const hf_account_ref *account; /* NULL: all */
    reading sources[HF__DUE_SOURCES];
    uint32_t count;
    uint32_t most;  /* records that may still expire: no more are read ahead */
    uint32_t moved; /* 1: a row was passed */
} walk;

static int64_t deadline_of(const reading *r, const uint8_t *row)
{
    int64_t deadline;
    memcpy(&deadline, row + r->of->deadline_at, sizeof deadline);
    return deadline;
}

static hf__due_mark mark_of(const source *of, const uint8_t *row)
{
    hf__due_mark mark;
    memcpy(&mark.deadline_ms, row + of->deadline_at, sizeof mark.deadline_ms);
    memcpy(&mark.id, row + of->key_at, sizeof mark.id);
    return mark;
}

static hf__due_mark later(hf__due_mark a, hf__due_mark b)
{
    if (a.deadline_ms != b.deadline_ms)
        return a.deadline_ms > b.deadline_ms ? a : b;
    return memcmp(&a.id, &b.id, sizeof a.id) >= 0 ? a : b;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Reads the next page: behind the row that was passed last, deadlines up to now. */
static int read_page(const walk *w, reading *r)
{
    any_row low;
    any_row high;
    memset(&low, 0, sizeof low);
    memset(&high, 0, sizeof high);
    bool by_account = w->account != NULL || r->of->what == PAYMENT;
    uint32_t columns = by_account ? ACCOUNT_COLUMNS + 1 : 1;
    if (w->account != NULL) {
        memcpy((uint8_t *)&low + r->of->account_at, w->account, sizeof *w->account);
        memcpy((uint8_t *)&high + r->of->account_at, w->account, sizeof *w->account);
    }
    memcpy((uint8_t *)&low + r->of->deadline_at, &r->passed.deadline_ms, sizeof(int64_t));
    memcpy((uint8_t *)&low + r->of->key_at, &r->passed.id, sizeof r->passed.id);
    memcpy((uint8_t *)&high + r->of->deadline_at, &w->draft->now_ms, sizeof w->draft->now_ms);
    hf_scan scan = {.table = r->of->table,
                    .index = r->of->index,
                    .low = &low,
                    .high = &high,
                    .low_columns = columns + 1, /* an order's other lines expire with it */
                    .high_columns = columns,
                    .low_exclusive = 1};
    uint32_t limit = least(r->limit, w->most > 0 ? w->most : 1);
    r->at = 0;
    r->limit = PAGE;
    return hf__draft_scan_stored(w->draft, &scan, limit, &r->page);
}

/* Reads the next row, if there is one. */
static int fill(const walk *w, reading *r)
{
    if (r->at < r->page.count || !r->page.more)
        return 0;
    return read_page(w, r);
}

/*
 * Where a source begins: behind its own walk and behind that over all accounts. An account's lines
 * and legs are in the order of their orders, as holds are in that of holds. Its payments are not,
 * so only the deadline counts. No deadline is 0 and no id is zero.
 */
static hf__due_mark mark_before(const walk *w, uint32_t at, const hf__due *known)
{
    const source *of = w->sources[at].of;
    const hf__due_mark none = {.deadline_ms = 1};
    hf__due_mark all = known->all[w->account == NULL ? at : (uint32_t)of->what];
    if (w->account != NULL && of->table == HF__PAYMENTS)
        all.id = none.id;
    hf__due_mark own = w->account == NULL || known->account == NULL ? none : (*known->account)[at];
    return later(none, later(all, own));
}

/* Of at most `most` records, of one account or (NULL) of all. */
static int begin(walk *w, hf__draft *draft, const hf_account_ref *account, uint32_t most)
{
    const source *sources = account == NULL ? of_all : of_account;
    size_t count = account == NULL ? sizeof of_all / sizeof of_all[0]
                                   : sizeof of_account / sizeof of_account[0];
    const hf_account_ref world = {.kind = HF_KIND_WORLD};
    hf__due known = {.next_ms = 1};
    int missing = 0;
    *w = (walk){.draft = draft, .account = account, .count = (uint32_t)count, .most = most};
    if (draft->view->due != NULL)
        draft->view->due(draft->view->context, account == NULL ? &world : account, &known);
    bool any = known.next_ms != 0 && known.next_ms <= draft->now_ms;
    for (uint32_t i = 0; i < w->count; i++) {
        reading *r = &w->sources[i];
        *r = (reading){.of = &sources[i],
                       .page = {.more = any ? 1 : 0},
                       .limit = account == NULL ? PAGE : FIRST_PAGE};
        r->passed = mark_before(w, i, &known);
        int error = fill(w, r);
        if (error < 0)
            return error;
        missing = error != 0 ? error : missing;
    }
    return missing;
}

/* Lets the engine know how far this walk came. */
static void note_walk(const walk *w)
{
    hf__draft *draft = w->draft;
    if (!w->moved || draft->walk_count == HF__DRAFT_WALKS)
        return;
    hf__due_walk *to = &draft->walks[draft->walk_count++];
    to->account = w->account == NULL ? (hf_account_ref){.kind = HF_KIND_WORLD} : *w->account;
    for (uint32_t i = 0; i < HF__DUE_SOURCES; i++)
        to->marks[i] = i < w->count ? w->sources[i].passed : (hf__due_mark){.deadline_ms = 0};
}

/* The reading whose row is due first, or NULL. */
static reading *earliest(walk *w)
{
    reading *best = NULL;
    for (uint32_t i = 0; i < w->count; i++) {
        reading *r = &w->sources[i];
        if (r->at == r->page.count)
            continue;
        if (best == NULL ||
            deadline_of(r, r->page.rows[r->at]) < deadline_of(best, best->page.rows[best->at]))
            best = r;
    }
    return best;
}

/* *due: whether an order waits for its deadline and it has come. */
static int order_due(hf__draft *draft, const hf_id *id, bool *due)
{
    const void *row;
    int error = hf__draft_get(draft, HF__ORDERS, &(hf_order){.id = *id}, &row);
    const hf_order *order = row;
    *due = error == 0 && order != NULL && order->deadline_ms != 0 &&
           order->deadline_ms <= draft->now_ms && !hf__is_aside(order->attention) &&
           (order->state == HF_ORDER_PENDING || order->state == HF_ORDER_WAITING);
    return error;
}

static int hold_due(hf__draft *draft, const hf_id *id, bool *due)
{
    const void *row;
    int error = hf__draft_get(draft, HF__HOLDS, &(hf_hold){.id = *id}, &row);
    const hf_hold *hold = row;
    *due = error == 0 && hold != NULL && hold->deadline_ms != 0 &&
           hold->deadline_ms <= draft->now_ms && !hf__is_aside(hold->attention) &&
           hf__hold_allows(hold->state, HF__HOLD_EXPIRE);
    return error;
}

static int payment_due(hf__draft *draft, const hf_id *id, bool *due)
{
    const void *row;
    int error = hf__draft_get(draft, HF__PAYMENTS, &(hf_payment){.id = *id}, &row);
    const hf_payment *payment = row;
    *due = error == 0 && payment != NULL && payment->state == HF_PAYMENT_PENDING &&
           payment->deadline_ms != 0 && payment->deadline_ms <= draft->now_ms &&
           !hf__is_aside(payment->attention);
    return error;
}

/* How each kind of record is looked at, and how it expires. One that is set aside is not due. */
static const struct {
    int (*due)(hf__draft *draft, const hf_id *id, bool *due);
    int (*expire)(hf__draft *draft, const hf_id *id);
    uint32_t kind; /* hf_subject_kind */
} expiries[] = {
    [ORDER] = {order_due, hf__order_expire, HF_SUBJECT_ORDER},
    [HOLD] = {hold_due, hf__hold_expire, HF_SUBJECT_HOLD},
    [PAYMENT] = {payment_due, hf__payment_expire, HF_SUBJECT_PAYMENT},
};

/* Expires what a row stands for, unless this operation has done so or changed it already. */
static int expire_row(hf__draft *draft, const source *of, const uint8_t *row, bool *done)
{
    hf_id id;
    memcpy(&id, row + of->id_at, sizeof id);
    int error = expiries[of->what].due(draft, &id, done);
    if (error != 0 || !*done)
        return error;
    const hf__suspect before = hf__suspect_set(draft, expiries[of->what].kind, &id);
    return hf__suspect_done(draft, &before, expiries[of->what].expire(draft, &id));
}

static void load_hold(hf__draft *draft, const hf_hold *hold)
{
    (void)hf__name_account_of(draft, &hold->from);
    (void)hf__name_account_of(draft, &hold->to);
}

static void load_record(hf__draft *draft, const source *of, const uint8_t *row)
{
    hf_id id;
    memcpy(&id, row + of->id_at, sizeof id);
    if (of->what == HOLD)
        load_hold(draft, (const void *)row);
    else if (of->what == PAYMENT)
        (void)hf__load_order(draft, &((const hf_payment *)(const void *)row)->order, NULL,
                             HF__LINES_ALL);
    else
        (void)hf__load_order(draft, &id, NULL, HF__LINES_ALL);
}

/* Names the rows of the next ones. The draft is thrown away after that. */
static void load_next(const walk *w)
{
    uint32_t left = least(NAMED, w->most);
    for (uint32_t i = 0; i < w->count; i++) {
        const reading *r = &w->sources[i];
        for (uint32_t at = r->at; at < r->page.count && left > 0; at++, left--)
            load_record(w->draft, r->of, r->page.rows[at]);
    }
}

/* One step: *done says whether something expired; at the end of everything *more is false. */
static int step(walk *w, bool *done, bool *more)
{
    *done = false;
    reading *r = earliest(w);
    *more = r != NULL;
    if (r == NULL)
        return 0;
    int error = expire_row(w->draft, r->of, r->page.rows[r->at], done);
    if (error > 0)
        load_next(w); /* a row is missing */
    if (error != 0)
        return error;
    r->passed = mark_of(r->of, r->page.rows[r->at]);
    r->at++;
    w->moved = 1;
    w->most -= *done ? 1 : 0;
    return fill(w, r);
}

/* *enough: whether the account can give `amount`. */
static int can_give(hf__draft *draft, const hf_account_ref *account, int64_t amount, bool *enough)
{
    const void *row;
    int error = hf__draft_get(draft, HF__ACCOUNTS, &(hf_account){.key = *account}, &row);
    *enough = error == 0 && (row == NULL || hf__room_out(row) >= amount);
    return error;
}

/* *theirs: whether a record is due next, and belongs to orders that wait on the account. */
static int due_for_waiting(walk *w, bool *theirs)
{
    const reading *r = earliest(w);
    const void *row;
    *theirs = false;
    if (r == NULL || w->draft->promoting)
        return 0;
    int error = hf__draft_get(w->draft, HF__ACCOUNTS, w->account, &row);
    const hf_account *account = row;
    if (error != 0 || account == NULL || !account->overtake || account->waiting == 0)
        return error;
    hf_id id;
    memcpy(&id, r->page.rows[r->at] + r->of->id_at, sizeof id);
    return expiries[r->of->what].due(w->draft, &id, theirs);
}

/* As hf__sweep_account, but for memory. */
static int sweep_account(hf__draft *draft, const hf_account_ref *account, int64_t amount)
{
    walk w;
    int error = begin(&w, draft, account, HF__SWEEP_MOST);
    bool more = true;
    while (error == 0 && more) {
        bool done;
        bool theirs = false;
        error = can_give(draft, account, amount, &done);
        if (error == 0 && !done)
            error = due_for_waiting(&w, &theirs);
        if (error != 0 || done)
            break;
        if (theirs || (w.most == 0 && earliest(&w) != NULL))
            return hf__draft_defer(draft, account, HF_EVENT_EXPIRE);
        error = step(&w, &done, &more);
    }
    if (error == 0)
        note_walk(&w);
    return error;
}

int hf__sweep_account(hf__draft *draft, const hf_account_ref *account, int64_t amount)
{
    int error = sweep_account(draft, account, amount);
    return error == HF_E_NOMEM ? hf__draft_defer(draft, account, HF_EVENT_EXPIRE) : error;
}

int hf__hold_expire(hf__draft *draft, const hf_id *id)
{
    void *row;
    int error = hf__draft_edit(draft, HF__HOLDS, &(hf_hold){.id = *id}, &row);
    if (error != 0)
        return error;
    hf_hold *hold = row;
    if (hold == NULL)
        return hf__refuse(draft->detail, HF_E_NOT_FOUND, "no such hold");
    int64_t remaining = hf__hold_remaining(hold);
    hf__movement m = {.from = &hold->from, .to = &hold->to, .amount = remaining, .what = ""};
    error = hf__release(draft, &m);
    if (error == 0)
        error = hf__hold_apply(hold, HF__HOLD_EXPIRE, &(hf__hold_amounts){0});
    if (error != 0)
        return error;
    hold->version++;
    hold->updated_at_ms = draft->now_ms;
    error = hf__body_add(draft, &(hf__change){.type = HF_CHANGE_POSTED, .id = id, .b = remaining});
    return error != 0 ? error : hf__body_state(draft, HF_SUBJECT_HOLD, id, hold->state);
}

int hf__decide_expire(const hf__operation *op, hf__draft *draft)
{
    const hf__sweep_args *args = (const hf__sweep_args *)(const void *)op->args;
    hf__sweep_result *result = hf__draft_alloc(draft, sizeof *result);
    if (result == NULL)
        return HF_E_NOMEM;
    walk w;
    bool all = args->account.kind == HF_KIND_WORLD;
    int error = begin(&w, draft, all ? NULL : &args->account, args->limit);
    bool more = true;
    while (error == 0 && more && w.most > 0) {
        bool done;
        error = step(&w, &done, &more);
    }
    if (error != 0)
        return error;
    note_walk(&w);
    result->count = args->limit - w.most;
    const reading *next = earliest(&w);
    result->more = next != NULL ? 1 : 0;
    result->due_ms = next != NULL ? deadline_of(next, next->page.rows[next->at]) : 0;
    draft->result = result;
    draft->quiet = result->count == 0 ? 1 : 0;
    return 0;
}

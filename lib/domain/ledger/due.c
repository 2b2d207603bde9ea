/*
 * due.c - reads the indexes of deadlines.
 *
 * Why: expiry is exact. A hold whose deadline has come is free for the next taker at that moment,
 * whether or not a timer has run. So the due records of an account that is short are looked for
 * before anybody is refused, and the timer only expires what nobody has asked for.
 *
 * Happy path: the indexes are read page by page and merged, earliest deadline first (a tie goes to
 * the source that stands first in the table, then to the key), until the list is full or nothing is
 * due.
 *
 * A walk begins behind the marks that earlier walks left, because an index still has the keys of
 * records that have expired: until a checkpoint the journal's changes lie over the store, and
 * within a batch the batch's changes lie over both. The list says how far this walk came. The
 * engine keeps the marks and moves one back when a record with an earlier deadline is written.
 *
 * Failure modes: a row or a range is missing, which the draft has noted; HF_E_NOMEM, in
 * draft->load_error.
 */
#include "domain/ledger/due.h"

#include "domain/core/suspect.h"
#include "domain/ledger/hold_state.h"

#include <holdfast/order.h>
#include <holdfast/payment.h>
#include <string.h>

#define PAGE       HF__SWEEP_MOST /* rows of one source read ahead */
#define FIRST_PAGE 8u             /* of an account's source, of which one record often is enough */

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
_Static_assert(offsetof(hf_order, id) == 0 && offsetof(hf_hold, id) == 0 &&
                   offsetof(hf_payment, id) == 0,
               "records are looked up by their ids alone");

#define ACCOUNT_COLUMNS 4u /* of an account in a key */

/* The bound of a scan: a row of any source. */
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
    uint32_t most; /* records that the list still has capacity for: no more are read ahead */
} walk;

/* ---- Records --------------------------------------------------------------------------------- */

/* Whether an order waits for its deadline and it has come. */
static bool is_order_due(const hf__draft *draft, const void *row)
{
    const hf_order *order = row;
    return order->deadline_ms != 0 && order->deadline_ms <= draft->now_ms &&
           !hf__is_aside(order->attention) &&
           (order->state == HF_ORDER_PENDING || order->state == HF_ORDER_WAITING);
}

static bool is_hold_due(const hf__draft *draft, const void *row)
{
    const hf_hold *hold = row;
    return hold->deadline_ms != 0 && hold->deadline_ms <= draft->now_ms &&
           !hf__is_aside(hold->attention) && hf__hold_allows(hold->state, HF__HOLD_EXPIRE);
}

static bool is_payment_due(const hf__draft *draft, const void *row)
{
    const hf_payment *payment = row;
    return payment->state == HF_PAYMENT_PENDING && payment->deadline_ms != 0 &&
           payment->deadline_ms <= draft->now_ms && !hf__is_aside(payment->attention);
}

/* How each kind of record is looked at. */
static const struct {
    uint32_t table;
    bool (*is_due)(const hf__draft *draft, const void *row);
} kinds[] = {
    [ORDER] = {HF__ORDERS, is_order_due},
    [HOLD] = {HF__HOLDS, is_hold_due},
    [PAYMENT] = {HF__PAYMENTS, is_payment_due},
};

int hf__still_due(hf__draft *draft, const hf__due_record *record, bool *due)
{
    const void *row;
    *due = false;
    int error = hf__draft_require(draft, kinds[record->what].table, &record->id, &row);
    if (error == 0)
        *due = kinds[record->what].is_due(draft, row);
    return error;
}

/* The same in a load; a row that is missing counts as due, so that the next ones are named too. */
static bool may_be_due(hf__draft *draft, const hf__due_record *record)
{
    const uint32_t at = hf__draft_load(draft, kinds[record->what].table, &record->id);
    const void *row = hf__loaded(draft, at);
    return at == 0 || (row != NULL && kinds[record->what].is_due(draft, row));
}

/* ---- Indexes --------------------------------------------------------------------------------- */

static int64_t deadline_of(const reading *r)
{
    int64_t deadline;
    memcpy(&deadline, (const uint8_t *)r->page.rows[r->at] + r->of->deadline_at, sizeof deadline);
    return deadline;
}

static hf__due_mark mark_of(const reading *r)
{
    const uint8_t *row = r->page.rows[r->at];
    hf__due_mark mark;
    memcpy(&mark.deadline_ms, row + r->of->deadline_at, sizeof mark.deadline_ms);
    memcpy(&mark.id, row + r->of->key_at, sizeof mark.id);
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

/* A page that is missing is noted, and counts as the end of its source. */
static void scan_page(hf__draft *draft, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    int error = hf__draft_scan_stored(draft, scan, limit, out);
    if (error == 0)
        return;
    *out = (hf__rows){.rows = NULL};
    if (error < 0)
        draft->load_error = error;
}

/* Reads the next page: behind the row that was passed last, deadlines up to now. */
static void read_page(const walk *w, reading *r)
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
    scan_page(w->draft, &scan, limit, &r->page);
}

/* Reads the next row, if there is one. */
static void fill(const walk *w, reading *r)
{
    if (r->at == r->page.count && r->page.more)
        read_page(w, r);
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
static void begin(walk *w, hf__draft *draft, const hf_account_ref *account, uint32_t most)
{
    const source *sources = account == NULL ? of_all : of_account;
    size_t count = account == NULL ? sizeof of_all / sizeof of_all[0]
                                   : sizeof of_account / sizeof of_account[0];
    const hf_account_ref world = {.kind = HF_KIND_WORLD};
    hf__due known = {.next_ms = 1};
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
        fill(w, r);
    }
}

/* The reading whose row is due first, or NULL. */
static reading *earliest(walk *w)
{
    reading *best = NULL;
    for (uint32_t i = 0; i < w->count; i++) {
        reading *r = &w->sources[i];
        if (r->at < r->page.count && (best == NULL || deadline_of(r) < deadline_of(best)))
            best = r;
    }
    return best;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

/* Several lines, legs and payments of one order may be due. */
static bool is_listed(const hf__due_list *list, const hf__due_record *record)
{
    bool listed = false;
    for (uint32_t i = 0; i < list->count; i++) {
        const hf__due_record *other = &list->records[i];
        listed = listed || (other->what == record->what &&
                            memcmp(&other->id, &record->id, sizeof other->id) == 0);
    }
    return listed;
}

/* Lists what a row stands for when it is due, and passes the row. */
static void look_at(walk *w, reading *r, hf__due_list *out)
{
    hf__due_record record = {.what = r->of->what};
    memcpy(&record.id, (const uint8_t *)r->page.rows[r->at] + r->of->id_at, sizeof record.id);
    if (!is_listed(out, &record) && may_be_due(w->draft, &record)) {
        out->records[out->count++] = record;
        w->most--;
    }
    r->passed = mark_of(r);
    r->at++;
    fill(w, r);
}

void hf__load_due(hf__draft *draft, const hf_account_ref *account, uint32_t most, hf__due_list *out)
{
    walk w;
    begin(&w, draft, account, most);
    out->count = 0;
    reading *next = earliest(&w);
    while (next != NULL && w.most > 0) {
        look_at(&w, next, out);
        next = earliest(&w);
    }
    out->next_ms = next == NULL ? 0 : deadline_of(next);
    out->passed.account = account == NULL ? (hf_account_ref){.kind = HF_KIND_WORLD} : *account;
    for (uint32_t i = 0; i < HF__DUE_SOURCES; i++)
        out->passed.marks[i] = i < w.count ? w.sources[i].passed : (hf__due_mark){.deadline_ms = 0};
}

bool hf__load_any_due(hf__draft *draft, const hf_account_ref *account)
{
    hf__due_list first;
    hf__load_due(draft, account, 1, &first);
    return first.count != 0 && hf__draft_complete(draft);
}

/*
 * retention_load.c - finds what retention removes, a bounded number of records at a time.
 *
 * Happy path: orders, holds, transactions and operation keys are walked by id, which begins with
 * the time it carries, up to before_ms; then events from the oldest kept on. When the limit is
 * reached, how far the walk has come is stored per table (a purge row of kind IDS with the table's
 * name, the first 8 bytes of the next id in `last`); the next call with the same before_ms
 * continues there, so open records in front never hold it up. Ids that share their first 8 bytes
 * are always looked at together. A pass that has come to its end forgets these rows.
 *
 * What stays: records that have not ended or ended after before_ms, orders that still need a
 * person, events that a stored cursor has not passed.
 *
 * Failure modes: a row is missing, which the draft has noted; HF_E_NOMEM, in draft->load_error.
 */
#include "base/id.h"
#include "domain/core/common.h"
#include "domain/core/load.h"
#include "domain/ledger/hold_state.h"
#include "domain/order/state.h"
#include "domain/txn/state.h"
#include "domain/txn/work.h"
#include "domain/upkeep/retention.h"

#include <string.h>

#define PAGE     256u
#define FINISHED ((uint64_t)INT64_MAX) /* as a position: behind every id */

/* Records that are walked by id, which is the first field of each. */
typedef struct walk {
    const char *name;
    uint32_t table;
    uint32_t count_at; /* of the counter in the result */
    bool (*find)(hf__pass *p,
                 const void *row); /* lists what goes with the record; false: it stays */
} walk;

_Static_assert(offsetof(hf_order, id) == 0 && offsetof(hf_hold, id) == 0 &&
                   offsetof(hf__op_key, id) == 0 && offsetof(hf_txn, id) == 0,
               "records that are walked begin with their id");

/* The first 8 bytes of an id as a number that orders like the id, and back. */
static uint64_t position_of(const uint8_t *id)
{
    uint64_t position = 0;
    for (uint32_t i = 0; i < 8; i++)
        position = position << 8 | id[i];
    return position;
}

static hf_id id_at(uint64_t position)
{
    hf_id id = {.bytes = {0}};
    for (uint32_t i = 0; i < 8; i++)
        id.bytes[i] = (uint8_t)(position >> (56 - 8 * i));
    return id;
}

static void add(hf__pass *p, uint32_t table, const void *row)
{
    (void)hf__removal_add(p->draft, &p->removals, table, row);
}

/* All rows of a table, or of an index of it, whose key begins with the first column of `prefix`. */
static uint32_t add_all(hf__pass *p, uint32_t table, uint32_t index, const void *prefix)
{
    const hf_scan range = {.table = table,
                           .index = index,
                           .low = prefix,
                           .high = prefix,
                           .low_columns = 1,
                           .high_columns = 1};
    return hf__removals_add(p->draft, &p->removals, &range);
}

/* The payments of an order with their facts. False: one of them needs a person. */
static bool find_payments(hf__pass *p, const hf_id *order)
{
    const hf_payment key = {.order = *order};
    const hf_scan range = {.table = HF__PAYMENTS,
                           .index = HF__PAYMENTS_ORDER,
                           .low = &key,
                           .high = &key,
                           .low_columns = 1,
                           .high_columns = 1};
    hf__rows rows;
    hf__draft_load_rows(p->draft, &range, HF_PAYMENTS_MAX, &rows);
    for (uint32_t i = 0; i < rows.count; i++) {
        if (((const hf_payment *)rows.rows[i])->attention != 0)
            return false;
    }
    for (uint32_t i = 0; i < rows.count; i++) {
        const hf_fact fact = {.payment = ((const hf_payment *)rows.rows[i])->id};
        (void)add_all(p, HF__FACTS, HF__FACTS_PAYMENT, &fact);
        add(p, HF__PAYMENTS, rows.rows[i]);
    }
    return true;
}

/* A large record counts for what it has. */
static void spend(hf__pass *p, uint32_t count)
{
    p->left -= count < p->left ? count : p->left;
}

/* Lines, legs and adjustments: tables whose key begins with the order. */
static void find_parts(hf__pass *p, const hf_id *order)
{
    const hf_order_line line = {.order = *order};
    const hf_order_leg leg = {.order = *order};
    const hf_adjustment adjustment = {.order = *order};
    uint32_t count = add_all(p, HF__ORDER_LINES, HF__PRIMARY, &line);
    count += add_all(p, HF__ORDER_LEGS, HF__PRIMARY, &leg);
    count += add_all(p, HF__ADJUSTMENTS, HF__PRIMARY, &adjustment);
    spend(p, count);
}

static bool find_order(hf__pass *p, const void *row)
{
    const hf_order *order = row;
    bool ended = hf__order_is_over(order->state) && order->closed_at_ms < p->before_ms &&
                 order->attention == 0;
    if (!ended || !find_payments(p, &order->id))
        return false;
    find_parts(p, &order->id);
    hf__removal *removal = hf__removal_add(p->draft, &p->removals, HF__ORDERS, order);
    if (removal != NULL)
        hf__load_beside(p->draft, &order->series, order->number, &removal->number);
    return true;
}

/* The holds of a transaction's moves; it has none when they were made at once. */
static void find_holds(hf__pass *p, const hf_txn *txn)
{
    for (uint32_t no = 1; no <= txn->move_count; no++) {
        hf_id id;
        hf__txn_hold_id(&txn->id, no, &id);
        const uint32_t at = hf__draft_load(p->draft, HF__HOLDS, &id);
        const void *hold = hf__loaded(p->draft, at);
        if (hold != NULL)
            add(p, HF__HOLDS, hold);
        else if (at != 0 || no == 1) /* where there is one, the others are asked for at once */
            return;
    }
}

static bool find_txn(hf__pass *p, const void *row)
{
    const hf_txn *txn = row;
    const hf_branch branch = {.txn = txn->id};
    const hf_attempt attempt = {.txn = txn->id};
    if (!hf__txn_is_over(txn->state) || txn->ended_at_ms >= p->before_ms)
        return false;
    find_holds(p, txn);
    uint32_t count = txn->move_count;
    count += add_all(p, HF__BRANCHES, HF__PRIMARY, &branch);
    count += add_all(p, HF__ATTEMPTS, HF__PRIMARY, &attempt);
    spend(p, count);
    p->parts += 1 + (uint64_t)txn->move_count + txn->branch_count;
    add(p, HF__TXNS, txn);
    return true;
}

/* Those of a transaction go with it. */
static bool find_hold(hf__pass *p, const void *row)
{
    const hf_hold *hold = row;
    bool removed = !hf__hold_allows(hold->state, HF__HOLD_EXPIRE) &&
                   hold->updated_at_ms < p->before_ms && hf__id_zero(&hold->txn);
    if (removed)
        add(p, HF__HOLDS, hold);
    return removed;
}

static bool find_key(hf__pass *p, const void *row)
{
    add(p, HF__OP_KEYS, row);
    return true;
}

/* clang-format off */
static const walk walks[] = {
    { "orders", HF__ORDERS, offsetof(hf_retention_result, orders), find_order },
    { "holds", HF__HOLDS, offsetof(hf_retention_result, holds), find_hold },
    { "txns", HF__TXNS, offsetof(hf_retention_result, txns), find_txn },
    { "op_keys", HF__OP_KEYS, offsetof(hf_retention_result, op_keys), find_key },
};
/* clang-format on */

_Static_assert(sizeof walks / sizeof walks[0] == HF__WALKS, "each walk has a position");

/* Looks at one page. *done: nothing more of this walk in this call. */
static void find_page(hf__pass *p, const walk *w, const hf__rows *rows, uint64_t *position,
                      bool *done)
{
    *done = rows->more == 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        uint64_t here = position_of(rows->rows[i]);
        if (p->left == 0 && here != *position) {
            *position = here;
            *done = true;
            p->result->more = 1;
            return;
        }
        *position = here;
        p->left -= p->left > 0 ? 1 : 0;
        bool removed = w->find(p, rows->rows[i]);
        *(uint64_t *)(void *)((uint8_t *)p->result + w->count_at) += removed ? 1 : 0;
    }
    if (*done)
        *position = FINISHED;
}

/* A row of any table that is walked, each of which begins with its id: a bound is a whole row. */
typedef union walked {
    hf_id id;
    hf_order order;
    hf_hold hold;
    hf_txn txn;
    hf__op_key key;
} walked;

static void find_walk(hf__pass *p, const walk *w, uint64_t *position)
{
    walked low;
    walked high;
    memset(&low, 0, sizeof low);
    memset(&high, 0, sizeof high);
    low.id = id_at(*position);
    high.id = id_at((uint64_t)p->before_ms << 16);
    hf_scan scan = {.table = w->table,
                    .low = &low,
                    .high = &high,
                    .low_columns = 1,
                    .high_columns = 1,
                    .high_exclusive = 1};
    bool done = *position == FINISHED;
    uint64_t at = 0; /* no id has it */
    while (!done && p->draft->load_error == 0) {
        hf__rows rows;
        hf__draft_load_rows(p->draft, &scan, PAGE, &rows);
        find_page(p, w, &rows, &at, &done);
        if (rows.count > 0)
            scan.low = rows.rows[rows.count - 1];
        scan.low_exclusive = 1;
    }
    *position = *position == FINISHED ? FINISHED : at;
}

/* Names a row of HF__PURGES; returns it when it is there. */
static const hf__purge *load_kept(hf__pass *p, hf__kept *kept, const hf__purge *key)
{
    kept->key = *key;
    kept->at = hf__draft_load(p->draft, HF__PURGES, key);
    return hf__loaded(p->draft, kept->at);
}

static void load_positions(hf__pass *p)
{
    for (uint32_t i = 0; i < HF__WALKS; i++) {
        hf__purge key = {.kind = HF__PURGE_IDS};
        hf__name_set(&key.name, walks[i].name);
        const hf__purge *stored = load_kept(p, &p->walks[i], &key);
        p->walked[i] = !p->only_txns || walks[i].table == HF__TXNS;
        if (stored != NULL && stored->until_ms == p->before_ms)
            p->positions[i] = stored->last;
    }
}

/* The last event that every stored cursor has passed; UINT64_MAX without cursors. */
static uint64_t passed_by_all(hf__pass *p)
{
    hf_scan scan = {.table = HF__CURSORS};
    hf__rows rows = {.more = 1};
    uint64_t seq = UINT64_MAX;
    while (rows.more != 0) {
        hf__draft_load_rows(p->draft, &scan, PAGE, &rows);
        for (uint32_t i = 0; i < rows.count; i++) {
            const hf_cursor *cursor = rows.rows[i];
            seq = cursor->seq < seq ? cursor->seq : seq;
            scan = (hf_scan){
                .table = HF__CURSORS, .low = cursor, .low_columns = 1, .low_exclusive = 1};
        }
    }
    return seq;
}

/* False: the event and those behind it stay. */
static bool find_event(hf__pass *p, const hf_event *event, uint64_t limit)
{
    if (event->at_ms >= p->before_ms || event->seq > limit)
        return false;
    if (p->left == 0) {
        p->result->more = 1;
        return false;
    }
    p->left--;
    p->last_event = event->seq;
    p->result->events++;
    add(p, HF__EVENTS, event);
    hf__load_bases(p->draft, event);
    return true;
}

/* The oldest events, while they may go. */
static void find_events(hf__pass *p)
{
    const hf__purge key = {.kind = HF__PURGE_EVENTS, .first = 1};
    const hf__purge *stored = load_kept(p, &p->events, &key);
    const uint64_t limit = passed_by_all(p);
    hf__rows rows = {.more = 1};
    bool goes = true;
    p->last_event = stored == NULL ? 0 : stored->last;
    while (goes && rows.more != 0 && p->draft->load_error == 0) {
        const hf_event low = {.seq = p->last_event + 1};
        const hf_scan scan = {.table = HF__EVENTS, .low = &low, .low_columns = 1};
        hf__draft_load_rows(p->draft, &scan, PAGE, &rows);
        for (uint32_t i = 0; i < rows.count && goes; i++)
            goes = find_event(p, rows.rows[i], limit);
    }
}

static void find(hf__pass *p)
{
    const hf__purge all = {.kind = HF__PURGE_IDS};
    const hf__purge txns = hf__purge_txns_key();
    (void)load_kept(p, &p->until, p->only_txns ? &txns : &all);
    load_positions(p);
    for (uint32_t i = 0; i < HF__WALKS; i++)
        if (p->walked[i])
            find_walk(p, &walks[i], &p->positions[i]);
    if (!p->only_txns)
        find_events(p);
}

void hf__load_retention(const hf__operation *op, hf__draft *draft)
{
    const hf_retention_args *args = HF__ARGS(op, hf_retention_args);
    hf__pass *p = hf__draft_alloc(draft, sizeof *p);
    hf_retention_result *result = hf__draft_alloc(draft, sizeof *result);
    draft->found = p;
    if (p == NULL || result == NULL) {
        draft->load_error = HF_E_NOMEM;
        return;
    }
    *p = (hf__pass){.draft = draft,
                    .result = result,
                    .before_ms = args->before_ms,
                    .left = args->limit,
                    .only_txns = op->own};
    if (args->before_ms > 0 && args->before_ms <= draft->now_ms)
        find(p);
}

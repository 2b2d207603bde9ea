/*
 * retention.c - removes what ended long ago, a bounded number of records at a time.
 *
 * Why it is more than deletion: a removed id must never act again, so the time before which ids
 * are refused (`purged_until`) moves before the first record goes, in the same commit. Numbers and
 * events that go are accounted for (purge.h).
 *
 * Happy path: orders, holds, transactions and operation keys are walked by id, which begins with
 * the time it carries, up to before_ms; then events from the oldest kept on. When the limit is
 * reached, how far the walk has come is stored per table (a purge row of kind IDS with the table's
 * name, the first 8 bytes of the next id in `last`); the next call with the same before_ms
 * continues there, so open records in front never hold it up. Ids that share their first 8 bytes
 * are always looked at together. A pass that has come to its end forgets these rows.
 *
 * The engine's own clean-up is the same for transactions alone, and with a time of its own before
 * which their ids are refused: the ids of everything else stay good.
 *
 * What stays: records that have not ended or ended after before_ms, orders that still want a
 * person, events that a stored cursor has not passed.
 *
 * Failure modes: HF_E_ARGUMENT (before_ms in the future), HF_E_NOMEM, HF_E_CORRUPT;
 * above 0 when a row is missing (view.h).
 */
#include "base/id.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/ledger/hold_state.h"
#include "domain/order/state.h"
#include "domain/txn/state.h"
#include "domain/txn/work.h"
#include "domain/upkeep/purge.h"

#include <holdfast/engine.h>
#include <stdio.h>
#include <string.h>

#define PAGE     256u
#define FINISHED ((uint64_t)INT64_MAX) /* as a place: behind every id */

/* One call. */
typedef struct pass {
    hf__draft *draft;
    hf_retention_result *result;
    int64_t before_ms;
    uint32_t left;  /* records that may still be looked at */
    bool only_txns; /* the engine's own clean-up: ended transactions and nothing else */
    hf__ranges numbers;
    uint64_t places[4]; /* how far each walk has come */
    uint64_t parts;     /* records whose states are in events: transactions, branches, holds */
} pass;

/* Records that are walked by id, which is the first field of each. */
typedef struct walk {
    const char *name;
    uint32_t table;
    uint32_t count_at; /* of the counter in the result */
    int (*remove)(pass *p, const void *row, bool *gone);
} walk;

_Static_assert(offsetof(hf_order, id) == 0 && offsetof(hf_hold, id) == 0 &&
                   offsetof(hf__op_key, id) == 0 && offsetof(hf_txn, id) == 0,
               "records that are walked begin with their id");

/* The first 8 bytes of an id as a number that orders like the id, and back. */
static uint64_t place_of(const uint8_t *id)
{
    uint64_t place = 0;
    for (uint32_t i = 0; i < 8; i++)
        place = place << 8 | id[i];
    return place;
}

static hf_id id_at(uint64_t place)
{
    hf_id id = {.bytes = {0}};
    for (uint32_t i = 0; i < 8; i++)
        id.bytes[i] = (uint8_t)(place >> (56 - 8 * i));
    return id;
}

/* Removes the facts of a payment. */
static int remove_facts(pass *p, const hf_payment *payment)
{
    hf_fact key = {.payment = payment->id};
    hf_scan range = {.table = HF__FACTS,
                     .index = HF__FACTS_PAYMENT,
                     .low = &key,
                     .high = &key,
                     .low_columns = 1,
                     .high_columns = 1};
    uint32_t count = 0;
    return hf__purge_rows(p->draft, &range, &count);
}

/* Removes the payments of an order, unless one of them wants a person. */
static int remove_payments(pass *p, const hf_id *order, bool *kept)
{
    hf_payment key = {.order = *order};
    hf_scan range = {.table = HF__PAYMENTS,
                     .index = HF__PAYMENTS_ORDER,
                     .low = &key,
                     .high = &key,
                     .low_columns = 1,
                     .high_columns = 1};
    hf__rows rows;
    int error = hf__draft_scan(p->draft, &range, HF_PAYMENTS_MAX, &rows);
    *kept = false;
    for (uint32_t i = 0; i < rows.count && error == 0; i++)
        *kept = *kept || ((const hf_payment *)rows.rows[i])->attention != 0;
    for (uint32_t i = 0; i < rows.count && error == 0 && !*kept; i++) {
        error = remove_facts(p, rows.rows[i]);
        if (error == 0)
            error = hf__draft_del(p->draft, HF__PAYMENTS, rows.rows[i]);
    }
    return error;
}

/* Removes lines, legs and adjustments: tables whose key begins with the order. */
static int remove_parts(pass *p, const hf_id *order)
{
    hf_order_line line = {.order = *order};
    hf_order_leg leg = {.order = *order};
    hf_adjustment adjustment = {.order = *order};
    const hf_scan ranges[] = {
        {.table = HF__ORDER_LINES, .low = &line, .high = &line},
        {.table = HF__ORDER_LEGS, .low = &leg, .high = &leg},
        {.table = HF__ADJUSTMENTS, .low = &adjustment, .high = &adjustment},
    };
    uint32_t count = 0;
    int error = 0;
    for (uint32_t i = 0; i < 3 && error == 0; i++) {
        hf_scan range = ranges[i];
        range.low_columns = 1;
        range.high_columns = 1;
        error = hf__purge_rows(p->draft, &range, &count);
    }
    p->left -= count < p->left ? count : p->left; /* a large order counts for what it has */
    return error;
}

static int remove_order(pass *p, const void *row, bool *gone)
{
    const hf_order *order = row;
    *gone = hf__order_is_over(order->state) && order->closed_at_ms < p->before_ms &&
            order->attention == 0;
    if (!*gone)
        return 0;
    bool kept;
    int error = remove_payments(p, &order->id, &kept);
    *gone = !kept;
    if (error != 0 || kept)
        return error;
    error = remove_parts(p, &order->id);
    if (error == 0)
        error = hf__purge_number(p->draft, &p->numbers, &order->series, order->number);
    return error != 0 ? error : hf__draft_del(p->draft, HF__ORDERS, order);
}

/* Their events stay when the engine cleans up, so that its own event takes the counters back. */
static int add_removed(pass *p, const hf_hold *hold)
{
    return !p->only_txns ? 0
                         : hf__body_add(p->draft, &(hf__change){.type = HF_CHANGE_POSTED,
                                                                .id = &hold->id,
                                                                .a = -hold->posted,
                                                                .b = -hold->released,
                                                                .c = -hold->reversed,
                                                                .d = -hold->amount});
}

/* The holds of a transaction's moves; it has none when they were made at once. */
static int remove_holds(pass *p, const hf_txn *txn)
{
    int need = 0;
    for (uint32_t no = 1; no <= txn->move_count; no++) {
        hf_hold key = {.amount = 0};
        const void *row;
        hf__txn_hold_id(&txn->id, no, &key.id);
        int error = hf__draft_get(p->draft, HF__HOLDS, &key, &row);
        if (error == 0 && row == NULL)
            break;
        if (error == 0)
            error = add_removed(p, row);
        if (error == 0)
            error = hf__draft_del(p->draft, HF__HOLDS, row);
        if (error < 0 || (error != 0 && no == 1))
            return error;
        need = error != 0 ? error : need; /* where there is one, the others are asked for at once */
    }
    return need;
}

static int remove_txn(pass *p, const void *row, bool *gone)
{
    const hf_txn *txn = row;
    *gone = hf__txn_is_over(txn->state) && txn->ended_at_ms < p->before_ms;
    if (!*gone)
        return 0;
    hf_branch branch = {.txn = txn->id};
    hf_attempt attempt = {.txn = txn->id};
    const hf_scan ranges[] = {
        {.table = HF__BRANCHES, .low = &branch, .high = &branch},
        {.table = HF__ATTEMPTS, .low = &attempt, .high = &attempt},
    };
    uint32_t count = txn->move_count;
    int error = remove_holds(p, txn);
    for (uint32_t i = 0; i < 2 && error == 0; i++) {
        hf_scan range = ranges[i];
        range.low_columns = 1;
        range.high_columns = 1;
        error = hf__purge_rows(p->draft, &range, &count);
    }
    p->left -= count < p->left ? count : p->left;
    p->parts += 1 + (uint64_t)txn->move_count + txn->branch_count;
    return error != 0 ? error : hf__draft_del(p->draft, HF__TXNS, txn);
}

/* Those of a transaction go with it. */
static int remove_hold(pass *p, const void *row, bool *gone)
{
    const hf_hold *hold = row;
    *gone = !hf__hold_allows(hold->state, HF__HOLD_EXPIRE) && hold->updated_at_ms < p->before_ms &&
            hf__id_zero(&hold->txn);
    return *gone ? hf__draft_del(p->draft, HF__HOLDS, hold) : 0;
}

static int remove_key(pass *p, const void *row, bool *gone)
{
    *gone = true;
    return hf__draft_del(p->draft, HF__OP_KEYS, row);
}

/* clang-format off */
static const walk walks[] = {
    { "orders", HF__ORDERS, offsetof(hf_retention_result, orders), remove_order },
    { "holds", HF__HOLDS, offsetof(hf_retention_result, holds), remove_hold },
    { "txns", HF__TXNS, offsetof(hf_retention_result, txns), remove_txn },
    { "op_keys", HF__OP_KEYS, offsetof(hf_retention_result, op_keys), remove_key },
};
/* clang-format on */

#define WALKS (sizeof walks / sizeof walks[0])
_Static_assert(WALKS == sizeof((pass *)0)->places / sizeof(uint64_t), "a walk has no place");

/* Looks at one page. *done: nothing more of this walk in this call. */
static int walk_page(pass *p, const walk *w, const hf__rows *rows, uint64_t *place, bool *done)
{
    *done = rows->more == 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        uint64_t here = place_of(rows->rows[i]);
        if (p->left == 0 && here != *place) {
            *place = here;
            *done = true;
            p->result->more = 1;
            return 0;
        }
        *place = here;
        p->left -= p->left > 0 ? 1 : 0;
        bool gone;
        int error = w->remove(p, rows->rows[i], &gone);
        if (error != 0)
            return error;
        *(uint64_t *)(void *)((uint8_t *)p->result + w->count_at) += gone ? 1 : 0;
    }
    if (*done)
        *place = FINISHED;
    return 0;
}

/* A row of any table that is walked, each of which begins with its id: a bound is a whole row. */
typedef union walked {
    hf_id id;
    hf_order order;
    hf_hold hold;
    hf_txn txn;
    hf__op_key key;
} walked;

static int run_walk(pass *p, const walk *w, uint64_t *place)
{
    walked low;
    walked high;
    memset(&low, 0, sizeof low);
    memset(&high, 0, sizeof high);
    low.id = id_at(*place);
    high.id = id_at((uint64_t)p->before_ms << 16);
    hf_scan scan = {.table = w->table,
                    .low = &low,
                    .high = &high,
                    .low_columns = 1,
                    .high_columns = 1,
                    .high_exclusive = 1};
    bool done = *place == FINISHED;
    uint64_t at = 0; /* no id has it */
    while (!done) {
        hf__rows rows;
        int error = hf__draft_scan_stored(p->draft, &scan, PAGE, &rows);
        if (error == 0)
            error = walk_page(p, w, &rows, &at, &done);
        if (error != 0)
            return error;
        if (rows.count > 0)
            scan.low = rows.rows[rows.count - 1];
        scan.low_exclusive = 1;
    }
    *place = *place == FINISHED ? FINISHED : at;
    return 0;
}

static bool takes_part(const pass *p, const walk *w)
{
    return !p->only_txns || w->table == HF__TXNS;
}

/* The row that says how far a walk of this before_ms has come. */
static hf__purge place_key(const walk *w)
{
    hf__purge key = {.kind = HF__PURGE_IDS};
    hf__name_set(&key.name, w->name);
    return key;
}

static int load_places(pass *p)
{
    int need = 0;
    for (uint32_t i = 0; i < WALKS; i++) {
        hf__purge key = place_key(&walks[i]);
        const void *row;
        int error = hf__draft_get(p->draft, HF__PURGES, &key, &row);
        if (error < 0)
            return error;
        need = error != 0 ? error : need;
        const hf__purge *stored = row;
        if (stored != NULL && stored->until_ms == p->before_ms)
            p->places[i] = stored->last;
    }
    return need;
}

/* Keeps the places when there is more to do, else forgets them. */
static int store_places(pass *p)
{
    for (uint32_t i = 0; i < WALKS; i++) {
        if (!takes_part(p, &walks[i]))
            continue;
        hf__purge key = place_key(&walks[i]);
        const void *stored;
        void *row;
        int error = hf__draft_get(p->draft, HF__PURGES, &key, &stored);
        if (error == 0 && !p->result->more && stored != NULL)
            error = hf__draft_del(p->draft, HF__PURGES, &key);
        if (error != 0)
            return error;
        if (!p->result->more)
            continue;
        error = stored == NULL ? hf__draft_add(p->draft, HF__PURGES, &key, &row)
                               : hf__draft_edit(p->draft, HF__PURGES, &key, &row);
        if (error != 0)
            return error;
        ((hf__purge *)row)->last = p->places[i];
        ((hf__purge *)row)->until_ms = p->before_ms;
    }
    return 0;
}

/* The last event that every stored cursor has passed; UINT64_MAX without cursors. */
static int passed_by_all(pass *p, uint64_t *seq)
{
    hf_scan scan = {.table = HF__CURSORS};
    hf__rows rows = {.more = 1};
    *seq = UINT64_MAX;
    while (rows.more) {
        int error = hf__draft_scan(p->draft, &scan, PAGE, &rows);
        if (error != 0)
            return error;
        for (uint32_t i = 0; i < rows.count; i++) {
            const hf_cursor *cursor = rows.rows[i];
            *seq = cursor->seq < *seq ? cursor->seq : *seq;
            scan = (hf_scan){
                .table = HF__CURSORS, .low = cursor, .low_columns = 1, .low_exclusive = 1};
        }
    }
    return 0;
}

/* Removes the oldest events while they may go; *last is the last one removed. */
static int run_events(pass *p, uint64_t limit, uint64_t *last)
{
    hf__rows rows = {.more = 1};
    while (rows.more) {
        hf_event low = {.seq = *last + 1};
        hf_scan scan = {.table = HF__EVENTS, .low = &low, .low_columns = 1};
        int error = hf__draft_scan(p->draft, &scan, PAGE, &rows);
        for (uint32_t i = 0; i < rows.count && error == 0; i++) {
            const hf_event *event = rows.rows[i];
            if (event->at_ms >= p->before_ms || event->seq > limit)
                return 0;
            if (p->left == 0) {
                p->result->more = 1;
                return 0;
            }
            p->left--;
            error = hf__purge_fold(p->draft, event);
            if (error == 0)
                error = hf__draft_del(p->draft, HF__EVENTS, event);
            *last = event->seq;
            p->result->events++;
        }
        if (error != 0)
            return error;
    }
    return 0;
}

static int purge_events(pass *p)
{
    hf__purge key = {.kind = HF__PURGE_EVENTS, .first = 1};
    uint64_t limit;
    const void *stored;
    int error = passed_by_all(p, &limit);
    int other = hf__draft_get(p->draft, HF__PURGES, &key, &stored);
    if (error != 0 || other != 0)
        return error != 0 ? error : other;
    uint64_t last = stored == NULL ? 0 : ((const hf__purge *)stored)->last;
    error = run_events(p, limit, &last);
    if (error != 0 || p->result->events == 0)
        return error;
    void *row;
    error = stored == NULL ? hf__draft_add(p->draft, HF__PURGES, &key, &row)
                           : hf__draft_edit(p->draft, HF__PURGES, &key, &row);
    if (error == 0)
        ((hf__purge *)row)->last = last;
    return error;
}

/* Ids older than before_ms are refused from this commit on. *moved: they were not before. */
static int move_until(pass *p, bool *moved)
{
    hf__purge key = p->only_txns ? hf__purge_txns_key() : (hf__purge){.kind = HF__PURGE_IDS};
    void *row;
    int error = hf__draft_edit(p->draft, HF__PURGES, &key, &row);
    if (error == 0 && row == NULL)
        error = hf__draft_add(p->draft, HF__PURGES, &key, &row);
    if (error != 0)
        return error;
    hf__purge *ids = row;
    *moved = ids->until_ms < p->before_ms;
    if (*moved)
        ids->until_ms = p->before_ms;
    if (p->only_txns)
        ids->last += p->parts;
    return 0;
}

/* One event for what was removed; none when nothing was. */
static int finish(const pass *p, bool moved)
{
    const hf_retention_result *r = p->result;
    hf__draft *draft = p->draft;
    draft->result = r;
    draft->quiet = r->orders + r->holds + r->txns + r->op_keys + r->events == 0 && !moved ? 1 : 0;
    if (draft->quiet)
        return 0;
    char text[HF_NAME_MAX + 1];
    (void)snprintf(text, sizeof text, "%u orders, %u holds, %u txns, %u op keys, %u events",
                   (uint32_t)r->orders, (uint32_t)r->holds, (uint32_t)r->txns, (uint32_t)r->op_keys,
                   (uint32_t)r->events);
    return hf__note(draft, NULL, NULL, text);
}

int hf__decide_retention(const hf__operation *op, hf__draft *draft)
{
    const hf_retention_args *args = HF__ARGS(op, hf_retention_args);
    if (args->before_ms > draft->now_ms)
        return hf__refuse(draft->detail, HF_E_ARGUMENT, "before_ms %lld is after now, %lld",
                          (long long)args->before_ms, (long long)draft->now_ms);
    pass p = {
        .draft = draft, .before_ms = args->before_ms, .left = args->limit, .only_txns = op->own};
    p.result = hf__draft_alloc(draft, sizeof *p.result);
    if (p.result == NULL)
        return HF_E_NOMEM;
    if (args->before_ms <= 0)
        return finish(&p, false);
    bool moved = false;
    bool all = !p.only_txns;
    int error = all ? move_until(&p, &moved) : 0;
    if (error == 0)
        error = load_places(&p);
    for (uint32_t i = 0; i < WALKS && error == 0; i++)
        error = takes_part(&p, &walks[i]) ? run_walk(&p, &walks[i], &p.places[i]) : 0;
    if (error == 0 && all)
        error = purge_events(&p);
    if (error == 0 && !all && p.result->txns != 0)
        error = move_until(&p, &moved);
    if (error == 0)
        error = store_places(&p);
    return error != 0 ? error : finish(&p, moved);
}

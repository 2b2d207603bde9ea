/*
 * orders.c - clauses 3 to 8, 10 and 13: each order with all that belongs to it, holds,
 * waiting.
 *
 * An order is loaded as the core loads it. That no part stands without its order is seen by the
 * counts: the orders' own counts must sum to what the tables have.
 */
#include "base/id.h"
#include "base/money/checked.h"
#include "domain/ledger/hold_state.h"
#include "domain/order/payment_state.h"
#include "domain/order/view.h"
#include "engine/verify/verify.h"
#include <holdfast/error.h>
#include <inttypes.h>

static bool holds_stock(uint32_t state)
{
    return state == HF_ORDER_PENDING || state == HF_ORDER_CONFIRMED;
}

static void add_counter(hf__verify *verify, const hf_id *id, uint32_t no, uint32_t counter,
                        int64_t value)
{
    verify->records_fold += (uint64_t)value * hf__verify_weight(id, no, counter);
}

static void add_line(hf__verify *verify, const hf__order *order, uint32_t line)
{
    const hf_order_line *row = order->lines[line].row;
    add_counter(verify, &row->order, row->no, 0, row->fulfilled);
    add_counter(verify, &row->order, row->no, 1, row->cancelled);
    add_counter(verify, &row->order, row->no, 2, row->returned);
    add_counter(verify, &row->order, row->no, 4, row->quantity);
    for (uint32_t i = 0; i < row->leg_count; i++) {
        const hf_leg *leg = hf__order_leg(order, line, i);
        int64_t open = leg->units - leg->cancelled - leg->fulfilled;
        if (holds_stock(order->row->state))
            hf__verify_held(verify, &leg->from, &leg->to, open * leg->per_unit);
    }
}

static void add_payment(hf__verify *verify, const hf_payment *payment)
{
    static const hf_account_ref world = {.kind = HF_KIND_WORLD};
    add_counter(verify, &payment->id, 0, 0, payment->authorized);
    add_counter(verify, &payment->id, 0, 1, payment->captured);
    add_counter(verify, &payment->id, 0, 2, payment->voided);
    add_counter(verify, &payment->id, 0, 3, payment->refunded);
    hf__verify_state(verify, &payment->id, payment->state, "payment");
    if (payment->method == HF_METHOD_ACCOUNT && payment->state == HF_PAYMENT_AUTHORIZED)
        hf__verify_held(verify, &payment->account, &world, hf__payment_open(payment));
}

/* A line's total is its price and its adjustments; the order's is its lines and its own. */
static bool totals_hold(const hf__order *order)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        const hf_order_line *line = order->lines[i].row;
        int64_t total;
        if (hf_money_muldiv(line->quantity, line->unit_price, line->price_per, HF_ROUND_HALF_UP,
                            &total) != 0)
            return false;
        for (uint32_t a = 0; a < order->row->adjustment_count; a++)
            if (order->adjustments[a]->line == line->no &&
                !hf__add(total, order->adjustments[a]->amount, &total))
                return false;
        if (total != line->total || !hf__add(sum, total, &sum))
            return false;
    }
    for (uint32_t a = 0; a < order->row->adjustment_count; a++)
        if (order->adjustments[a]->line == 0 && !hf__add(sum, order->adjustments[a]->amount, &sum))
            return false;
    return sum == order->row->total;
}

static hf__series_sum *series_of(hf__verify *verify, const hf_name *name)
{
    for (uint32_t i = 0; i < verify->series_count; i++)
        if (hf__name_equal(&verify->series[i].name, name))
            return &verify->series[i];
    if (verify->series_count == verify->series_max)
        return NULL;
    hf__series_sum *series = &verify->series[verify->series_count++];
    series->name = *name;
    return series;
}

static void add_number(hf__verify *verify, const hf_order *order)
{
    hf__series_sum *series = series_of(verify, &order->series);
    if (series != NULL) {
        series->count++;
        series->sum += order->number;
    }
}

static void check_order(hf__verify *verify, const hf__order *order, const char *id)
{
    if (!totals_hold(order))
        hf__verify_find(verify, HF_CLAUSE_LINES, "order %s: its totals do not add up", id);
    if (!hf__order_holds(order))
        hf__verify_find(verify, HF_CLAUSE_LEGS, "order %s: counters of its lines, legs or payments",
                        id);
    for (uint32_t i = 0; i < order->row->line_count; i++)
        add_line(verify, order, i);
    for (uint32_t i = 0; i < order->row->payment_count; i++)
        add_payment(verify, order->payments[i].row);
    hf__verify_state(verify, &order->row->id, order->row->state, "order");
    add_counter(verify, &order->row->id, 0, 0, order->row->kept);
    add_counter(verify, &order->row->id, 0, 1, order->row->given_away);
    verify->lines += order->row->line_count;
    verify->legs += order->leg_count;
    verify->adjustments += order->row->adjustment_count;
    verify->payments += order->row->payment_count;
    add_number(verify, order->row);
}

static int visit_order(hf__verify *verify, const void *row)
{
    const hf_order *stored = row;
    hf__view view = hf__query_view(&verify->query);
    hf__draft draft;
    hf__order *order = NULL;
    char id[37];
    hf_id_format(&stored->id, id);
    hf__draft_init(&draft, &view, verify->query.work, &verify->query.detail);
    int error = hf__order_load(&draft, &stored->id, NULL, &order);
    if (error == 0)
        check_order(verify, order, id);
    if (error == 0)
        error = hf__verify_money(verify, &draft, order, id);
    if (error != HF_E_CORRUPT)
        return error;
    hf__verify_find(verify, HF_CLAUSE_LINES, "order %s: %s", id, verify->query.detail.text);
    return 0;
}

/* Every part belongs to an order. */
static void check_parts(hf__verify *verify, uint32_t table, uint64_t counted)
{
    if (verify->tables[table].rows != counted)
        hf__verify_find(verify, HF_CLAUSE_LINES, "%s: %" PRIu64 " rows, the orders have %" PRIu64,
                        hf_store_schema()->tables[table]->name, verify->tables[table].rows,
                        counted);
}

int hf__verify_orders(hf__verify *verify)
{
    static const uint32_t parts[] = {HF__ORDER_LINES, HF__ORDER_LEGS, HF__ADJUSTMENTS,
                                     HF__PAYMENTS};
    int error = hf__verify_each(verify, HF__ORDERS, visit_order);
    const uint64_t counted[] = {verify->lines, verify->legs, verify->adjustments, verify->payments};
    for (int i = 0; error == 0 && i < 4; i++) {
        check_parts(verify, parts[i], counted[i]);
        error = hf__verify_each(verify, parts[i], NULL);
    }
    return error;
}

static int visit_hold(hf__verify *verify, const void *row)
{
    const hf_hold *hold = row;
    char id[37];
    int64_t remaining = hold->amount - hold->posted - hold->released;
    bool open = hold->state == HF_HOLD_HELD || hold->state == HF_HOLD_PARTIAL;
    if (hold->posted < 0 || hold->released < 0 || remaining < 0 || hold->reversed < 0 ||
        hold->reversed > hold->posted || open != (remaining > 0))
        hf__verify_find(verify, HF_CLAUSE_HOLDS,
                        "hold %s: amount %" PRId64 ", posted %" PRId64 ", released %" PRId64
                        ", reversed %" PRId64,
                        hf_id_format(&hold->id, id), hold->amount, hold->posted, hold->released,
                        hold->reversed);
    hf__verify_state(verify, &hold->id, hold->state, "hold");
    verify->txn_holds += !hf__id_zero(&hold->txn);
    if (open)
        hf__verify_held(verify, &hold->from, &hold->to, remaining);
    add_counter(verify, &hold->id, 0, 0, hold->posted);
    add_counter(verify, &hold->id, 0, 1, hold->released);
    add_counter(verify, &hold->id, 0, 2, hold->reversed);
    add_counter(verify, &hold->id, 0, 3, hold->amount);
    return 0;
}

int hf__verify_holds(hf__verify *verify)
{
    int error = hf__verify_each(verify, HF__HOLDS, visit_hold);
    if (error == 0 && verify->purged_events == 0 && !verify->purged &&
        verify->events_fold != verify->records_fold)
        hf__verify_find(verify, HF_CLAUSE_EVENTS,
                        "folding the events does not give the counters of the records");
    return error;
}

static int visit_wait(hf__verify *verify, const void *row)
{
    const hf__wait *wait = row;
    hf__sum *sum = hf__verify_sum(verify, &wait->account);
    if (sum != NULL)
        sum->waiting++;
    hf_order key = {.id = wait->order};
    const void *order;
    char id[37];
    int error = hf__query_get(&verify->query, HF__ORDERS, &key, &order);
    if (error == 0 && (order == NULL || ((const hf_order *)order)->state != HF_ORDER_WAITING))
        hf__verify_find(verify, HF_CLAUSE_TERMINAL, "order %s is queued but does not wait",
                        hf_id_format(&wait->order, id));
    return error;
}

/* A number is used once and none is left out: as many as the last one, and the same sum. */
static int visit_series(hf__verify *verify, const void *row)
{
    const hf__series *stored = row;
    hf__series_sum *series = series_of(verify, &stored->name);
    if (series == NULL)
        return 0;
    uint64_t half = stored->last % 2 == 0 ? stored->last / 2 * (stored->last + 1)
                                          : (stored->last + 1) / 2 * stored->last;
    if (series->count != stored->last || series->sum != half)
        hf__verify_find(verify, HF_CLAUSE_SEQUENCES,
                        "series '%s': %" PRIu64 " numbers of %" PRIu64 ", or one twice",
                        stored->name.text, series->count, stored->last);
    return 0;
}

static int visit_purged_numbers(hf__verify *verify, const void *row)
{
    const hf__purge *purge = row;
    if (purge->kind != HF__PURGE_NUMBERS)
        return 0;
    hf__series_sum *series = series_of(verify, &purge->name);
    for (uint64_t n = purge->first; series != NULL && n <= purge->last; n++) {
        series->count++;
        series->sum += n;
    }
    return 0;
}

/* An operation id is used by one event that exists, or existed. */
static int visit_op_key(hf__verify *verify, const void *row)
{
    const hf__op_key *key = row;
    char id[37];
    if (key->event_seq == 0 || key->event_seq >= verify->next_seq)
        hf__verify_find(verify, HF_CLAUSE_IDS, "operation %s names event %" PRIu64 " of %" PRIu64,
                        hf_id_format(&key->id, id), key->event_seq, verify->next_seq - 1);
    return 0;
}

int hf__verify_others(hf__verify *verify)
{
    static const struct {
        uint32_t table;
        int (*visit)(hf__verify *verify, const void *row);
    } others[] = {
        {HF__PURGES, visit_purged_numbers},
        {HF__SERIES, visit_series},
        {HF__WAITS, visit_wait},
        {HF__OP_KEYS, visit_op_key},
        {HF__UNITS, NULL},
        {HF__FACTS, NULL},
        {HF__CURSORS, NULL},
    };
    int error = 0;
    for (size_t i = 0; error == 0 && i < sizeof(others) / sizeof(others[0]); i++)
        error = hf__verify_each(verify, others[i].table, others[i].visit);
    return error;
}

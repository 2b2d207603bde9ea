#include "base/id.h"
#include "domain/core/body.h"
#include "support/shop.h"
#include <stdlib.h>
#include <string.h>

static bool is_over(const hf_order *order)
{
    return order->state == HF_ORDER_CLOSED || order->state == HF_ORDER_CANCELLED ||
           order->state == HF_ORDER_EXPIRED;
}

/* ---- folding events ---- */

/* Sums of the changes of one record. */
typedef struct folded {
    int64_t a, b, c, d;
    int64_t quantity;
    uint32_t state;
} folded;

static void fold_one(folded *sum, const hf_change *change, const hf_id *id, uint32_t no)
{
    if (!hf__id_equal(&change->id, id))
        return;
    bool line = change->type == HF_CHANGE_LINE && change->no == no;
    if (line || (change->type == HF_CHANGE_PAYMENT && no == 0)) {
        sum->a += change->a;
        sum->b += change->b;
        sum->c += change->c;
        sum->d += change->d;
    }
    if (change->type == HF_CHANGE_ORDER && no == 0) {
        sum->a += change->a;
        sum->b += change->b;
    }
    if (change->type == HF_CHANGE_QUANTITY && change->no == no)
        sum->quantity += change->a;
    if (change->type == HF_CHANGE_STATE)
        sum->state = change->state;
}

/* Events in the order of the rows: each record's states are compared by seq. */
static folded fold(const hf_test_fixture *fixture, const hf_id *id, uint32_t no)
{
    folded sum = {.a = 0};
    for (uint64_t seq = 1; seq <= fixture->event_seq; seq++) {
        const hf_event *event = hf_test_row_of(fixture, HF__EVENTS, &(hf_event){.seq = seq});
        if (event == NULL || event->body_bytes == 0)
            continue;
        uint64_t position = 0;
        hf_change change;
        while (hf__body_next(event->body, event->body_bytes, &position, &change) == 1)
            fold_one(&sum, &change, id, no);
    }
    return sum;
}

static void check_folded(const hf_test_fixture *fixture, const hf_test_stored *stored)
{
    if (stored->table == HF__ORDERS) {
        const hf_order *order = stored->row;
        const folded sum = fold(fixture, &order->id, 0);
        ck_assert_uint_eq(sum.state, order->state);
        ck_assert_int_eq(sum.a, order->kept);
        ck_assert_int_eq(sum.b, order->given_away);
    } else if (stored->table == HF__ORDER_LINES) {
        const hf_order_line *line = stored->row;
        const folded sum = fold(fixture, &line->order, line->no);
        ck_assert_int_eq(sum.quantity, line->quantity);
        ck_assert_int_eq(sum.a, line->fulfilled);
        ck_assert_int_eq(sum.b, line->cancelled);
        ck_assert_int_eq(sum.c, line->returned);
    } else if (stored->table == HF__PAYMENTS) {
        const hf_payment *payment = stored->row;
        const folded sum = fold(fixture, &payment->id, 0);
        ck_assert_uint_eq(sum.state, payment->state);
        ck_assert_int_eq(sum.a, payment->authorized);
        ck_assert_int_eq(sum.b, payment->captured);
        ck_assert_int_eq(sum.c, payment->voided);
        ck_assert_int_eq(sum.d, payment->refunded);
    }
}

/* ---- clauses of one order ---- */

/* What the rows of one order add up to. */
typedef struct sums {
    int64_t total;
    int64_t net; /* captured less refunded or asked to be, less charged back */
    uint32_t lines;
    uint32_t adjustments;
    uint32_t payments;
    uint32_t waits;
} sums;

static void check_leg(const hf_order *order, const hf_leg *leg)
{
    ck_assert_int_gt(leg->per_unit, 0);
    ck_assert_int_ge(leg->fulfilled, leg->returned);
    ck_assert_int_ge(leg->units, leg->fulfilled + leg->cancelled);
    bool held = order->state == HF_ORDER_PENDING && leg->units > leg->fulfilled + leg->cancelled;
    ck_assert_int_eq(leg->deadline_ms, held ? order->deadline_ms : 0);
}

/* The legs of each role add up to their line. */
static void check_roles(const hf_test_fixture *fixture, const hf_order *order,
                        const hf_order_line *line)
{
    hf_leg sum[8] = {{.units = 0}};
    for (uint32_t i = 0; i < line->leg_count; i++) {
        const hf_leg *leg = &line->leg;
        if (i > 0) {
            const hf_order_leg key = {.order = line->order, .line_no = line->no, .no = i};
            const hf_order_leg *row = hf_test_row_of(fixture, HF__ORDER_LEGS, &key);
            ck_assert_ptr_nonnull(row);
            leg = &row->leg;
        }
        ck_assert_uint_lt(leg->role, 8);
        check_leg(order, leg);
        sum[leg->role].units += leg->units;
        sum[leg->role].fulfilled += leg->fulfilled;
        sum[leg->role].cancelled += leg->cancelled;
        sum[leg->role].returned += leg->returned;
        sum[leg->role].per_unit = 1;
    }
    for (uint32_t i = 0; i < 8; i++) {
        if (sum[i].per_unit == 0)
            continue;
        ck_assert_int_eq(sum[i].units, line->quantity);
        ck_assert_int_eq(sum[i].fulfilled, line->fulfilled);
        ck_assert_int_eq(sum[i].cancelled, line->cancelled);
        ck_assert_int_eq(sum[i].returned, line->returned);
    }
}

static int64_t adjustments_of(const hf_test_fixture *fixture, const hf_id *order, uint32_t line)
{
    int64_t sum = 0;
    for (size_t i = 0; i < fixture->count; i++) {
        const hf_adjustment *row = fixture->rows[i].row;
        if (fixture->rows[i].table == HF__ADJUSTMENTS && hf__id_equal(&row->order, order) &&
            row->line == line)
            sum += row->amount;
    }
    return sum;
}

static void check_line(const hf_test_fixture *fixture, const hf_order *order,
                       const hf_order_line *line, sums *s)
{
    ck_assert_int_ge(line->fulfilled, line->returned);
    ck_assert_int_ge(line->quantity, line->fulfilled + line->cancelled);
    int64_t cost = 0;
    ck_assert_int_eq(hf_money_muldiv(line->quantity, line->unit_price, line->price_per, 0, &cost),
                     0);
    ck_assert_int_eq(line->total, cost + adjustments_of(fixture, &order->id, line->no));
    s->total += line->total;
    s->lines++;
    bool done = line->fulfilled + line->cancelled == line->quantity;
    bool coupon = line->leg_count > 0 && line->leg.from.kind == HF_KIND_LIMIT;
    if (order->state == HF_ORDER_CONFIRMED && line->settle_on == HF_SETTLE_CONFIRM && !coupon)
        ck_assert(done);
    if (order->state == HF_ORDER_CLOSED)
        ck_assert(done);
    check_roles(fixture, order, line);
}

static void check_payment(const hf_order *order, const hf_payment *p, sums *s)
{
    if ((p->flags & HF_PAYMENT_BEYOND) == 0) {
        s->net += p->captured - p->refunded - p->pending_refund - p->charged_back;
        ck_assert_int_le(p->captured + p->pending_capture, p->authorized - p->voided);
        ck_assert_int_le(p->refunded + p->charged_back + p->pending_refund, p->captured);
        ck_assert_int_le(p->authorized - p->voided, p->amount);
    }
    int64_t open = p->authorized - p->voided - p->captured;
    bool own = p->method == HF_METHOD_ACCOUNT; /* a provider answers when it does */
    if (own && (is_over(order) || p->state != HF_PAYMENT_AUTHORIZED))
        ck_assert_int_eq(open, 0);
    bool timed = order->state == HF_ORDER_PENDING && p->state == HF_PAYMENT_AUTHORIZED;
    if (own)
        ck_assert_int_eq(p->deadline_ms, timed ? order->deadline_ms : 0);
    if (p->state == HF_PAYMENT_NEW) /* of a waiting order a report may have come already */
        ck_assert_uint_eq(order->state, HF_ORDER_WAITING);
    s->payments++;
}

static void add_part(const hf_test_fixture *fixture, const hf_order *order,
                     const hf_test_stored *stored, sums *s)
{
    if (stored->table == HF__ORDER_LINES) {
        const hf_order_line *line = stored->row;
        if (hf__id_equal(&line->order, &order->id))
            check_line(fixture, order, line, s);
    } else if (stored->table == HF__PAYMENTS) {
        const hf_payment *payment = stored->row;
        if (hf__id_equal(&payment->order, &order->id))
            check_payment(order, payment, s);
    } else if (stored->table == HF__ADJUSTMENTS) {
        const hf_adjustment *adjustment = stored->row;
        s->adjustments += hf__id_equal(&adjustment->order, &order->id) ? 1 : 0;
    } else if (stored->table == HF__WAITS) {
        const hf__wait *wait = stored->row;
        s->waits += hf__id_equal(&wait->order, &order->id) ? 1 : 0;
    }
}

static void check_order(const hf_test_fixture *fixture, const hf_order *order)
{
    sums s = {.total = adjustments_of(fixture, &order->id, 0)};
    for (size_t i = 0; i < fixture->count; i++)
        add_part(fixture, order, &fixture->rows[i], &s);
    ck_assert_int_eq(order->total, s.total);
    ck_assert_uint_eq(order->line_count, s.lines);
    ck_assert_uint_eq(order->adjustment_count, s.adjustments);
    ck_assert_uint_eq(order->payment_count, s.payments);
    if ((order->policy & HF_ORDER_IMPORT) == 0)
        ck_assert_int_le(s.net, order->total);
    ck_assert_uint_eq(order->state == HF_ORDER_WAITING, s.waits > 0);
    ck_assert_uint_eq(is_over(order), order->closed_at_ms != 0);
    if (order->state != HF_ORDER_PENDING && order->state != HF_ORDER_WAITING)
        ck_assert_int_eq(order->deadline_ms, 0);
    ck_assert_uint_gt(order->number, 0);
}

/* Numbers of a series run from 1 to its last without a gap. */
static void check_series(const hf_test_fixture *fixture, const hf__series *series)
{
    uint64_t count = 0;
    uint64_t sum = 0;
    for (size_t i = 0; i < fixture->count; i++) {
        const hf_order *order = fixture->rows[i].row;
        if (fixture->rows[i].table != HF__ORDERS || !hf__name_equal(&order->series, &series->name))
            continue;
        count++;
        sum += order->number;
    }
    ck_assert_uint_eq(count, series->last);
    ck_assert_uint_eq(sum, count * (count + 1) / 2);
}

static void check_queue(const hf_test_fixture *fixture, const hf_account *account)
{
    uint64_t waiting = 0;
    for (size_t i = 0; i < fixture->count; i++) {
        const hf__wait *wait = fixture->rows[i].row;
        waiting += fixture->rows[i].table == HF__WAITS &&
                           memcmp(&wait->account, &account->key, sizeof account->key) == 0
                       ? 1
                       : 0;
    }
    ck_assert_uint_eq(account->waiting, waiting);
}

void hf_test_shop_check(const hf_test_fixture *fixture)
{
    for (size_t i = 0; i < fixture->count; i++) {
        const hf_test_stored *stored = &fixture->rows[i];
        if (stored->table == HF__ORDERS)
            check_order(fixture, stored->row);
        else if (stored->table == HF__SERIES)
            check_series(fixture, stored->row);
        else if (stored->table == HF__ACCOUNTS)
            check_queue(fixture, stored->row);
        check_folded(fixture, stored);
    }
}

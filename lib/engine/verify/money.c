/*
 * money.c - clause 13: the money of each order against what the order owes.
 *
 * Everything is computed from the rows of one order, by the functions that decide its operations
 * (order_owed.h): an order that has ended and has more money in hand than it owes has attention
 * MONEY_HELD, and only such an order has; a confirmed order has not captured, nor asked to capture,
 * more than it owes; nothing of an ended order is open; what a payment waits for is asked for by a
 * command that is not over.
 *
 * Why some excess is no finding: facts are recorded whatever they say, and a person may clear what
 * they raise. So an excess is a finding only while nothing explains it: a refund that is asked for
 * or was refused, a fact that no command asked for.
 *
 * Stores of schema 3 do not say what their hosts kept, and knew no MONEY_HELD: an order that ended
 * there with a fee looks like one whose money was forgotten, and is a finding until
 * hf_attention_clear counts the money as kept. Their ended orders kept their units open, all of
 * them, when they were never confirmed.
 */
#include "base/id.h"
#include "domain/order/owed.h"
#include "domain/order/payment_state.h"
#include "domain/order/state.h"
#include "domain/payment/command.h"
#include "domain/payment/fact.h"
#include "engine/verify/verify.h"
#include <holdfast/error.h>
#include <inttypes.h>

#define EXPLAINED ((uint32_t)(HF_PAYMENT_BEYOND | HF_PAYMENT_WITHDRAWN))

/* An order while it is checked. */
typedef struct checked {
    hf__verify *verify;
    const hf__order *order;
    const char *id;
    const char *state;
} checked;

static void find_excess(const checked *c, const char *what, int64_t money, const hf__owed *now)
{
    hf__verify_find(c->verify, HF_CLAUSE_MONEY,
                    "order %s is %s with attention 0x%x: %" PRId64 " %s, it owes %" PRId64, c->id,
                    c->state, c->order->row->attention, money, what, now->owed);
}

/* ---- Ended ----------------------------------------------------------------------------------- */

/* Money in hand that is on its way back, or that a provider refused to send back. */
static int64_t going_back(const hf_payment *payment)
{
    bool refused = (payment->attention & HF_ATTENTION_COMMAND_REFUSED) != 0;
    int64_t in_hand = hf__payment_in_hand(payment);
    if (refused && in_hand > payment->pending_refund)
        return in_hand;
    return payment->pending_refund;
}

static void check_held(const checked *c, const hf__owed *now)
{
    bool marked = (c->order->row->attention & HF_ATTENTION_MONEY_HELD) != 0;
    bool over = hf__order_is_over(c->order->row->state);
    int64_t unexplained = now->in_hand;
    for (uint32_t i = 0; i < c->order->row->payment_count; i++)
        unexplained -= going_back(c->order->payments[i].row);
    if (marked && (!over || now->in_hand <= now->owed))
        find_excess(c, "in hand but marked as held", now->in_hand, now);
    if (!marked && over && unexplained > now->owed)
        find_excess(c, "in hand without MONEY_HELD", now->in_hand, now);
}

/* CLOSED orders are checked with their legs, whatever schema they are of. */
static void check_open(const checked *c)
{
    const hf_order *row = c->order->row;
    bool counted = row->confirmed_at_ms != 0;
    uint32_t open = 0;
    for (uint32_t i = 0; i < row->line_count; i++) {
        const hf_order_line *line = c->order->lines[i].row;
        counted = counted || line->cancelled > 0;
        open = open == 0 && line->cancelled + line->fulfilled < line->quantity ? i + 1 : open;
    }
    bool ended = row->state == HF_ORDER_CANCELLED || row->state == HF_ORDER_EXPIRED;
    if (ended && counted && open != 0)
        hf__verify_find(c->verify, HF_CLAUSE_MONEY, "order %s is %s, but line %" PRIu32 " is open",
                        c->id, c->state, open);
}

/* ---- Confirmed ------------------------------------------------------------------------------- */

/* Whether a provider reported something of the payment that was not an answer. */
static int is_reported(hf__verify *verify, const hf_payment *payment, bool *reported)
{
    const hf_fact bound = {.payment = payment->id};
    const hf_scan range = {
        .table = HF__FACTS,
        .index = HF__FACTS_PAYMENT,
        .low = &bound,
        .high = &bound,
        .low_columns = 1,
        .high_columns = 1,
    };
    const void *const *rows;
    uint32_t count = 0;
    int error = hf__query_all(&verify->query, &range, &rows, &count);
    for (uint32_t i = 0; error == 0 && i < count; i++)
        *reported = *reported || hf__id_zero(&((const hf_fact *)rows[i])->txn);
    return error;
}

static int check_captured(const checked *c, const hf__owed *now)
{
    const hf_order *row = c->order->row;
    bool explained = row->state != HF_ORDER_CONFIRMED || (row->policy & HF_ORDER_IMPORT) != 0;
    int64_t refused = 0;
    for (uint32_t i = 0; i < row->payment_count; i++) {
        const hf_payment *payment = c->order->payments[i].row;
        explained = explained || payment->attention != 0 || (payment->flags & EXPLAINED) != 0;
        refused += payment->refund_refused;
    }
    int error = 0;
    if (explained || now->net - refused <= now->owed)
        return 0;
    for (uint32_t i = 0; error == 0 && i < row->payment_count; i++)
        error = is_reported(c->verify, c->order->payments[i].row, &explained);
    if (error == 0 && !explained)
        find_excess(c, "captured or asked to be", now->net, now);
    return error;
}

/* ---- Asked ----------------------------------------------------------------------------------- */

/* A report may have brought a part of what was asked: so pending is at most what is asked. */
static int check_asked(const checked *c, hf__draft *draft, const hf_payment *stored)
{
    hf_payment payment = *stored;
    bool silent =
        (payment.flags & HF_PAYMENT_CAPTURE_ONLY) != 0 || !hf__payment_is_live(c->order, stored);
    int error = 0;
    for (uint32_t kind = 0; error == 0 && kind < HF__FACT_KINDS; kind++) {
        const hf__fact_effect *effect = &hf__fact_effects[kind];
        int64_t pending =
            effect->pending_at == 0 ? 0 : *hf__payment_counter(&payment, effect->pending_at);
        int64_t asked = 0;
        if (pending == 0 || (silent && kind == HF_FACT_AUTHORIZED))
            continue;
        error = hf__commands_open(draft, stored, effect->command, NULL, &asked);
        if (error == 0 && pending > asked)
            hf__verify_find(c->verify, HF_CLAUSE_MONEY,
                            "order %s: payment %" PRIu32 " waits for the answer to %" PRId64
                            ", open commands ask for %" PRId64,
                            c->id, payment.no, pending, asked);
    }
    return error;
}

int hf__verify_money(hf__verify *verify, hf__draft *draft, hf__order *order, const char *id)
{
    const hf_order *row = order->row;
    const checked c = {verify, order, id, hf_order_state_name(row->state)};
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    if (row->kept < 0 || row->given_away < 0)
        hf__verify_find(verify, HF_CLAUSE_MONEY, "order %s: kept %" PRId64 ", given away %" PRId64,
                        id, row->kept, row->given_away);
    check_held(&c, &now);
    check_open(&c);
    error = check_captured(&c, &now);
    for (uint32_t i = 0; error == 0 && i < row->payment_count; i++)
        error = check_asked(&c, draft, order->payments[i].row);
    return error;
}

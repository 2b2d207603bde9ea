/*
 * books.c - the rules of accounts and orders, written down a second time and plainly.
 *
 * One number after the other, no store, no batch, no code of the library. Orders have one line and
 * one payment, so that no share is ever rounded. What a provider did is not known here: an order
 * paid by card is followed through the states it is said to have; of one paid from an account every
 * counter is worked out.
 */
#include "sim.h"

/* ---- Accounts; NOBODY is the world ----------------------------------------------------------- */

static void change(uint32_t account, int64_t balance, int64_t out, int64_t in)
{
    if (account == SIM_NOBODY)
        return;
    sim_book *book = &sim->books[account];
    book->balance += balance;
    book->held_out += out;
    book->held_in += in;
}

static void hold(uint32_t from, uint32_t to, int64_t amount)
{
    change(from, 0, amount, 0);
    change(to, 0, 0, amount);
}

static void move(uint32_t from, uint32_t to, int64_t amount)
{
    change(from, -amount, 0, 0);
    change(to, amount, 0, 0);
}

static void post(uint32_t from, uint32_t to, int64_t amount)
{
    hold(from, to, -amount);
    move(from, to, amount);
}

static int64_t available(uint32_t account)
{
    return account == SIM_NOBODY ? INT64_MAX
                                 : sim->books[account].balance - sim->books[account].held_out;
}

void sim_books_supply(const sim_op *op)
{
    move(op->kind == SIM_OP_MOVE ? op->from : SIM_NOBODY, op->to, op->amount);
}

/* ---- Holds and transactions ------------------------------------------------------------------ */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

void sim_books_hold(sim_op *op)
{
    hold(op->from, op->to, op->amount);
    op->fate.state = HF_HOLD_HELD;
    sim->counts[SIM_HELD]++;
}

/* Posts `take` of what remains of a hold and releases `bring_back` of it. */
static void spend(uint32_t index, int64_t take, int64_t bring_back)
{
    sim_op *held = &sim->ops[index];
    sim_fate *fate = &held->fate;
    int64_t rest = held->amount - fate->captured - fate->voided - take - bring_back;
    if (rest < 0 || fate->state == HF_HOLD_DONE || fate->state == HF_HOLD_VOID ||
        fate->state == HF_HOLD_EXPIRED)
        sim_broken("op %u: more was made of the hold than is left", index);
    post(held->from, held->to, take);
    hold(held->from, held->to, -bring_back);
    fate->captured += take;
    fate->voided += bring_back;
    fate->state = rest > 0 ? HF_HOLD_PARTIAL : fate->captured > 0 ? HF_HOLD_DONE : HF_HOLD_VOID;
}

void sim_books_part(const sim_op *op, int64_t at_ms)
{
    const sim_op *held = &sim->ops[op->target];
    int64_t rest = held->amount - held->fate.captured - held->fate.voided;
    int64_t amount = op->amount == HF_ALL ? rest : op->amount;
    bool take = op->kind == SIM_OP_POST;
    if (take && at_ms >= held->deadline_ms)
        sim_broken("op %u: posted after its deadline", op->target);
    spend(op->target, take ? amount : 0, take ? 0 : amount);
}

void sim_books_expire(uint32_t index, int64_t at_ms)
{
    sim_op *held = &sim->ops[index];
    if (at_ms < held->deadline_ms)
        sim_broken("op %u: expired before its deadline", index);
    spend(index, 0, held->amount - held->fate.captured - held->fate.voided);
    if (held->fate.captured == 0)
        held->fate.state = HF_HOLD_EXPIRED;
    sim->counts[SIM_ORDER_EXPIRED]++;
}

void sim_books_txn(uint32_t index, uint32_t state)
{
    sim_op *op = &sim->ops[index];
    uint32_t before = op->fate.state;
    bool confirms = state == HF_TXN_CONFIRMING || state == HF_TXN_CONFIRMED;
    bool confirmed = before == HF_TXN_CONFIRMING || before == HF_TXN_CONFIRMED;
    op->fate.state = state;
    if (before == HF_TXN_NONE)
        hold(op->from, op->to, op->amount);
    bool decided = before > HF_TXN_TRYING;
    bool ended = before == HF_TXN_CONFIRMED || before == HF_TXN_CANCELLED;
    if (decided && (state == HF_TXN_TRYING || confirms != confirmed || (ended && state != before)))
        sim_broken("op %u went from %s to %s", index, hf_txn_state_name(before),
                   hf_txn_state_name(state));
    if (decided || state == HF_TXN_TRYING)
        return;
    if (confirms)
        post(op->from, op->to, op->amount);
    else
        hold(op->from, op->to, -op->amount);
}

/* ---- Money of an order paid from an account -------------------------------------------------- */

static int64_t open_units(const sim_op *order)
{
    return order->quantity - order->fate.fulfilled - order->fate.cancelled;
}

static int64_t price(const sim_op *order, int64_t units)
{
    return order->amount / order->quantity * units;
}

static int64_t open_money(const sim_op *order)
{
    return order->fate.authorized - order->fate.captured - order->fate.voided;
}

/* Value of the units that are neither cancelled nor returned, less what was given away. */
static int64_t owed(const sim_op *order)
{
    const sim_fate *fate = &order->fate;
    return most(price(order, order->quantity - fate->cancelled - fate->returned) - fate->given_away,
                0);
}

/* The same of the units that left. */
static int64_t due(const sim_op *order)
{
    const sim_fate *fate = &order->fate;
    return most(price(order, fate->fulfilled - fate->returned) - fate->given_away, 0);
}

static int64_t net(const sim_op *order)
{
    return order->fate.captured - order->fate.refunded;
}

/* What was given away of units that are gone is forgotten. */
static void give_away(sim_op *order, int64_t amount)
{
    const sim_fate *fate = &order->fate;
    int64_t value = price(order, order->quantity - fate->cancelled - fate->returned);
    order->fate.given_away = least(fate->given_away + amount, value);
}

static void take(sim_op *order, int64_t amount)
{
    post(order->from, SIM_NOBODY, amount);
    order->fate.captured += amount;
}

static void release(sim_op *order, int64_t amount)
{
    hold(order->from, SIM_NOBODY, -amount);
    order->fate.voided += amount;
}

static void refund(sim_op *order, int64_t amount)
{
    amount = least(amount, order->fate.captured - order->fate.refunded);
    move(SIM_NOBODY, order->from, amount);
    order->fate.refunded += amount;
}

static void capture(sim_op *order)
{
    if (order->settle_on == HF_SETTLE_MANUAL)
        return;
    int64_t limit = order->settle_on == HF_SETTLE_CONFIRM ? owed(order) : due(order);
    int64_t amount = least(open_money(order), limit - net(order));
    if (amount > 0)
        take(order, amount);
}

static void void_excess(sim_op *order)
{
    int64_t keep = most(owed(order) - net(order), 0);
    if (open_money(order) > keep)
        release(order, open_money(order) - keep);
}

/* Money back for units that went: their share, but no more than is there beyond what stays. */
static void refund_units(sim_op *order, int64_t before, int64_t stays)
{
    int64_t share = before - owed(order);
    refund(order, least(share, most(net(order) - stays, 0)));
    give_away(order, 0);
    void_excess(order);
}

/* What a void leaves uncovered is given away when every unit has left. */
static void give_uncovered_away(sim_op *order, int64_t amount)
{
    const sim_fate *fate = &order->fate;
    int64_t covered = fate->authorized - fate->voided - fate->refunded;
    if (fate->state == HF_ORDER_CONFIRMED && open_units(order) == 0)
        give_away(order, least(most(owed(order) - covered, 0), amount));
}

void sim_order_money(const sim_op *op)
{
    sim_op *order = &sim->ops[op->target];
    sim_fate *fate = &order->fate;
    if (order->by_card)
        return;
    int64_t limits[SIM_OP_KINDS] = {
        [SIM_OP_CAPTURE] = least(open_money(order), most(owed(order) - net(order), 0)),
        [SIM_OP_VOID] = open_money(order),
        [SIM_OP_REFUND] = fate->captured - fate->refunded,
    };
    int64_t amount = op->amount == HF_ALL ? limits[op->kind] : op->amount;
    if (amount <= 0 || amount > limits[op->kind])
        sim_broken("op %u: %lld of its payment, %lld are left", op->target, (long long)amount,
                   (long long)limits[op->kind]);
    int64_t excess = most(net(order) - owed(order), 0);
    if (op->kind == SIM_OP_CAPTURE) {
        take(order, amount);
    } else if (op->kind == SIM_OP_VOID) {
        release(order, amount);
        give_uncovered_away(order, amount);
    } else {
        refund(order, amount);
        give_away(order, most(amount - excess, 0));
    }
}

/* ---- Units of an order ----------------------------------------------------------------------- */

static void fulfil(sim_op *order, int64_t units)
{
    post(order->item, SIM_NOBODY, units);
    order->fate.fulfilled += units;
    if (!order->by_card)
        capture(order);
}

static void take_back(sim_op *order, int64_t units)
{
    int64_t before = owed(order);
    move(SIM_NOBODY, order->item, units);
    order->fate.returned += units;
    sim->counts[SIM_RETURNED]++;
    if (!order->by_card)
        refund_units(order, before, due(order));
}

static void cancel(sim_op *order, int64_t units)
{
    int64_t before = owed(order);
    hold(order->item, SIM_NOBODY, -units);
    order->fate.cancelled += units;
    if (!order->by_card)
        refund_units(order, before, owed(order));
}

void sim_order_units(const sim_op *op)
{
    sim_op *order = &sim->ops[op->target];
    bool open = order->fate.state == HF_ORDER_CONFIRMED;
    bool back = op->kind == SIM_OP_RETURN;
    bool waits = order->fate.state == HF_ORDER_WAITING;
    if (waits && op->kind == SIM_OP_CANCEL && op->amount != HF_ALL)
        order->fate.cancelled += op->amount; /* it holds nothing yet */
    if (!open && op->kind == SIM_OP_CANCEL)
        return; /* the whole order is: its state says so */
    int64_t possible = back ? order->fate.fulfilled - order->fate.returned : open_units(order);
    int64_t units = op->amount == HF_ALL ? possible : op->amount;
    if (units <= 0 || units > possible ||
        (!open && !(back && order->fate.state == HF_ORDER_CLOSED)))
        sim_broken("op %u: %lld units, %lld are there, of an order that is %s", op->target,
                   (long long)units, (long long)possible, hf_order_state_name(order->fate.state));
    if (op->kind == SIM_OP_FULFIL)
        fulfil(order, units);
    else if (back)
        take_back(order, units);
    else
        cancel(order, units);
}

/* ---- States of an order ---------------------------------------------------------------------- */

/* It gets everything it needs, or an order that waited may lack the money. */
static void set_aside(sim_op *order, bool waited)
{
    int64_t amount = owed(order); /* less than its price when it was made smaller as it waited */
    hold(order->item, SIM_NOBODY, open_units(order));
    if (order->by_card || (waited && available(order->from) < amount))
        return;
    hold(order->from, SIM_NOBODY, amount);
    order->fate.authorized = amount;
}

static void confirm(sim_op *order)
{
    if (order->line_settle == HF_SETTLE_CONFIRM)
        fulfil(order, open_units(order));
    else if (!order->by_card)
        capture(order);
}

/* Joins the queue, or leaves it. */
static void queue(uint32_t index, bool joins)
{
    const sim_op *order = &sim->ops[index];
    if (order->item == SIM_NOBODY) {
        sim_broken("op %u waits for nothing", index);
        return;
    }
    sim_book *shelf = &sim->books[order->item];
    if (joins && shelf->waiting == 0 && available(order->item) >= order->quantity)
        sim_broken("op %u waits, and everything is there", index);
    shelf->waiting += joins ? 1 : UINT32_MAX;
    sim->counts[SIM_WAITED] += joins;
}

/* Nobody who came before it waits still. */
static void check_first(uint32_t index)
{
    const sim_op *order = &sim->ops[index];
    for (uint32_t i = 0; i < sim->op_count && sim->books[order->item].waiting != 0; i++)
        if (sim->ops[i].kind == SIM_OP_ORDER && sim->ops[i].fate.state == HF_ORDER_WAITING &&
            sim->ops[i].item == order->item && sim->ops[i].fate.event_seq < order->fate.event_seq)
            sim_broken("op %u was promoted past op %u", index, i);
}

static void begin(uint32_t index, uint32_t before)
{
    sim_op *order = &sim->ops[index];
    if (before == HF_ORDER_WAITING) {
        sim->counts[SIM_PROMOTED]++;
        queue(index, false);
    }
    if (before == HF_ORDER_WAITING || order->item != SIM_NOBODY)
        check_first(index);
    set_aside(order, before == HF_ORDER_WAITING);
}

/* Ended without ever having been confirmed. */
static void abandon(uint32_t index, uint32_t before, uint32_t state, int64_t at_ms)
{
    sim_op *order = &sim->ops[index];
    if (before == HF_ORDER_WAITING)
        queue(index, false);
    else
        hold(order->item, SIM_NOBODY, -open_units(order));
    order->fate.cancelled += open_units(order);
    if (state != HF_ORDER_EXPIRED)
        return;
    sim->counts[SIM_ORDER_EXPIRED]++;
    if (at_ms < order->deadline_ms)
        sim_broken("op %u: expired before its deadline", index);
}

void sim_order_become(uint32_t index, uint32_t state, int64_t at_ms)
{
    /* from, a set of states it may have after an operation */
    static const uint32_t allowed[] = {
        [HF_ORDER_NONE] = 1 << HF_ORDER_WAITING | 1 << HF_ORDER_PENDING | 1 << HF_ORDER_CONFIRMED |
                          1 << HF_ORDER_CLOSED,
        [HF_ORDER_WAITING] = 0x7e,
        [HF_ORDER_PENDING] = 0x7c,
        [HF_ORDER_CONFIRMED] =
            1 << HF_ORDER_CONFIRMED | 1 << HF_ORDER_CLOSED | 1 << HF_ORDER_CANCELLED,
        [HF_ORDER_CLOSED] = 1 << HF_ORDER_CLOSED,
        [HF_ORDER_CANCELLED] = 1 << HF_ORDER_CANCELLED,
        [HF_ORDER_EXPIRED] = 1 << HF_ORDER_EXPIRED,
    };
    sim_op *order = &sim->ops[index];
    uint32_t before = order->fate.state;
    order->fate.state = state;
    if ((allowed[before] >> state & 1) == 0)
        sim_broken("op %u went from %s to %s", index, hf_order_state_name(before),
                   hf_order_state_name(state));
    bool early = before < HF_ORDER_PENDING;
    bool over = state == HF_ORDER_CANCELLED || state == HF_ORDER_EXPIRED;
    if (state == before)
        return;
    if (before == HF_ORDER_NONE && state == HF_ORDER_WAITING) {
        queue(index, true);
        return;
    }
    if (early && !over)
        begin(index, before);
    if (before < HF_ORDER_CONFIRMED && !over && state != HF_ORDER_PENDING)
        confirm(order);
    if (before < HF_ORDER_CONFIRMED && over)
        abandon(index, before, state, at_ms);
    if (state > HF_ORDER_CONFIRMED && !order->by_card)
        release(order, open_money(order));
    sim->counts[SIM_ORDER_CANCELLED] += state == HF_ORDER_CANCELLED;
    sim->counts[SIM_ORDER_CLOSED] += state == HF_ORDER_CLOSED;
}

/* After an event: what must be true of an order. */
void sim_order_holds(uint32_t index)
{
    const sim_op *order = &sim->ops[index];
    const sim_fate *fate = &order->fate;
    bool manual = order->settle_on == HF_SETTLE_MANUAL && open_money(order) > 0;
    bool paid = net(order) >= owed(order) || fate->cancelled == order->quantity;
    bool done = open_units(order) == 0 && !manual && paid;
    bool ended = fate->state == HF_ORDER_CLOSED ||
                 (fate->state == HF_ORDER_CANCELLED && fate->cancelled == order->quantity);
    if (order->by_card)
        return;
    if (fate->state == HF_ORDER_PENDING && fate->authorized != 0)
        sim_broken("op %u is paid, and not confirmed", index);
    if (fate->state >= HF_ORDER_CONFIRMED && fate->state <= HF_ORDER_CLOSED && done != ended)
        sim_broken("op %u is %s with %lld open", index, hf_order_state_name(fate->state),
                   (long long)open_units(order));
}

/*
 * wish.c - what clients want: dice decide, the wish stays the same however often it is asked for.
 */
#include "sim.h"

#include <stdio.h>

#define RECENT 100u /* operations among which an order or a hold is looked for */

hf_id sim_wish_id(void)
{
    char text[64];
    hf_id id;
    (void)snprintf(text, sizeof text, "sim-%llu", (unsigned long long)sim_next());
    (void)hf_id_from_key(sim->now_ms, text, &id);
    return id;
}

static void wish_txn(sim_op *op)
{
    op->saga = sim_below(3) == 0;
    op->branches = 1 + sim_below(3);
    op->wait = sim_below(3);
    op->deadline_ms = sim->now_ms + sim_between(3000, 30000);
    for (uint32_t i = 0; i < op->branches; i++) {
        op->participant[i] = sim_below(2);
        op->branch_amounts[i] = sim_between(1, 30);
    }
    if (!op->saga && sim_below(3) == 0)
        op->participant[op->branches - 1] = 2;
    if (op->saga && op->branches > 1 && sim_below(2) == 0)
        op->pivot = 1 + sim_below(op->branches);
    for (uint32_t i = op->pivot; op->pivot != 0 && i < op->branches; i++)
        op->participant[i] = 1; /* what comes after it must not be refused */
    if (sim_below(3) == 0)
        op->amount = 0; /* without a move */
}

static void wish_order(sim_op *op)
{
    static const uint32_t settles[] = {HF_SETTLE_CONFIRM, HF_SETTLE_FULFIL, HF_SETTLE_MANUAL};
    op->payment = sim_wish_id();
    op->item = sim_below(3) == 0 ? SIM_NOBODY : SIM_WALLETS + sim_below(SIM_ITEMS);
    op->quantity = 1 + sim_below(3);
    op->amount = sim_between(1, 20) * op->quantity;
    op->by_card = sim_below(2);
    op->settle_on = settles[sim_below(3)];
    op->line_settle = settles[sim_below(2)];
    op->queue = op->item != SIM_NOBODY && sim_below(2) == 0;
    op->deadline_ms = sim->now_ms + sim_between(2000, 60000);
}

static void wish_hold(sim_op *op)
{
    op->deadline_ms = sim->now_ms + sim_between(1000, 40000);
}

/* Money of the payment, all of it or less. */
static void wish_command(sim_op *op)
{
    const sim_op *order = &sim->ops[op->target];
    op->payment = order->payment;
    op->amount = sim_below(2) == 0 ? HF_ALL : sim_between(1, order->amount);
}

/* Units of the line, or of a hold. */
static void wish_part(sim_op *op)
{
    op->amount = sim_below(3) != 0 ? HF_ALL : 1 + sim_below(3);
}

/* The provider's host reports it, sooner or later, as often as it takes. */
void sim_wish_report(uint32_t reference)
{
    if (sim->op_count == SIM_OPS)
        return;
    const sim_effect *effect = &sim->effects[SIM_CARD][reference - 1];
    uint32_t index = sim->op_count++;
    sim->ops[index] = (sim_op){
        .id = sim_wish_id(),
        .kind = SIM_OP_REPORT,
        .payment = effect->payment,
        .amount = effect->amount,
        .from = reference,
        .target = SIM_NOBODY,
    };
    sim_name_put(&sim->ops[index].id, SIM_AN_OP, index);
    sim->counts[SIM_REPORTED]++;
    sim_push(sim->now_ms + sim_between(1, sim_below(4) == 0 ? 30000 : 60), SIM_EV_REPEAT, index);
}

/* A wallet is filled, or a shelf. */
static void wish_supply(sim_op *op)
{
    bool item = sim_below(2) == 0;
    op->to = item ? SIM_WALLETS + sim_below(SIM_ITEMS) : sim_below(SIM_WALLETS);
    op->amount = item ? sim_between(1, 10) : sim_between(1, 100);
}

typedef struct wanted {
    uint32_t weight;
    uint32_t target; /* kind of the operation it works on; KINDS: none */
    void (*fill)(sim_op *op);
} wanted;

static const wanted kinds[SIM_OP_KINDS] = {
    [SIM_OP_MOVE] = {10, SIM_OP_KINDS, NULL},
    [SIM_OP_SUPPLY] = {14, SIM_OP_KINDS, wish_supply},
    [SIM_OP_TXN] = {28, SIM_OP_KINDS, wish_txn},
    [SIM_OP_ORDER] = {28, SIM_OP_KINDS, wish_order},
    [SIM_OP_CAPTURE] = {3, SIM_OP_ORDER, wish_command},
    [SIM_OP_VOID] = {2, SIM_OP_ORDER, wish_command},
    [SIM_OP_REFUND] = {2, SIM_OP_ORDER, wish_command},
    [SIM_OP_FULFIL] = {8, SIM_OP_ORDER, wish_part},
    [SIM_OP_RETURN] = {3, SIM_OP_ORDER, wish_part},
    [SIM_OP_CANCEL] = {3, SIM_OP_ORDER, wish_part},
    [SIM_OP_HOLD] = {4, SIM_OP_KINDS, wish_hold},
    [SIM_OP_POST] = {3, SIM_OP_HOLD, wish_part},
    [SIM_OP_RELEASE] = {2, SIM_OP_HOLD, wish_part},
};

static uint32_t draw(void)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < SIM_OP_KINDS; i++)
        sum += kinds[i].weight;
    uint32_t die = sim_below(sum);
    uint32_t kind = 0;
    while (die >= kinds[kind].weight)
        die -= kinds[kind++].weight;
    return kind;
}

/* One of before, of this kind, that was made; NOBODY: there is none. */
static uint32_t find(uint32_t kind)
{
    uint32_t recent = sim->op_count < RECENT ? sim->op_count : RECENT;
    for (uint32_t i = 0; i < 16 && recent != 0; i++) {
        uint32_t index = sim->op_count - 1 - sim_below(recent);
        const sim_op *op = &sim->ops[index];
        if (op->kind == kind && op->answered && op->status == 0)
            return index;
    }
    return SIM_NOBODY;
}

void sim_wish(void)
{
    if (sim->op_count == SIM_OPS)
        return;
    sim_op wish = {.id = sim_wish_id(), .amount = sim_between(1, 60), .target = SIM_NOBODY};
    wish.from = sim_below(SIM_WALLETS);
    wish.to = (wish.from + 1 + sim_below(SIM_WALLETS - 1)) % SIM_WALLETS;
    wish.kind = draw();
    if (kinds[wish.kind].target != SIM_OP_KINDS) {
        wish.target = find(kinds[wish.kind].target);
        if (wish.target == SIM_NOBODY)
            return;
    }
    if (kinds[wish.kind].fill != NULL)
        kinds[wish.kind].fill(&wish);
    uint32_t index = sim->op_count++;
    sim->ops[index] = wish;
    sim_name_put(&wish.id, SIM_AN_OP, index);
    if (wish.kind == SIM_OP_ORDER)
        sim_name_put(&wish.payment, SIM_A_PAYMENT, index);
    sim->counts[SIM_ORDERS] += wish.kind == SIM_OP_ORDER;
    sim->counts[SIM_TXNS] += wish.kind == SIM_OP_TXN;
    sim_client_submit(index);
}

/*
 * refusals.c - was it right to say no? A refusal writes no event, so its place is not known.
 *
 * It lies somewhere between the model's state before the node moved and the last event committed:
 * what was there all that time cannot have been short.
 */
#include "sim.h"

#include <holdfast/error.h>

#define ANY 8u /* codes of one kind of operation, at most */

/* What may be said to whom; the others depend on states and are not judged. */
static const int32_t allowed[SIM_OP_KINDS][ANY] = {
    [SIM_OP_MOVE] = {HF_E_FUNDS_SHORT},
    [SIM_OP_SUPPLY] = {0},
    [SIM_OP_TXN] = {HF_E_FUNDS_SHORT, HF_E_DEADLINE},
    [SIM_OP_ORDER] = {HF_E_STOCK_SHORT, HF_E_FUNDS_SHORT, HF_E_QUEUED_AHEAD, HF_E_DEADLINE},
    [SIM_OP_HOLD] = {HF_E_FUNDS_SHORT, HF_E_DEADLINE},
    [SIM_OP_CAPTURE] = {HF_E_PAYMENT_STATE, HF_E_ORDER_STATE, HF_E_OVER_CAPTURE, HF_E_OVER_PAID},
    [SIM_OP_VOID] = {HF_E_PAYMENT_STATE, HF_E_EXPIRED, HF_E_OVER_VOID},
    [SIM_OP_REFUND] = {HF_E_PAYMENT_STATE, HF_E_OVER_REFUND},
    [SIM_OP_FULFIL] = {HF_E_ORDER_STATE, HF_E_EXPIRED, HF_E_OVER_FULFIL, HF_E_UNPAID},
    [SIM_OP_RETURN] = {HF_E_ORDER_STATE, HF_E_PAYMENT_STATE, HF_E_EXPIRED, HF_E_OVER_RETURN},
    [SIM_OP_CANCEL] = {HF_E_ORDER_STATE, HF_E_PAYMENT_STATE, HF_E_EXPIRED, HF_E_OVER_CANCEL},
    [SIM_OP_POST] = {HF_E_HOLD_STATE, HF_E_EXPIRED, HF_E_OVER_POST},
    [SIM_OP_RELEASE] = {HF_E_HOLD_STATE, HF_E_OVER_POST},
};

void sim_refusals_from_here(void)
{
    for (uint32_t i = 0; i < SIM_BOOKS; i++) {
        sim_book *book = &sim->books[i];
        book->least_available = book->balance - book->held_out;
        book->most_waiting = book->waiting;
    }
}

void sim_refusals_note(void)
{
    for (uint32_t i = 0; i < SIM_BOOKS; i++) {
        sim_book *book = &sim->books[i];
        int64_t available = book->balance - book->held_out;
        if (available < book->least_available)
            book->least_available = available;
        if (book->waiting > book->most_waiting)
            book->most_waiting = book->waiting;
    }
}

static bool had(uint32_t account, int64_t amount)
{
    return account != SIM_NOBODY && sim->books[account].least_available >= amount;
}

/* Whether a wallet still pays for the whole order: nothing of it went back by a command. */
static bool pays(const sim_op *op)
{
    const sim_op *order = &sim->ops[op->target];
    return !order->by_card && order->fate.voided == 0 && order->fate.refunded == 0;
}

void sim_refusals_judge(uint32_t index, int32_t status)
{
    const sim_op *op = &sim->ops[index];
    bool known = false;
    for (uint32_t i = 0; i < ANY; i++)
        known = known || allowed[op->kind][i] == status;
    bool order = op->kind == SIM_OP_ORDER;
    bool wrong = (status == HF_E_STOCK_SHORT && had(op->item, op->quantity)) ||
                 (status == HF_E_FUNDS_SHORT && had(op->from, op->amount)) ||
                 (status == HF_E_UNPAID && pays(op)) ||
                 (status == HF_E_QUEUED_AHEAD && order && op->item != SIM_NOBODY &&
                  sim->books[op->item].most_waiting == 0);
    if (!known || wrong)
        sim_broken("op %u (%u) was refused, %s, and nothing was in its way", index, op->kind,
                   hf_error_name(status));
}

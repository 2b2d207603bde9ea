/*
 * ask.c - from a wish to the arguments of the library: the same wish, the same content.
 */
#include "sim.h"

#include <stdio.h>

static const hf_account_key accounts[SIM_BOOKS] = {
    {.kind = HF_KIND_MONEY, .name = "ann", .place = "", .unit = "EUR"},
    {.kind = HF_KIND_MONEY, .name = "ben", .place = "", .unit = "EUR"},
    {.kind = HF_KIND_MONEY, .name = "cat", .place = "", .unit = "EUR"},
    {.kind = HF_KIND_MONEY, .name = "dan", .place = "", .unit = "EUR"},
    {.kind = HF_KIND_ITEM, .name = "ring", .place = "", .unit = "pcs"},
    {.kind = HF_KIND_ITEM, .name = "lamp", .place = "", .unit = "pcs"},
};

hf_account_key sim_account(uint32_t account)
{
    return accounts[account];
}

void sim_ask_accounts(void)
{
    for (uint32_t i = 0; i < SIM_BOOKS; i++) {
        bool item = i >= SIM_WALLETS;
        hf_account_put_args args;
        hf_completion done;
        hf_account_put_init(&args, accounts[i].kind, accounts[i].name, accounts[i].unit);
        args.head.id = sim_wish_id();
        args.opening = item ? SIM_SHELF : SIM_OPENING;
        args.unit_scale = item ? 0 : 2;
        if (sim_node_ask(0, item ? HF_OP_ITEM_PUT : HF_OP_ACCOUNT_PUT, &args, &done) != 0)
            sim_broken("an account cannot be opened");
    }
}

static int submit(hf_engine *engine, hf_op *out, uint32_t type, const void *args)
{
    out->type = type;
    out->args = args;
    return hf_submit(engine, out, 1, NULL);
}

static int ask_move(hf_engine *engine, const sim_op *op, hf_op *out)
{
    hf_move_args args;
    hf_move_init(&args);
    args.head.id = op->id;
    args.from = accounts[op->from];
    args.to = accounts[op->to];
    args.amount = op->amount;
    return submit(engine, out, HF_OP_ACCOUNT_TRANSFER, &args);
}

static int ask_supply(hf_engine *engine, const sim_op *op, hf_op *out)
{
    hf_move_args args;
    hf_move_init(&args);
    args.head.id = op->id;
    args.to = accounts[op->to];
    args.amount = op->amount;
    bool item = op->to >= SIM_WALLETS;
    return submit(engine, out, item ? HF_OP_ITEM_RECEIVE : HF_OP_ACCOUNT_DEPOSIT, &args);
}

static int ask_txn(hf_engine *engine, const sim_op *op, hf_op *out)
{
    hf_branch_args branches[3];
    sim_payload payloads[3];
    hf_txn_args args;
    hf_txn_init(&args);
    for (uint32_t i = 0; i < op->branches; i++) {
        payloads[i] = (sim_payload){.amount = op->branch_amounts[i],
                                    .saga = op->saga,
                                    .must = op->pivot != 0 && op->pivot <= i};
        hf_branch_init(&branches[i], sim->participants[op->participant[i]].name);
        branches[i].payload = &payloads[i];
        branches[i].payload_bytes = sizeof payloads[i];
        branches[i].group = op->saga ? i : 0;
        branches[i].flags = op->pivot == i + 1 ? HF_BRANCH_PIVOT : 0;
    }
    const hf_txn_move_args move = {
        .from = sim_account(op->from), .to = sim_account(op->to), .amount = op->amount};
    args.head.id = op->id;
    args.branches = branches;
    args.branch_count = op->branches;
    args.moves = &move;
    args.move_count = op->amount != 0;
    args.kind = op->saga ? HF_TXN_SAGA : HF_TXN_TCC;
    args.deadline_ms = op->deadline_ms;
    args.wait = op->wait;
    return submit(engine, out, HF_OP_TXN_SUBMIT, &args);
}

static int ask_order(hf_engine *engine, const sim_op *op, hf_op *out)
{
    bool tracked = op->item != SIM_NOBODY;
    hf_order_place_args args;
    hf_line_args line;
    hf_payment_args payment;
    hf_order_place_init(&args, "EUR");
    hf_line_init(&line, tracked ? accounts[op->item].name : "advice", op->quantity,
                 op->amount / op->quantity);
    line.untracked = !tracked;
    line.settle_on = op->line_settle;
    if (op->by_card)
        hf_payment_provider_init(&payment, "card", op->amount);
    else
        hf_payment_init(&payment, accounts[op->from].name, "EUR", op->amount);
    payment.id = op->payment;
    payment.settle_on = op->settle_on;
    args.head.id = op->id;
    args.total = op->amount;
    args.deadline_ms = op->deadline_ms;
    args.policy = op->queue ? HF_ORDER_QUEUE : 0;
    args.lines = &line;
    args.line_count = 1;
    args.payments = &payment;
    args.payment_count = 1;
    return submit(engine, out, HF_OP_ORDER_PLACE, &args);
}

static int ask_command(hf_engine *engine, const sim_op *op, hf_op *out)
{
    static const uint32_t types[SIM_OP_KINDS] = {
        [SIM_OP_CAPTURE] = HF_OP_PAYMENT_CAPTURE,
        [SIM_OP_VOID] = HF_OP_PAYMENT_VOID,
        [SIM_OP_REFUND] = HF_OP_PAYMENT_REFUND,
    };
    hf_payment_amount_args args;
    hf_payment_amount_init(&args, &op->payment);
    args.head.id = op->id;
    args.amount = op->amount;
    return submit(engine, out, types[op->kind], &args);
}

static int ask_units(hf_engine *engine, const sim_op *op, hf_op *out)
{
    static const uint32_t types[SIM_OP_KINDS] = {
        [SIM_OP_FULFIL] = HF_OP_ORDER_FULFIL,
        [SIM_OP_RETURN] = HF_OP_ORDER_RETURN,
        [SIM_OP_CANCEL] = HF_OP_ORDER_CANCEL,
    };
    hf_order_units_args args;
    const hf_line_quantity line = {.line = 1, .quantity = op->amount};
    hf_order_units_init(&args, &sim->ops[op->target].id);
    args.head.id = op->id;
    args.lines = &line;
    args.line_count = op->amount != HF_ALL;
    return submit(engine, out, types[op->kind], &args);
}

static int ask_hold(hf_engine *engine, const sim_op *op, hf_op *out)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.head.id = op->id;
    args.from = accounts[op->from];
    args.to = accounts[op->to];
    args.amount = op->amount;
    args.deadline_ms = op->deadline_ms;
    return submit(engine, out, HF_OP_HOLD_PLACE, &args);
}

static int ask_post(hf_engine *engine, const sim_op *op, hf_op *out)
{
    hf_hold_post_args args;
    hf_hold_post_init(&args, &sim->ops[op->target].id);
    args.head.id = op->id;
    args.post = op->amount;
    return submit(engine, out, HF_OP_HOLD_POST, &args);
}

static int ask_release(hf_engine *engine, const sim_op *op, hf_op *out)
{
    hf_hold_amount_args args;
    hf_hold_amount_init(&args, &sim->ops[op->target].id);
    args.head.id = op->id;
    args.amount = op->amount;
    return submit(engine, out, HF_OP_HOLD_RELEASE, &args);
}

const char *sim_reference(uint32_t reference, char text[SIM_REFERENCE])
{
    (void)snprintf(text, SIM_REFERENCE, "card-%u", reference);
    return text;
}

uint32_t sim_fact_kind(uint32_t reference)
{
    static const uint32_t kinds[] = {
        [HF_COMMAND_AUTHORIZE] = HF_FACT_AUTHORIZED,
        [HF_COMMAND_CAPTURE] = HF_FACT_CAPTURED,
        [HF_COMMAND_VOID] = HF_FACT_VOIDED,
        [HF_COMMAND_REFUND] = HF_FACT_REFUNDED,
    };
    return kinds[sim->effects[SIM_CARD][reference - 1].command];
}

static int ask_report(hf_engine *engine, const sim_op *op, hf_op *out)
{
    char text[SIM_REFERENCE];
    hf_payment_report_args args;
    hf_payment_report_init(&args);
    args.head.id = op->id;
    args.provider = "card";
    args.fact_ref = sim_reference(op->from, text);
    args.unit = "EUR";
    args.payment = op->payment;
    args.amount = op->amount;
    args.kind = sim_fact_kind(op->from);
    return submit(engine, out, HF_OP_PAYMENT_REPORT, &args);
}

int sim_ask(hf_engine *engine, uint32_t index, uint64_t user_data)
{
    static int (*const asks[SIM_OP_KINDS])(hf_engine *, const sim_op *, hf_op *) = {
        [SIM_OP_MOVE] = ask_move,       [SIM_OP_SUPPLY] = ask_supply,   [SIM_OP_TXN] = ask_txn,
        [SIM_OP_ORDER] = ask_order,     [SIM_OP_CAPTURE] = ask_command, [SIM_OP_VOID] = ask_command,
        [SIM_OP_REFUND] = ask_command,  [SIM_OP_FULFIL] = ask_units,    [SIM_OP_RETURN] = ask_units,
        [SIM_OP_CANCEL] = ask_units,    [SIM_OP_HOLD] = ask_hold,       [SIM_OP_POST] = ask_post,
        [SIM_OP_RELEASE] = ask_release, [SIM_OP_REPORT] = ask_report,
    };
    hf_op what = {.user_data = user_data};
    const sim_op *op = &sim->ops[index];
    return asks[op->kind](engine, op, &what);
}

/*
 * client.c - who asks: moves, transactions, orders paid by card, captures, voids and refunds.
 *
 * A client asks until it is told, with the same id and content, of whatever node it finds; now and
 * then it asks again although it was told. What it was told must stay true.
 */
#include "sim.h"

#include <holdfast/error.h>
#include <stdio.h>
#include <string.h>

#define AGAIN 0x10000u /* of an event's index: although it was told */

static const char *const wallets[SIM_WALLETS] = {"ann", "ben", "cat", "dan"};

hf_account_key sim_client_wallet(uint32_t wallet)
{
    return (hf_account_key){
        .kind = HF_KIND_MONEY, .name = wallets[wallet], .place = "", .unit = "EUR"};
}

uint32_t sim_client_find(const hf_id *id)
{
    uint32_t index = 0;
    while (index < sim->op_count && memcmp(&sim->ops[index].id, id, sizeof *id) != 0)
        index++;
    return index;
}

static hf_id new_id(void)
{
    char text[64];
    hf_id id;
    (void)snprintf(text, sizeof text, "sim-%llu", (unsigned long long)sim_next());
    (void)hf_id_from_key(sim->now_ms, text, &id);
    return id;
}

void sim_client_init(void)
{
    for (uint32_t i = 0; i < SIM_WALLETS; i++) {
        hf_account_put_args args;
        hf_completion done;
        hf_account_put_init(&args, HF_KIND_MONEY, wallets[i], "EUR");
        args.head.id = new_id();
        args.opening = SIM_OPENING;
        args.unit_scale = 2;
        if (sim_node_ask(0, HF_OP_ACCOUNT_PUT, &args, &done) != 0)
            sim_broken("a wallet cannot be opened");
    }
}

/* ---- Wishes ---------------------------------------------------------------------------------- */

static void wish_txn(sim_op *op)
{
    op->saga = sim_below(3) == 0;
    op->branches = 1 + sim_below(3);
    op->wait = sim_below(3);
    op->deadline_ms = sim->now_ms + sim_between(3000, 30000);
    for (uint32_t i = 0; i < op->branches; i++) {
        op->party[i] = sim_below(2);
        op->branch_amounts[i] = sim_between(1, 30);
    }
    if (!op->saga && sim_below(3) == 0)
        op->party[op->branches - 1] = 2;
    if (op->saga && op->branches > 1 && sim_below(2) == 0)
        op->pivot = 1 + sim_below(op->branches);
    for (uint32_t i = op->pivot; op->pivot != 0 && i < op->branches; i++)
        op->party[i] = 1; /* what comes after it must not be refused */
    if (sim_below(3) == 0)
        op->amount = 0; /* without a move */
}

/* An order of before; NULL: there is none. */
static const sim_op *an_order(void)
{
    for (uint32_t i = 0; i < 8 && sim->op_count > 1; i++) {
        const sim_op *op = &sim->ops[sim_below(sim->op_count - 1)];
        if (op->kind == SIM_OP_ORDER && op->told && op->status == 0)
            return op;
    }
    return NULL;
}

void sim_client_wish(void)
{
    if (sim->op_count == SIM_OPS || sim->healed)
        return;
    uint32_t index = sim->op_count++;
    sim_op *op = &sim->ops[index];
    *op = (sim_op){.id = new_id(), .amount = sim_between(1, 60)};
    op->from = sim_below(SIM_WALLETS);
    op->to = (op->from + 1 + sim_below(SIM_WALLETS - 1)) % SIM_WALLETS;
    uint32_t die = sim_below(10);
    op->kind = die < 3 ? SIM_OP_MOVE : die < 7 ? SIM_OP_TXN : die < 8 ? SIM_OP_ORDER : 0;
    const sim_op *order = die >= 8 ? an_order() : NULL;
    if (order != NULL) {
        op->kind = SIM_OP_CAPTURE + sim_below(3);
        op->payment = order->payment;
        op->amount = sim_below(2) == 0 ? HF_ALL : sim_between(1, order->amount);
    } else if (die >= 8) {
        op->kind = SIM_OP_ORDER;
    }
    if (op->kind == SIM_OP_ORDER) {
        op->payment = new_id();
        op->deadline_ms = sim->now_ms + 60000;
        op->settle_on = sim_below(2) == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_MANUAL;
    }
    if (op->kind == SIM_OP_TXN)
        wish_txn(op);
    sim_client_submit(index);
}

/* ---- Submissions ----------------------------------------------------------------------------- */

static int submit_move(hf_engine *engine, const sim_op *op, hf_op *out)
{
    hf_move_args args;
    hf_move_init(&args);
    args.head.id = op->id;
    args.from = sim_client_wallet(op->from);
    args.to = sim_client_wallet(op->to);
    args.amount = op->amount;
    out->type = HF_OP_ACCOUNT_TRANSFER;
    out->args = &args;
    return hf_submit(engine, out, 1, NULL);
}

static int submit_txn(hf_engine *engine, const sim_op *op, hf_op *out)
{
    hf_branch_args branches[3];
    sim_payload payloads[3];
    hf_txn_args args;
    hf_txn_init(&args);
    for (uint32_t i = 0; i < op->branches; i++) {
        payloads[i] = (sim_payload){.amount = op->branch_amounts[i],
                                    .saga = op->saga,
                                    .must = op->pivot != 0 && op->pivot <= i};
        hf_branch_init(&branches[i], sim->parties[op->party[i]].name);
        branches[i].payload = &payloads[i];
        branches[i].payload_bytes = sizeof payloads[i];
        branches[i].group = op->saga ? i : 0;
        branches[i].flags = op->pivot == i + 1 ? HF_BRANCH_PIVOT : 0;
    }
    const hf_txn_move_args move = {
        .from = sim_client_wallet(op->from), .to = sim_client_wallet(op->to), .amount = op->amount};
    args.head.id = op->id;
    args.branches = branches;
    args.branch_count = op->branches;
    args.moves = &move;
    args.move_count = op->amount != 0;
    args.kind = op->saga ? HF_TXN_SAGA : HF_TXN_TCC;
    args.deadline_ms = op->deadline_ms;
    args.wait = op->wait;
    out->type = HF_OP_TXN_SUBMIT;
    out->args = &args;
    return hf_submit(engine, out, 1, NULL);
}

static int submit_order(hf_engine *engine, const sim_op *op, hf_op *out)
{
    hf_order_place_args args;
    hf_line_args line;
    hf_payment_args payment;
    hf_order_place_init(&args, "EUR");
    hf_line_init(&line, "advice", 1, op->amount);
    line.untracked = 1;
    line.unit = "EUR";
    hf_payment_provider_init(&payment, "card", op->amount);
    payment.id = op->payment;
    payment.settle_on = op->settle_on;
    args.head.id = op->id;
    args.total = op->amount;
    args.deadline_ms = op->deadline_ms;
    args.lines = &line;
    args.line_count = 1;
    args.payments = &payment;
    args.payment_count = 1;
    out->type = HF_OP_ORDER_PLACE;
    out->args = &args;
    return hf_submit(engine, out, 1, NULL);
}

static int submit_command(hf_engine *engine, const sim_op *op, hf_op *out)
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
    out->type = types[op->kind];
    out->args = &args;
    return hf_submit(engine, out, 1, NULL);
}

static uint32_t choose_node(void)
{
    if (sim_node_up(sim->current) && sim_below(5) != 0)
        return sim->current;
    uint32_t first = sim_below(SIM_NODES);
    for (uint32_t i = 0; i < SIM_NODES; i++)
        if (sim->nodes[(first + i) % SIM_NODES].engine != NULL)
            return (first + i) % SIM_NODES;
    return SIM_NODES;
}

static void repeat(uint32_t op, int64_t low, int64_t high)
{
    sim_push(sim->now_ms + sim_between(low, high), SIM_EV_REPEAT, op, NULL);
}

void sim_client_submit(uint32_t index)
{
    static int (*const submits[SIM_OP_KINDS])(hf_engine *, const sim_op *, hf_op *) = {
        [SIM_OP_MOVE] = submit_move,    [SIM_OP_TXN] = submit_txn,
        [SIM_OP_ORDER] = submit_order,  [SIM_OP_CAPTURE] = submit_command,
        [SIM_OP_VOID] = submit_command, [SIM_OP_REFUND] = submit_command,
    };
    bool again = (index & AGAIN) != 0;
    sim_op *op = &sim->ops[index & ~AGAIN];
    if (op->told && (!again || op->status != 0))
        return;
    index &= ~AGAIN;
    uint32_t node = choose_node();
    if (node == SIM_NODES || sim->sub_count == SIM_SUBS) {
        if (sim->sub_count == SIM_SUBS)
            sim_broken("too many submissions");
        repeat(index, 50, 1000);
        return;
    }
    sim->counts[SIM_RESUBMITTED] += op->asked;
    sim_sub *sub = &sim->subs[sim->sub_count];
    *sub = (sim_sub){.op = index, .node = node, .life = sim->nodes[node].life};
    hf_op what = {.user_data = sim->sub_count++};
    int error = submits[op->kind](sim->nodes[node].engine, op, &what);
    if (error != 1) {
        sim_trace("op %u at node %u: %s", index, node, hf_error_name(error));
        repeat(index, 50, 2000);
        return;
    }
    op->asked = true;
    sub->out = true;
    op->outstanding++;
    repeat(index, 8000, 20000);
    if (sim_node_up(node))
        sim_node_step(node);
}

/* ---- Answers --------------------------------------------------------------------------------- */

/* Says nothing about the operation. */
static bool is_transient(int status)
{
    static const int transient[] = {
        HF_E_UNKNOWN,   HF_E_FENCED, HF_E_BUSY,     HF_E_NO_SPACE, HF_E_IO,      HF_E_POISONED,
        HF_E_CANCELLED, HF_E_NOMEM,  HF_E_DEGRADED, HF_E_CLOSED,   HF_E_CORRUPT, HF_E_OVERLOADED,
    };
    for (uint32_t i = 0; i < sizeof transient / sizeof transient[0]; i++)
        if (transient[i] == status)
            return true;
    return false;
}

static uint32_t decision(const sim_op *op, const hf_completion *done)
{
    if (op->kind != SIM_OP_TXN)
        return 0;
    if (done->status == HF_E_TXN_ABORTED)
        return 2;
    uint32_t state = done->status != 0 ? 0 : ((const hf_txn_view *)done->result)->txn->state;
    return state == HF_TXN_CONFIRMING || state == HF_TXN_CONFIRMED ? 1 : 0;
}

/* It was told before: nothing of that may have changed. */
static void compare(uint32_t index, sim_op *op, const hf_completion *done)
{
    uint32_t decided = decision(op, done);
    if (decided != 0 && op->decided != 0 && decided != op->decided)
        sim_broken("op %u was decided twice, and not the same", index);
    if (decided != 0)
        op->decided = decided;
    if (op->status == 0 && done->status != 0 && decided == 0)
        sim_broken("op %u was done, and is %s when asked again", index,
                   hf_error_name(done->status));
    if (op->event_seq != 0 && done->event_seq != 0 && op->event_seq != done->event_seq)
        sim_broken("op %u was event %llu, and is event %llu when asked again", index,
                   (unsigned long long)op->event_seq, (unsigned long long)done->event_seq);
}

static void tell(uint32_t index, sim_op *op, const hf_completion *done)
{
    bool stored = done->status == 0 || done->status == HF_E_TXN_ABORTED;
    if (!stored && op->outstanding != 0)
        return; /* another submission may still do it */
    op->told = true;
    op->status = stored ? 0 : done->status;
    op->event_seq = done->event_seq;
    op->decided = decision(op, done);
    if (op->status == 0 && sim_chance(150))
        repeat(index | AGAIN, 10, 15000);
}

void sim_client_done(uint32_t node, const hf_completion *done)
{
    sim_sub *sub = &sim->subs[done->user_data];
    sim_op *op = &sim->ops[sub->op];
    if (!sub->out || sub->node != node || sub->life != sim->nodes[node].life)
        sim_broken("op %u was answered twice", sub->op);
    sub->out = false;
    op->outstanding--;
    sim_note(sub->op, (uint64_t)(int64_t)done->status, done->event_seq);
    sim_trace("op %u (%u) at node %u: %s, event %llu: %s", sub->op, op->kind, node,
              hf_error_name(done->status), (unsigned long long)done->event_seq, done->detail);
    if (is_transient(done->status)) {
        if (!op->told)
            repeat(sub->op, 50, 3000);
    } else if (op->told) {
        compare(sub->op, op, done);
        if (op->status != 0 && done->status == 0)
            op->status = 0;
    } else {
        tell(sub->op, op, done);
    }
}

void sim_client_lost(uint32_t node)
{
    bool must_answer = !sim->nodes[node].dying;
    for (uint32_t i = 0; i < sim->sub_count; i++) {
        sim_sub *sub = &sim->subs[i];
        if (!sub->out || sub->node != node)
            continue;
        if (must_answer)
            sim_broken("op %u was never answered by node %u", sub->op, node);
        sub->out = false;
        sim->ops[sub->op].outstanding--;
        if (!sim->ops[sub->op].told)
            repeat(sub->op, 50, 3000);
    }
}

bool sim_client_content(void)
{
    for (uint32_t i = 0; i < sim->op_count; i++)
        if (!sim->ops[i].told || sim->ops[i].outstanding != 0)
            return false;
    return true;
}

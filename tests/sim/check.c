/*
 * check.c - the judgement: what the store says against what clients were answered and what
 * participants did.
 *
 * R2 the provider did each command once; R3 participants made and lost nothing; R4 a transaction
 * ended the same way everywhere and nothing hangs. R1, and R3 of the accounts, are checked by the
 * model, R5 by it and by clients, R7 and the clauses of the store by hf_verify.
 */
#include "sim.h"

#include <string.h>

bool sim_check_ended(uint32_t node)
{
    hf_txn_list_args args;
    hf_completion done;
    hf_txn_list_init(&args);
    args.which = HF_TXN_WHICH_PARKED;
    if (sim_node_ask(node, HF_OP_TXN_LIST, &args, &done) != 0)
        return false;
    const hf_txn_page *page = done.result;
    hf_id ids[100];
    uint32_t count = page->count;
    for (uint32_t i = 0; i < count; i++)
        ids[i] = page->rows[i]->id;
    for (uint32_t i = 0; i < count; i++) {
        hf_txn_act_args act;
        hf_txn_act_init(&act, &ids[i]);
        act.reason = "healed";
        sim->counts[SIM_UNPARK] += sim_node_ask(node, HF_OP_TXN_UNPARK, &act, &done) == 0;
    }
    args.which = HF_TXN_WHICH_OPEN;
    args.limit = 1;
    if (sim_node_ask(node, HF_OP_TXN_LIST, &args, &done) != 0)
        return false;
    return ((const hf_txn_page *)done.result)->count == 0;
}

/* ---- R4 -------------------------------------------------------------------------------------- */

static void check_branch(const hf_txn *txn, const hf_branch *branch, uint32_t participant)
{
    const sim_effect *effect = sim_participant_find(participant, &txn->id, branch->no);
    uint32_t state = effect == NULL ? SIM_NOTHING : effect->state;
    bool kept = state == SIM_DONE || (state == SIM_RESERVED && effect->saga);
    bool hangs = state == SIM_RESERVED && !effect->saga;
    bool confirmed = txn->state == HF_TXN_CONFIRMED;
    if (hangs)
        sim_broken("op %u: a reservation of %s hangs, branch %u, its transaction is %s (%s)",
                   sim_client_find(&txn->id), branch->participant.text, branch->no,
                   confirmed ? "confirmed" : "cancelled", txn->reason.text);
    else if (kept != confirmed)
        sim_broken("op %u: %s %s branch %u of a transaction that was %s (%s)",
                   sim_client_find(&txn->id), branch->participant.text,
                   kept ? "has done" : "has not done", branch->no,
                   confirmed ? "confirmed" : "cancelled", txn->reason.text);
}

static void check_txn(uint32_t node, uint32_t index)
{
    const sim_op *op = &sim->ops[index];
    hf_txn_get_args args;
    hf_completion done;
    hf_txn_get_init(&args, &op->id);
    int error = sim_node_ask(node, HF_OP_TXN_GET, &args, &done);
    if (op->status != 0) {
        if (error != HF_E_NOT_FOUND)
            sim_broken("op %u was refused (%s), and is stored", index, hf_error_name(op->status));
        return;
    }
    if (error != 0) {
        sim_broken("op %u was accepted, and is not stored: %s", index, hf_error_name(error));
        return;
    }
    const hf_txn_view *view = done.result;
    uint32_t state = view->txn->state;
    bool confirmed = state == HF_TXN_CONFIRMED;
    if ((op->decided == 1 && !confirmed) || (op->decided == 2 && confirmed))
        sim_broken("op %u ended otherwise than its client was answered", index);
    if (state != HF_TXN_CONFIRMED && state != HF_TXN_CANCELLED)
        sim_broken("op %u has not ended", index);
    for (uint32_t i = 0; i < view->branch_count; i++)
        check_branch(view->txn, view->branches[i], op->participant[i]);
    sim->counts[confirmed ? SIM_CONFIRMED : SIM_CANCELLED]++;
}

static bool is_known(const sim_effect *effect)
{
    uint32_t index = effect->command != 0 ? sim_name_get(&effect->payment, SIM_A_PAYMENT)
                                          : sim_name_get(&effect->txn, SIM_AN_OP);
    return index != SIM_NOBODY && sim->ops[index].status == 0;
}

/* R3 at the participants, and nothing done for what is not stored. */
static void check_participants(void)
{
    for (uint32_t i = 0; i < SIM_PARTICIPANTS; i++) {
        const sim_participant *participant = &sim->participants[i];
        if (participant->free + participant->reserved + participant->spent != participant->start ||
            participant->free < 0 || participant->reserved < 0)
            sim_broken("%s has made or lost something", participant->name);
        for (uint32_t k = 0; k < participant->count; k++) {
            const sim_effect *effect = &participant->effects[k];
            bool done = effect->state == SIM_DONE || effect->state == SIM_RESERVED;
            if (done && !is_known(effect))
                sim_broken("%s has done something that nobody knows of", participant->name);
        }
    }
}

/* ---- R2 -------------------------------------------------------------------------------------- */

static void check_payment(uint32_t node, uint32_t index)
{
    const sim_op *op = &sim->ops[index];
    hf_payment_get_args args;
    hf_completion done;
    hf_payment_get_init(&args, &op->payment);
    int error = sim_node_ask(node, HF_OP_PAYMENT_GET, &args, &done);
    if (op->status != 0 || error != 0) {
        if ((op->status != 0) != (error == HF_E_NOT_FOUND))
            sim_broken("op %u was %s, and its payment is %s", index, hf_error_name(op->status),
                       hf_error_name(error));
        return;
    }
    const hf_payment *payment = done.result;
    const struct {
        uint32_t command;
        int64_t counter;
        int64_t pending;
    } sums[] = {
        {HF_COMMAND_AUTHORIZE, payment->authorized, payment->pending_authorize},
        {HF_COMMAND_CAPTURE, payment->captured, payment->pending_capture},
        {HF_COMMAND_VOID, payment->voided, payment->pending_void},
        {HF_COMMAND_REFUND, payment->refunded, payment->pending_refund},
    };
    for (uint32_t i = 0; i < sizeof sums / sizeof sums[0]; i++) {
        int64_t done_there = op->fate.done[sums[i].command];
        if (done_there != sums[i].counter || sums[i].pending != 0)
            sim_broken("op %u: command %u: %lld at the provider, %lld here, %lld pending", index,
                       sums[i].command, (long long)done_there, (long long)sums[i].counter,
                       (long long)sums[i].pending);
    }
}

void sim_check_all(uint32_t node)
{
    for (uint32_t i = 0; i < sim->op_count; i++) {
        const sim_op *op = &sim->ops[i];
        if (op->kind == SIM_OP_TXN)
            check_txn(node, i);
        else if (op->kind == SIM_OP_ORDER && op->by_card)
            check_payment(node, i);
        sim->counts[SIM_MOVED] += op->kind == SIM_OP_MOVE && op->status == 0;
    }
    check_participants();
    sim_model_check();
    sim_node_verify(node);
}

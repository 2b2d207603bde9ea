/*
 * check.c - the judgement: what the store says against what clients were told and what
 * participants did.
 *
 * R1 what was told is stored; R2 the provider did each command once; R3 nothing was made or lost;
 * R4 a transaction ended the same way everywhere and nothing hangs. R5 is checked by clients, R7
 * and the clauses of the store by hf_verify.
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

static void check_branch(const hf_txn *txn, const hf_branch *branch, uint32_t party)
{
    const sim_effect *effect = sim_party_find(party, &txn->id, branch->no);
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

static void check_txn(uint32_t node, uint32_t index, bool *confirmed)
{
    const sim_op *op = &sim->ops[index];
    hf_txn_get_args args;
    hf_completion done;
    hf_txn_get_init(&args, &op->id);
    int error = sim_node_ask(node, HF_OP_TXN_GET, &args, &done);
    *confirmed = false;
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
    *confirmed = state == HF_TXN_CONFIRMED;
    if ((op->decided == 1 && !*confirmed) || (op->decided == 2 && *confirmed))
        sim_broken("op %u ended otherwise than its client was told", index);
    if (state != HF_TXN_CONFIRMED && state != HF_TXN_CANCELLED)
        sim_broken("op %u has not ended", index);
    for (uint32_t i = 0; i < view->branch_count; i++)
        check_branch(view->txn, view->branches[i], op->party[i]);
    sim->counts[*confirmed ? SIM_CONFIRMED : SIM_CANCELLED]++;
}

static bool is_known(const sim_effect *effect)
{
    for (uint32_t i = 0; i < sim->op_count; i++) {
        const sim_op *op = &sim->ops[i];
        bool same = effect->command != 0
                        ? op->kind == SIM_OP_ORDER &&
                              memcmp(&op->payment, &effect->payment, sizeof op->payment) == 0
                        : memcmp(&op->id, &effect->txn, sizeof op->id) == 0;
        if (same && op->status == 0)
            return true;
    }
    return false;
}

/* R3 at the participants, and nothing done for what is not stored. */
static void check_parties(void)
{
    for (uint32_t i = 0; i < SIM_PARTIES; i++) {
        const sim_party *party = &sim->parties[i];
        if (party->free + party->reserved + party->spent != party->start || party->free < 0 ||
            party->reserved < 0)
            sim_broken("%s has made or lost something", party->name);
        for (uint32_t k = 0; k < party->count; k++) {
            const sim_effect *effect = &party->effects[k];
            bool done = effect->state == SIM_DONE || effect->state == SIM_RESERVED;
            if (done && !is_known(effect))
                sim_broken("%s has done something that nobody knows of", party->name);
        }
    }
}

/* ---- R2 -------------------------------------------------------------------------------------- */

static int64_t done_by_card(const hf_id *payment, uint32_t command)
{
    const sim_party *party = &sim->parties[3];
    int64_t sum = 0;
    for (uint32_t i = 0; i < party->count; i++) {
        const sim_effect *effect = &party->effects[i];
        if (effect->state == SIM_DONE && effect->command == command &&
            memcmp(&effect->payment, payment, sizeof *payment) == 0)
            sum += effect->amount;
    }
    return sum;
}

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
        int64_t done_there = done_by_card(&op->payment, sums[i].command);
        if (done_there != sums[i].counter || sums[i].pending != 0)
            sim_broken("op %u: command %u: %lld at the provider, %lld here, %lld pending", index,
                       sums[i].command, (long long)done_there, (long long)sums[i].counter,
                       (long long)sums[i].pending);
    }
}

/* ---- R3 -------------------------------------------------------------------------------------- */

static void check_wallets(uint32_t node, const int64_t *expected)
{
    for (uint32_t i = 0; i < SIM_WALLETS; i++) {
        hf_account_key key = sim_client_wallet(i);
        hf_account_get_args args;
        hf_completion done;
        hf_account_get_init(&args, key.kind, key.name, key.unit);
        if (sim_node_ask(node, HF_OP_ACCOUNT_GET, &args, &done) != 0) {
            sim_broken("the wallet of %s is gone", key.name);
            continue;
        }
        const hf_account *account = done.result;
        if (account->balance != expected[i] || account->held_out != 0 || account->held_in != 0)
            sim_broken("%s has %lld (%lld and %lld held), it should be %lld", key.name,
                       (long long)account->balance, (long long)account->held_out,
                       (long long)account->held_in, (long long)expected[i]);
    }
}

void sim_check_all(uint32_t node)
{
    int64_t wallets[SIM_WALLETS];
    for (uint32_t i = 0; i < SIM_WALLETS; i++)
        wallets[i] = SIM_OPENING;
    for (uint32_t i = 0; i < sim->op_count; i++) {
        const sim_op *op = &sim->ops[i];
        bool moved = op->kind == SIM_OP_MOVE && op->status == 0;
        if (op->kind == SIM_OP_TXN)
            check_txn(node, i, &moved);
        else if (op->kind == SIM_OP_ORDER)
            check_payment(node, i);
        sim->counts[SIM_MOVED] += op->kind == SIM_OP_MOVE && moved;
        if (moved) {
            wallets[op->from] -= op->amount;
            wallets[op->to] += op->amount;
        }
    }
    check_parties();
    check_wallets(node, wallets);
    sim_node_verify(node);
}

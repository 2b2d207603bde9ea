/*
 * client.c - clients, their requests and the answers that they get.
 *
 * A client asks until it has an answer, with the same id and content, of whatever node it finds;
 * now and then it asks again although it has one. An answer must stay true.
 */
#include "sim.h"

#include <holdfast/error.h>

#define AGAIN 0x10000u /* of an event's index: although it has an answer */

uint32_t sim_client_find(const hf_id *id)
{
    return sim_name_get(id, SIM_AN_OP);
}

/* ---- Submissions ----------------------------------------------------------------------------- */

static uint32_t choose_node(void)
{
    if (sim_node_up(sim->current) && sim_below(sim->busy ? 50 : 5) != 0)
        return sim->current;
    uint32_t first = sim_below(SIM_NODES);
    for (uint32_t i = 0; i < SIM_NODES; i++)
        if (sim->nodes[(first + i) % SIM_NODES].engine != NULL)
            return (first + i) % SIM_NODES;
    return SIM_NODES;
}

static void repeat(uint32_t op, int64_t low, int64_t high)
{
    sim_push(sim->now_ms + sim_between(low, sim->busy ? 4 * high : high), SIM_EV_REPEAT, op);
}

void sim_client_submit(uint32_t index)
{
    bool again = (index & AGAIN) != 0;
    sim_op *op = &sim->ops[index & ~AGAIN];
    if (op->answered && (!again || op->status != 0))
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
    int error = sim_ask(sim->nodes[node].engine, index, sim->sub_count++);
    if (error != 1) {
        sim_trace("op %u at node %u: %s", index, node, hf_error_name(error));
        repeat(index, 50, 2000);
        return;
    }
    op->asked = true;
    sub->out = true;
    op->outstanding++;
    repeat(index, 8000, 20000);
    sim_node_rouse(node);
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

/* It had an answer before: nothing of that may have changed. */
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

static void record(uint32_t index, sim_op *op, const hf_completion *done)
{
    bool stored = done->status == 0 || done->status == HF_E_TXN_ABORTED;
    if (!stored && op->outstanding != 0)
        return; /* another submission may still do it */
    if (!stored) {
        sim_model_follow();
        sim_refusals_judge(index, done->status);
    }
    op->answered = true;
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
        if (!op->answered)
            repeat(sub->op, 50, 3000);
    } else if (op->answered) {
        compare(sub->op, op, done);
        if (op->status != 0 && done->status == 0)
            op->status = 0;
    } else {
        record(sub->op, op, done);
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
        if (!sim->ops[sub->op].answered)
            repeat(sub->op, 50, 3000);
    }
}

bool sim_client_content(void)
{
    for (uint32_t i = 0; i < sim->op_count; i++)
        if (!sim->ops[i].answered || sim->ops[i].outstanding != 0)
            return false;
    return true;
}

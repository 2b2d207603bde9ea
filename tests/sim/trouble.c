/*
 * trouble.c - what goes wrong, and who puts it right: crashes, pauses, power, clocks, operators.
 */
#include "sim.h"

static void operate(void)
{
    static const uint32_t acts[] = {HF_OP_TXN_PARK, HF_OP_TXN_UNPARK, HF_OP_TXN_RETRY_NOW,
                                    HF_OP_TXN_ABORT};
    static const uint32_t counts[] = {SIM_PARK, SIM_UNPARK, SIM_COUNTS, SIM_ABORT};
    uint32_t recent = sim->op_count < 6 ? sim->op_count : 6;
    if (recent == 0)
        return;
    uint32_t op = sim->op_count - 1 - sim_below(recent);
    uint32_t node = sim->current;
    uint32_t which = sim_below(4);
    if (sim->nodes[node].engine == NULL || sim->ops[op].kind != SIM_OP_TXN)
        return;
    hf_txn_act_args args;
    hf_txn_act_init(&args, &sim->ops[op].id);
    args.reason = "by hand";
    args.head.actor = "operator";
    hf_completion done;
    if (sim_node_ask(node, acts[which], &args, &done) == 0 && counts[which] != SIM_COUNTS)
        sim->counts[counts[which]]++;
}

static void cut_power(void)
{
    sim->counts[SIM_POWER_CUT]++;
    sim_trace("power cut");
    for (uint32_t i = 0; i < SIM_NODES; i++)
        if (sim->nodes[i].engine != NULL)
            sim_node_crash(i);
    sim_store_power_cut();
}

static void pause_node(uint32_t node)
{
    if (!sim_node_up(node))
        return;
    sim->counts[SIM_PAUSE]++;
    int64_t pause_ms = sim_between(500, 30000);
    sim->nodes[node].paused_until_ms = sim->now_ms + pause_ms;
    sim->counts[SIM_OVERSLEPT] += pause_ms > SIM_LEASE;
    sim_push(sim->nodes[node].paused_until_ms, SIM_EV_WAKE, node);
    sim_trace("node %u: paused", node);
}

static void drain_node(uint32_t node)
{
    hf_node_drain_args args;
    hf_completion done;
    hf_node_drain_init(&args);
    if (!sim_node_up(node) || sim_node_ask(node, HF_OP_NODE_DRAIN, &args, &done) != 0)
        return;
    sim->counts[SIM_DRAIN]++;
    sim->nodes[node].drained = true;
    sim_trace("node %u: drained", node);
}

void sim_trouble(void)
{
    uint32_t node = sim_below(SIM_NODES);
    sim_participant *participant = &sim->participants[sim_below(SIM_PARTICIPANTS)];
    switch (sim_below(10)) {
    case 0:
    case 1:
        if (sim->nodes[node].engine != NULL) {
            sim->counts[SIM_CRASH]++;
            sim_node_crash(node);
        }
        break;
    case 2:
    case 3:
        pause_node(sim_below(2) == 0 ? sim->current : node);
        break;
    case 4:
        sim->counts[SIM_CLOCK_JUMP]++;
        sim->nodes[node].looked_ms -= sim_between(1, 20000);
        break;
    case 5:
        sim->counts[SIM_PARTICIPANT_DOWN]++;
        participant->down_until_ms = sim->now_ms + sim_between(500, 15000);
        break;
    case 6:
        if (sim_below(3) == 0)
            cut_power();
        else if (sim_below(2) == 0)
            drain_node(node);
        break;
    default:
        operate();
        break;
    }
    sim_push(sim->now_ms + sim_between(200, 2500), SIM_EV_FAULT, 0);
}

/* Nodes that are gone are started, those that are poisoned started anew, others now and then. */
void sim_maintain(void)
{
    bool driven = false;
    for (uint32_t i = 0; i < SIM_NODES; i++) {
        sim_node *node = &sim->nodes[i];
        hf_health_info health = {.size = sizeof health};
        bool paused = node->paused_until_ms > sim->now_ms;
        if (node->engine != NULL && !paused && hf_health(node->engine, &health) == 0 &&
            (health.state == HF_HEALTH_POISONED || sim_below(node->drained ? 2 : 24) == 0))
            sim_node_close(i);
        if (node->engine == NULL && sim_below(2) == 0)
            sim_node_open(i);
        driven = driven || sim_node_up(i);
    }
    uint32_t spare = sim_below(SIM_NODES);
    if (!driven && sim->nodes[spare].paused_until_ms <= sim->now_ms) {
        if (sim->nodes[spare].engine != NULL)
            sim_node_close(spare);
        sim_node_open(spare);
    }
    sim_push(sim->now_ms + sim_between(300, 3000), SIM_EV_MAINTAIN, 0);
}

/*
 * node.c - a process with an engine: opened, stepped, asked, put to sleep, killed.
 *
 * A crash takes the store away first, so that nothing the dying memory does has an effect; then
 * the handle is closed to give the memory back, and whatever it says on the way is not heard.
 */
#include "sim.h"

#include "loop/host.h"

#include <string.h>

#define TURNS 100000
#define ASKED UINT64_MAX

static void on_closed(void *data, int status, const char *detail)
{
    (void)status;
    (void)detail;
    ((sim_node *)data)->closed++;
}

static void on_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    sim_trace("log: %s", text);
    if (strstr(text, "invariant") != NULL)
        sim_broken("%s", text);
    if (strstr(text, "HF_E_FENCED") != NULL)
        sim->counts[SIM_FENCED]++;
}

bool sim_node_up(uint32_t index)
{
    const sim_node *node = &sim->nodes[index];
    return node->engine != NULL && !node->dying && node->paused_until_ms <= sim->now_ms;
}

void sim_node_open(uint32_t index)
{
    static const char *const places[SIM_NODES] = {"0", "1", "2"};
    sim_node *node = &sim->nodes[index];
    hf_options options;
    hf_options_init(&options);
    options.driver = sim_store_driver();
    options.store = places[index];
    options.threads = 0;
    options.virtual_time_ms = sim->now_ms + node->skew_ms;
    options.random_seed = sim_next() | 1;
    options.queue_bytes_max = 1 << 18;
    options.batch_bytes_max = sim->busy ? 4 << 20 : 1 << 19;
    options.cache_bytes_max = 1 << 16;
    options.queue_ops_max = 256;
    options.completions_max = 256;
    options.txns_max = sim->busy ? 512 : 64;
    options.lease_ms = SIM_LEASE;
    options.log = on_log;
    options.allocator = sim_allocator();
    sim_store_start(index);
    if (node->loop == NULL && hf_loop_create(&node->loop) != 0)
        sim_broken("no loop");
    node->dying = false;
    node->drained = false;
    memset(node->epochs, 0, sizeof node->epochs);
    node->doomed = false;
    node->paused_until_ms = 0;
    node->life++;
    int error = hf_engine_open(node->loop, &options, &node->engine);
    sim_trace("node %u: open: %s", index, hf_error_name(error));
    if (error != 0) {
        node->engine = NULL;
        if (sim->quiet || sim->healed)
            sim_broken("node %u does not open: %s", index, hf_error_name(error));
        return;
    }
    node->looked_ms = sim->now_ms;
    sim->current = index;
    sim_participant_register(index);
    if (sim->crashed && (!sim->busy || sim_below(16) == 0))
        sim_node_verify(index); /* before anything is repaired */
    sim_node_step(index);
}

/* Takes what is to be taken; true when the answer to sim_node_ask is among it. */
static bool drain(uint32_t index, hf_completion *asked)
{
    hf_completion done;
    while (hf_completions(sim->nodes[index].engine, &done, 1) == 1) {
        if (sim->nodes[index].dying)
            continue;
        if (done.user_data == ASKED && asked != NULL) {
            *asked = done;
            return true;
        }
        if (done.user_data != ASKED)
            sim_client_done(index, &done);
    }
    return false;
}

static void end(uint32_t index)
{
    sim_node *node = &sim->nodes[index];
    uint32_t before = node->closed;
    if (hf_engine_close(node->engine, on_closed, node) != 0)
        sim_broken("node %u does not close", index);
    for (int turn = 0; node->closed == before && turn < TURNS; turn++) {
        (void)hf_loop_run_once(node->loop, 0);
        if (node->closed == before)
            (void)drain(index, NULL);
    }
    if (node->closed == before)
        sim_broken("node %u: the close never ends", index);
    node->engine = NULL;
}

void sim_node_close(uint32_t index)
{
    sim_trace("node %u: close", index);
    end(index);
    sim_client_lost(index);
}

void sim_node_crash(uint32_t index)
{
    sim_trace("node %u: crash", index);
    sim_store_crash(index);
    end(index);
    sim->nodes[index].paused_until_ms = 0;
    sim_client_lost(index);
    sim_model_check();
    sim->crashed = true;
}

static void wake_at(uint32_t index, int64_t at_ms)
{
    sim_node *node = &sim->nodes[index];
    if (node->wake_ms != 0 && node->wake_ms <= at_ms)
        return;
    node->wake_ms = at_ms;
    sim_push(at_ms, SIM_EV_WAKE, index);
}

void sim_node_rouse(uint32_t index)
{
    wake_at(index, sim->now_ms);
}

static void plan_wake(uint32_t index)
{
    sim_node *node = &sim->nodes[index];
    hf__host *host;
    if (hf__host_find(node->engine, &host) != 0)
        return;
    int64_t calls = hf__runtime_due(host->runtime);
    int64_t due = hf__engine_next_due(host->engine);
    if (due == 0 || (calls != 0 && calls < due))
        due = calls;
    if (due == 0)
        return;
    int64_t wait = due - hf__engine_now(host->engine);
    wake_at(index, sim->now_ms + (wait > 0 ? wait : 20));
}

static bool run(uint32_t index, hf_completion *asked)
{
    sim_node *node = &sim->nodes[index];
    bool answered = false;
    int turn = 0;
    do {
        (void)hf_loop_run_once(node->loop, 0);
        answered = drain(index, asked);
    } while (!answered && !node->dying && hf_loop_timeout(node->loop) == 0 && ++turn < TURNS);
    if (turn == TURNS)
        sim_broken("node %u never rests", index);
    return answered;
}

void sim_node_step(uint32_t index)
{
    sim_node *node = &sim->nodes[index];
    if (sim->now_ms > node->looked_ms) {
        (void)hf_clock_advance(node->engine, sim->now_ms - node->looked_ms);
        node->looked_ms = sim->now_ms;
    }
    sim_refusals_from_here();
    (void)run(index, NULL);
    if (!node->dying)
        plan_wake(index);
}

int sim_node_ask(uint32_t index, uint32_t type, const void *args, hf_completion *done)
{
    const hf_op op = {.type = type, .args = args, .user_data = ASKED};
    int error = hf_submit(sim->nodes[index].engine, &op, 1, NULL);
    if (error != 1)
        return error;
    return run(index, done) ? done->status : HF_E_UNKNOWN;
}

static struct {
    int calls;
    int status;
    uint64_t findings;
    uint8_t digest[16];
    char text[480];
} verified;

static void on_verified(void *data, int status, const hf_verify_result *result)
{
    (void)data;
    verified.calls++;
    verified.status = status;
    if (status != 0)
        return;
    verified.findings = result->findings_total;
    memcpy(verified.digest, result->digest, sizeof verified.digest);
    if (result->finding_count != 0)
        memcpy(verified.text, result->findings[0].text, sizeof verified.text);
}

void sim_node_verify(uint32_t index)
{
    sim_node *node = &sim->nodes[index];
    bool quiet = sim->quiet;
    sim->quiet = true;
    sim->crashed = false;
    memset(&verified, 0, sizeof verified);
    int error = hf_verify(node->engine, NULL, on_verified, NULL);
    for (int turn = 0; error == 0 && verified.calls == 0 && turn < TURNS; turn++) {
        (void)hf_loop_run_once(node->loop, 0);
        (void)drain(index, NULL);
    }
    sim->quiet = quiet;
    uint64_t word;
    memcpy(&word, verified.digest, sizeof word);
    sim_note(word, verified.findings, 0);
    if (error != 0 || verified.calls == 0 || verified.status != 0)
        sim_broken("verify does not work: %s", hf_error_name(error));
    else if (verified.findings != 0)
        sim_broken("verify: %s", verified.text);
}

void sim_node_fini(uint32_t index)
{
    sim_node *node = &sim->nodes[index];
    if (node->engine != NULL) {
        node->dying = true;
        sim_store_crash(index);
        end(index);
    }
    if (node->loop != NULL)
        (void)hf_loop_destroy(node->loop);
    node->loop = NULL;
}

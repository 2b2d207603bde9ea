/*
 * world.c - dice, trace, and the course of a run: trouble, healing, judgement.
 */
#include "sim.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TROUBLE_MIN_MS 15000
#define TROUBLE_MAX_MS 45000
#define HEALING_MAX_MS 1800000 /* everything has ended by then */

sim_world *sim;

/* ---- Dice and trace -------------------------------------------------------------------------- */

uint64_t sim_next(void)
{
    uint64_t z = sim->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint32_t sim_below(uint32_t limit)
{
    return (uint32_t)(sim_next() % limit);
}

bool sim_chance(uint32_t per_thousand)
{
    return per_thousand != 0 && !sim->healed && sim_below(1000) < per_thousand;
}

int64_t sim_between(int64_t low, int64_t high)
{
    return low + (int64_t)(sim_next() % (uint64_t)(high - low + 1));
}

void sim_note(uint64_t a, uint64_t b, uint64_t c)
{
    const uint64_t words[] = {(uint64_t)sim->now_ms, a, b, c};
    for (uint32_t i = 0; i < 4; i++) {
        sim->hash ^= words[i];
        sim->hash *= 0x100000001b3u;
        sim->hash ^= sim->hash >> 29;
    }
}

void sim_broken(const char *format, ...)
{
    if (sim->broken[0] != '\0')
        return;
    va_list values;
    va_start(values, format);
    (void)vsnprintf(sim->broken, sizeof sim->broken, format, values);
    va_end(values);
    sim_trace("BROKEN: %s", sim->broken);
}

void sim_say(const char *format, ...)
{
    (void)fprintf(stderr, "%8lld ", (long long)(sim->now_ms - SIM_START));
    va_list values;
    va_start(values, format);
    (void)vfprintf(stderr, format, values);
    va_end(values);
    (void)fputc('\n', stderr);
}

const char *sim_count_name(uint32_t count)
{
    static const char *const names[SIM_COUNTS + 1] = {
        [SIM_LOST] = "messages lost",
        [SIM_LATE] = "messages late",
        [SIM_DOUBLED] = "messages doubled",
        [SIM_OVERTAKEN] = "messages overtaken",
        [SIM_STALE_TICKET] = "answers to an engine that is gone",
        [SIM_CRASH] = "crashes",
        [SIM_CRASH_BEFORE_COMMIT] = "crashes before a commit",
        [SIM_CRASH_AFTER_COMMIT] = "crashes after a commit",
        [SIM_POWER_CUT] = "power cuts",
        [SIM_UNSYNCED_LOST] = "power cuts in a commit, which was lost",
        [SIM_UNSYNCED_KEPT] = "power cuts in a commit, which was kept",
        [SIM_PAUSE] = "pauses",
        [SIM_OVERSLEPT] = "pauses beyond the lease",
        [SIM_DRAIN] = "drains",
        [SIM_CLOCK_JUMP] = "clock jumps",
        [SIM_TAKE_OVER] = "shards taken over",
        [SIM_HANDED_OVER] = "shards handed over",
        [SIM_FENCED] = "operations fenced",
        [SIM_STORE_BUSY] = "store busy",
        [SIM_STORE_FULL] = "store full",
        [SIM_STORE_BROKEN] = "store broken",
        [SIM_STORE_ACK_LOST] = "commits whose answer was lost",
        [SIM_PARTICIPANT_DOWN] = "participants down",
        [SIM_PARTICIPANT_REFUSED] = "tries refused",
        [SIM_PARTICIPANT_UNSURE] = "answers that say nothing",
        [SIM_OLD_EPOCH] = "calls of an old epoch refused",
        [SIM_NULL_CANCEL] = "cancels before their try",
        [SIM_PARK] = "parked",
        [SIM_UNPARK] = "unparked",
        [SIM_ABORT] = "aborted",
        [SIM_RESUBMITTED] = "asked again",
        [SIM_CHECKED] = "comparisons with the model",
        [SIM_ORDERS] = "orders",
        [SIM_TXNS] = "transactions",
        [SIM_MOVED] = "moves",
        [SIM_CONFIRMED] = "transactions confirmed",
        [SIM_CANCELLED] = "transactions cancelled",
        [SIM_CAPTURED] = "captures",
        [SIM_REFUNDED] = "refunds",
        [SIM_WAITED] = "orders that waited",
        [SIM_PROMOTED] = "orders promoted",
        [SIM_ORDER_EXPIRED] = "orders and holds expired",
        [SIM_ORDER_CANCELLED] = "orders cancelled",
        [SIM_ORDER_CLOSED] = "orders closed",
        [SIM_RETURNED] = "returns",
        [SIM_HELD] = "holds",
        [SIM_REPORTED] = "facts reported by the provider",
        [SIM_REPORTED_FIRST] = "facts reported before they were answered",
        [SIM_COUNTS] = "none",
    };
    return names[count];
}

/* ---- The course ------------------------------------------------------------------------------ */

/* The control counts what is not known, or not now, as a refusal. */
static uint32_t heard(uint32_t answer)
{
    bool unsure = answer == HF_ANSWER_UNKNOWN || answer == HF_ANSWER_RETRY;
    return sim->control == SIM_NO_RETRY && unsure ? HF_ANSWER_REJECTED : answer;
}

static void arrive(uint32_t kind, const sim_message *message)
{
    if (message->number < sim->last_arrived)
        sim->counts[SIM_OVERTAKEN]++;
    else
        sim->last_arrived = message->number;
    if (kind == SIM_EV_CALL) {
        sim_participant_take(message);
        return;
    }
    sim_node *node = &sim->nodes[message->node];
    if (!sim_node_up(message->node)) {
        if (node->engine != NULL) /* it waits for a node that sleeps */
            sim_push_message(node->paused_until_ms + 1, SIM_EV_ANSWER, message);
        return;
    }
    char reference[SIM_REFERENCE];
    hf_call_answer answer;
    hf_call_answer_init(&answer, heard(message->answer));
    answer.amount = message->answer == HF_ANSWER_OK ? message->amount : 0;
    if (message->reference != 0 && message->answer == HF_ANSWER_OK)
        answer.reference = sim_reference(message->reference, reference);
    int error = hf_call_done(node->engine, message->call.ticket, &answer);
    bool stale = message->life != node->life;
    sim->counts[SIM_STALE_TICKET] += stale;
    if (stale && error != HF_E_NOT_FOUND)
        sim_broken("node %u took an answer to an engine that is gone", message->node);
    sim_trace("node %u: op %u branch %u: answer %u to %u/%u of %u: %s", message->node,
              sim_client_find(&message->call.txn), message->call.branch, message->answer,
              message->call.phase, message->call.attempt, message->participant,
              hf_error_name(error));
    sim_node_rouse(message->node);
}

/* Wishes come in bursts: what is asked at once goes into one commit. */
static void wish(void)
{
    if (sim->healed)
        return;
    for (uint32_t i = 1 + sim_below(sim->busy ? 8 : 3); i > 0; i--)
        sim_wish();
    sim_push(sim->now_ms + (sim->busy ? sim_between(1, 10) : sim_between(20, 800)), SIM_EV_CLIENT,
             0);
}

static void happen(const sim_event *event)
{
    sim_message message = {.number = 0};
    if (event->kind == SIM_EV_CALL || event->kind == SIM_EV_ANSWER)
        message = sim_take_message(event->index);
    sim_note(event->kind, event->index, message.number);
    switch ((sim_kind)event->kind) {
    case SIM_EV_CALL:
    case SIM_EV_ANSWER:
        arrive(event->kind, &message);
        break;
    case SIM_EV_WAKE:
        if (sim->nodes[event->index].wake_ms == event->at_ms)
            sim->nodes[event->index].wake_ms = 0;
        if (sim_node_up(event->index))
            sim_node_step(event->index);
        break;
    case SIM_EV_CLIENT:
        wish();
        break;
    case SIM_EV_REPEAT:
        sim_client_submit(event->index);
        break;
    case SIM_EV_FAULT:
        if (!sim->healed)
            sim_trouble();
        break;
    case SIM_EV_MAINTAIN:
        if (!sim->healed)
            sim_maintain();
        break;
    }
    for (uint32_t i = 0; i < SIM_NODES; i++)
        if (sim->nodes[i].engine != NULL && (sim->nodes[i].dying || sim->nodes[i].doomed))
            sim_node_crash(i);
}

static void heal(void)
{
    sim->healed = true;
    sim_trace("healed");
    for (uint32_t i = 0; i < SIM_PARTICIPANTS; i++)
        sim->participants[i].down_until_ms = 0;
    for (uint32_t i = 0; i < SIM_NODES; i++) {
        sim->nodes[i].paused_until_ms = 0;
        if (sim->nodes[i].engine != NULL)
            sim_node_close(i);
    }
    sim_node_open(0);
}

static void settle(void)
{
    int64_t look_ms = sim->now_ms;
    while (sim->broken[0] == '\0' && sim->event_count != 0) {
        if (sim->events[0].at_ms > sim->heal_ms + HEALING_MAX_MS) {
            sim_broken("something has not ended %d s after everything healed",
                       HEALING_MAX_MS / 1000);
            return;
        }
        sim_event event = sim_pop();
        sim->now_ms = event.at_ms;
        happen(&event);
        if (sim->now_ms < look_ms)
            continue;
        look_ms = sim->now_ms + 5000;
        sim_push(look_ms, SIM_EV_WAKE, 0);
        if (sim_check_ended(0) && sim_client_content() && sim_model_rests())
            return;
    }
}

static void start(sim_world *world, uint64_t seed, uint32_t control)
{
    static uint64_t runs;
    memset(world, 0, offsetof(sim_world, names));
    sim = world;
    sim->run = ++runs;
    sim->seed = seed;
    sim->random = seed * 0x9e3779b97f4a7c15u + 1;
    sim->hash = 0xcbf29ce484222325u;
    sim->control = control;
    sim->busy = seed % SIM_BUSY == 0;
    sim->now_ms = SIM_START;
    sim->trace = getenv("HOLDFAST_SIM_TRACE") != NULL;
    sim->quiet = true;
    if (sim_store_open() != 0)
        abort();
    sim_participant_init();
    for (uint32_t i = 0; i < SIM_NODES; i++)
        sim_node_open(i);
    sim_ask_accounts();
    sim_model_init();
    sim->quiet = false;
}

void sim_run(sim_world *world, uint64_t seed, uint32_t control)
{
    start(world, seed, control);
    sim->heal_ms = sim->now_ms + sim_between(TROUBLE_MIN_MS, TROUBLE_MAX_MS);
    sim_push(sim->now_ms, SIM_EV_CLIENT, 0);
    sim_push(sim->now_ms + 500, SIM_EV_FAULT, 0);
    sim_push(sim->now_ms + 500, SIM_EV_MAINTAIN, 0);
    while (sim->broken[0] == '\0' && sim->events[0].at_ms < sim->heal_ms) {
        sim_event event = sim_pop();
        sim->now_ms = event.at_ms;
        happen(&event);
    }
    heal();
    settle();
    if (sim->broken[0] == '\0')
        sim_check_all(0);
    sim->quiet = true;
    for (uint32_t i = 0; i < SIM_NODES; i++)
        sim_node_fini(i);
    sim_store_close();
}

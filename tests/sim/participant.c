/*
 * participant.c - participants with a truth of their own, and the network between them and the
 * nodes.
 *
 * Two keep a barrier and reserve (TCC, and steps of a saga); one does what its key says at most
 * once (ONE_PHASE); one is a payment provider. A message may be lost, late, doubled, overtaken.
 */
#include "sim.h"

#include <string.h>

#define LATE_MAX_MS 25000 /* longer than a call waits */

static uint32_t index_of(const sim_participant *participant)
{
    return (uint32_t)(participant - sim->participants);
}

static sim_effect *find(uint32_t participant, const hf_id *id, uint32_t no)
{
    uint32_t index = sim_name_get(id, no);
    return index == SIM_NOBODY ? NULL : &sim->effects[participant][index];
}

static sim_effect *find_key(const sim_participant *participant, const hf_id *key)
{
    return find(index_of(participant), key, SIM_A_KEY + index_of(participant));
}

sim_effect *sim_participant_find(uint32_t participant, const hf_id *txn, uint32_t branch)
{
    return find(participant, txn, participant << 8 | branch);
}

static sim_effect *add(sim_participant *participant, const sim_message *message)
{
    if (participant->count == SIM_EFFECTS) {
        sim_broken("%s: too many effects", participant->name);
        return &participant->effects[0];
    }
    const hf_call *call = &message->call;
    uint32_t at = index_of(participant);
    sim_name_put(&call->txn, at << 8 | call->branch, participant->count);
    if (participant->kind != SIM_TCC)
        sim_name_put(&call->key, SIM_A_KEY + at, participant->count);
    sim_effect *effect = &participant->effects[participant->count++];
    *effect = (sim_effect){
        .txn = call->txn,
        .key = call->key,
        .payment = call->payment,
        .amount = message->amount,
        .branch = call->branch,
        .saga = message->saga,
        .must = message->must,
        .command = call->command,
    };
    return effect;
}

/* ---- With a barrier -------------------------------------------------------------------------- */

/* The work of a phase; false: refused for reasons of the business. */
static bool work(sim_participant *participant, sim_effect *effect, uint32_t phase)
{
    switch (phase) {
    case HF_PHASE_TRY:
        if (!effect->must && (participant->free < effect->amount || sim_chance(60)))
            return false;
        participant->free -= effect->amount;
        participant->reserved += effect->amount;
        effect->state = SIM_RESERVED;
        return true;
    case HF_PHASE_CONFIRM:
        participant->reserved -= effect->amount;
        participant->spent += effect->amount;
        effect->state = SIM_DONE;
        return true;
    default:
        participant->reserved -= effect->amount;
        participant->free += effect->amount;
        effect->state = SIM_NOTHING;
        return true;
    }
}

/* The control: only what is there now counts, not what was. */
static uint32_t without_barrier(sim_participant *participant, sim_effect *effect, uint32_t phase)
{
    if (phase == HF_PHASE_TRY && effect->state == SIM_NOTHING)
        return work(participant, effect, phase) ? HF_ANSWER_OK : HF_ANSWER_REJECTED;
    if (phase != HF_PHASE_TRY && effect->state == SIM_RESERVED)
        (void)work(participant, effect, phase);
    return HF_ANSWER_OK;
}

static uint32_t with_barrier(sim_participant *participant, const sim_message *message)
{
    const hf_call *call = &message->call;
    sim_effect *effect = sim_participant_find(message->participant, &call->txn, call->branch);
    if (effect == NULL)
        effect = add(participant, message);
    if (sim->control == SIM_NO_BARRIER)
        return without_barrier(participant, effect, call->phase);
    hf_barrier next;
    int what = hf_barrier_decide(&effect->row, call->phase, call->attempt, call->epoch, &next);
    if (what == HF_BARRIER_REFUSE) {
        sim->counts[SIM_OLD_EPOCH] += call->epoch < effect->row.epoch;
        return HF_ANSWER_REJECTED;
    }
    if (what == HF_BARRIER_REPEAT)
        return HF_ANSWER_OK;
    if (what != HF_BARRIER_DO && what != HF_BARRIER_SKIP)
        sim_broken("the barrier says %d", what);
    effect->row = next;
    if (what == HF_BARRIER_SKIP) {
        sim->counts[SIM_NULL_CANCEL]++;
        return HF_ANSWER_OK;
    }
    if (work(participant, effect, call->phase))
        return HF_ANSWER_OK;
    effect->row.state = HF_BARRIER_NULL_CANCELLED; /* a refusal is for good */
    sim->counts[SIM_PARTICIPANT_REFUSED]++;
    return HF_ANSWER_REJECTED;
}

/* ---- By key ---------------------------------------------------------------------------------- */

static uint32_t query(sim_participant *participant, const sim_message *message)
{
    const sim_effect *effect = find_key(participant, &message->call.key);
    if (effect != NULL)
        return effect->state == SIM_DONE ? HF_ANSWER_OK : HF_ANSWER_REJECTED;
    if (message->call.time_left_ms == 0) /* nobody will try again: make sure of it */
        add(participant, message)->state = SIM_NEVER;
    return HF_ANSWER_NOT_FOUND;
}

static uint32_t by_key(sim_participant *participant, const sim_message *message)
{
    if (message->call.phase == HF_PHASE_QUERY)
        return query(participant, message);
    sim_effect *effect = find_key(participant, &message->call.key);
    if (effect != NULL)
        return effect->state == SIM_DONE ? HF_ANSWER_OK : HF_ANSWER_REJECTED;
    if (sim_chance(50))
        return HF_ANSWER_ONGOING;
    effect = add(participant, message);
    effect->state = sim_chance(60) ? SIM_NEVER : SIM_DONE;
    if (effect->state == SIM_NEVER) {
        sim->counts[SIM_PARTICIPANT_REFUSED]++;
        return HF_ANSWER_REJECTED;
    }
    uint32_t order = sim_name_get(&effect->payment, SIM_A_PAYMENT);
    if (effect->command != 0 && order != SIM_NOBODY)
        sim->ops[order].fate.done[effect->command] += effect->amount;
    if (participant->kind == SIM_PROVIDER && sim_below(3) == 0)
        sim_wish_report((uint32_t)(effect - participant->effects) + 1);
    sim->counts[SIM_CAPTURED] += effect->command == HF_COMMAND_CAPTURE;
    sim->counts[SIM_REFUNDED] += effect->command == HF_COMMAND_REFUND;
    return HF_ANSWER_OK;
}

/* ---- The network ----------------------------------------------------------------------------- */

static void send_once(uint32_t kind, sim_message *message)
{
    int64_t delay = sim_between(1, 30);
    if (sim_chance(40)) {
        sim->counts[SIM_LATE]++;
        delay = sim_between(100, LATE_MAX_MS);
    }
    message->number = ++sim->next_message;
    sim_push_message(sim->now_ms + delay, kind, message);
}

static void send(uint32_t kind, sim_message *message)
{
    message->sent_ms = sim->now_ms;
    if (sim_chance(30)) {
        sim->counts[SIM_LOST]++;
        return;
    }
    send_once(kind, message);
    if (!sim_chance(30))
        return;
    sim->counts[SIM_DOUBLED]++;
    send_once(kind, message);
}

void sim_participant_take(const sim_message *message)
{
    sim_participant *participant = &sim->participants[message->participant];
    if (participant->down_until_ms > sim->now_ms)
        return;
    sim_message back = *message;
    back.answer = participant->kind == SIM_TCC ? with_barrier(participant, message)
                                               : by_key(participant, message);
    const sim_effect *effect = find_key(participant, &message->call.key);
    if (participant->kind == SIM_PROVIDER && effect != NULL)
        back.reference = (uint32_t)(effect - participant->effects) + 1;
    if (sim_chance(20)) { /* it has done it and does not say so */
        sim->counts[SIM_PARTICIPANT_UNSURE]++;
        back.answer =
            message->call.phase == HF_PHASE_CONFIRM || message->call.phase == HF_PHASE_CANCEL
                ? HF_ANSWER_RETRY
                : HF_ANSWER_UNKNOWN;
    }
    sim_trace("%s: op %u phase %u attempt %u branch %u epoch %llu command %u: %u",
              participant->name, sim_client_find(&message->call.txn), message->call.phase,
              message->call.attempt, message->call.branch, (unsigned long long)message->call.epoch,
              message->call.command, back.answer);
    sim_note(message->call.phase, message->call.attempt, back.answer);
    send(SIM_EV_ANSWER, &back);
}

/* ---- Registration ---------------------------------------------------------------------------- */

/* What a function of a participant is given: who calls whom. */
typedef struct line {
    uint32_t node;
    uint32_t participant;
} line;

static line lines[SIM_NODES][SIM_PARTICIPANTS];

static void on_call(void *data, const hf_call *call)
{
    const line *from = data;
    if (sim->nodes[from->node].dying)
        return;
    sim_message message = {
        .call = *call,
        .amount = call->amount,
        .participant = from->participant,
        .node = from->node,
        .life = sim->nodes[from->node].life,
    };
    if (call->payload_bytes == sizeof(sim_payload)) {
        sim_payload payload;
        memcpy(&payload, call->payload, sizeof payload);
        message.amount = payload.amount;
        message.saga = payload.saga;
        message.must = payload.must;
    }
    send(SIM_EV_CALL, &message);
}

static void register_provider(uint32_t node, uint32_t participant)
{
    hf_provider provider;
    hf_provider_init(&provider, sim->participants[participant].name);
    provider.authorize = on_call;
    provider.capture = on_call;
    provider.void_ = on_call;
    provider.refund = on_call;
    provider.query = on_call;
    provider.data = &lines[node][participant];
    if (hf_provider_register(sim->nodes[node].engine, &provider) != 0)
        sim_broken("a provider is not taken: %s", hf_engine_detail(sim->nodes[node].engine));
}

void sim_participant_register(uint32_t node)
{
    for (uint32_t i = 0; i < SIM_PARTICIPANTS; i++) {
        lines[node][i] = (line){.node = node, .participant = i};
        if (sim->participants[i].kind == SIM_PROVIDER) {
            register_provider(node, i);
            continue;
        }
        hf_participant about;
        hf_participant_init(&about, sim->participants[i].name);
        about.attempt = on_call;
        about.confirm = on_call;
        about.cancel = on_call;
        about.data = &lines[node][i];
        if (sim->participants[i].kind == SIM_ONCE) {
            about.flags = HF_PARTICIPANT_ONE_PHASE;
            about.confirm = NULL;
            about.cancel = NULL;
            about.query = on_call;
        }
        if (hf_participant_register(sim->nodes[node].engine, &about) != 0)
            sim_broken("a participant is not taken: %s", hf_engine_detail(sim->nodes[node].engine));
    }
}

void sim_participant_init(void)
{
    static const struct {
        const char *name;
        uint32_t kind;
        int64_t start;
    } participants[SIM_PARTICIPANTS] = {
        {"stock", SIM_TCC, 400},
        {"courier", SIM_TCC, 100000},
        {"printer", SIM_ONCE, 0},
        {"card", SIM_PROVIDER, 0},
    };
    for (uint32_t i = 0; i < SIM_PARTICIPANTS; i++) {
        sim_participant *participant = &sim->participants[i];
        participant->name = participants[i].name;
        participant->kind = participants[i].kind;
        participant->start = participant->free = participants[i].start * (sim->busy ? 1000 : 1);
        participant->effects = sim->effects[i];
    }
}

/*
 * heap.c - what happens next: a heap of events by time, messages beside it; and names of things.
 *
 * Entries of the heap are small and move; a message stays in its slot until it has arrived. Names
 * are found by hash: a run of thousands of operations asks for them all the time.
 */
#include "sim.h"

#include <string.h>

/* ---- Events ---------------------------------------------------------------------------------- */

static bool before(const sim_event *a, const sim_event *b)
{
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->seq < b->seq);
}

static void swap(uint32_t a, uint32_t b)
{
    sim_event kept = sim->events[a];
    sim->events[a] = sim->events[b];
    sim->events[b] = kept;
}

void sim_push(int64_t at_ms, uint32_t kind, uint32_t index)
{
    if (sim->event_count == SIM_EVENTS) {
        sim_broken("the heap of events is full");
        return;
    }
    uint32_t at = sim->event_count++;
    sim->events[at] = (sim_event){.at_ms = at_ms > sim->now_ms ? at_ms : sim->now_ms,
                                  .seq = ++sim->next_seq,
                                  .kind = kind,
                                  .index = index};
    for (; at > 0 && before(&sim->events[at], &sim->events[(at - 1) / 2]); at = (at - 1) / 2)
        swap(at, (at - 1) / 2);
}

sim_event sim_pop(void)
{
    sim_event first = sim->events[0];
    sim->events[0] = sim->events[--sim->event_count];
    for (uint32_t at = 0;;) {
        uint32_t least = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2; child++)
            if (child < sim->event_count && before(&sim->events[child], &sim->events[least]))
                least = child;
        if (least == at)
            return first;
        swap(at, least);
        at = least;
    }
}

void sim_push_message(int64_t at_ms, uint32_t kind, const sim_message *message)
{
    uint32_t slot = sim->free_count != 0 ? sim->free_messages[--sim->free_count]
                                         : sim->message_count++ % SIM_EVENTS;
    sim->messages[slot] = *message;
    sim_push(at_ms, kind, slot); /* breaks when there are more events than slots */
}

sim_message sim_take_message(uint32_t slot)
{
    sim->free_messages[sim->free_count++] = slot;
    return sim->messages[slot];
}

/* ---- Names ----------------------------------------------------------------------------------- */

static sim_name *probe(const hf_id *id, uint32_t no)
{
    uint64_t hash;
    memcpy(&hash, id->bytes + 8, sizeof hash);
    hash = (hash ^ no) * 0x9e3779b97f4a7c15u;
    uint32_t at = (uint32_t)(hash >> 40) % SIM_NAMES;
    while (sim->names[at].run == sim->run &&
           (sim->names[at].no != no || memcmp(&sim->names[at].id, id, sizeof *id) != 0))
        at = (at + 1) % SIM_NAMES;
    return &sim->names[at];
}

void sim_name_put(const hf_id *id, uint32_t no, uint32_t index)
{
    *probe(id, no) = (sim_name){.id = *id, .no = no, .index = index, .run = sim->run};
}

uint32_t sim_name_get(const hf_id *id, uint32_t no)
{
    const sim_name *name = probe(id, no);
    return name->run == sim->run ? name->index : SIM_NOBODY;
}

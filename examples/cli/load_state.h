/*
 * load_state.h - what the files of the load share: slots of pinned requests, and how they begin.
 */
#ifndef CLI_LOAD_STATE_H
#define CLI_LOAD_STATE_H

#include "load.h"
#include "load_memory.h"

#include <stdbool.h>

#define LOAD_KNOWN_MAX (UINT64_C(1) << 17) /* orders that reads choose from */
#define LOAD_DRAWN     (UINT64_C(1) << 18) /* orders to read, drawn before a run */

typedef struct load_slot {
    hf_req req; /* first: a callback finds its slot by it */
    load *load;
    uint64_t from_ns; /* when it began, or was to begin */
    hf_id order;
    char wallet[CHOICE_NAME_BYTES + 1];
} load_slot;

struct load {
    struct uv_loop_s *loop;
    hf_engine *engine;
    load_memory memory;
    hf_allocator allocator;
    load_slot *slots;
    uint32_t *idle; /* slots, as a stack */
    uint32_t idle_count;
    uint32_t failed;
    const load_case *c;
    load_result *result;
    load_order *placed; /* load_step wants to know */
    choice choice;
    uint64_t begun;
    uint64_t ended;
    uint64_t until_ns;
    hf_id *known; /* orders placed: a ring */
    uint64_t known_count;
    hf_id *drawn; /* orders to read, in this order: a ring; NULL: the case reads none */
    uint64_t drawn_at;
    char error[768];
};

/* How many orders reads choose from. */
static inline uint32_t load_known(const load *l)
{
    return (uint32_t)(l->known_count < LOAD_KNOWN_MAX ? l->known_count : LOAD_KNOWN_MAX);
}

/* How the operation of each form begins; 0 or HF_E_*. */
extern int (*const load_starts[LOAD_FORMS])(load *l, load_slot *s);

/* The second step of TWO_PHASE: pays, which confirms. */
int load_confirm(load *l, load_slot *s);

/* Callbacks: an operation has ended; the first of its two steps has. */
void load_on_done(hf_req *req, const hf_completion *done);
void load_on_held(hf_req *req, const hf_completion *done);

/* The operation of a slot has ended within its call. */
void load_end_now(load *l, const load_slot *s);

/* Looks at an order for each idle slot, up to 64 in one call, and reads those that are not cached.
 */
void load_peek_many(load *l, uint64_t from_ns);

/* Reads an order; `count` operations that began at a time have ended, without a slot. */
void load_begin_get(load *l, const hf_id *order, uint64_t from_ns);
void load_seen(load *l, uint64_t from_ns, uint32_t count);

#endif

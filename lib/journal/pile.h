/*
 * pile.h - memory that is given back all at once and never moves: a block taken at open, and more
 * of them only when a burst does not fit it.
 *
 * Used by one thread at a time. What it gave stays where it is until reset.
 */
#ifndef HF_JOURNAL_PILE_H
#define HF_JOURNAL_PILE_H

#include "base/env.h"

typedef struct hf__pile_block {
    struct hf__pile_block *next;
    size_t capacity;
    _Alignas(16) uint8_t memory[];
} hf__pile_block;

typedef struct hf__pile {
    hf_env *env;
    hf__pile_block *first;   /* taken at open */
    hf__pile_block *current; /* the newest */
    size_t at;               /* used of the current one */
    uint64_t used;           /* of all */
} hf__pile;

/* Takes the first block. HF_E_NOMEM. */
int hf__pile_init(hf__pile *pile, hf_env *env, size_t bytes);
void hf__pile_fini(hf__pile *pile);

/* A place with at least `bytes` of room; *room is how much there is. NULL when memory is out. */
uint8_t *hf__pile_room(hf__pile *pile, size_t bytes, size_t *room);

/* Takes `bytes` of the place that hf__pile_room told last. */
static inline void hf__pile_take(hf__pile *pile, size_t bytes)
{
    pile->at += bytes;
    pile->used += bytes;
}

/* Both at once, aligned to 8 bytes when everything taken from the pile is. NULL when out. */
void *hf__pile_alloc(hf__pile *pile, size_t bytes);

/* Empties it; blocks but the first go back to the allocator. */
void hf__pile_reset(hf__pile *pile);

#endif

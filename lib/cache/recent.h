/*
 * recent.h - the greatest ids of the store, so that a new id is known to be new without a look-up.
 *
 * An id is checked against every table whose records are named by one, and nearly every id that
 * arrives is new: asking the store would cost a descent of a tree for each of them. So the last
 * some ten thousand ids are kept here. What is above `floor` and not among them is nowhere in the
 * store; what is not above must be looked up. Ids carry their time, so those of many callers are
 * above the floor too, though they do not arrive in order.
 *
 * Ids that were taken back stay: they cost a look-up and never a wrong answer.
 */
#ifndef HF_CACHE_RECENT_H
#define HF_CACHE_RECENT_H

#include "base/env.h"

#include <holdfast/types.h>

typedef struct hf__recent {
    hf_id *ids;
    uint32_t *slots; /* place in `ids` + 1, found by hash; 0: free */
    uint32_t mask;   /* slots - 1 */
    uint32_t count;
    uint32_t capacity;
    hf_id floor; /* ids up to this one may be in the store though they are not kept */
} hf__recent;

/* Memory for `capacity` ids, at least 2; the store is taken for empty. HF_E_NOMEM. */
int hf__recent_init(hf__recent *recent, hf_env *env, uint32_t capacity);
void hf__recent_fini(hf__recent *recent, hf_env *env);

/* As after init: every id is lacking until those there are have been noted. */
void hf__recent_clear(hf__recent *recent);

/* True when no record in the store has this id. */
bool hf__recent_lacks(const hf__recent *recent, const uint8_t id[16]);

/* Begins to fetch what an answer about this id needs. */
void hf__recent_expect(const hf__recent *recent, const uint8_t id[16]);

/* Takes note of an id that a record has. */
void hf__recent_note(hf__recent *recent, const uint8_t id[16]);

/* Ids up to this one may be in the store. */
void hf__recent_raise(hf__recent *recent, const uint8_t id[16]);

#endif

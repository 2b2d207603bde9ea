/*
 * new_ids.h - new-id filter: the greatest ids of the store, so that a new id is recognised without
 * a look-up.
 *
 * An id is checked against every table whose records are named by one, and nearly every id that
 * arrives is new: asking the store would cost a descent of a tree for each of them. So the greatest
 * ten thousand ids or so are kept here. An id above `floor` that is not among them is not in the
 * store; every other id must be looked up. Ids carry their time, so those of many callers are above
 * the floor too, though they do not arrive in order.
 *
 * Ids of operations that were rolled back stay: they cost a look-up and never a wrong result.
 */
#ifndef HF_CACHE_NEW_IDS_H
#define HF_CACHE_NEW_IDS_H

#include "base/env.h"

#include <holdfast/types.h>

typedef struct hf__new_ids {
    hf_id *ids;
    uint32_t *slots; /* index in `ids` + 1, found by hash; 0: free */
    uint32_t mask;   /* slots - 1 */
    uint32_t count;
    uint32_t capacity;
    hf_id floor; /* ids up to this one may be in the store though they are not kept */
} hf__new_ids;

/* Memory for `capacity` ids, at least 2; the store is taken for empty. HF_E_NOMEM. */
int hf__new_ids_init(hf__new_ids *ids, hf_env *env, uint32_t capacity);
void hf__new_ids_fini(hf__new_ids *ids, hf_env *env);

/* Empties the filter, as after init: every id is new until the stored ones were added. */
void hf__new_ids_clear(hf__new_ids *ids);

/* True when no record in the store has this id. */
bool hf__new_ids_is_new(const hf__new_ids *ids, const uint8_t id[16]);

/* Prefetches the memory that is_new reads for this id. */
void hf__new_ids_prefetch(const hf__new_ids *ids, const uint8_t id[16]);

/* Adds the id of a record. */
void hf__new_ids_add(hf__new_ids *ids, const uint8_t id[16]);

/* Ids up to this one may be in the store. */
void hf__new_ids_raise(hf__new_ids *ids, const uint8_t id[16]);

#endif

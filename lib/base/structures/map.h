/*
 * map.h - a hash map from byte strings to pointers, of fixed capacity.
 *
 * Open addressing with linear probing and backward-shift deletion; the caller owns keys and
 * values. Sized once: `capacity` entries at most; a full map returns false. A map that is emptied
 * again and again can be narrowed, so that few entries use few slots, which stay in the
 * processor's caches.
 */
#ifndef HF_BASE_STRUCTURES_MAP_H
#define HF_BASE_STRUCTURES_MAP_H

#include "base/env.h"

typedef struct hf__map_slot {
    uint64_t hash;
    const void *key;
    uint32_t key_bytes;
    uint32_t used;
    void *value;
} hf__map_slot;

typedef struct hf__map {
    hf__map_slot *slots;
    uint32_t mask;   /* slots in use - 1; they are a power of two, a third more than `limit` */
    uint32_t widest; /* mask when all slots are in use */
    uint32_t count;
    uint32_t limit; /* entries that the slots in use take */
    uint32_t capacity;
} hf__map;

/* Memory for `capacity` entries from the environment. HF_E_NOMEM. */
int hf__map_init(hf__map *map, hf_env *env, uint32_t capacity);
void hf__map_fini(hf__map *map, hf_env *env);

/* The value of a key, or NULL. `hash` is any hash of the key, always the same. */
void *hf__map_get(const hf__map *map, uint64_t hash, const void *key, uint32_t key_bytes);

/* Prefetches what a look-up of this hash reads first, which may not be in the processor's cache. */
static inline void hf__map_prefetch(const hf__map *map, uint64_t hash)
{
    __builtin_prefetch(&map->slots[(uint32_t)hash & map->mask]);
}

/*
 * Sets a key's value (not NULL); the key must stay where it is. False when the map is full, or when
 * it was narrowed and the slots in use are.
 */
bool hf__map_put(hf__map *map, uint64_t hash, const void *key, uint32_t key_bytes, void *value);

/* Removes a key and returns its value, or NULL. */
void *hf__map_del(hf__map *map, uint64_t hash, const void *key, uint32_t key_bytes);

/* Removes everything. Costs the number of slots in use. */
void hf__map_clear(hf__map *map);

/* Lets an empty map use no more slots than so many entries need. */
void hf__map_narrow(hf__map *map, uint32_t entries);

/* Removes everything and lets the map use four times as many slots. False when it uses all. */
bool hf__map_widen(hf__map *map);

/* Walks all entries: start with *position 0; false at the end. */
bool hf__map_next(const hf__map *map, uint32_t *position, hf__map_slot **out);

#endif

/*
 * map.c - open addressing with linear probing.
 *
 * At most three quarters of the slots are used, so a probe ends after few steps, and the table
 * stays small enough for the processor's caches. Deletion moves the entries behind the gap back
 * instead of leaving a tombstone: a map that lives for months stays as fast as it was.
 *
 * A narrowed map uses the first slots alone. Growing empties it, because entries cannot move to
 * their new places while others still probe past the old ones: the caller, which has the entries,
 * puts them again.
 *
 * Failure mode: a full map refuses new keys and still takes new values for old ones.
 */
#include "base/structures/map.h"
#include "base/invariant.h"

#include <string.h>

#define CAPACITY_MAX (1u << 30)
#define NARROWEST    64u /* slots */
#define WIDER        4u

/* What `slots` take: one stays empty, which ends every probe. */
static uint32_t limit_of(const hf__map *map, uint32_t slots)
{
    uint32_t limit = slots - slots / 4 - 1;
    return limit < map->capacity ? limit : map->capacity;
}

static void use(hf__map *map, uint32_t slots)
{
    map->mask = slots - 1;
    map->limit = limit_of(map, slots);
}

int hf__map_init(hf__map *map, hf_env *env, uint32_t capacity)
{
    memset(map, 0, sizeof *map);
    if (capacity > CAPACITY_MAX)
        return HF_E_NOMEM;
    map->capacity = capacity;
    uint32_t slots = 2;
    while (limit_of(map, slots) < capacity)
        slots *= 2;
    map->slots = hf__alloc(env, slots * sizeof *map->slots);
    if (map->slots == NULL)
        return HF_E_NOMEM;
    map->widest = slots - 1;
    use(map, slots);
    return 0;
}

void hf__map_fini(hf__map *map, hf_env *env)
{
    hf__free(env, map->slots);
    memset(map, 0, sizeof *map);
}

static bool holds(const hf__map_slot *slot, uint64_t hash, const void *key, uint32_t key_bytes)
{
    return slot->hash == hash && slot->key_bytes == key_bytes &&
           (key_bytes == 0 || memcmp(slot->key, key, key_bytes) == 0);
}

/* The slot that holds the key, or the empty one where it would go. */
static hf__map_slot *probe(const hf__map *map, uint64_t hash, const void *key, uint32_t key_bytes)
{
    uint32_t at = (uint32_t)hash & map->mask;
    while (map->slots[at].used != 0 && !holds(&map->slots[at], hash, key, key_bytes))
        at = (at + 1) & map->mask;
    return &map->slots[at];
}

void *hf__map_get(const hf__map *map, uint64_t hash, const void *key, uint32_t key_bytes)
{
    return probe(map, hash, key, key_bytes)->value; /* NULL in an empty slot */
}

bool hf__map_put(hf__map *map, uint64_t hash, const void *key, uint32_t key_bytes, void *value)
{
    if (!hf_shared_invariant(value != NULL))
        return false;
    hf__map_slot *slot = probe(map, hash, key, key_bytes);
    if (slot->used == 0 && map->count == map->limit)
        return false;
    map->count += slot->used == 0 ? 1 : 0;
    /* The new key replaces an equal old one: that one may be freed with its old value. */
    *slot =
        (hf__map_slot){.hash = hash, .key = key, .key_bytes = key_bytes, .used = 1, .value = value};
    return true;
}

/* Closes the gap at `gap`: an entry behind it moves there unless that is before its own place. */
static void close_gap(hf__map *map, uint32_t gap)
{
    uint32_t at = (gap + 1) & map->mask;
    while (map->slots[at].used != 0) {
        uint32_t home = (uint32_t)map->slots[at].hash & map->mask;
        if (((at - home) & map->mask) >= ((at - gap) & map->mask)) {
            map->slots[gap] = map->slots[at];
            gap = at;
        }
        at = (at + 1) & map->mask;
    }
    memset(&map->slots[gap], 0, sizeof map->slots[gap]);
}

void *hf__map_del(hf__map *map, uint64_t hash, const void *key, uint32_t key_bytes)
{
    hf__map_slot *slot = probe(map, hash, key, key_bytes);
    if (slot->used == 0)
        return NULL;
    void *value = slot->value;
    close_gap(map, (uint32_t)(slot - map->slots));
    map->count--;
    return value;
}

void hf__map_clear(hf__map *map)
{
    memset(map->slots, 0, ((size_t)map->mask + 1) * sizeof *map->slots);
    map->count = 0;
}

void hf__map_narrow(hf__map *map, uint32_t entries)
{
    if (!hf_shared_invariant(map->count == 0))
        return;
    uint32_t slots = NARROWEST;
    while (slots <= map->widest && limit_of(map, slots) < entries)
        slots *= 2;
    use(map, slots <= map->widest ? slots : map->widest + 1);
}

bool hf__map_widen(hf__map *map)
{
    if (map->mask == map->widest)
        return false;
    hf__map_clear(map);
    use(map, map->mask < map->widest / WIDER ? (map->mask + 1) * WIDER : map->widest + 1);
    return true;
}

bool hf__map_next(const hf__map *map, uint32_t *position, hf__map_slot **out)
{
    for (uint32_t at = *position; at <= map->mask; at++) {
        if (map->slots[at].used == 0)
            continue;
        *position = at + 1;
        *out = &map->slots[at];
        return true;
    }
    *position = map->mask + 1;
    return false;
}

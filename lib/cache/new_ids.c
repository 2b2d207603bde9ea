/*
 * new_ids.c - a set of ids that drops its lower half when it is full.
 *
 * The dropped ids raise the floor, which keeps the results correct. Which half is the lower one is
 * found by counting bytes from the first on, so that no order of arrival, chosen on purpose or not,
 * makes it slow: at most 16 passes, and only once for half a set of new ids.
 *
 * A stray id far ahead of its time stays in the set instead of lifting the floor above all others.
 */
#include "cache/new_ids.h"

#include "base/checksum.h"

#include <holdfast/error.h>
#include <string.h>

#define ID_BYTES sizeof(hf_id)

int hf__new_ids_init(hf__new_ids *ids, hf_env *env, uint32_t capacity)
{
    uint32_t slots = 4;
    while (slots / 2 < capacity) /* half of them stay free */
        slots *= 2;
    *ids = (hf__new_ids){.mask = slots - 1, .capacity = capacity};
    ids->ids = hf__alloc_uncleared(env, capacity * sizeof *ids->ids);
    ids->slots = hf__alloc(env, slots * sizeof *ids->slots);
    if (ids->ids != NULL && ids->slots != NULL)
        return 0;
    hf__new_ids_fini(ids, env);
    return HF_E_NOMEM;
}

void hf__new_ids_fini(hf__new_ids *ids, hf_env *env)
{
    hf__free(env, ids->ids);
    hf__free(env, ids->slots);
    *ids = (hf__new_ids){.count = 0};
}

void hf__new_ids_clear(hf__new_ids *ids)
{
    memset(ids->slots, 0, ((size_t)ids->mask + 1) * sizeof *ids->slots);
    memset(&ids->floor, 0, sizeof ids->floor);
    ids->count = 0;
}

static uint32_t place_of(const hf__new_ids *ids, const uint8_t *id)
{
    return (uint32_t)hf__hash_key(id, ID_BYTES, 0) & ids->mask;
}

void hf__new_ids_prefetch(const hf__new_ids *ids, const uint8_t id[16])
{
    __builtin_prefetch(&ids->slots[place_of(ids, id)], 1);
}

/* The slot of an id, or the free one where it would go. */
static uint32_t *probe(const hf__new_ids *ids, const uint8_t *id)
{
    uint32_t at = place_of(ids, id);
    while (ids->slots[at] != 0 && memcmp(ids->ids[ids->slots[at] - 1].bytes, id, ID_BYTES) != 0)
        at = (at + 1) & ids->mask;
    return &ids->slots[at];
}

static bool is_above(const hf__new_ids *ids, const uint8_t *id)
{
    return memcmp(id, ids->floor.bytes, ID_BYTES) > 0;
}

bool hf__new_ids_is_new(const hf__new_ids *ids, const uint8_t id[16])
{
    return is_above(ids, id) && *probe(ids, id) == 0;
}

void hf__new_ids_raise(hf__new_ids *ids, const uint8_t id[16])
{
    if (is_above(ids, id))
        memcpy(ids->floor.bytes, id, ID_BYTES);
}

/* The greatest id that has `above` greater ones. */
static hf_id id_below(const hf__new_ids *ids, uint32_t above)
{
    hf_id found = {.bytes = {0}};
    for (uint32_t at = 0; at < ID_BYTES; at++) {
        uint32_t counts[256] = {0};
        for (uint32_t i = 0; i < ids->count; i++)
            if (memcmp(ids->ids[i].bytes, found.bytes, at) == 0)
                counts[ids->ids[i].bytes[at]]++;
        uint32_t value = 255;
        for (; above >= counts[value]; value--)
            above -= counts[value];
        found.bytes[at] = (uint8_t)value;
    }
    return found;
}

static void forget_lower_half(hf__new_ids *ids)
{
    hf_id floor = id_below(ids, ids->count / 2);
    uint32_t kept = 0;
    memset(ids->slots, 0, ((size_t)ids->mask + 1) * sizeof *ids->slots);
    for (uint32_t i = 0; i < ids->count; i++) {
        if (memcmp(ids->ids[i].bytes, floor.bytes, ID_BYTES) <= 0)
            continue;
        ids->ids[kept] = ids->ids[i];
        *probe(ids, ids->ids[kept].bytes) = kept + 1;
        kept++;
    }
    ids->count = kept;
    hf__new_ids_raise(ids, floor.bytes);
}

void hf__new_ids_add(hf__new_ids *ids, const uint8_t id[16])
{
    if (!hf__new_ids_is_new(ids, id))
        return;
    if (ids->count == ids->capacity)
        forget_lower_half(ids);
    if (!is_above(ids, id)) /* now */
        return;
    uint32_t *slot = probe(ids, id);
    memcpy(ids->ids[ids->count++].bytes, id, ID_BYTES);
    *slot = ids->count;
}

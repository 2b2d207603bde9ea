/*
 * recent.c - a set of ids that gives up its lower half when it is full.
 *
 * The ids given up raise the floor, which is what keeps the answers true. Which half is the lower
 * one is found by counting bytes from the first on, so that no order of arrival, chosen on purpose
 * or not, makes it slow: at most 16 passes, and only once for half a set of new ids.
 *
 * A stray id far ahead of its time stays in the set instead of lifting the floor above all others.
 */
#include "cache/recent.h"

#include "base/checksum.h"

#include <holdfast/error.h>
#include <string.h>

#define ID_BYTES sizeof(hf_id)

int hf__recent_init(hf__recent *recent, hf_env *env, uint32_t capacity)
{
    uint32_t slots = 4;
    while (slots / 2 < capacity) /* half of them stay free */
        slots *= 2;
    *recent = (hf__recent){.mask = slots - 1, .capacity = capacity};
    recent->ids = hf__alloc_uncleared(env, capacity * sizeof *recent->ids);
    recent->slots = hf__alloc(env, slots * sizeof *recent->slots);
    if (recent->ids != NULL && recent->slots != NULL)
        return 0;
    hf__recent_fini(recent, env);
    return HF_E_NOMEM;
}

void hf__recent_fini(hf__recent *recent, hf_env *env)
{
    hf__free(env, recent->ids);
    hf__free(env, recent->slots);
    *recent = (hf__recent){.count = 0};
}

void hf__recent_clear(hf__recent *recent)
{
    memset(recent->slots, 0, ((size_t)recent->mask + 1) * sizeof *recent->slots);
    memset(&recent->floor, 0, sizeof recent->floor);
    recent->count = 0;
}

static uint32_t place_of(const hf__recent *recent, const uint8_t *id)
{
    return (uint32_t)hf__hash64(id, ID_BYTES) & recent->mask;
}

void hf__recent_expect(const hf__recent *recent, const uint8_t id[16])
{
    __builtin_prefetch(&recent->slots[place_of(recent, id)], 1);
}

/* The slot of an id, or the free one where it would go. */
static uint32_t *probe(const hf__recent *recent, const uint8_t *id)
{
    uint32_t at = place_of(recent, id);
    while (recent->slots[at] != 0 &&
           memcmp(recent->ids[recent->slots[at] - 1].bytes, id, ID_BYTES) != 0)
        at = (at + 1) & recent->mask;
    return &recent->slots[at];
}

static bool is_above(const hf__recent *recent, const uint8_t *id)
{
    return memcmp(id, recent->floor.bytes, ID_BYTES) > 0;
}

bool hf__recent_lacks(const hf__recent *recent, const uint8_t id[16])
{
    return is_above(recent, id) && *probe(recent, id) == 0;
}

void hf__recent_raise(hf__recent *recent, const uint8_t id[16])
{
    if (is_above(recent, id))
        memcpy(recent->floor.bytes, id, ID_BYTES);
}

/* The greatest id that has `above` greater ones. */
static hf_id id_below(const hf__recent *recent, uint32_t above)
{
    hf_id found = {.bytes = {0}};
    for (uint32_t at = 0; at < ID_BYTES; at++) {
        uint32_t counts[256] = {0};
        for (uint32_t i = 0; i < recent->count; i++)
            if (memcmp(recent->ids[i].bytes, found.bytes, at) == 0)
                counts[recent->ids[i].bytes[at]]++;
        uint32_t value = 255;
        for (; above >= counts[value]; value--)
            above -= counts[value];
        found.bytes[at] = (uint8_t)value;
    }
    return found;
}

static void forget_lower_half(hf__recent *recent)
{
    hf_id floor = id_below(recent, recent->count / 2);
    uint32_t kept = 0;
    memset(recent->slots, 0, ((size_t)recent->mask + 1) * sizeof *recent->slots);
    for (uint32_t i = 0; i < recent->count; i++) {
        if (memcmp(recent->ids[i].bytes, floor.bytes, ID_BYTES) <= 0)
            continue;
        recent->ids[kept] = recent->ids[i];
        *probe(recent, recent->ids[kept].bytes) = kept + 1;
        kept++;
    }
    recent->count = kept;
    hf__recent_raise(recent, floor.bytes);
}

void hf__recent_note(hf__recent *recent, const uint8_t id[16])
{
    if (!hf__recent_lacks(recent, id))
        return;
    if (recent->count == recent->capacity)
        forget_lower_half(recent);
    if (!is_above(recent, id)) /* now */
        return;
    uint32_t *slot = probe(recent, id);
    memcpy(recent->ids[recent->count++].bytes, id, ID_BYTES);
    *slot = recent->count;
}

/*
 * extents.c - extents of any size within one area.
 *
 * Each extent begins with a header that has its size and that of the extent before it, so that both
 * neighbours are found when it is freed. The links of a free extent lie in its unused bytes.
 *
 * Extents below 64 units have a list for each size. Above, a list has all sizes up to the next
 * power of two: there a few extents are tried before a list of larger ones is taken.
 */
#include "cache/extents.h"
#include "base/os.h"

#include <holdfast/error.h>

#define EXACT 64u /* classes of one size each */
#define TRIES 8u  /* extents of a list of several sizes that are tried */
#define HEAD  16u /* bytes of the header of an extent in use */

typedef struct extent {
    uint32_t units;
    uint32_t before; /* units of the extent before it; 0: it is the first */
    uint32_t is_free;
    uint32_t reserved;
    uint32_t next; /* FREE: in its list, + 1; 0: none */
    uint32_t prev;
} extent;

_Static_assert(sizeof(extent) <= HF__EXTENT_UNIT, "a free extent has one unit at least");

static extent *at(const hf__extents *extents, uint32_t unit)
{
    return (extent *)(void *)(extents->area + (size_t)unit * HF__EXTENT_UNIT);
}

static uint32_t class_of(uint32_t units)
{
    return units < EXACT ? units : EXACT - 6 + (uint32_t)(31 - __builtin_clz(units));
}

static void link_free(hf__extents *extents, uint32_t unit)
{
    extent *e = at(extents, unit);
    uint32_t class = class_of(e->units);
    e->is_free = 1;
    e->prev = 0;
    e->next = extents->lists[class];
    if (e->next != 0)
        at(extents, e->next - 1)->prev = unit + 1;
    extents->lists[class] = unit + 1;
    extents->filled[class / 64] |= UINT64_C(1) << class % 64;
}

static void unlink_free(hf__extents *extents, uint32_t unit)
{
    extent *e = at(extents, unit);
    uint32_t class = class_of(e->units);
    if (e->next != 0)
        at(extents, e->next - 1)->prev = e->prev;
    if (e->prev != 0)
        at(extents, e->prev - 1)->next = e->next;
    else
        extents->lists[class] = e->next;
    if (extents->lists[class] == 0)
        extents->filled[class / 64] &= ~(UINT64_C(1) << class % 64);
    e->is_free = 0;
}

/* The first filled class from `class` on; HF__EXTENT_CLASSES: none. */
static uint32_t filled_from(const hf__extents *extents, uint32_t class)
{
    for (uint32_t word = class / 64; word < 2; word++) {
        uint64_t bits = extents->filled[word];
        if (word == class / 64)
            bits &= UINT64_MAX << class % 64;
        if (bits != 0)
            return word * 64 + (uint32_t)__builtin_ctzll(bits);
    }
    return HF__EXTENT_CLASSES;
}

/* The unit of a free extent of at least `units`, + 1; 0: there is none. */
static uint32_t find(const hf__extents *extents, uint32_t units)
{
    uint32_t class = class_of(units);
    uint32_t tries = class < EXACT ? 0 : TRIES;
    for (uint32_t link = extents->lists[class]; tries > 0 && link != 0; tries--) {
        if (at(extents, link - 1)->units >= units)
            return link;
        link = at(extents, link - 1)->next;
    }
    class = filled_from(extents, class < EXACT ? class : class + 1);
    return class == HF__EXTENT_CLASSES ? 0 : extents->lists[class];
}

static void set_before(const hf__extents *extents, uint32_t unit)
{
    const extent *e = at(extents, unit);
    if (unit + e->units < extents->units)
        at(extents, unit + e->units)->before = e->units;
}

int hf__extents_init(hf__extents *extents, hf_env *env, uint64_t bytes)
{
    uint64_t units = bytes / HF__EXTENT_UNIT;
    *extents = (hf__extents){.units = units > UINT32_MAX - 1 ? UINT32_MAX - 1 : (uint32_t)units};
    extents->memory = hf__alloc_uncleared(env, ((size_t)extents->units + 1) * HF__EXTENT_UNIT);
    if (extents->memory == NULL)
        return HF_E_NOMEM;
    hf__os_large_pages(extents->memory, ((size_t)extents->units + 1) * HF__EXTENT_UNIT);
    extents->area =
        extents->memory + HF__EXTENT_UNIT - (uintptr_t)extents->memory % HF__EXTENT_UNIT;
    *at(extents, 0) = (extent){.units = extents->units};
    link_free(extents, 0);
    return 0;
}

void hf__extents_fini(hf__extents *extents, hf_env *env)
{
    hf__free(env, extents->memory);
    *extents = (hf__extents){.units = 0};
}

uint64_t hf__extent_cost(uint64_t bytes)
{
    return (bytes + HEAD + HF__EXTENT_UNIT - 1) / HF__EXTENT_UNIT * HF__EXTENT_UNIT;
}

void *hf__extent_alloc(hf__extents *extents, uint64_t bytes)
{
    uint64_t units = hf__extent_cost(bytes) / HF__EXTENT_UNIT;
    uint32_t link = units > extents->units ? 0 : find(extents, (uint32_t)units);
    if (link == 0)
        return NULL;
    uint32_t unit = link - 1;
    extent *e = at(extents, unit);
    uint32_t unused = e->units - (uint32_t)units;
    unlink_free(extents, unit);
    if (unused != 0) {
        e->units = (uint32_t)units;
        *at(extents, unit + e->units) = (extent){.units = unused, .before = e->units};
        set_before(extents, unit + e->units);
        link_free(extents, unit + e->units);
    }
    return (uint8_t *)e + HEAD;
}

void hf__extent_free(hf__extents *extents, void *memory)
{
    uint32_t unit =
        (uint32_t)((size_t)((uint8_t *)memory - HEAD - extents->area) / HF__EXTENT_UNIT);
    extent *e = at(extents, unit);
    uint32_t next = unit + e->units;
    if (next < extents->units && at(extents, next)->is_free != 0) {
        unlink_free(extents, next);
        e->units += at(extents, next)->units;
    }
    if (e->before != 0 && at(extents, unit - e->before)->is_free != 0) {
        uint32_t units = e->units;
        unit -= e->before;
        unlink_free(extents, unit);
        at(extents, unit)->units += units;
    }
    set_before(extents, unit);
    link_free(extents, unit);
}

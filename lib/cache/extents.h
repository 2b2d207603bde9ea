/*
 * extents.h - extents of any size within one area of memory of fixed size.
 *
 * An extent is a run of units of 64 bytes. Free extents are linked in lists by their size, and a
 * freed extent is merged with free neighbours (segregated fit with boundary tags; Knuth, "The Art
 * of Computer Programming", volume 1, section 2.5). Allocating and freeing take constant time.
 *
 * Failure mode: no free extent is large enough; the caller frees others and tries again.
 */
#ifndef HF_CACHE_EXTENTS_H
#define HF_CACHE_EXTENTS_H

#include "base/env.h"

#define HF__EXTENT_UNIT    64u
#define HF__EXTENT_CLASSES 96u

typedef struct hf__extents {
    uint8_t *memory;
    uint8_t *area;      /* the first unit, aligned to 64 bytes */
    uint32_t units;     /* of the area */
    uint64_t filled[2]; /* a bit for each class that has a free extent */
    uint32_t
        lists[HF__EXTENT_CLASSES]; /* number of the first unit of a free extent, + 1; 0: none */
} hf__extents;

/* Memory for an area of `bytes`, at least one unit. HF_E_NOMEM. */
int hf__extents_init(hf__extents *extents, hf_env *env, uint64_t bytes);
void hf__extents_fini(hf__extents *extents, hf_env *env);

/* The bytes that an extent of `bytes` occupies. */
uint64_t hf__extent_cost(uint64_t bytes);

/* An extent, aligned to 16 bytes and not zeroed; NULL when no free one is large enough. */
void *hf__extent_alloc(hf__extents *extents, uint64_t bytes);

/* The number of an extent's first unit; that unit as memory, for any number within the area. */
static inline uint32_t hf__extent_unit(const hf__extents *extents, const void *extent)
{
    return (uint32_t)((size_t)((const uint8_t *)extent - extents->area) / HF__EXTENT_UNIT);
}

static inline const uint8_t *hf__extent_at(const hf__extents *extents, uint32_t unit)
{
    return extents->area + (size_t)unit * HF__EXTENT_UNIT;
}

/* Frees an extent. */
void hf__extent_free(hf__extents *extents, void *extent);

#endif

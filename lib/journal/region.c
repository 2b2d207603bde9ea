/*
 * region.c - bump allocation over a list of blocks.
 */
#include "journal/region.h"

static hf__region_block *block_new(hf_env *env, size_t bytes)
{
    hf__region_block *block = hf__alloc_uncleared(env, sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    block->next = NULL;
    block->capacity = bytes;
    return block;
}

int hf__region_init(hf__region *region, hf_env *env, size_t bytes)
{
    *region = (hf__region){.env = env, .first = block_new(env, bytes)};
    region->current = region->first;
    return region->first != NULL ? 0 : HF_E_NOMEM;
}

void hf__region_fini(hf__region *region)
{
    if (region->first == NULL)
        return;
    hf__region_reset(region);
    hf__free(region->env, region->first);
    region->first = NULL;
}

uint8_t *hf__region_reserve(hf__region *region, size_t bytes, size_t *capacity)
{
    hf__region_block *block = region->current;
    if (block->capacity - region->at < bytes) {
        size_t more = region->first->capacity / 4; /* each larger than the one before, so that a
                                                      burst needs few blocks */
        more = more < region->used / 2 ? (size_t)region->used / 2 : more;
        block = block_new(region->env, bytes < more ? more : bytes);
        if (block == NULL)
            return NULL;
        region->current->next = block;
        region->current = block;
        region->at = 0;
    }
    *capacity = block->capacity - region->at;
    return block->memory + region->at;
}

void *hf__region_alloc(hf__region *region, size_t bytes)
{
    size_t capacity;
    uint8_t *memory = hf__region_reserve(region, bytes, &capacity);
    if (memory != NULL)
        hf__region_take(region, bytes);
    return memory;
}

void hf__region_reset(hf__region *region)
{
    hf__region_block *block = region->first->next;
    while (block != NULL) {
        hf__region_block *next = block->next;
        hf__free(region->env, block);
        block = next;
    }
    region->first->next = NULL;
    region->current = region->first;
    region->at = 0;
    region->used = 0;
}

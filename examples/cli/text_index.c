/*
 * text_index.c - an open-addressing hash over an array of texts; at most half full.
 */
#include "text_index.h"
#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        hash = (hash ^ *at) * UINT64_C(1099511628211);
    return hash;
}

/* The slot that holds `text`, or the free one where it belongs. */
static uint32_t *slot_of(const text_index *index, const char *text)
{
    size_t mask = index->slot_count - 1;
    size_t at = hash_of(text) & mask;
    while (index->slots[at] != 0 && strcmp(index->texts[index->slots[at] - 1], text) != 0)
        at = (at + 1) & mask;
    return &index->slots[at];
}

static void grow(text_index *index)
{
    free(index->slots);
    index->slot_count = index->slot_count == 0 ? 256 : index->slot_count * 2;
    index->slots = take_memory(index->slot_count, sizeof(*index->slots));
    for (size_t i = 0; i < index->count; i++)
        *slot_of(index, index->texts[i]) = (uint32_t)i + 1;
}

uint32_t text_index_put(text_index *index, const char *text)
{
    if (index->count * 2 >= index->slot_count)
        grow(index);
    uint32_t *slot = slot_of(index, text);
    if (*slot != 0)
        return *slot - 1;
    index->texts = grow_memory(index->texts, &index->capacity, index->count + 1, sizeof(char *));
    index->texts[index->count++] = copy_text(text);
    *slot = (uint32_t)index->count;
    return *slot - 1;
}

void text_index_fini(text_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        free(index->texts[i]);
    free(index->texts);
    free(index->slots);
    memset(index, 0, sizeof(*index));
}

/*
 * pile.c - bump allocation over a chain of blocks.
 */
#include "journal/pile.h"

static hf__pile_block *block_new(hf_env *env, size_t bytes)
{
    hf__pile_block *block = hf__alloc_uncleared(env, sizeof *block + bytes);
    if (block == NULL)
        return NULL;
    block->next = NULL;
    block->capacity = bytes;
    return block;
}

int hf__pile_init(hf__pile *pile, hf_env *env, size_t bytes)
{
    *pile = (hf__pile){.env = env, .first = block_new(env, bytes)};
    pile->current = pile->first;
    return pile->first != NULL ? 0 : HF_E_NOMEM;
}

void hf__pile_fini(hf__pile *pile)
{
    if (pile->first == NULL)
        return;
    hf__pile_reset(pile);
    hf__free(pile->env, pile->first);
    pile->first = NULL;
}

uint8_t *hf__pile_room(hf__pile *pile, size_t bytes, size_t *room)
{
    hf__pile_block *block = pile->current;
    if (block->capacity - pile->at < bytes) {
        size_t more = pile->first->capacity / 4; /* ever larger: a burst takes few of them */
        more = more < pile->used / 2 ? (size_t)pile->used / 2 : more;
        block = block_new(pile->env, bytes < more ? more : bytes);
        if (block == NULL)
            return NULL;
        pile->current->next = block;
        pile->current = block;
        pile->at = 0;
    }
    *room = block->capacity - pile->at;
    return block->memory + pile->at;
}

void *hf__pile_alloc(hf__pile *pile, size_t bytes)
{
    size_t room;
    uint8_t *memory = hf__pile_room(pile, bytes, &room);
    if (memory != NULL)
        hf__pile_take(pile, bytes);
    return memory;
}

void hf__pile_reset(hf__pile *pile)
{
    hf__pile_block *block = pile->first->next;
    while (block != NULL) {
        hf__pile_block *next = block->next;
        hf__free(pile->env, block);
        block = next;
    }
    pile->first->next = NULL;
    pile->current = pile->first;
    pile->at = 0;
    pile->used = 0;
}

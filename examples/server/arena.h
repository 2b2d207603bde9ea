/*
 * arena.h - memory of the JSON documents of a request: allocated piece by piece, freed at once.
 *
 * jansson makes an object of each value. While arena_use has named an arena they are taken from it,
 * else from malloc; freeing a piece of an arena does nothing, and arena_clear frees all of them.
 */
#ifndef SERVER_ARENA_H
#define SERVER_ARENA_H

#include <jansson.h>
#include <stddef.h>

typedef struct arena {
    struct arena_chunk *chunks; /* the one that is being filled first */
    size_t used;                /* of that one */
} arena;

/* Has jansson take its memory from here; called once, before its first use. */
void arena_install(void);

/* The arena that is used from now on; NULL: none. */
void arena_use(arena *a);

/* Reads a JSON text into an arena, which frees the value with its other pieces; NULL: it is none.
 * Afterwards no arena is used. */
json_t *arena_read(arena *a, const char *text, size_t bytes);

/* Frees everything but one chunk that is kept. Nothing of it may be used any more. */
void arena_clear(arena *a);
void arena_fini(arena *a);

#endif

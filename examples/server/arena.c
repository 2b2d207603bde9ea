/*
 * arena.c - memory of the JSON documents of a request.
 *
 * The word before each piece says whether the piece is from malloc or from an arena, so that one
 * function frees both. A piece that is larger than a chunk has a chunk of its own.
 */
#include "arena.h"
#include "common/json_read.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

enum { CHUNK_BYTES = 16384, ALIGNMENT = 16, IN_ARENA = 1, IN_MALLOC = 2 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t bytes;
    _Alignas(ALIGNMENT) char memory[];
};

static arena *current;

void arena_use(arena *a)
{
    current = a;
}

static char *take(arena *a, size_t bytes)
{
    if (a->chunks == NULL || a->chunks->bytes - a->used < bytes) {
        const size_t capacity = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
        struct arena_chunk *chunk = malloc(sizeof(*chunk) + capacity);
        if (chunk == NULL)
            return NULL;
        *chunk = (struct arena_chunk){.next = a->chunks, .bytes = capacity};
        a->chunks = chunk;
        a->used = 0;
    }
    char *piece = a->chunks->memory + a->used;
    a->used += bytes;
    return piece;
}

static void *json_take(size_t bytes)
{
    if (bytes > SIZE_MAX - 2 * (size_t)ALIGNMENT)
        return NULL;
    const size_t whole = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + ALIGNMENT;
    char *piece = current != NULL ? take(current, whole) : malloc(whole);
    if (piece == NULL)
        return NULL;
    *(uint64_t *)(void *)piece = current != NULL ? IN_ARENA : IN_MALLOC;
    return piece + ALIGNMENT;
}

static void json_free(void *memory)
{
    char *piece = memory == NULL ? NULL : (char *)memory - ALIGNMENT;
    if (piece != NULL && *(uint64_t *)(void *)piece == IN_MALLOC)
        free(piece);
}

void arena_install(void)
{
    json_set_alloc_funcs(json_take, json_free);
}

json_t *arena_read(arena *a, const char *text, size_t bytes)
{
    arena_use(a);
    json_t *value = json_read(text, bytes, JSON_READ_DEPTH, NULL);
    arena_use(NULL);
    return value;
}

void arena_clear(arena *a)
{
    if (a == current)
        current = NULL;
    while (a->chunks != NULL && (a->chunks->next != NULL || a->chunks->bytes > CHUNK_BYTES)) {
        struct arena_chunk *chunk = a->chunks;
        a->chunks = chunk->next;
        free(chunk);
    }
    a->used = 0;
}

void arena_fini(arena *a)
{
    arena_clear(a);
    free(a->chunks);
    a->chunks = NULL;
}

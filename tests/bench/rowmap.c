/*
 * rowmap.c - rows in memory by their encoded keys.
 *
 * Linear probing at no more than half full; a deleted row leaves its slot with its key and no
 * value, so that probing continues past it.
 */
#include "rowmap.h"
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#define CHUNK_BYTES ((size_t)4 << 20)
#define PAGE_BYTES  4096u

/* A row in a chunk; its key, then its value, follow. */
typedef struct stored {
    uint32_t table;
    uint32_t key_bytes;
    uint32_t value_bytes;
    uint32_t value_capacity;
    bool deleted; /* the key stays */
} stored;

typedef struct slot {
    uint64_t hash;
    stored *row; /* NULL: empty */
} slot;

typedef struct chunk {
    struct chunk *next;
} chunk;

struct rowmap {
    slot *slots;
    uint64_t mask;
    uint64_t used; /* slots with a key */
    uint64_t rows;
    uint64_t bytes;
    chunk *chunks;
    uint8_t *free_at;
    size_t free_bytes;
};

/* Pages are there before they are measured: slots are hit at random, each on a new page. */
static void touch(volatile slot *slots, uint64_t count)
{
    for (uint64_t i = 0; i < count; i += PAGE_BYTES / sizeof(slot))
        slots[i].hash = 0;
}

rowmap *rowmap_create(uint64_t rows_max)
{
    uint64_t capacity = 1024;
    while (capacity < 2 * rows_max)
        capacity *= 2;
    rowmap *map = calloc(1, sizeof(*map));
    if (map == NULL)
        return NULL;
    map->slots = calloc(capacity, sizeof(slot));
    map->mask = capacity - 1;
    map->bytes = capacity * sizeof(slot);
    if (map->slots != NULL) {
        touch(map->slots, capacity);
        return map;
    }
    free(map);
    return NULL;
}

void rowmap_destroy(rowmap *map)
{
    if (map == NULL)
        return;
    while (map->chunks != NULL) {
        chunk *gone = map->chunks;
        map->chunks = gone->next;
        free(gone);
    }
    free(map->slots);
    free(map);
}

static uint8_t *key_of(stored *row)
{
    return (uint8_t *)(row + 1);
}

static uint8_t *value_of(stored *row)
{
    return key_of(row) + row->key_bytes;
}

static bool is_of(const slot *s, uint64_t hash, const rowmap_key *key)
{
    return s->hash == hash && s->row->table == key->table && s->row->key_bytes == key->bytes &&
           memcmp(key_of(s->row), key->at, key->bytes) == 0;
}

/* The key's slot, or the empty one where it would stand. */
static slot *find(const rowmap *map, const rowmap_key *key, uint64_t *hash)
{
    *hash = XXH3_64bits_withSeed(key->at, key->bytes, key->table);
    uint64_t at = *hash & map->mask;
    while (map->slots[at].row != NULL && !is_of(&map->slots[at], *hash, key))
        at = (at + 1) & map->mask;
    return &map->slots[at];
}

static stored *make(rowmap *map, const rowmap_key *key, uint32_t capacity)
{
    size_t bytes = (sizeof(stored) + key->bytes + capacity + 7) & ~(size_t)7;
    if (bytes > map->free_bytes) {
        chunk *more = bytes > CHUNK_BYTES - sizeof(chunk) ? NULL : malloc(CHUNK_BYTES);
        if (more == NULL)
            return NULL;
        more->next = map->chunks;
        map->chunks = more;
        map->free_at = (uint8_t *)(more + 1);
        map->free_bytes = CHUNK_BYTES - sizeof(chunk);
        map->bytes += CHUNK_BYTES;
    }
    stored *row = (stored *)(void *)map->free_at;
    map->free_at += bytes;
    map->free_bytes -= bytes;
    *row = (stored){.table = key->table, .key_bytes = key->bytes, .value_capacity = capacity};
    memcpy(key_of(row), key->at, key->bytes);
    return row;
}

const uint8_t *rowmap_get(const rowmap *map, const rowmap_key *key, uint32_t *bytes)
{
    uint64_t hash;
    const slot *s = find(map, key, &hash);
    if (s->row == NULL || s->row->deleted)
        return NULL;
    *bytes = s->row->value_bytes;
    return value_of(s->row);
}

bool rowmap_put(rowmap *map, const rowmap_key *key, const uint8_t *value, uint32_t bytes)
{
    uint64_t hash;
    slot *s = find(map, key, &hash);
    bool fresh = s->row == NULL;
    if (fresh && 2 * map->used > map->mask)
        return false;
    stored *row = fresh || s->row->value_capacity < bytes ? make(map, key, bytes) : s->row;
    if (row == NULL)
        return false;
    map->used += fresh;
    map->rows += fresh || s->row->deleted;
    *s = (slot){.hash = hash, .row = row};
    row->deleted = false;
    row->value_bytes = bytes;
    memcpy(value_of(row), value, bytes);
    return true;
}

void rowmap_del(rowmap *map, const rowmap_key *key)
{
    uint64_t hash;
    slot *s = find(map, key, &hash);
    if (s->row == NULL || s->row->deleted)
        return;
    s->row->deleted = true;
    map->rows--;
}

uint64_t rowmap_rows(const rowmap *map)
{
    return map->rows;
}

uint64_t rowmap_bytes(const rowmap *map)
{
    return map->bytes;
}

/*
 * rowmap.h - rows in memory by their encoded keys: what the journal baseline reads and changes.
 *
 * Open addressing, sized at the start and never resized. Keys and values lie in chunks; a value of
 * the same length is written over the old one.
 */
#ifndef HF_BENCH_ROWMAP_H
#define HF_BENCH_ROWMAP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rowmap_key {
    uint32_t table;
    uint32_t bytes;
    const uint8_t *at;
} rowmap_key;

typedef struct rowmap rowmap;

/* A map with capacity for so many rows; NULL: no memory. */
rowmap *rowmap_create(uint64_t rows_max);
void rowmap_destroy(rowmap *map);

/* The value of a key and its length; NULL: there is none. Valid until the row is written. */
const uint8_t *rowmap_get(const rowmap *map, const rowmap_key *key, uint32_t *bytes);

/* Writes a row; false: the map is full, or there is no memory. */
bool rowmap_put(rowmap *map, const rowmap_key *key, const uint8_t *value, uint32_t bytes);
void rowmap_del(rowmap *map, const rowmap_key *key);

/* Rows that are there, and bytes that were allocated. */
uint64_t rowmap_rows(const rowmap *map);
uint64_t rowmap_bytes(const rowmap *map);

#endif

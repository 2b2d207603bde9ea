/*
 * codec.h - keys and rows as bytes, from the tables.
 *
 * Keys keep their order under memcmp: integers big-endian with the sign flipped (u32 four bytes,
 * enum and bool one, the rest eight), ids as they are, names followed by a NUL (names hold no
 * control characters, so order and prefixes are right). A secondary index's key is its columns,
 * then those columns of the primary key that are not among them.
 *
 * A row is its columns outside the primary key in order: varints, texts with their length, ids
 * with a presence byte. The checksum is CRC32C over the table's id, the key and the row, the same
 * on every store.
 */
#ifndef HF_MODEL_CODEC_H
#define HF_MODEL_CODEC_H

#include "model/tables.h"
#include <stdbool.h>

#define HF__KEY_MAX 511

/*
 * Writes the first `columns` columns of an index's key (HF__KEY_ALL: all) into `out` (at least
 * HF__KEY_MAX bytes) and returns the length. index 0 is the primary key.
 */
#define HF__KEY_ALL UINT32_MAX
uint32_t hf__key_encode(const hf_table *table, uint32_t index, const void *row, uint32_t columns,
                        uint8_t *out);

/* Sets the key columns of `row` from a whole primary key. False when the bytes are no such key. */
bool hf__key_decode(const hf_table *table, const uint8_t *key, uint32_t bytes, void *row);

/*
 * Sets the primary key columns of `row` from a whole index key (the columns of the index are set
 * too). False when the bytes are no such key.
 */
bool hf__index_key_decode(const hf_table *table, uint32_t index, const uint8_t *key, uint32_t bytes,
                          void *row);

/* True when the row belongs into the index (partial indexes leave rows out). */
bool hf__index_has(const hf_table *table, uint32_t index, const void *row);

/* The most bytes a row can take: for buffers. Counts its BYTES columns as they are in `row`. */
size_t hf__row_bytes_max(const hf_table *table, const void *row);

/* Writes the columns outside the key; returns the length, 0 when `capacity` is too small. */
size_t hf__row_encode(const hf_table *table, const void *row, uint8_t *out, size_t capacity);

/*
 * Sets the columns outside the key from bytes. BYTES columns are copied into memory of `alloc`.
 * 0, HF_E_CORRUPT (bytes that are no such row), HF_E_NOMEM.
 */
int hf__row_decode(const hf_table *table, const uint8_t *bytes, size_t count, void *row,
                   const hf_store_caller *caller);

/* The checksum of a row given as its encoded key and encoded columns. */
uint32_t hf__row_checksum(const hf_table *table, const uint8_t *key, uint32_t key_bytes,
                          const uint8_t *row, size_t row_bytes);

#endif

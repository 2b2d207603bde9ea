/*
 * codec.h - keys and rows as bytes, from the tables.
 *
 * Keys keep their order under memcmp. By column type:
 *   I64, TIME   eight bytes big-endian, the sign flipped
 *   U32, U64    one byte up to 247, else 247 + n and the value in its n bytes, big-endian
 *   BOOL, ENUM  one byte
 *   ID, HASH    as they are
 *   NAME        its bytes and a NUL (names hold no control characters: order and prefixes agree)
 * A secondary index's key is its columns, then those columns of the primary key that are not among
 * them.
 *
 * A row is its columns outside the primary key: first their flags, from the lowest bit in the
 * columns' order, in as many bytes as needed (at most eight); then, in the same order, the values
 * of those that are set. A column that is 0 or empty costs its flag alone. By column type:
 *   I64         1 flag; INT64_MAX is 0, INT64_MIN is 1, others are zigzag + 1: limits are often
 *               the largest number
 *   U32, U64    1 flag; value - 1
 *   BOOL        1 flag and no value
 *   ENUM        1 flag; a byte
 *   TIME        1 flag; zigzag of the difference to the time in the id before it (also of the
 *               key), without one to the time before it: records are made when their ids are
 *   ID          2 flags: set, and the same as the id before it (also of the key); 16 bytes
 *   HASH        no flag; 16 bytes
 *   NAME        2 flags: set, and the same as the set name before it; a length byte, the text
 *   BYTES       1 flag; length - 1, the bytes
 * A number is 1 to 9 bytes, little-endian: the count of low one bits of the first byte is how many
 * follow, seven bits of the value come with each, and the ninth byte takes what is left.
 *
 * Every row and key has exactly one encoding and the readers refuse all others, so that equal
 * content has equal bytes. The checksum is CRC32C over the table's id, the key and the row, the
 * same on every store.
 */
#ifndef HF_MODEL_CODEC_H
#define HF_MODEL_CODEC_H

#include "model/codec_column.h"
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

/* The primary key of the account that arguments name, NULL texts taken for "": the same bytes. */
uint32_t hf__account_key_encode(const hf_account_key *account, uint8_t *out);

/* Sets the key columns of `row` from a whole primary key. False when the bytes are no such key. */
bool hf__key_decode(const hf_table *table, const uint8_t *key, uint32_t bytes, void *row);

/*
 * Sets the primary key columns of `row` from a whole index key (the columns of the index are set
 * too). False when the bytes are no such key.
 */
bool hf__index_key_decode(const hf_table *table, uint32_t index, const uint8_t *key, uint32_t bytes,
                          void *row);

/* True when the column of a partial index is set in the row. */
bool hf__index_has_set(const hf_table *table, const hf_index *of, const void *row);

/* True when the row belongs into the index (partial indexes leave rows out). */
static inline bool hf__index_has(const hf_table *table, uint32_t index, const void *row)
{
    const hf_index *of = index == 0 ? NULL : &table->indexes[index - 1];
    if (of == NULL || of->where_column < 0)
        return true;
    if (of->where_mask == 0)
        return hf__index_has_set(table, of, row);
    const uint32_t offset = table->columns[of->where_column].offset;
    const uint32_t value = hf__load_u32((const uint8_t *)row + offset);
    return value < 32 && (of->where_mask >> value & 1) != 0;
}

/* The most bytes a row can take: for buffers. Counts its BYTES columns as they are in `row`. */
size_t hf__row_bytes_max(const hf_table *table, const void *row);

/* Writes the columns outside the key; returns the length, 0 when `capacity` is too small. */
size_t hf__row_encode(const hf_table *table, const void *row, uint8_t *out, size_t capacity);

/*
 * Sets the columns outside the key from bytes. The key columns of `row` must be set already: they
 * are part of how the others are written. BYTES columns are copied into memory of `caller->alloc`;
 * without a caller (NULL) they point into `bytes`. 0, HF_E_CORRUPT (bytes that are no such row),
 * HF_E_NOMEM.
 */
int hf__row_decode(const hf_table *table, const uint8_t *bytes, size_t count, void *row,
                   const hf_store_caller *caller);

/* How many columns a table had in an older schema: later ones stand at its end. */
uint32_t hf__columns_at(const hf_table *table, uint32_t schema);

/* Reads a row written with the first `columns` columns; the others become 0 or empty. */
int hf__row_decode_older(const hf_table *table, uint32_t columns, const uint8_t *bytes,
                         size_t count, void *row, const hf_store_caller *caller);

/*
 * Writes such a row as it is encoded with all columns into `out`, which has 8 bytes more than
 * `count`; returns the length, 0 for bytes that are no row. Columns that came later are not HASH:
 * all others cost no more than their flag where they are 0.
 */
size_t hf__row_grow(const hf_table *table, uint32_t columns, const uint8_t *bytes, size_t count,
                    uint8_t *out);

/* The checksum of a row given as its encoded key and encoded columns. */
uint32_t hf__row_checksum(const hf_table *table, const uint8_t *key, uint32_t key_bytes,
                          const uint8_t *row, size_t row_bytes);

#endif

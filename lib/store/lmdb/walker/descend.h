/*
 * Searches a tree of an LMDB file in memory for many keys side by side.
 *
 * A search waits for memory at each step, since it is known only then which bytes come next. Here
 * each step is done for all keys before the next one, and what it needs is prefetched during the
 * steps of the others (Chen, Ailamaki, Gibbons and Mowry, "Improving hash join performance through
 * prefetching", 2004).
 *
 * Failure modes: where the map is, how many pages it has and how large they are is trusted, so the
 * caller must know it from elsewhere than one page. What is in a page is not trusted: a page that
 * is none ends the search of its key without a result. What is found is not checked further: its
 * reader compares the key and the row's checksum, and asks LMDB for a key that was not found.
 */
#ifndef HF_STORE_LMDB_WALKER_DESCEND_H
#define HF_STORE_LMDB_WALKER_DESCEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HF__DESCENTS_MAX 64u

/* The map of a file, and a tree in it. The pages of the tree must not change meanwhile. */
typedef struct hf__tree_in_memory {
    const uint8_t *map;
    uint64_t pages; /* of the map that may be read */
    uint32_t page_bytes;
    uint32_t depth; /* 0: the tree is empty */
    uint64_t root;
} hf__tree_in_memory;

/* One key. */
typedef struct hf__descent {
    const uint8_t *key;
    size_t key_bytes;
    const uint8_t *found; /* the first key of the leaf that is not less; NULL: there is none */
    size_t found_bytes;
    const uint8_t *value; /* of it; NULL: it is not in the leaf */
    size_t value_bytes;
    const uint8_t *page; /* where the descent is; NULL: it has ended */
    uint32_t low;        /* the node that is searched for is one of these */
    uint32_t high;
} hf__descent;

/*
 * Sets depth and root from the record of the tree, a value of the main tree; the caller sets the
 * rest. False: the record cannot be that.
 */
bool hf__tree_in_memory_load(hf__tree_in_memory *tree, const uint8_t *record, size_t record_bytes);

/* The number that the header of a page has. */
uint64_t hf__page_number(const uint8_t *page);

/* Descends to the leaf of each key, up to HF__DESCENTS_MAX. The nodes that are found are fetched.
 */
void hf__descend(const hf__tree_in_memory *tree, hf__descent *all, uint32_t count);

#endif

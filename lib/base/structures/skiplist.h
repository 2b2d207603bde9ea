/*
 * skiplist.h - an ordered map from byte strings to pointers, after Pugh's skip list (1990).
 *
 * Keys compare with memcmp, shorter first on a tie. The caller owns keys and values and gives the
 * memory of a node, so that it can come from an arena, a pool or the allocator.
 */
#ifndef HF_BASE_STRUCTURES_SKIPLIST_H
#define HF_BASE_STRUCTURES_SKIPLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HF__SKIP_LEVELS 20

typedef struct hf__skip_node {
    const void *key;
    void *value;
    struct hf__skip_node *prev; /* at the lowest level; NULL for the first */
    uint32_t key_bytes;
    uint32_t levels;
    struct hf__skip_node *next[]; /* `levels` of them */
} hf__skip_node;

typedef struct hf__skiplist {
    hf__skip_node *head[HF__SKIP_LEVELS];
    hf__skip_node *last;
    uint64_t random; /* of the levels; seeded by init, the same for the same inserts */
    uint64_t count;
} hf__skiplist;

void hf__skip_init(hf__skiplist *list);

/* How many levels the next node gets, and the bytes such a node takes. */
uint32_t hf__skip_levels(hf__skiplist *list);
size_t hf__skip_node_bytes(uint32_t levels);

/* Links a node whose key, key_bytes, value and levels are set. Its key must not be in the list. */
void hf__skip_insert(hf__skiplist *list, hf__skip_node *node);

/*
 * For keys that come in descending order, mostly: true when a node of this key would stand right
 * before `next`, a node of the list; and linking it there, for most nodes without a search.
 */
bool hf__skip_precedes(const hf__skip_node *next, const void *key, uint32_t key_bytes);
void hf__skip_insert_before(hf__skiplist *list, hf__skip_node *node, hf__skip_node *next);

/* Unlinks a node that is in the list; its memory is the caller's again. */
void hf__skip_remove(hf__skiplist *list, hf__skip_node *node);

/* The node of exactly this key, or NULL. */
hf__skip_node *hf__skip_find(const hf__skiplist *list, const void *key, uint32_t key_bytes);

/* The first node at or after the key (NULL at the end); the last node before it (NULL at front). */
hf__skip_node *hf__skip_seek(const hf__skiplist *list, const void *key, uint32_t key_bytes);
hf__skip_node *hf__skip_before(const hf__skiplist *list, const void *key, uint32_t key_bytes);

#endif

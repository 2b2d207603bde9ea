/*
 * skiplist.c - a node is linked at its own level and all below; one in four goes a level higher.
 *
 * Why a skip list: ordered, no rebalancing, nodes never move (so a cursor may keep one), and a
 * node's memory can come from anywhere. Twenty levels serve 4^20 nodes.
 *
 * Failure modes: inserting a key twice and removing a foreign node are broken invariants and leave
 * the list as it was.
 */
#include "base/structures/skiplist.h"
#include "base/invariant.h"

#include <string.h>

#define SEED 0x9e3779b97f4a7c15u

void hf__skip_init(hf__skiplist *list)
{
    memset(list, 0, sizeof *list);
    list->random = SEED;
}

uint32_t hf__skip_levels(hf__skiplist *list)
{
    /* Marsaglia: xorshift64 (2003); the multiplication makes the low bits good (Vigna). */
    uint64_t x = list->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    list->random = x;
    uint64_t bits = (x * 0x2545f4914f6cdd1du) >> 24;
    uint32_t levels = 1;
    while (levels < HF__SKIP_LEVELS && (bits & 3) == 0) {
        levels++;
        bits >>= 2;
    }
    return levels;
}

size_t hf__skip_node_bytes(uint32_t levels)
{
    return sizeof(hf__skip_node) + levels * sizeof(hf__skip_node *);
}

static int compare(const hf__skip_node *node, const void *key, uint32_t key_bytes)
{
    uint32_t common = node->key_bytes < key_bytes ? node->key_bytes : key_bytes;
    int order = common == 0 ? 0 : memcmp(node->key, key, common);
    if (order != 0)
        return order;
    return (node->key_bytes > key_bytes) - (node->key_bytes < key_bytes);
}

static hf__skip_node *follower(const hf__skiplist *list, const hf__skip_node *node, uint32_t level)
{
    return node == NULL ? list->head[level] : node->next[level];
}

/* The last node before the key at the lowest level; at every level in path[] unless that is NULL.
 * NULL stands for the head. */
static hf__skip_node *descend(const hf__skiplist *list, const void *key, uint32_t key_bytes,
                              hf__skip_node **path)
{
    hf__skip_node *before = NULL;
    const hf__skip_node *bound = NULL; /* known to be at or after the key: not compared again */
    for (uint32_t level = HF__SKIP_LEVELS; level-- > 0;) {
        hf__skip_node *next = follower(list, before, level);
        while (next != bound && compare(next, key, key_bytes) < 0) {
            before = next;
            next = before->next[level];
        }
        bound = next;
        if (path != NULL)
            path[level] = before;
    }
    return before;
}

void hf__skip_insert(hf__skiplist *list, hf__skip_node *node)
{
    hf__skip_node *path[HF__SKIP_LEVELS];
    hf__skip_node *before = descend(list, node->key, node->key_bytes, path);
    hf__skip_node *after = follower(list, before, 0);
    bool is_new = after == NULL || compare(after, node->key, node->key_bytes) != 0;
    if (!hf_shared_invariant(node->levels >= 1 && node->levels <= HF__SKIP_LEVELS) ||
        !hf_shared_invariant(is_new))
        return;
    for (uint32_t level = 0; level < node->levels; level++) {
        hf__skip_node **links = path[level] == NULL ? list->head : path[level]->next;
        node->next[level] = links[level];
        links[level] = node;
    }
    node->prev = before;
    if (after == NULL)
        list->last = node;
    else
        after->prev = node;
    list->count++;
}

bool hf__skip_precedes(const hf__skip_node *next, const void *key, uint32_t key_bytes)
{
    return compare(next, key, key_bytes) > 0 &&
           (next->prev == NULL || compare(next->prev, key, key_bytes) < 0);
}

void hf__skip_insert_before(hf__skiplist *list, hf__skip_node *node, hf__skip_node *next)
{
    if (node->levels != 1) { /* its neighbours on the other levels are not known */
        hf__skip_insert(list, node);
        return;
    }
    hf__skip_node **link = next->prev == NULL ? &list->head[0] : &next->prev->next[0];
    node->prev = next->prev;
    node->next[0] = next;
    next->prev = node;
    *link = node;
    list->count++;
}

void hf__skip_remove(hf__skiplist *list, hf__skip_node *node)
{
    hf__skip_node *path[HF__SKIP_LEVELS];
    hf__skip_node *before = descend(list, node->key, node->key_bytes, path);
    const hf__skip_node *found = follower(list, before, 0);
    if (!hf_shared_invariant(found == node))
        return;
    for (uint32_t level = 0; level < node->levels; level++) {
        hf__skip_node **links = path[level] == NULL ? list->head : path[level]->next;
        links[level] = node->next[level];
    }
    if (node->next[0] == NULL)
        list->last = before;
    else
        node->next[0]->prev = before;
    list->count--;
}

hf__skip_node *hf__skip_find(const hf__skiplist *list, const void *key, uint32_t key_bytes)
{
    hf__skip_node *node = hf__skip_seek(list, key, key_bytes);
    if (node != NULL && compare(node, key, key_bytes) == 0)
        return node;
    return NULL;
}

hf__skip_node *hf__skip_seek(const hf__skiplist *list, const void *key, uint32_t key_bytes)
{
    return follower(list, descend(list, key, key_bytes, NULL), 0);
}

hf__skip_node *hf__skip_before(const hf__skiplist *list, const void *key, uint32_t key_bytes)
{
    return descend(list, key, key_bytes, NULL);
}

/*
 * Searches a tree for many keys side by side (see descend.h).
 *
 * Happy path: level by level, each key's page is searched by halving, one comparison for each key
 * in turn; the node of the next comparison is prefetched. Then the children's headers are.
 *
 * Failure modes: an offset that points out of its page, a page that is not in the map, or a page of
 * the wrong kind ends the descent of that key.
 */
#include "store/lmdb/walker/descend.h"
#include "store/lmdb/walker/page.h"

#include <string.h>

#define DEPTH_MAX   32u
#define LINE_BYTES  64u
#define LEAF_HEAD   128u /* bytes of a page: its header and the offsets of most of its nodes */
#define BRANCH_HEAD 256u
#define NODE_HEADER 8u
#define HEAD_BYTES  8u /* of a key */
#define CHILD_MASK                                                                                 \
    (((uint64_t)1 << 48) - 1) /* the page number at the beginning of a branch's node */

/* Offsets in the header of a page. */
enum { AT_TYPE = 10, AT_LOWER = 12 };

/* Offsets in a node, which begins with the size of its value. */
enum { AT_FLAGS = 4, AT_KEY_BYTES = 6 };

static uint16_t load16(const uint8_t *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static void fetch(const uint8_t *from, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += LINE_BYTES)
        __builtin_prefetch(from + at);
}

/* The node with a number; NULL: it is not within its page. */
static const uint8_t *node_at(const hf__tree_in_memory *tree, const uint8_t *page, uint32_t number)
{
    const uint32_t at = load16(page + HF__PAGE_HEADER + (size_t)number * 2);
    if (at < HF__PAGE_HEADER || at + NODE_HEADER > tree->page_bytes)
        return NULL;
    return page + at;
}

static uint32_t middle(const hf__descent *of)
{
    return (of->low + of->high) / 2;
}

/* Fetches the beginning of the node that is compared next. */
static void fetch_next(const hf__tree_in_memory *tree, const hf__descent *of)
{
    const uint8_t *node = of->low < of->high ? node_at(tree, of->page, middle(of)) : NULL;
    if (node == NULL)
        return;
    __builtin_prefetch(node);
    __builtin_prefetch(node + NODE_HEADER + of->key_bytes - 1);
}

/* The first node of a branch stands for all that is less than the second. */
static void enter_page(const hf__tree_in_memory *tree, hf__descent *of, bool leaf)
{
    const uint32_t lower = load16(of->page + AT_LOWER);
    const uint32_t type = load16(of->page + AT_TYPE);
    if ((type & (leaf ? HF__PAGE_LEAF : HF__PAGE_BRANCH)) == 0 || lower <= HF__PAGE_HEADER ||
        lower > tree->page_bytes) {
        of->page = NULL;
        return;
    }
    of->low = leaf ? 0 : 1;
    of->high = (lower - HF__PAGE_HEADER) / 2;
    fetch_next(tree, of);
}

/* The first bytes as a number that is ordered as they are. */
static uint64_t load_head(const uint8_t *key)
{
    return __builtin_bswap64(hf__load64(key));
}

/* Where a key belongs: < 0 before the node, 0: it is equal, > 0: behind it. Ids of different times
 * differ in the first bytes. */
static int compare(const hf__descent *of, const uint8_t *key, size_t key_bytes)
{
    const size_t common = of->key_bytes < key_bytes ? of->key_bytes : key_bytes;
    if (common >= HEAD_BYTES) {
        const uint64_t own = load_head(of->key);
        const uint64_t other = load_head(key);
        if (own != other)
            return own < other ? -1 : 1;
    }
    const int order = memcmp(of->key, key, common);
    if (order != 0)
        return order;
    return (of->key_bytes > key_bytes) - (of->key_bytes < key_bytes);
}

/* One comparison. In a leaf the first node that is not less is searched for, in a branch the first
 * one that is greater. */
static void halve(const hf__tree_in_memory *tree, hf__descent *of, bool leaf)
{
    const uint32_t at = middle(of);
    const uint8_t *node = node_at(tree, of->page, at);
    const size_t key_bytes = node != NULL ? load16(node + AT_KEY_BYTES) : 0;
    if (node == NULL || key_bytes > (size_t)(of->page + tree->page_bytes - node) - NODE_HEADER) {
        of->page = NULL;
        return;
    }
    const int order = compare(of, node + NODE_HEADER, key_bytes);
    if (order > 0 || (order == 0 && !leaf))
        of->low = at + 1;
    else
        of->high = at;
    fetch_next(tree, of);
}

static const uint8_t *page_at(const hf__tree_in_memory *tree, uint64_t number)
{
    return number < tree->pages ? tree->map + number * tree->page_bytes : NULL;
}

/* Leaves have fewer nodes than branches. */
static void enter_child(const hf__tree_in_memory *tree, hf__descent *of, bool to_leaf)
{
    const uint8_t *node = node_at(tree, of->page, of->low - 1);
    of->page = node != NULL ? page_at(tree, hf__load64(node) & CHILD_MASK) : NULL;
    if (of->page != NULL)
        fetch(of->page, to_leaf ? LEAF_HEAD : BRANCH_HEAD);
}

/* Notes and fetches what a leaf has. */
static void find(const hf__tree_in_memory *tree, hf__descent *of)
{
    const uint8_t *node =
        of->low < hf__page_keys(of->page) ? node_at(tree, of->page, of->low) : NULL;
    if (node == NULL)
        return;
    const size_t left = (size_t)(of->page + tree->page_bytes - node) - NODE_HEADER;
    const size_t key_bytes = load16(node + AT_KEY_BYTES);
    const size_t value_bytes = load16(node) | (size_t)load16(node + 2) << 16;
    if (key_bytes > left)
        return;
    of->found = node + NODE_HEADER;
    of->found_bytes = key_bytes;
    if (load16(node + AT_FLAGS) != 0 || value_bytes > left - key_bytes)
        return;
    of->value = of->found + key_bytes;
    of->value_bytes = value_bytes;
    fetch(node, NODE_HEADER + key_bytes + value_bytes);
}

/* One comparison for each key whose place is not known yet; false: there is none. */
static bool halve_all(const hf__tree_in_memory *tree, hf__descent *all, uint32_t count, bool leaf)
{
    bool some = false;
    for (uint32_t i = 0; i < count; i++) {
        if (all[i].page == NULL || all[i].low >= all[i].high)
            continue;
        halve(tree, &all[i], leaf);
        some = true;
    }
    return some;
}

static void search_level(const hf__tree_in_memory *tree, hf__descent *all, uint32_t count,
                         uint32_t level)
{
    const bool leaf = level == tree->depth;
    for (uint32_t i = 0; i < count; i++)
        if (all[i].page != NULL)
            enter_page(tree, &all[i], leaf);
    while (halve_all(tree, all, count, leaf))
        continue;
    for (uint32_t i = 0; i < count; i++) {
        if (all[i].page == NULL)
            continue;
        if (leaf)
            find(tree, &all[i]);
        else
            enter_child(tree, &all[i], level + 1 == tree->depth);
    }
}

void hf__descend(const hf__tree_in_memory *tree, hf__descent *all, uint32_t count)
{
    const uint8_t *root = page_at(tree, tree->root);
    for (uint32_t i = 0; i < count; i++) {
        all[i].page = root;
        all[i].found = NULL;
        all[i].value = NULL;
    }
    for (uint32_t level = 1; level <= tree->depth; level++)
        search_level(tree, all, count, level);
}

uint64_t hf__page_number(const uint8_t *page)
{
    return hf__load64(page);
}

bool hf__tree_in_memory_load(hf__tree_in_memory *tree, const uint8_t *record, size_t record_bytes)
{
    struct hf__tree_record loaded;
    if (record_bytes != HF__TREE_BYTES)
        return false;
    hf__tree_record_load(&loaded, record);
    if (loaded.depth > DEPTH_MAX)
        return false;
    tree->depth = loaded.root == HF__NO_PAGE ? 0 : loaded.depth;
    tree->root = loaded.root;
    return true;
}

/*
 * One page of an LMDB file: the layout and its bound checks (see page.h).
 *
 * Why so strict: LMDB moves nodes inside a page by sums of their sizes, so a page is safe to change
 * only if its nodes fill the space from mp_upper to the end exactly, without overlap or gap. That
 * is how LMDB always leaves a page, so the check costs no sound file.
 *
 * Happy path: header, then each node's bounds, then one pass over the nodes in the order they lie.
 *
 * Failure modes: the first thing wrong is returned as a reason, with its offset in the page.
 */
#include "store/lmdb/walker/page.h"

#include <string.h>

/* mn_lo and mn_hi change places on big-endian machines, page numbers are 32 bits on small ones. */
_Static_assert(sizeof(size_t) == 8, "LMDB files are read as a 64-bit machine writes them");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "LMDB files are in native byte order");

#define MAGIC         0xBEEFC0DEU
#define VERSION       1U
#define INTEGER_KEYS  0x0008U /* always set for the free list */
#define ENV_NOSUBDIR  0x4000U /* an environment flag that LMDB keeps in the same word */
#define MAP_SIZE_MAX  ((uint64_t)1 << 47)
#define TXNID_MAX     ((uint64_t)1 << 62) /* LMDB adds one to it */
#define NODE_HEADER   8U
#define OFFSET_BYTES  2U
#define KEYS_MIN_LEAF 2U /* LMDB puts a value on overflow pages if fewer such nodes would fit */

/* Offsets in a page header; an overflow page has its length in place of the two bounds. */
enum { AT_NUMBER = 0, AT_TYPE = 10, AT_LOWER = 12, AT_UPPER = 14, AT_PAGES = 12 };

/* Offsets in a meta page. The address for MDB_FIXEDMAP at 24 is used only with that flag. */
enum {
    AT_MAGIC = 16,
    AT_VERSION = 20,
    AT_MAP_SIZE = 32,
    AT_FREE_LIST = 40,
    AT_MAIN_TREE = 88,
    AT_LAST_PAGE = 136,
    AT_TXNID = 144,
};
_Static_assert(AT_TXNID + 8 == HF__META_BYTES, "the meta record ends with the transaction id");

/* Where nodes start, a bit for each even offset of a page. */
struct starts {
    uint64_t bits[HF__PAGE_SIZE_MAX / 2 / 64];
};

static uint16_t load16(const uint8_t *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint32_t load32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

void hf__tree_record_load(struct hf__tree_record *record, const uint8_t *bytes)
{
    record->pad = load32(bytes);
    record->flags = load16(bytes + 4);
    record->depth = load16(bytes + 6);
    record->branch_pages = hf__load64(bytes + 8);
    record->leaf_pages = hf__load64(bytes + 16);
    record->overflow_pages = hf__load64(bytes + 24);
    record->entries = hf__load64(bytes + 32);
    record->root = hf__load64(bytes + 40);
}

void hf__overflow_load(struct hf__overflow *overflow, const uint8_t *header)
{
    overflow->number = hf__load64(header + AT_NUMBER);
    overflow->type = load16(header + AT_TYPE);
    overflow->pages = load32(header + AT_PAGES);
}

static void meta_load(struct hf__meta *meta, const uint8_t *bytes)
{
    meta->magic = load32(bytes + AT_MAGIC);
    meta->version = load32(bytes + AT_VERSION);
    meta->map_size = hf__load64(bytes + AT_MAP_SIZE);
    hf__tree_record_load(&meta->free_list, bytes + AT_FREE_LIST);
    hf__tree_record_load(&meta->main_tree, bytes + AT_MAIN_TREE);
    meta->last_page = hf__load64(bytes + AT_LAST_PAGE);
    meta->txnid = hf__load64(bytes + AT_TXNID);
}

/*
 * The trees and the last page are not looked at here: when writing a meta page fails, LMDB restores
 * the old transaction id but leaves the new trees in it, so those of the older page may point
 * anywhere. LMDB never follows them.
 */
enum hf__walk_reason hf__meta_check(struct hf__meta *meta, const uint8_t *bytes, uint64_t number)
{
    meta_load(meta, bytes);
    if (meta->magic != MAGIC)
        return HF__WALK_MAGIC;
    if (meta->version != VERSION)
        return HF__WALK_VERSION;
    if (hf__load64(bytes + AT_NUMBER) != number || load16(bytes + AT_TYPE) != HF__PAGE_META)
        return HF__WALK_META_HEADER;
    uint32_t size = meta->free_list.pad;
    if (size < HF__PAGE_SIZE_MIN || size > HF__PAGE_SIZE_MAX || (size & (size - 1)) != 0)
        return HF__WALK_PAGE_SIZE;
    if ((meta->free_list.flags & ~ENV_NOSUBDIR) != INTEGER_KEYS)
        return HF__WALK_META_FLAGS;
    if (meta->map_size == 0 || meta->map_size > MAP_SIZE_MAX)
        return HF__WALK_MAP_SIZE;
    /* LMDB writes transaction n to meta page n % 2, and readers look for it there. Only a new file
     * has a zero in both. */
    if (meta->txnid > TXNID_MAX || (meta->txnid != 0 && meta->txnid % 2 != number))
        return HF__WALK_TXNID;
    return HF__WALK_NONE;
}

unsigned hf__page_keys(const uint8_t *page)
{
    return (load16(page + AT_LOWER) - HF__PAGE_HEADER) / OFFSET_BYTES;
}

static void node_load(struct hf__node *node, const uint8_t *page, enum hf__page_type type,
                      uint16_t at)
{
    const uint8_t *bytes = page + at;
    uint32_t low = load32(bytes);
    node->at = at;
    node->flags = load16(bytes + 4);
    node->key_size = load16(bytes + 6);
    node->key = bytes + NODE_HEADER;
    node->value = node->key + node->key_size;
    node->value_size = type == HF__PAGE_LEAF ? low : 0;
    node->child = type == HF__PAGE_BRANCH ? low | (uint64_t)node->flags << 32 : HF__NO_PAGE;
}

void hf__page_node(struct hf__node *node, const uint8_t *page, enum hf__page_type type,
                   unsigned index)
{
    node_load(node, page, type, load16(page + HF__PAGE_HEADER + (size_t)index * OFFSET_BYTES));
}

/* Bytes a node takes in its page, before rounding up to an even number. */
static uint64_t node_bytes(const struct hf__node *node, enum hf__page_type type)
{
    uint64_t bytes = NODE_HEADER + node->key_size;
    if (type == HF__PAGE_BRANCH)
        return bytes;
    return bytes + ((node->flags & HF__NODE_BIG) != 0 ? sizeof(uint64_t) : node->value_size);
}

static uint64_t even(uint64_t bytes)
{
    return (bytes + 1) & ~(uint64_t)1;
}

static enum hf__walk_reason check_header(const uint8_t *page, uint32_t page_size, uint64_t number,
                                         enum hf__page_type type, uint32_t *at)
{
    *at = AT_NUMBER;
    if (hf__load64(page + AT_NUMBER) != number)
        return HF__WALK_PAGE_NUMBER;
    *at = AT_TYPE;
    if (load16(page + AT_TYPE) != (uint16_t)type)
        return HF__WALK_PAGE_TYPE;
    *at = AT_LOWER;
    uint32_t lower = load16(page + AT_LOWER);
    uint32_t upper = load16(page + AT_UPPER);
    /* LMDB asserts that a branch has two children, and never keeps an empty leaf. */
    uint32_t keys_min = type == HF__PAGE_BRANCH ? 2 : 1;
    if (lower < HF__PAGE_HEADER + keys_min * OFFSET_BYTES || lower % 2 != 0)
        return HF__WALK_PAGE_BOUNDS;
    if (upper < lower || upper >= page_size || upper % 2 != 0)
        return HF__WALK_PAGE_BOUNDS;
    return HF__WALK_NONE;
}

/* What lies in the node, once its header is known to be inside the page. */
static enum hf__walk_reason check_node(const struct hf__node *node, enum hf__page_type type,
                                       uint32_t page_size, unsigned index)
{
    /* The first key of a branch stands for "anything lower" and is mostly empty. */
    uint32_t key_min = type == HF__PAGE_BRANCH && index == 0 ? 0 : 1;
    if (node->key_size < key_min || node->key_size > HF__KEY_MAX)
        return HF__WALK_KEY_SIZE;
    if (type == HF__PAGE_LEAF && node->flags != 0 && node->flags != HF__NODE_BIG &&
        node->flags != HF__NODE_TREE)
        return HF__WALK_NODE_FLAGS;
    if (type == HF__PAGE_LEAF && node->flags == HF__NODE_TREE && node->value_size != HF__TREE_BYTES)
        return HF__WALK_VALUE_SIZE;
    uint64_t bytes = node_bytes(node, type);
    if (node->at + bytes > page_size)
        return HF__WALK_NODE_SIZE;
    /* A larger one would have gone to overflow pages, and splitting a page counts on that. */
    uint32_t share = (page_size - HF__PAGE_HEADER) / KEYS_MIN_LEAF;
    if (type == HF__PAGE_LEAF && bytes > (share & ~1U) - OFFSET_BYTES)
        return HF__WALK_NODE_SIZE;
    return HF__WALK_NONE;
}

static enum hf__walk_reason check_nodes(const uint8_t *page, uint32_t page_size,
                                        enum hf__page_type type, struct starts *starts,
                                        uint32_t *at)
{
    uint32_t upper = load16(page + AT_UPPER);
    unsigned keys = hf__page_keys(page);
    for (unsigned i = 0; i < keys; i++) {
        *at = HF__PAGE_HEADER + i * OFFSET_BYTES;
        uint16_t start = load16(page + *at);
        if (start % 2 != 0 || start < upper || start > page_size - NODE_HEADER)
            return HF__WALK_NODE_OFFSET;
        *at = start;
        struct hf__node node;
        node_load(&node, page, type, start);
        enum hf__walk_reason reason = check_node(&node, type, page_size, i);
        if (reason != HF__WALK_NONE)
            return reason;
        uint64_t bit = (uint64_t)1 << (start / 2 % 64);
        if ((starts->bits[start / 2 / 64] & bit) != 0)
            return HF__WALK_NODE_OVERLAP;
        starts->bits[start / 2 / 64] |= bit;
    }
    return HF__WALK_NONE;
}

/* Goes from node to node as they lie: each must start where the one before ends. */
static enum hf__walk_reason check_tiling(const uint8_t *page, uint32_t page_size,
                                         enum hf__page_type type, const struct starts *starts,
                                         uint32_t *at)
{
    unsigned found = 0;
    uint64_t place = load16(page + AT_UPPER);
    while (place < page_size) {
        *at = (uint32_t)place;
        if ((starts->bits[place / 2 / 64] >> (place / 2 % 64) & 1) == 0)
            return HF__WALK_NODE_OVERLAP;
        struct hf__node node;
        node_load(&node, page, type, (uint16_t)place);
        place += even(node_bytes(&node, type));
        found++;
    }
    return found == hf__page_keys(page) ? HF__WALK_NONE : HF__WALK_NODE_OVERLAP;
}

enum hf__walk_reason hf__page_check(const uint8_t *page, uint32_t page_size, uint64_t number,
                                    enum hf__page_type type, uint32_t *at)
{
    enum hf__walk_reason reason = check_header(page, page_size, number, type, at);
    if (reason != HF__WALK_NONE)
        return reason;
    struct starts starts;
    memset(&starts, 0, page_size / 2 / 8);
    reason = check_nodes(page, page_size, type, &starts, at);
    if (reason != HF__WALK_NONE)
        return reason;
    return check_tiling(page, page_size, type, &starts, at);
}

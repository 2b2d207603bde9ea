/*
 * One page of an LMDB file, as bytes: decoding and bound checks. Private to the walker.
 *
 * Why: everything that knows offsets and sizes of the file format is here, as pure functions of one
 * buffer; walker.c knows which pages belong together.
 *
 * Happy path: hf__page_check passes a branch or leaf page, after which hf__page_node may be called
 * for every index below hf__page_keys without further checks.
 *
 * Failure modes: hf__page_check and hf__meta_check return the first reason found.
 */
#ifndef HF_STORE_LMDB_WALKER_PAGE_H
#define HF_STORE_LMDB_WALKER_PAGE_H

#include "store/lmdb/walker/walker.h"

#include <stdbool.h>
#include <string.h>

#define HF__PAGE_HEADER   16U     /* bytes before the node offsets, the meta record, the value */
#define HF__PAGE_SIZE_MIN 4096U   /* LMDB takes the page size of the machine that made the file */
#define HF__PAGE_SIZE_MAX 0x8000U /* LMDB's own limit */
#define HF__META_BYTES    152U    /* page header and meta record */
#define HF__TREE_BYTES    48U     /* a database record */
#define HF__KEY_MAX       511U    /* of the Debian build, and of LMDB's default */
#define HF__NO_PAGE       UINT64_MAX

enum hf__page_type {
    HF__PAGE_BRANCH = 0x01,
    HF__PAGE_LEAF = 0x02,
    HF__PAGE_OVERFLOW = 0x04,
    HF__PAGE_META = 0x08,
};

enum hf__node_flag {
    HF__NODE_BIG = 0x01,  /* the value is the number of an overflow page */
    HF__NODE_TREE = 0x02, /* the value is a database record */
};

/* A database record: of the free list, the main database or a named one. */
struct hf__tree_record {
    uint32_t pad; /* page size in the free list's record, else 0 */
    uint16_t flags;
    uint16_t depth;
    uint64_t branch_pages;
    uint64_t leaf_pages;
    uint64_t overflow_pages;
    uint64_t entries;
    uint64_t root; /* HF__NO_PAGE if empty */
};

struct hf__meta {
    uint32_t magic;
    uint32_t version;
    uint64_t map_size;
    struct hf__tree_record free_list;
    struct hf__tree_record main_tree;
    uint64_t last_page;
    uint64_t txnid;
};

/* A node of a checked page. The pointers reach into the page. */
struct hf__node {
    const uint8_t *key;
    const uint8_t *value; /* leaf: the value, or with HF__NODE_BIG its page number (8 bytes) */
    uint64_t child;       /* branch: page number */
    uint32_t value_size;  /* leaf */
    uint16_t key_size;
    uint16_t flags; /* leaf: enum hf__node_flag */
    uint16_t at;    /* offset in the page */
};

/* The header of an overflow run. */
struct hf__overflow {
    uint64_t number;
    uint16_t type;
    uint32_t pages;
};

/* Native order, any alignment. */
static inline uint64_t hf__load64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

void hf__tree_record_load(struct hf__tree_record *record, const uint8_t *bytes);
void hf__overflow_load(struct hf__overflow *overflow, const uint8_t *header);

/* Decodes bytes[HF__META_BYTES] and checks what can be checked without the other meta page.
 * The number of the page is 0 or 1. */
enum hf__walk_reason hf__meta_check(struct hf__meta *meta, const uint8_t *bytes, uint64_t number);

/* Checks a whole branch or leaf page; at is set to the offset in the page of what is wrong. */
enum hf__walk_reason hf__page_check(const uint8_t *page, uint32_t page_size, uint64_t number,
                                    enum hf__page_type type, uint32_t *at);

unsigned hf__page_keys(const uint8_t *page);
void hf__page_node(struct hf__node *node, const uint8_t *page, enum hf__page_type type,
                   unsigned index);

#endif

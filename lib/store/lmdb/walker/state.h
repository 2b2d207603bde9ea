/*
 * The state of one walk, private to the walker: walker.c opens the file and sums up, tree.c goes
 * through the trees, free.c reads the free list's records.
 */
#ifndef HF_STORE_LMDB_WALKER_STATE_H
#define HF_STORE_LMDB_WALKER_STATE_H

#include "store/lmdb/walker/page.h"

/* LMDB's cursors hold as many levels. With two children a branch and no page used twice, a file of
 * this depth has 2^31 pages, so deeper trees need no answer. */
#define HF__TREE_LEVELS 32U

enum hf__tree_kind {
    HF__TREE_FREE,  /* 8-byte keys compared as numbers, values are lists of page numbers */
    HF__TREE_MAIN,  /* values may be database records */
    HF__TREE_NAMED, /* values are only values */
};

/* A page on the path from the root. */
struct hf__walk_frame {
    uint8_t *page; /* page_size bytes of the walk's block */
    uint64_t number;
    unsigned keys;
    unsigned next; /* the node to look at next */
};

/* A tree and the way into it. */
struct hf__walk_tree {
    enum hf__tree_kind kind;
    struct hf__tree_record record; /* what the file says */
    uint64_t branch_pages;         /* what was found */
    uint64_t leaf_pages;
    uint64_t overflow_pages;
    uint64_t entries;
    uint64_t record_page; /* the page of the record, for reports */
    uint32_t record_at;
    char name[32]; /* printable, cut */
    unsigned height;
    struct hf__walk_frame frames[HF__TREE_LEVELS];
    /* The keys still to come are greater than bound, or equal if a branch has just said so. */
    uint8_t bound[HF__KEY_MAX];
    uint16_t bound_size; /* 0: no bound yet */
    bool bound_may_recur;
};

struct hf__walk {
    const struct hf__walk_params *params;
    struct hf__walk_report *report;
    struct hf__meta meta; /* the newer one */
    uint32_t page_size;
    unsigned levels;            /* that any tree in a file of this size can have */
    uint64_t file_pages;        /* whole pages in the file */
    uint64_t pages;             /* page numbers in use */
    uint64_t *seen;             /* a bit for each of them */
    uint8_t *scratch;           /* one page */
    uint8_t *block;             /* holds seen, scratch and the frames' pages */
    struct hf__walk_tree outer; /* the free list, then the main database */
    struct hf__walk_tree inner; /* one named database after the other */
};

/* All return an enum hf__walk_result; DAMAGED and READ_FAILED after filling the report. */

/* Reports damage in a page; at is the offset in it. tree may be NULL. */
int hf__walk_fail(struct hf__walk *walk, const struct hf__walk_tree *tree,
                  enum hf__walk_reason reason, uint64_t page, uint32_t at);

/* Reads from a page, or a run of pages, that lies inside the file. */
int hf__walk_read(struct hf__walk *walk, void *buf, size_t n, uint64_t page, uint64_t at);

/* Marks count pages as taken; none may be so already. A reference to them stands in ref_page. */
int hf__walk_claim(struct hf__walk *walk, const struct hf__walk_tree *tree, uint64_t first,
                   uint64_t count);

/* Goes through a whole tree of the meta page. */
int hf__walk_tree_run(struct hf__walk *walk, enum hf__tree_kind kind);

/* Checks a record of the free list and claims the pages it names. */
int hf__walk_free_record(struct hf__walk *walk, const struct hf__walk_tree *tree,
                         const struct hf__node *node, uint64_t page);

#endif

/*
 * Looks at every page of an LMDB data file before the file is mapped.
 *
 * Why: LMDB trusts what it maps. A page number out of range, a node that reaches past its page or a
 * free list that names a page in use makes it read or write where it must not, and the host dies by
 * a signal. So the store reads the file once with plain reads and maps it only if everything LMDB
 * will follow is in bounds and agrees with everything else.
 *
 * Happy path: hf__walk reads both meta pages, then each page reachable from the newer one: the free
 * list, the main database and every named database. It returns HF__WALK_SOUND and the totals.
 *
 * Failure modes: a damaged file (report says which page and why), a read that fails, no memory. The
 * file is never written. The walk visits no page twice, so it ends on any input.
 *
 * What it does not see: damage inside keys and values that leaves the order of keys intact. The
 * checksum of each row is for that.
 *
 * Format: LMDB 0.9 (MDB_DATA_VERSION 1, keys up to 511 bytes) on a 64-bit little-endian machine,
 * without duplicates, integer or reversed keys in the main and named databases, which the store
 * does not use: their flags count as damage.
 */
#ifndef HF_STORE_LMDB_WALKER_WALKER_H
#define HF_STORE_LMDB_WALKER_WALKER_H

#include <stddef.h>
#include <stdint.h>

/* What hf__walk returns. */
enum hf__walk_result {
    HF__WALK_SOUND = 0,
    HF__WALK_DAMAGED = 1,      /* the report says where and why */
    HF__WALK_READ_FAILED = -1, /* report->page is the page that could not be read */
    HF__WALK_NO_MEMORY = -2,
};

/* Why a file is refused: name and text. VERSION alone may mean a file of a newer LMDB. */
#define HF__WALK_REASONS(X)                                                                        \
    X(NONE, "sound")                                                                               \
    X(SHORT, "file shorter than its two meta pages")                                               \
    X(META_HEADER, "not a meta page")                                                              \
    X(MAGIC, "not an LMDB file")                                                                   \
    X(VERSION, "another version of the LMDB format")                                               \
    X(PAGE_SIZE, "impossible page size")                                                           \
    X(META_FLAGS, "unexpected flags in the meta page")                                             \
    X(TXNID, "the two transaction ids do not belong together")                                     \
    X(MAP_SIZE, "impossible map size")                                                             \
    X(LAST_PAGE, "last page number does not fit the file")                                         \
    X(TREE_FLAGS, "unexpected database flags")                                                     \
    X(TREE_RECORD, "contradictory database record")                                                \
    X(TREE_COUNTS, "counts of pages or entries do not match")                                      \
    X(PAGE_RANGE, "page number out of range")                                                      \
    X(PAGE_CUT, "page lies past the end of the file")                                              \
    X(PAGE_TWICE, "page used twice")                                                               \
    X(PAGE_NUMBER, "page carries another number")                                                  \
    X(PAGE_TYPE, "page of another type")                                                           \
    X(PAGE_BOUNDS, "impossible bounds of free space")                                              \
    X(NODE_OFFSET, "node starts outside its page")                                                 \
    X(NODE_SIZE, "node reaches past its page")                                                     \
    X(NODE_OVERLAP, "nodes overlap or leave a gap")                                                \
    X(NODE_FLAGS, "unexpected node flags")                                                         \
    X(KEY_SIZE, "impossible key size")                                                             \
    X(KEY_ORDER, "keys out of order")                                                              \
    X(VALUE_SIZE, "impossible value size")                                                         \
    X(OVERFLOW_SIZE, "overflow pages do not fit the value")                                        \
    X(FREE_KEY, "impossible transaction id in the free list")                                      \
    X(FREE_COUNT, "impossible count in the free list")                                             \
    X(FREE_ORDER, "free page numbers out of order")                                                \
    X(FREE_MISSING, "page past the end of the file is not free")

enum hf__walk_reason {
#define HF__WALK_ENUM(name, text) HF__WALK_##name,
    HF__WALK_REASONS(HF__WALK_ENUM)
#undef HF__WALK_ENUM
        HF__WALK_REASON_COUNT
};

/* What the walk needs from outside. All fields are borrowed for the call. */
struct hf__walk_params {
    /* Fills buf with n bytes from offset and returns 0, or a negative number when it cannot fill
     * all of them. Only asked for bytes below file_size. */
    int (*read_at)(void *ctx, void *buf, size_t n, uint64_t offset);
    void *read_ctx;
    /* Called once, for about file_size / 32 Ki bytes and two buffers a tree level; may return NULL.
     */
    void *(*alloc)(void *ctx, size_t n);
    void (*free)(void *ctx, void *block);
    void *alloc_ctx;
    uint64_t file_size;
};

/* What was found. The totals are complete only for a sound file. */
struct hf__walk_report {
    uint64_t page;               /* page number of the damage */
    uint64_t offset;             /* its offset in the file, in bytes */
    enum hf__walk_reason reason; /* HF__WALK_NONE if sound */
    uint32_t page_size;          /* in bytes; 0 if not known */
    uint64_t txnid;              /* last committed transaction */
    uint64_t pages;              /* page numbers in use, the two meta pages among them */
    uint64_t pages_used;         /* reached by a tree, without the meta pages */
    uint64_t pages_free;         /* named in the free list */
    uint64_t entries;            /* in the main and all named databases */
    char what[96];               /* reason and database in words */
};

/* Walks the file. Returns an enum hf__walk_result and fills the report in every case. */
int hf__walk(const struct hf__walk_params *params, struct hf__walk_report *report);

/* The name of a reason ("PAGE_TWICE"), for tests and logs; never NULL. */
const char *hf__walk_reason_name(enum hf__walk_reason reason);

#endif

/*
 * state.h - what the memory store keeps: trees of entries, each with its versions, newest first.
 *
 *     tree (a table's rows, or one index) -> entry (key) -> version -> older version -> ...
 *
 * A version carries the number of the commit that made it; what the open write transaction makes
 * carries the number its commit will have. A snapshot remembers the last commit's number and sees
 * in each entry the newest version that is not younger. A removed row or index entry is a
 * tombstone, a version with `removed`. The lock guards everything that is linked; a version's bytes
 * never change and are read without it, since nothing a transaction can see is freed while it
 * lives.
 */
#ifndef HF_STORE_MEMORY_STATE_H
#define HF_STORE_MEMORY_STATE_H

#include "base/fail.h"
#include "base/identity.h"
#include "base/lock.h"
#include "base/structures/skiplist.h"
#include "model/codec.h"
#include "store/memory/pool.h"

typedef struct hf__memory_entry hf__memory_entry;
typedef struct hf__memory_store hf__memory_store;

/* A row as it is from one commit on, the presence of an index entry, or the removal of either. */
typedef struct hf__memory_version {
    struct hf__memory_version *older;
    struct hf__memory_version *next_stale; /* see hf__memory_store.stale */
    hf__memory_entry *entry;
    uint64_t commit;
    uint32_t bytes;    /* of `row`; 0 in indexes */
    uint32_t checksum; /* of key and row */
    uint32_t removed;
    uint32_t reserved;
    uint8_t row[];
} hf__memory_version;

/* One tree: a table's rows under their keys, or an index. */
typedef struct hf__memory_tree {
    hf__skiplist list;
    const hf_table *table;
    uint32_t position; /* of the table in the schema */
    uint32_t index;    /* 0: the rows */
} hf__memory_tree;

/* A key of a tree; lies behind its skiplist node, and its key behind it. */
struct hf__memory_entry {
    hf__skip_node *node;
    hf__memory_tree *tree;
    hf__memory_version *newest; /* never NULL outside the lock */
    hf__memory_entry *row;      /* of an index entry: the row's; valid while the entry is seen */
    hf__memory_entry *next_touched;
    uint8_t key[];
};

/* A transaction. */
typedef struct hf__memory_txn {
    hf__memory_store *store;
    const hf_store_caller *caller;
    struct hf__memory_txn *before; /* open snapshots, the oldest first; next: also of free ones */
    struct hf__memory_txn *next;
    uint64_t sees; /* the newest commit it sees; of the writer: its own number */
    int failed;    /* a write stopped half way: HF_E_*; no commit */
    bool writes;
    hf__memory_entry *touched; /* entries with a version of the writer */
    hf_store_mark mark;
    hf_table_stat *tables; /* by position; the writer's as they will be */
} hf__memory_txn;

struct hf__memory_store {
    const hf_schema *schema;
    const hf_allocator *allocator;
    hf__lock lock;
    hf__pool pool;
    hf__memory_tree *trees;
    uint32_t *first;    /* by table: the tree of its rows, its indexes behind it */
    uint64_t committed; /* number of the last commit */
    hf_store_mark mark;
    hf_table_stat *tables;
    uint32_t tree_count;
    bool writing;
    uint8_t *scratch; /* the writer's: a row as bytes */
    size_t scratch_bytes;
    hf__memory_txn *oldest; /* open snapshots */
    hf__memory_txn *youngest;
    hf__memory_txn *idle; /* ended snapshots, to be used again */
    /*
     * Versions that replaced an older one, and tombstones, by commit: when no open snapshot is
     * older than such a version, the versions behind it are freed, and a tombstone that is the
     * newest version is freed with its entry.
     */
    hf__memory_version *stale;
    hf__memory_version *stale_last;
};

/* ---- memory.c ---- */

/* ---- version.c: under the lock ---- */

/* The version that a transaction sees, NULL when there is none or it is a tombstone. */
const hf__memory_version *hf__memory_seen(const hf__memory_txn *txn, const hf__memory_entry *entry);

/* The entry of a key, NULL when there is none. */
hf__memory_entry *hf__memory_find(const hf__memory_tree *tree, const uint8_t *key, uint32_t bytes);

/* The entry of a node of a tree. */
hf__memory_entry *hf__memory_entry_of(const hf__skip_node *node);

/* What a write makes of a key. */
typedef struct hf__memory_change {
    const uint8_t *key;
    uint32_t key_bytes;
    uint32_t removed;
    const uint8_t *row;
    uint32_t row_bytes;
    uint32_t checksum;
    hf__memory_entry *of; /* index entries: the row's entry */
} hf__memory_change;

/* Gives a key a version of the writer; *out is its entry. HF_E_NOMEM. */
int hf__memory_write(hf__memory_txn *txn, hf__memory_tree *tree, const hf__memory_change *change,
                     hf__memory_entry **out);

/*
 * Ends the versions of the writer. keep: at a commit, the versions that they replace become stale.
 * undo: at a rollback, they are removed.
 */
void hf__memory_keep(hf__memory_txn *txn);
void hf__memory_undo(hf__memory_txn *txn);

/* Frees up to `limit` versions that no transaction can see; false when none is left. */
bool hf__memory_prune(hf__memory_store *store, uint32_t limit);

/* ---- read.c, write.c, check.c: functions of the driver ---- */

int hf__memory_get(void *txn, uint32_t table, void *const *rows, uint8_t *found, uint32_t count);
int hf__memory_scan(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count);
int hf__memory_put(void *txn, uint32_t table, const void *const *rows, const void *const *olds,
                   uint32_t count);
int hf__memory_del(void *txn, uint32_t table, const void *const *olds, uint32_t count);
int hf__memory_check(void *txn, hf_progress_cb progress, void *progress_data);

#endif

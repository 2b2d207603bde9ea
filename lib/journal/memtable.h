/*
 * memtable.h - a memtable: the changes since a checkpoint, as the journal has them.
 *
 *     bytes     the records' changes, written once: the journal is written from here
 *     changes   one small struct each, found by the hash of its key, newest first
 *     ordered   for each table and index a sorted set, made when a scan first asks for it
 *
 * Only the storage thread that writes adds changes; any thread reads beside it without a lock. A
 * reader of batch S takes the first change of a key whose batch is not above S. Nothing is moved,
 * overwritten or removed before the whole memtable is reset: a change that is rolled back stays and
 * belongs to no batch.
 */
#ifndef HF_JOURNAL_MEMTABLE_H
#define HF_JOURNAL_MEMTABLE_H

#include "base/lock.h"
#include "base/structures/skiplist.h"
#include "journal/region.h"
#include "journal/segments/format.h"
#include "model/key.h"

#include <holdfast/store.h>
#include <stdatomic.h>

#define HF__JOURNAL_TABLES  32u
#define HF__JOURNAL_ROW_MAX 4096u      /* bytes of a row struct: open refuses larger ones */
#define HF__BATCH_NEVER     UINT64_MAX /* of a change that was rolled back */

/* A row as one batch left it. */
typedef struct hf__memtable_change {
    hf__key key;                        /* first: a sorted key is found back as its change */
    struct hf__memtable_change *next;   /* in its bucket, older */
    struct hf__memtable_change *before; /* of its table, older */
    atomic_uint_fast64_t batch;
    uint32_t row_bytes; /* behind the key's */
    uint16_t removed;   /* removed */
    uint16_t is_new;    /* no row had this key before */
} hf__memtable_change;

/* The keys of one index, or of a table, in order. Each node names a change; see
 * hf__memtable_index_. */
typedef struct hf__memtable_index {
    hf__lock lock; /* locked to add and to walk */
    hf__skiplist list;
    const hf__memtable_change *seen; /* every change of the table up to this one is in it */
    hf__skip_node *came;             /* the node that was made last; NULL: none */
    uint8_t *at;                     /* memory for nodes */
    uint8_t *end;
} hf__memtable_index;

typedef struct hf__bucket {
    _Atomic(hf__memtable_change *) newest;
} hf__bucket;

typedef enum hf__memtable_state {
    HF__MEMTABLE_FREE = 0,
    HF__MEMTABLE_ACTIVE,    /* accepts changes */
    HF__MEMTABLE_IMMUTABLE, /* a checkpoint writes it to the store, or will do so */
    HF__MEMTABLE_FLUSHED,   /* is in the store, and transactions may still read it */
} hf__memtable_state;

typedef struct hf__memtable {
    const hf_schema *schema;
    hf__memtable_state state; /* with `pins`, `before` and the marks: under the journal's lock */
    uint32_t pins;            /* transactions that read it */
    struct hf__memtable *older;
    hf_store_mark last; /* of the newest batch in it */
    uint64_t kept;      /* bytes of its batches */
    hf__region bytes;
    hf__region links; /* changes */
    hf__region index; /* nodes of ordered sets, in chunks; under index_lock */
    hf__lock index_lock;
    hf__bucket *buckets;
    uint32_t mask;  /* buckets - 1 */
    uint32_t count; /* changes, those that were rolled back too */
    _Atomic(hf__memtable_change *) newest[HF__JOURNAL_TABLES];
    bool replaced[HF__JOURNAL_TABLES]; /* of the table not only new rows were written */
    bool removed[HF__JOURNAL_TABLES];  /* a row of the table was removed */
    int64_t rows[HF__JOURNAL_TABLES];  /* rows that its batches brought, less those they removed */
    hf__memtable_index *ordered;       /* of each table its key, then its indexes */
    uint32_t *first;                   /* by table: its key's */
    uint32_t ordered_count;
} hf__memtable;

/* Memory for about `bytes` of changes. HF_E_NOMEM. */
int hf__memtable_init(hf__memtable *memtable, hf_env *env, const hf_schema *schema, uint64_t bytes);
void hf__memtable_fini(hf__memtable *memtable, hf_env *env);

/* Empties a memtable that no transaction reads. */
void hf__memtable_reset(hf__memtable *memtable);

/* What a row becomes. Its key's bytes and the row's behind them stand in `bytes` already. */
typedef struct hf__new_change {
    hf__key key;
    uint32_t row_bytes;
    bool removed;
    bool is_new; /* no row had this key before */
} hf__new_change;

/* By how much a change makes the rows of its table more. */
static inline int64_t hf__rows_by(bool removed, bool is_new)
{
    if (removed)
        return -1;
    return is_new ? 1 : 0;
}

/* Adds a change that readers of `batch` and later batches see. False: no memory. */
bool hf__memtable_add(hf__memtable *memtable, const hf__new_change *change, uint64_t batch);

/* Rolls every change of a batch back: they belong to no batch. */
void hf__memtable_take_back(hf__memtable *memtable, uint64_t batch);

/* The newest change of a key up to a batch; NULL: this memtable has none. */
const hf__memtable_change *hf__memtable_find(const hf__memtable *memtable, const hf__key *key,
                                             uint64_t batch);

/* The row's bytes. */
static inline const uint8_t *hf__memtable_row(const hf__memtable_change *change)
{
    return change->key.bytes + change->key.byte_count;
}

/* Begins to fetch what adding a change of this hash will write to. */
static inline void hf__memtable_prefetch_add(const hf__memtable *memtable, uint64_t hash)
{
    __builtin_prefetch(&memtable->buckets[(uint32_t)hash & memtable->mask], 1);
}

/* Begins to fetch what finding a change, and reading its row, will touch. */
static inline void hf__memtable_prefetch_read(const hf__memtable *memtable,
                                              const hf__memtable_change *change)
{
    __builtin_prefetch(&memtable->buckets[(uint32_t)change->key.hash & memtable->mask]);
    for (uint32_t at = 0; at < change->key.byte_count + change->row_bytes; at += 64)
        __builtin_prefetch(change->key.bytes + at);
}

/* True when it has a change of the table. */
static inline bool hf__memtable_has(const hf__memtable *memtable, uint32_t table)
{
    return atomic_load_explicit(&memtable->newest[table], memory_order_acquire) != NULL;
}

/*
 * The sorted set of a table's key (index 0) or index, with every change up to now in it, its lock
 * held until hf__memtable_index_leave. A node's key is an encoded index key; its value is a
 * hf__memtable_change that had this key once: whether the row still has it is for the reader to
 * see. NULL with *error HF_E_NOMEM or HF_E_CORRUPT.
 */
hf__memtable_index *hf__memtable_index_enter(hf__memtable *memtable, uint32_t table, uint32_t index,
                                             int *error);
void hf__memtable_index_leave(hf__memtable_index *ordered);

#endif

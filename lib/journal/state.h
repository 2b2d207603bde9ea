/*
 * state.h - a journal's own state, shared by the files of this module.
 *
 *     active      accepts changes
 *     immutable full, or a checkpoint was requested: the checkpoint writes it to the store
 *     flushed in the store; free when no transaction reads it any more
 *     free
 *
 * Memtables are reused in a circle. A transaction pins those that may not be in the store, so that
 * the rows that it reads stay where they are; four are enough for one long snapshot beside a full
 * load.
 */
#ifndef HF_JOURNAL_STATE_H
#define HF_JOURNAL_STATE_H

#include "base/identity.h"
#include "journal/journal.h"
#include "journal/memtable.h"
#include "journal/segments/belongs.h"
#include "journal/segments/segments.h"
#include "model/key.h"

#define HF__MEMTABLES       4u
#define HF__JOURNAL_READERS 16u
#define HF__SCAN_ROWS       64u /* of one source of a scan, at once */
#define HF__SOURCES         (HF__MEMTABLES + 1u)

/* A transaction. */
typedef struct hf__journal_txn {
    hf__journal *journal;
    const hf_store_caller *caller;
    void *inner; /* snapshot of the store; NULL: the writer has not needed one yet */
    hf__memtable *pinned[HF__MEMTABLES]; /* newest first */
    uint32_t pinned_count;
    bool open;
    bool writes;
    uint64_t sees;                    /* changes up to this batch; of the writer: its own */
    hf_store_mark mark;               /* of the last batch it sees */
    hf_store_stat store;              /* of a snapshot: what the store said when it began */
    int64_t rows[HF__JOURNAL_TABLES]; /* of a snapshot: what it pinned adds to the store's */
    uint8_t *scan_rows;               /* HF__SOURCES times HF__SCAN_ROWS rows */

    /* the writer's */
    int failed;      /* a write stopped half way: HF_E_*; no commit */
    uint64_t stored; /* batch that the store had when it began */
    hf__record_piece pieces[HF__RECORD_PIECES];
    uint32_t piece_count;
    uint32_t change_count;
    int64_t moved[HF__JOURNAL_TABLES]; /* rows it brought, less those it removed */
} hf__journal_txn;

/* A batch whose record is written and not flushed: only the writer sees it. */
typedef struct hf__unsynced {
    bool open;
    uint64_t segment; /* number of the segment that has the record */
    hf_store_mark mark;
    uint64_t kept;                     /* bytes of the active memtable, with it */
    int64_t moved[HF__JOURNAL_TABLES]; /* as the transaction's */
} hf__unsynced;

/* What writing a memtable to the store needs; taken at open. */
typedef struct hf__checkpoint {
    hf__sortable *sorted;
    hf__sortable *spare;
    uint32_t capacity;    /* of both */
    uint8_t *rows;        /* HF__SCAN_ROWS row structs: as they are to be */
    uint8_t *olds;        /* as the store has them */
    hf__region bytes;     /* of BYTES columns read */
    uint32_t unpublished; /* changes written since `done` was set */
    int logged;           /* error of the failure that was logged; 0: the last one succeeded */
    hf_store_error error;
} hf__checkpoint;

struct hf__journal {
    hf_env *env;
    const hf_schema *schema;
    const hf_store_driver *inner;
    void *store;
    hf_allocator allocator;
    hf__segments segments; /* of the thread that writes or, while a record is unsynced, flushes */
    hf__belongs belongs;   /* what opening found */
    bool looked;           /* the check of belongs.c has run */
    bool read_only;        /* nothing is written: neither to the store nor to the segments */
    bool without;   /* the caller opens the store although the journal is missing or damaged */
    bool was_there; /* the store was not created by this open */
    bool unsure;    /* an identity may or may not have come to the store */
    hf_store_identity fresh;     /* of a store that has none */
    hf_store_identity offered;   /* the same, but while a journal of schema 3 is taken in: none */
    hf_store_mark written;       /* the last batch with a record; the writer's */
    uint64_t memtable_bytes;     /* memory of a memtable */
    uint32_t forks;              /* when it was opened */
    uint32_t row_bytes;          /* of the largest row struct */
    atomic_uint_fast64_t passed; /* keys of changes that scans have looked at */

    hf__lock lock; /* guards what follows */
    hf__signal moved;
    hf__memtable memtables[HF__MEMTABLES];
    hf__memtable *active;
    hf__memtable *immutable;    /* NULL: none */
    uint64_t disk_bytes;        /* that the journal may take on disk: two memtables have less */
    hf_store_mark committed;    /* the last batch that is durable */
    hf_store_identity identity; /* as the store has it */
    hf__unsynced unsynced;      /* the batch after it */
    hf__signal synced;          /* raised when the record is flushed, or its flush failed */
    hf_store_mark stored;       /* the last batch that the store has */
    uint64_t read_back;         /* bytes of the active memtable that opening brought */
    uint64_t checkpoints;
    hf_histogram commits_ns; /* how long they took */
    bool writing;            /* a write transaction is open */
    bool switch_requested;   /* switch memtables as soon as no write transaction is open */
    bool busy;               /* a thread writes the immutable memtable */
    uint32_t done;           /* about so many changes of the immutable memtable are in the store's
                                transaction */
    bool stop;               /* the thread is to end */
    int failed;              /* error of the last checkpoint that no batch has returned; 0 when one
                                succeeds */
    bool fails;              /* the last checkpoint failed */
    bool lost;               /* a flush failed */
    int broken;              /* nothing may be written any more: HF_E_* */
    hf_store_error reason;   /* of either */

    void *thread; /* NULL: checkpoints are made where they are asked for */
    hf__checkpoint checkpoint;
    hf__journal_txn writer;
    hf__journal_txn readers[HF__JOURNAL_READERS];
};

/*
 * memtables.c: all under the lock but activate. reset_active: true when the active memtable had
 * only changes of batches that failed, and has been emptied.
 */
void hf__journal_activate(hf__journal *journal); /* the first one, at open */
bool hf__journal_switch(hf__journal *journal);   /* false: there is nothing to write, or no free
                                                    memtable */
bool hf__journal_reset_active(hf__journal *journal);
void hf__journal_pin(hf__journal_txn *txn, uint64_t stored); /* the store's snapshot has so much */
void hf__journal_unpin(hf__journal_txn *txn);
void hf__journal_flushed(hf__journal *journal); /* the immutable memtable is in the store */

/* reserve.c: waits until the active memtable has memory for a batch; under the lock */
int hf__journal_reserve(hf__journal *journal, hf_store_error *error);

/* txn.c */
int hf__journal_inner(hf__journal_txn *txn); /* begins the writer's snapshot of the store */
int hf__journal_begin(void *store, uint32_t mode, const hf_store_caller *caller, void **txn);
void hf__journal_rollback(void *txn);
void hf__journal_end(hf__journal_txn *txn);
int hf__journal_stat(void *txn, hf_store_stat *out);
int hf__journal_check(void *txn, hf_progress_cb progress, void *progress_data);

/* read.c */
int hf__journal_get(void *txn, uint32_t table, void *const *rows, uint8_t *found, uint32_t count);
const hf__memtable_change *hf__journal_find(const hf__journal_txn *txn, const hf__key *key);
int hf__journal_decode(const hf__journal_txn *txn, const hf__memtable_change *change, void *row);

/* scan.c */
int hf__journal_scan(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count);
int hf__journal_scans(void *txn, const hf_scan *ranges, uint32_t range_count, void *const *rows,
                      uint32_t *counts);

/* write.c */
int hf__journal_put(void *txn, uint32_t table, const void *const *rows, const void *const *olds,
                    uint32_t count);
int hf__journal_del(void *txn, uint32_t table, const void *const *olds, uint32_t count);
int hf__journal_commit(void *txn, const hf_store_mark *mark); /* append, then flush */

/* checkpoint.c */
int hf__checkpoint_init(hf__checkpoint *checkpoint, const hf__journal *journal);
void hf__checkpoint_fini(hf__checkpoint *checkpoint, hf_env *env);
int hf__checkpoint_step(hf__journal *journal); /* one memtable; the lock is not held */
void hf__checkpoint_main(void *journal);       /* the thread */

/*
 * The error of a call that changed nothing in the store: an error that is neither damage nor final
 * is temporary.
 */
int hf__checkpoint_undone(int error);

/* Writes what was read back to a copy of the store. HF_E_*, the error filled. */
int hf__checkpoint_into(hf__journal *journal, void *store, hf_store_error *error);

/* Writes an identity to the store, without a batch. HF_E_*, the error filled. */
int hf__checkpoint_identity(hf__journal *journal, const hf_store_identity *identity,
                            hf_store_error *error);

/* replay.c */
int hf__journal_replay(hf__journal *journal, const hf_store_config *config);

/* begin.c: from what the store says to a journal that can be used */
/* What the inner store is opened with: its identity if it has none; it asks before it writes. */
int hf__journal_offer(hf__journal *journal, hf_store_config *asking);
int hf__journal_start(hf__journal *journal, const hf_store_config *config);
/* Before the first record: `span` bytes that follow batch `after`. */
int hf__journal_first(hf__journal *journal, uint64_t after, uint64_t span);
/* The store has everything: closed in good order. */
int hf__journal_finish(hf__journal *journal, hf_store_error *error);

#endif

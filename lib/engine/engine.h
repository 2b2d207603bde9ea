/*
 * engine.h - runs batches: load, decide, commit, publish. Knows no loop and starts no thread.
 *
 * The loop fills a batch, one thread runs it, the loop delivers its completions. Writes and reads
 * have batches of their own: a write batch commits, a read batch looks at a snapshot. Due
 * deadlines and promotions are run at the head of a write batch, so an empty one is a timer tick.
 */
#ifndef HF_ENGINE_ENGINE_H
#define HF_ENGINE_ENGINE_H

#include "base/env.h"
#include "base/structures/arena.h"
#include "domain/core/operation.h"
#include "metrics/histogram.h"
#include <holdfast/engine.h>
#include <holdfast/metrics.h>
#include <holdfast/order.h>
#include <holdfast/store.h>

typedef struct hf__engine hf__engine;

/* One operation of a batch, and how it ended. */
typedef struct hf__task {
    hf__operation op;    /* filled by admission; args live in the batch's `args` */
    hf_name actor;       /* op.actor points here */
    hf_completion done;  /* filled by the run; pointers live in the batch's `work` */
    void *owner;         /* the loop's: a request, or NULL for the completion queue */
    void *call;          /* the loop's: the callback */
    int64_t accepted_ns; /* the loop's: hf__engine_steady_ns when it was accepted */
    int64_t admitted_ns; /* the loop's: the same when a batch took it, from a thread's call later */
    uint64_t stamp;      /* a write's: hf__cache.stamp of what it changed */
    bool arrived;        /* the loop's: another thread submitted it, and it is counted so */
    bool shows_order;    /* a write's: its result is an hf_order_view, as it left the order */
    bool outlives;       /* the loop's: its result is used after its callback, or it has none */
} hf__task;

/* A record that a commit changed, for the read cache; see changes.c. */
typedef struct hf__changed {
    uint64_t hash;   /* by hf__key_hash, of the record that is read as one */
    const void *row; /* as it is now, in `work`; NULL: removed, or made of several rows */
    uint64_t stamp;  /* of its last change */
    uint32_t table;  /* ORDERS also for lines, legs, adjustments and payments */
    uint32_t reserved;
} hf__changed;

/* Those of one commit. */
typedef struct hf__changes {
    struct hf__changes *next;
    uint64_t count;
    hf__changed records[];
} hf__changes;

/* A transaction whose row a batch changed; one that changed twice may stand here twice. */
typedef struct hf__touched {
    hf_id txn;
    uint64_t version; /* as it is now */
    bool over;        /* ended or parked: no participant is called */
    struct hf__touched *next;
} hf__touched;

typedef struct hf__batch {
    hf__arena args; /* admission copies arguments here */
    hf__arena work; /* the run's: drafts and results from the front, loaded rows from the back */
    size_t work_capacity;
    hf__task *tasks;
    uint32_t count;
    uint32_t capacity;
    uint64_t number;         /* writes: of the last commit made for it; reads: of the snapshot */
    int64_t time_ms;         /* of that commit or snapshot */
    bool again;              /* writes: what the engine does by itself continues in another batch */
    bool is_read;            /* hf__engine_read ran it */
    bool cached;             /* a read batch: all of it was answered from the read cache */
    uint32_t known_cached;   /* reads: so many from the first on were found in the read cache, */
    uint64_t known_removals; /* when so many entries had been removed from the read cache */
    int64_t begun_ns;     /* hf__engine_steady_ns when its first decision began; 0: it never did */
    int64_t ended_ns;     /* and when it was over */
    int64_t sweep_ns;     /* writes: of that, for what the engine does by itself */
    uint64_t ticket;      /* see hf__engine_queue and hf__engine_queue_read; 0: not queued */
    hf__touched *touched; /* transactions that its commits changed; lives in `work` */
    hf__changes *changes; /* writes: of each of its commits, in order; in `work`; NULL: none */
    hf__changes *last;    /* of them */
    bool unlisted;        /* writes: its changes are not known, or it is not known what became
                             of them */
    int64_t begun_ms;     /* on the clock of hf__engine_uptime; shared stores only */
    struct hf__batch *next; /* the loop's */
} hf__batch;

#define HF__VIRTUAL_MAX_MS                                                                         \
    INT64_C(9223372036854) /* the latest virtual time: its ns fit int64_t                          \
                            */

typedef struct hf__engine_config {
    hf_env *env; /* lives as long as the engine */
    const hf_store_driver *driver;
    const char *location;
    uint64_t batch_bytes; /* memory of a batch, which its rows take; 0: not known */
    uint64_t cache_bytes;
    uint64_t read_cache_bytes; /* 0: there is no read cache */
    int64_t peek_age_max_ms;   /* as hf_options */
    uint32_t commit_ops_max;   /* operations of one commit */
    uint32_t durability;       /* hf_durability */
    uint32_t check;            /* hf_check */
    bool without_journal;      /* as hf_options */
    bool read_only;            /* as hf_options */
    uint32_t clock_behind;     /* hf_clock_behind */
    uint64_t journal_bytes;    /* of changes without a checkpoint */
    int64_t virtual_time_ms;   /* > 0: virtual clock */
    int64_t lease_ms;          /* of a shared store */
    const char *node_name;     /* checked; NULL: none, as with the other two */
    const char *node_address;
    const char *node_role;
    const char *clock_actor; /* checked; NULL: none */
    hf_progress_cb progress;
    void *progress_data;
    hf_store_error *error; /* of a failed open */
} hf__engine_config;

/* Opens the store and loads the engine's state. Errors as hf_engine_open. */
int hf__engine_open(const hf__engine_config *config, hf__engine **out);

/* Closes the store. No batch may be running. Takes NULL. */
void hf__engine_close(hf__engine *engine);

/*
 * Closes the store and returns 0 when it has every acknowledged change. Otherwise returns the error
 * of the last checkpoint, with its text; the journal still has the changes, and the next open
 * replays them. HF_E_POISONED also when the outcome of operations is not known.
 */
int hf__engine_finish(hf__engine *engine, hf_store_error *left);

/* Memory for a batch, taken once. HF_E_NOMEM. */
int hf__batch_init(hf__batch *batch, hf_env *env, uint32_t tasks, uint64_t args_bytes,
                   uint64_t work_bytes);
void hf__batch_fini(hf__batch *batch, hf_env *env);

/* Empties a batch whose completions have been delivered. */
void hf__batch_reset(hf__batch *batch);

/* How many threads may run write batches: 2 when one can flush while the other decides. */
uint32_t hf__engine_write_threads(const hf__engine *engine);

/* The batch runs after those that were queued before it. On one thread, the loop's. */
void hf__engine_queue(hf__engine *engine, hf__batch *batch);

/*
 * Runs a write batch: every task gets its completion. On a storage thread, in the write order; at
 * once when it was not queued and no other one runs. The commit is durable when it returns, and so
 * are all before it; nothing is published before.
 */
void hf__engine_run(hf__engine *engine, hf__batch *batch);

/*
 * Runs a read batch over one snapshot. On a reader thread, beside hf__engine_run and other read
 * batches. queue_read, on the loop's thread: the snapshot is begun after those of the batches that
 * were queued before, so a later batch never shows an older state. Without it the batch is run at
 * once, and no other one runs.
 */
void hf__engine_queue_read(hf__engine *engine, hf__batch *batch);
void hf__engine_read(hf__engine *engine, hf__batch *batch);

/*
 * The read cache, on the loop's thread. publish: a write batch has ended, and its callbacks come
 * next; the cache gets its changes. keep_reads: the same of a read batch, whose answers enter the
 * cache. answer: fills the completions when the cache can answer all reads of a batch, so that they
 * are of one state; false: they are for hf__engine_read. Only results that outlive their callbacks
 * are copied. The others lie in the cache, so the batch must be delivered before the next publish
 * or keep_reads of another one. No earlier read batch may be on its way: its answers may be newer.
 */
void hf__engine_publish(hf__engine *engine, const hf__batch *batch);
void hf__engine_keep_reads(hf__engine *engine, const hf__batch *batch);
bool hf__engine_answer(hf__engine *engine, hf__batch *batch);

/*
 * Whether the cache has all that a batch reads. It counts no use. Asking again while the batch
 * fills looks up only the reads that are new in it.
 */
bool hf__engine_caches(hf__engine *engine, hf__batch *batch);

/*
 * The result of a read that is in the cache and current, with its age in ms; *result is valid until
 * the next publish or keep_reads. HF_E_NOT_CACHED.
 */
int hf__engine_peek(hf__engine *engine, const hf__operation *op, const void **result,
                    int64_t *age_ms);

/*
 * The same of `count` orders, all of one state: results[i] is NULL for one that is not cached, and
 * then the return value is HF_E_NOT_CACHED. `ages_ms` may be NULL.
 */
int hf__engine_peek_orders(hf__engine *engine, const hf_id *orders, uint32_t count,
                           const hf_order_view **results, int64_t *ages_ms);

/* True for operations that hf__engine_read runs. */
bool hf__engine_reads(uint32_t type);

/* When the next deadline is due (Unix ms; 0: none), and the engine's time now. Any thread. */
int64_t hf__engine_next_due(hf__engine *engine);
int64_t hf__engine_now(hf__engine *engine);

/* A monotonic clock in ms. Any thread. */
int64_t hf__engine_uptime(hf__engine *engine);

/* The epoch under which this engine drives the transactions of a shard; 0: it does not. Any
   thread. */
uint64_t hf__engine_epoch(hf__engine *engine, uint32_t shard);

/* Releases every lease and removes the node's row, in a commit of its own. No batch may be
   running. */
void hf__engine_leave(hf__engine *engine);

/* Whether others have the store open too, and whether its host gave this engine a name. */
bool hf__engine_is_shared(const hf__engine *engine);
bool hf__engine_is_journaled(const hf__engine *engine); /* a batch is durable in a journal */
bool hf__engine_is_named(const hf__engine *engine);

/*
 * 0 while writes are accepted; HF_E_READ_ONLY (for good), HF_E_DEGRADED, HF_E_CLOCK (the clock is
 * behind the stored time) or HF_E_POISONED otherwise. Any thread.
 */
int hf__engine_accepts(hf__engine *engine);

/* Copies the text of why writes are refused, cut to `bytes`; "" while they are not. Any thread. */
void hf__engine_cause(hf__engine *engine, char *text, size_t bytes);

/* True while committed batches have no checkpoint; request_checkpoint starts one. Any thread. */
bool hf__engine_needs_checkpoint(const hf__engine *engine);
void hf__engine_request_checkpoint(hf__engine *engine);

/* A monotonic clock in ns. Any thread. */
int64_t hf__engine_steady_ns(hf__engine *engine);

#define HF__STATE_FIGURES 21u /* states of orders, payments, holds and transactions */

/* What the storage threads have counted and measured since open. */
typedef struct hf__engine_figures {
    hf_histogram flush_ns; /* of the journal */
    hf_histogram
        commit_ns;     /* of the store: of batches, or of checkpoints when there is a journal */
    uint64_t rows;     /* written and removed */
    uint64_t hits;     /* look-ups of rows that the working set had */
    uint64_t misses;   /* and that it had not */
    uint64_t swept[2]; /* records, by hf__chore */
    uint64_t
        states[HF__STATE_FIGURES]; /* records that entered a state, as hf_metrics_info has them */
    int64_t parked;                /* transactions that are parked now */
} hf__engine_figures;

/* Copies them. Any thread. */
void hf__engine_read_figures(hf__engine *engine, hf__engine_figures *out);

/* Fills what the engine knows at once: times, the journal's bytes, events, the read cache. Loop. */
void hf__engine_metrics(hf__engine *engine, hf_metrics_info *out);

/*
 * Asks the file system how much is free for the store, at most once a second. It may take long. Any
 * thread. `is_due` says whether it would be asked now.
 */
void hf__engine_look_at_disk(hf__engine *engine);
bool hf__engine_disk_is_due(hf__engine *engine);

/* Fills all but what the loop counts; of the disk what was found last. Any thread. */
void hf__engine_health(hf__engine *engine, hf_health_info *out);

/* hf_clock_advance, on the loop's thread, and hf_time_accept, on any thread. */
int hf__engine_clock_advance(hf__engine *engine, int64_t ms);
void hf__engine_time_accept(hf__engine *engine);

/*
 * Verifies a snapshot; on the maintenance thread. `findings` has capacity for 64; result->findings
 * is set to it. 0, HF_E_CANCELLED (progress said so), HF_E_NOMEM, HF_E_CORRUPT, HF_E_IO.
 */
int hf__engine_verify(hf__engine *engine, hf_progress_cb progress, void *progress_data,
                      hf_verify_result *result, hf_finding *findings);

/* hf_backup, on the maintenance thread. */
int hf__engine_backup(hf__engine *engine, const char *path, hf_progress_cb progress,
                      void *progress_data, hf_store_error *error);

#endif

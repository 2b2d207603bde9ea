/*
 * state.h - the engine's own state, shared by the files of this module.
 */
#ifndef HF_ENGINE_STATE_H
#define HF_ENGINE_STATE_H

#include "base/identity.h"
#include "base/invariant.h"
#include "base/lock.h"
#include "base/os.h"
#include "cache/cache.h"
#include "domain/decide.h"
#include "domain/lifecycle/expire.h"
#include "engine/engine.h"
#include "engine/read_cache.h"
#include "journal/journal.h"

#define HF__PROMOTE_MAX 1024 /* accounts remembered for promotion; beyond them: searched */

/* An account with new supply, on which orders wait. */
typedef struct hf__supplied {
    hf_account_ref account;
    uint64_t after; /* orders placed up to this event were looked at (overtake); 0: none was */
    int64_t not_before_ms; /* a promotion failed, and is tried again then; 0: none did */
} hf__supplied;

/* Accounts whose waiting orders may be promoted; see supply.c. */
typedef struct hf__supply {
    hf__supplied list[HF__PROMOTE_MAX];
    uint32_t count;
    uint32_t owed;           /* of them, those that were noted before the running chain */
    bool others_owed;        /* when the chain began, accounts outside the list could owe */
    bool searching;          /* for accounts on which orders wait, also with nothing noted */
    bool search_owes;        /* accounts that the search has not reached may owe promotions */
    hf_account_ref searched; /* up to this one */
    int64_t next_search_ms;  /* another search begins then; 0: none follows */
    bool next_owes;          /* accounts that it is to find may owe promotions */
} hf__supply;

/* Batch time: never back, and a step of more than 60 s only when it was accepted. */
typedef struct hf__clock {
    hf_env *env;
    atomic_int_fast64_t offset_ms; /* wall clock less the clock since boot, as it should be */
    int64_t last_ms;               /* of the last batch */
    bool is_virtual;
    bool refuses; /* the clock was behind the stored time at open, and has not come up to it */
    atomic_int_fast64_t virtual_ms;
    atomic_int_fast64_t step_ms; /* not accepted */
    atomic_bool accept;
} hf__clock;

/* No order placed before this event waits on the account. */
typedef struct hf__queue_head {
    hf_account_ref account;
    uint64_t placed_seq;
} hf__queue_head;

#define HF__WALKS 64u  /* accounts whose walks are remembered */
#define HF__HEADS 256u /* accounts whose queues' heads are remembered */

/* Where walks begin; see walks.c. */
typedef struct hf__walks {
    int64_t next_ms;                   /* no record is due earlier; 0: none has a deadline */
    hf__due_mark all[HF__DUE_SOURCES]; /* of the walk over all accounts */
    int64_t accounts_until_ms;         /* the marks below are not later; 0: there are none */
    hf__due_walk accounts[HF__WALKS];
    uint64_t taken; /* so many marks of accounts were noted */
    hf__queue_head heads[HF__HEADS];
} hf__walks;

/* What the engine does by itself, by what it may take of a batch. */
typedef enum hf__chore {
    HF__CHORE_EXPIRY = 0,
    HF__CHORE_PROMOTION = 1,
    HF__CHORE_COUNT,
} hf__chore;

/* How long the engine's own work takes beside callers' operations, which it follows. */
typedef struct hf__pace {
    int64_t rows;      /* for each chore, in a batch with operations of callers */
    int64_t begun_ms;  /* uptime when the last batch began; 0: it had no operations of callers */
    int64_t passed_ms; /* from the beginning of batches to that of the next ones ... */
    int64_t spent_ms;  /* ... and of this on the engine's own work */
    bool limited;      /* since then the share was too small for the work that was due */
} hf__pace;

/* How much of a batch is for what the engine does by itself; see run/share.c. */
typedef struct hf__share {
    int64_t credit[HF__CHORE_COUNT]; /* rows that each may touch before callers' operations */
    int64_t earned[HF__CHORE_COUNT]; /* rows of operations that left work to it, for a next batch */
    uint32_t records;                /* that expired or were promoted in this commit */
    hf__pace pace;
    bool full;      /* a chore had a share left, and this commit no capacity for it */
    uint32_t quiet; /* batches without operations of callers, up to this one, since the last */
    bool more;      /* something is left that another batch can do at once */
    bool failed;    /* the store did not let the engine look for it in this batch */
} hf__share;

/* How many records one operation of a chore handles; see run/chore.c. */
typedef struct hf__chores {
    uint32_t limit[HF__CHORE_COUNT];
    bool no_memory[HF__CHORE_COUNT]; /* the log has it that a batch has no memory for a record */
} hf__chores;

/* The search for what an older version of the library has set aside; see resume.c. */
typedef struct hf__resume {
    bool going;
    hf__set_aside last; /* up to this one */
} hf__resume;

/* The commit that is being filled. */
typedef struct hf__group {
    hf__batch *batch;
    uint32_t first;      /* task */
    uint32_t operations; /* done in it */
    uint64_t seq;        /* next event when it began */
    int64_t purged_until_ms;
    uint64_t takes;
    hf__held held;
    int64_t next_due;
    hf__touched *touched;
    bool supplied;    /* accounts were noted, or searched for, when it began */
    bool later;       /* what comes first is asked for by an operation behind others of its chain */
    bool nothing_due; /* nothing expires for the chain that is decided: see hf__draft */
    bool used_up;     /* the store found no memory left in the batch, for the operation that runs */
    uint32_t open;    /* 1: a store transaction is open */
} hf__group;

/* What a group adds to the engine's figures when it is durable; see figures.c. */
typedef struct hf__group_figures {
    int64_t commit_ns; /* that the store's commit took; 0: there was none */
    uint64_t rows;     /* written and removed */
    uint64_t hits;     /* of the working set */
    uint64_t misses;
    uint64_t swept[HF__CHORE_COUNT];
    uint32_t states[HF__STATE_FIGURES]; /* records that entered a state */
    int32_t parked; /* transactions that were parked, less those that are no longer */
} hf__group_figures;

/* A pending commit: a group that is written and not finished. */
typedef struct hf__pending_commit {
    hf__batch *batch;
    uint32_t first; /* task */
    uint32_t end;
    uint64_t number;    /* of the last commit */
    uint64_t event_seq; /* the last event */
    bool open;
    bool written; /* it committed something; else it only depends on earlier commits */
    hf__group_figures figures;
} hf__pending_commit;

/* A ticket lock: batches enter in the order in which they were queued; see pending_commit.c. */
typedef struct hf__batch_order {
    hf__lock lock;
    hf__signal moved;
    uint64_t given; /* tickets of batches that were queued */
    uint64_t ended;
} hf__batch_order;

#define HF__PREFETCH_TASKS 4u
#define HF__PREFETCH_KEYS  8u

/* Keys that one of the next operations names. */
typedef struct hf__prefetch_keys {
    uint64_t hashes[HF__PREFETCH_KEYS];
    uint32_t count;
    uint32_t task; /* its index in the batch + 1 */
} hf__prefetch_keys;

/* What is prefetched; see run/prefetch.c. */
typedef struct hf__prefetch {
    const hf__cache *cache;
    hf__view view; /* notes keys and knows no row */
    hf__draft draft;
    hf__detail detail;
    hf__arena nothing;
    hf__prefetch_keys *now;
    hf__prefetch_keys ring[HF__PREFETCH_TASKS];
} hf__prefetch;

/* The operations of a batch that name their rows before it is their turn; see run/wave.c. */
typedef struct hf__wave {
    hf__view view;       /* the working set, without ranges */
    uint32_t next;       /* task: the first one that comes behind the one that is decided */
    uint32_t operations; /* that name their rows in the next wave, at most */
    uint32_t reach;      /* tasks in front of this one may have named rows before their turn */
    uint64_t bytes;      /* of the batch's memory that such rows may still take */
    bool used;           /* some of it is taken by rows of tasks to come */
} hf__wave;

/* Why the engine is not OK: the text of the failure that changed its state. */
typedef struct hf__cause {
    hf__lock lock;
    char text[HF__DETAIL_MAX]; /* empty: it is OK */
    int64_t since_ms;          /* when it ceased to be OK, on the clock of hf__engine_uptime */
    int64_t since_ns;          /* the same on that of hf__engine_steady_ns */
    int64_t not_ready_ns;      /* how long it was not OK, up to the last time that it was */
} hf__cause;

/* The disk of the store; see watch.c. */
typedef struct hf__watch {
    hf__place place;
    bool looks;                  /* the store has a file, and its place is known */
    uint64_t least;              /* bytes; with less free the engine warns */
    atomic_int_fast64_t next_ms; /* uptime of the next look */
    atomic_uint_fast64_t free;   /* bytes, at the last look; UINT64_MAX: not known */
    atomic_bool low;             /* the engine warns */
} hf__watch;

struct hf__engine {
    hf_env *env;
    const hf_store_driver *driver;
    void *store;
    hf__journal *journal; /* the store, when it is behind one; else NULL */
    hf__cache cache;
    hf__read_cache reads; /* of the loop's thread */
    hf__view view;
    hf__clock clock;
    uint32_t commit_ops_max;
    uint32_t fork_count;
    bool read_only; /* the store is only read: no batch is ever run */

    hf__batch_order write_order;
    hf__batch_order read_order; /* in which read batches begin their snapshots */

    /* of the storage thread that decides */
    hf__group group;
    hf__draft draft;
    hf__prefetch prefetch;
    hf__wave wave;
    hf__detail detail;
    hf_store_error error;
    hf_store_caller caller;
    void *txn;
    uint64_t next_seq;
    uint64_t number;            /* of the last commit */
    hf_store_identity identity; /* of the store, as this engine writes it */
    hf_id store_id;             /* its identity and incarnation when it was opened, which does */
    uint64_t incarnation;       /* not change until it is closed; read by every thread */
    hf__holding holding;        /* which shards this engine drives */
    hf__held held_before;       /* the last change of that */
    uint64_t takes;             /* changes of it */
    uint64_t takes_known;       /* of them, published to other threads */
    int64_t purged_until_ms;
    hf__supply supply;
    hf__walks walks;
    hf__share share;
    hf__chores chores;
    hf__resume resume;
    bool leaves[HF__CHORE_COUNT];    /* the last operation that was applied left work to a chore */
    uint64_t swept[HF__CHORE_COUNT]; /* records of each chore since the last commit of any */
    int64_t opened_ms;               /* the engine's time when it was opened */
    int64_t behind_since_ms;         /* uptime since when deadlines are overdue; 0: they are kept */

    /* read by any thread */
    hf__watch watch;
    atomic_int_fast64_t next_due;
    atomic_int_fast64_t time_ms;
    atomic_int state;  /* hf_health_state */
    atomic_int broken; /* why it is not OK */
    hf__cause cause;
    atomic_uint_fast64_t batches;
    atomic_uint_fast64_t invariants; /* operations that broke one */
    atomic_uint_fast64_t event_seq;
    atomic_uint_fast64_t last_batch;   /* its number */
    atomic_int_fast64_t expiry_lag_ms; /* of the oldest deadline that is overdue; 0: none is */
    int64_t opened_ns;                 /* hf__engine_steady_ns when it was opened */
    hf__lock figures_lock;             /* of `figures` */
    hf__engine_figures figures;
    atomic_uint_fast64_t known_epochs[HF_SHARDS]; /* as committed */
};

#define HF__STEP_MAX_MS 60000 /* a larger step of the wall clock is not followed by itself */
#define HF__PROBE_MS    1000  /* after which what failed is tried again */
#define HF__AT_ONCE     1     /* as a time: it has passed */

/*
 * clock.c: times of batches. now: any thread, not before the last batch. batch: the storage thread,
 * the time of the next batch. follow: time is not before this. behind: any thread, by how much the
 * clock is behind the last batch's time, or 0. The last four are of the storage thread, when the
 * stored time is ahead of the clock; catch_up: true when the clock has reached it.
 */
void hf__clock_init(hf__clock *clock, hf_env *env, int64_t stored_ms, int64_t virtual_ms);
int64_t hf__clock_now(hf__clock *clock);
int64_t hf__clock_batch(hf__clock *clock);
void hf__clock_follow(hf__clock *clock, int64_t stored_ms);
int64_t hf__clock_behind(hf__engine *engine);
void hf__clock_set_back(hf__engine *engine, int64_t ms);
void hf__clock_continue(hf__engine *engine, int64_t behind_ms);
void hf__clock_refuse(hf__engine *engine);
bool hf__clock_catch_up(hf__engine *engine);

/*
 * health.c: lets the engine be in another hf_health_state because of `code` and the text of it;
 * true when it was in another one.
 */
bool hf__engine_enter(hf__engine *engine, int state, int code, const char *why);

/* report.c: lines of the log. Times are of the clock that counts since boot. */
void hf__report_opened(hf__engine *engine, const hf__engine_config *config, int64_t begun_ms);
void hf__report_slow(hf__engine *engine, const char *what, uint64_t batch, int64_t begun_ms);
void hf__report_backlog(hf__engine *engine); /* storage thread, behind the sweep of a batch */
void hf__report_closed(hf__engine *engine, int code, const char *why);

/* watch.c: free space on the disk of the store. */
void hf__watch_open(hf__engine *engine, const hf__engine_config *config);
void hf__watch_close(hf__engine *engine);

/* figures.c: what a group adds, and what of it when it is durable. */
void hf__figures_swept(hf__engine *engine, hf__chore chore, uint32_t records);
void hf__figures_drop(hf__engine *engine); /* what was swept, of a group that failed */
int hf__figures_find(hf__engine *engine);  /* what is counted from the store; load_state.c */
void hf__figures_count(hf__engine *engine, hf__group_figures *out); /* before the commit */
void hf__figures_add(hf__engine *engine, const hf__pending_commit *pending, int64_t flush_ns);

/* view.c: the working set as the core sees it, and an empty draft over one that sees it so. */
void hf__engine_view_init(hf__engine *engine);
void hf__engine_draft(const hf__engine *engine, hf__draft *draft, const hf__view *view,
                      hf__detail *detail, hf__arena *work);

/* walks.c: where walks over due records and queues begin. */
void hf__walks_reset(hf__engine *engine); /* nothing is known of the store */
void hf__walks_back(hf__engine *engine);  /* to a savepoint: accounts' walks are forgotten */
void hf__walks_due(hf__engine *engine, const hf_account_ref *account, hf__due *out);
void hf__walks_next(hf__engine *engine, int64_t deadline_ms); /* no record is due earlier */
void hf__walks_written(hf__engine *engine, uint32_t source, int64_t deadline_ms); /* a record */
void hf__walks_take(hf__engine *engine, const hf__draft *draft); /* what it walked */
uint64_t hf__walks_head(const hf__engine *engine, const hf_account_ref *account);
void hf__walks_set_head(hf__engine *engine, const hf_account_ref *account, uint64_t placed_seq);
void hf__walks_waits(hf__engine *engine, const hf__wait *wait); /* an order joins a queue */

/* due.c: when the next deadline passes. A deadline of 0 is none. */
void hf__due_at(hf__engine *engine, int64_t deadline);  /* not later than this */
void hf__due_set(hf__engine *engine, int64_t deadline); /* exactly then */
void hf__due_soon(hf__engine *engine);                  /* the next batch shall come at once */
int hf__due_find(hf__engine *engine);                   /* from the store */

/*
 * supply.c: accounts on which orders wait. search: look for all of them; find: the same, if there
 * is any; look: continues the search, an error of the store. ready: the index of the first account
 * that is to be tried now, or the count. put: an account that is in the list already is not tried
 * earlier than before. back: to a savepoint. chain: a chain begins, and only what came before it is
 * owed. retry_ms: when the first of those is to be tried again that failed; 0: none has.
 */
void hf__supply_note(hf__engine *engine, const hf__draft_row *row); /* of an account, written */
void hf__supply_search(hf__engine *engine);
int hf__supply_find(hf__engine *engine);
int hf__supply_look(hf__engine *engine);
uint32_t hf__supply_ready(const hf__engine *engine);
hf__supplied hf__supply_take(hf__engine *engine, uint32_t at);
void hf__supply_put(hf__engine *engine, const hf__supplied *supplied);
void hf__supply_forget(hf__engine *engine, const hf_account_ref *account);
void hf__supply_back(hf__engine *engine, uint32_t count);
int64_t hf__supply_retry_ms(const hf__engine *engine);
void hf__supply_chain(hf__engine *engine);
bool hf__supply_owes(const hf__engine *engine, const hf_account_ref *account);
bool hf__supply_owes_now(const hf__engine *engine, const hf_account_ref *account); /* in all */

/*
 * resume.c: what an older version of the library has set aside. search: look for it; find: the
 * same, if there is any; next: the next record, *found NULL: there is none; took: up to this one.
 */
void hf__resume_search(hf__engine *engine);
int hf__resume_find(hf__engine *engine);
int hf__resume_next(hf__engine *engine, const hf__set_aside **found);
void hf__resume_took(hf__engine *engine, const hf__set_aside *found);

/* lease.c: the leases of this engine. */
int hf__lease_open(hf__engine *engine, const hf__engine_config *config);
void hf__lease_note_txn(hf__engine *engine, const hf__draft_row *row);
void hf__lease_held(hf__engine *engine, const hf__held *held); /* by what was just applied */
void hf__lease_back(hf__engine *engine, uint64_t takes);       /* as it was at so many changes */
void hf__lease_publish(hf__engine *engine);                    /* the leases that are now
                                                                  durable */

/* note.c: what the engine keeps of the rows of an operation: begin, then each row. */
void hf__note_begin(hf__engine *engine);
void hf__note_row(hf__engine *engine, const hf__draft_row *row);

/* load_state.c: loads the engine's state from the store, in an open transaction. */
int hf__engine_load_state(hf__engine *engine);

/* shared.c: loads the state again, in a new write transaction, when other engines have
   committed. */
int hf__shared_begin(hf__engine *engine);

/*
 * changes.c: lists for the read cache what the open group changed; the working set still has it.
 * again: the batch's memory is about to be used again, except for the lists themselves.
 */
void hf__changes_list(hf__engine *engine, hf__batch *batch);
void hf__changes_again(hf__batch *batch);

/*
 * batch.c: fail: an operation fails; its detail is copied, "" for that of the error. broke: counts
 * and logs a broken invariant; the detail of the operation begins with HF__BROKEN, and the place
 * follows.
 */
#define HF__BROKEN "broken invariant: "
void hf__task_fail(hf__task *task, int status, const char *detail, hf__arena *work);
int hf__task_broke(hf__engine *engine, const char *what, const char *place, hf__detail *detail);

/*
 * commit_failure.c: completes every task of a group whose commit failed. undone: the error of a
 * group whose commit was not even tried, so that its outcome is known.
 */
void hf__commit_failed(hf__engine *engine, const hf__pending_commit *pending,
                       const hf_store_error *why);
int hf__commit_undone(int error);

/* pending_commit.c: the end of a commit, and the order of batches. */
bool hf__commit_finish(hf__engine *engine, hf__pending_commit *pending); /* false: it failed, and
                                                                            its tasks are
                                                                            completed */
void hf__batch_order_init(hf__batch_order *order);
void hf__batch_order_fini(hf__batch_order *order);
void hf__batch_order_enter(hf__batch_order *order, const hf__batch *batch);
void hf__batch_order_leave(hf__batch_order *order);

/* A savepoint, to which a chain or an operation of the engine's own is rolled back. */
typedef struct hf__savepoint {
    hf__log_record *log;
    uint64_t seq;
    int64_t purged_until_ms;
    uint64_t takes;
    hf__touched *touched;
    uint32_t supplied; /* accounts in the list of those to be promoted on */
    uint64_t walked;   /* marks of accounts that were taken */
    int64_t earned[HF__CHORE_COUNT];
} hf__savepoint;

/* group.c: one store transaction. */
hf__savepoint hf__savepoint_take(const hf__engine *engine);
void hf__savepoint_rollback(hf__engine *engine, const hf__savepoint *to);
int hf__group_begin(hf__engine *engine, hf__batch *batch, uint32_t first_task);
void hf__group_commit(hf__engine *engine, uint32_t end_task, hf__pending_commit *pending);
bool hf__group_full(const hf__engine *engine);

#endif

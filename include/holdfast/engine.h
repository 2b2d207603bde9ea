/*
 * engine.h - opens, runs, verifies, backs up and restores: the engine and its options.
 *
 * The "Thread:" line of a function says where it may be called. An operation is pushed on a queue;
 * all operations that arrive while a commit is being written are part of the next commit.
 */
#ifndef HOLDFAST_ENGINE_H
#define HOLDFAST_ENGINE_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uv_loop_s;
struct hf_store_driver;

/* Log levels. */
typedef enum hf_log_level {
    HF_LOG_ERROR = 0,
    HF_LOG_WARN = 1,
    HF_LOG_INFO = 2,
    HF_LOG_DEBUG = 3,
} hf_log_level;

/*
 * Receives one log line, without a newline. A log line never contains bodies or meta. Called from
 * any of the engine's threads, one call at a time. It must not call the engine.
 */
typedef void (*hf_log_cb)(void *data, uint32_t level, const char *text);

/*
 * Reports progress of long work; total 0 means it is not known yet. A result other than 0 stops
 * the work, which ends with HF_E_CANCELLED. Called on the loop thread (at open: the opening one).
 */
typedef int (*hf_progress_cb)(void *data, uint64_t done, uint64_t total);

/* The allocator of an engine; both functions must be thread-safe. */
typedef struct hf_allocator {
    void *(*alloc)(void *context, size_t bytes); /* NULL when no memory is left */
    void (*free)(void *context, void *memory);   /* takes NULL */
    void *context;
} hf_allocator;

/*
 * When an operation completes. A journal that an earlier engine left behind is never ignored: with
 * STORE and NONE its changes are first written to the store.
 */
typedef enum hf_durability {
    HF_DURABILITY_STORE = 0,   /* when the store's commit is on disk; each batch is one commit */
    HF_DURABILITY_NONE = 1,    /* when it is in memory; for tests and caches only */
    HF_DURABILITY_JOURNAL = 2, /* when its record is on disk in the journal beside the store (see
                                  holdfast/journal.h). A checkpoint writes the changes of many
                                  batches to the store in one commit, at the latest when the engine
                                  is idle or closed */
} hf_durability;

/* How thoroughly a store is checked at open. */
typedef enum hf_check {
    HF_CHECK_QUICK = 0, /* structure, up to 1 GiB */
    HF_CHECK_FULL = 1,  /* structure whatever its size, then every row, index and count */
} hf_check;

/*
 * What an engine does when the clock is more than 60 s behind the stored time: the store was used
 * while a clock was ahead, or the clock of this machine is behind. Reading, hf_verify and hf_backup
 * work in each case.
 */
typedef enum hf_clock_behind {
    HF_CLOCK_REFUSE = 0,   /* writes are HF_E_CLOCK and nothing expires until the clock has reached
                              the stored time, by itself or because it was set. The engine compares
                              the two each second, and then follows the clock as after an open,
                              without hf_time_accept */
    HF_CLOCK_CONTINUE = 1, /* time continues from the stored time: the engine's clock stays ahead of
                              the machine's by the difference; hf_health shows it as a step that is
                              not accepted */
    HF_CLOCK_SET_BACK = 2, /* the stored time is set back to the clock when the engine opens, with
                              an event HF_EVENT_CLOCK that has hf_options.clock_actor and both
                              times. Events are in order of their numbers, not of their times. What
                              has expired stays expired, ids that retention has removed stay
                              refused, and what is to happen at a time (a deadline, the retry of a
                              transaction) happens when the clock reaches it. HF_E_UNSUPPORTED for
                              a shared store */
} hf_clock_behind;

#define HF_TXN_KEEP_MIN_MS 60000 /* least of hf_options.txn_keep_ms, when it is not 0 */

/*
 * Options of hf_engine_open. Those that end in _max bound an engine's memory, touched as needed: 4
 * (memory), 7 (LMDB) or 9 MiB (SQLite) after first orders, 10 KiB for each two-line checkout that
 * is in flight, 1.7 bytes a byte of changes without a checkpoint. SQLite keeps up to 64 MiB of
 * pages more for the writer and each snapshot. An `allocator` gives 83 (memory) or 120 MiB at open.
 */
typedef struct hf_options {
    uint32_t size;
    uint32_t threads;  /* 1 (default): two storage threads, two reader threads, one for maintenance
                          (verify, backup) and one for checkpoints; 0: none, batches run on the
                          loop's thread. One order after the other then takes two thirds of the
                          time, as no thread is woken, but the loop is blocked meanwhile, longest by
                          a checkpoint */
    const char *store; /* "memory:" (without a path), "lmdb:PATH", "sqlite:PATH"; borrowed. PATH is
                          that of a file whose name has 240 bytes at most. HF_E_URL also for
                          "sqlite://", "sqlite::memory:" and "sqlite:file:" */
    const struct hf_store_driver
        *driver;              /* a store of the host's own; then `store` is its config */
    uint64_t queue_bytes_max; /* arguments of queued operations; default 16 MiB. New work
                                 (hf_order_place, hf_hold_place, hf_txn_submit, hf_txn_begin) is
                                 refused when half of this, of queue_ops_max or of completions_max
                                 is used, so that under overload the engine still accepts reports of
                                 payments and operations that continue or end other work */
    uint64_t batch_bytes_max; /* rows of one batch; default 64 MiB, touched as needed */
    uint64_t cache_bytes_max; /* rows that decisions read, kept between batches; default 64 MiB */
    uint32_t queue_ops_max;   /* queued operations; default 16,384 */
    uint32_t batch_ops_max;   /* operations of one commit; default 8,192 */
    uint32_t completions_max; /* kept for hf_completions before hf_submit refuses; default 16,384 */
    uint32_t durability;      /* hf_durability; default JOURNAL, which is STORE for a store that
                                 cannot have a journal (memory, shared, a host's own) */
    uint32_t check;           /* hf_check; default QUICK */
    uint32_t log_level;       /* hf_log_level; default WARN */
    int64_t virtual_time_ms;  /* > 0: a virtual clock that starts there; see hf_clock_advance,
                                 also for the latest time */
    uint64_t random_seed;     /* not 0: ids are made from it, for tests and simulation */
    hf_log_cb log;            /* NULL: nothing is logged */
    void *log_data;
    const hf_allocator *allocator; /* NULL: the C library's; copied */
    hf_progress_cb progress;       /* of recovery and migration at open; NULL: none */
    void *progress_data;
    char *error;          /* the caller's; receives the detail of a failed open; may be NULL */
    uint64_t error_bytes; /* its size; every detail fits into 480 bytes */
    uint32_t txns_max;    /* transactions in progress at once; the others wait in the store; default
                             4,096 */
    uint32_t lease_ms; /* shared stores: how long this engine's leases last without being renewed;
                          300..3,600,000, the same for all engines of a store; default 15,000 */
    uint64_t journal_bytes_max; /* JOURNAL: changes without a checkpoint, in memory and in the
                                   journal. When they reach this, a batch waits until half of them
                                   are in the store; 1 MiB..1 TiB, default 256 MiB, touched as
                                   needed. The journal's files take up to 1.25 times as much of
                                   their file system, or about a quarter of what is free there,
                                   their own bytes counted, when that is less: then checkpoints
                                   begin earlier, and files that are not needed are removed.
                                   SQLite's log (PATH-wal) takes as much as half of the changes, and
                                   at most 64 MiB while the engine is idle */
    int64_t txn_keep_ms;   /* how long ended transactions are kept, then the engine removes them by
                              itself, with their branches, holds and history, and refuses their ids
                              (HF_E_ID_TOO_OLD); 0: until hf_retention; else HF_TXN_KEEP_MIN_MS at
                              least. Default 7 days. An engine with no participant and no provider
                              removes none */
    const char *node_name; /* 0..63 bytes; the name of this engine in hf_nodes_list, unique among
                              the engines of a store; NULL or empty (default): none, on a shared
                              store a generated one */
    const char *node_address;     /* 0..63 bytes; its address for others; NULL (default): none */
    const char *node_role;        /* 0..63 bytes; its purpose; NULL (default): none */
    uint32_t refuse_card_numbers; /* 1: meta in which the number of a payment card is found is
                                     refused (HF_E_CARD_NUMBER); a log line, or the detail of an
                                     answer of a participant or provider, in which one is found
                                     has '*' for each of its digits. 0 (default): nothing is
                                     searched. Keys and other names (sku, account, customer,
                                     external_ref, actor, consumer), references of providers and
                                     payloads of branches are never searched. What counts as such
                                     a number: 13 to 19 digits, with single spaces or dashes
                                     between them or none, that begin like an issuer's and pass
                                     the Luhn check */
    uint32_t without_journal;     /* 1: the store is opened although its journal is missing, damaged
                                     or another store's, and changes that only the journal had are
                                     lost; see journal.h. 0 (default): that is HF_E_CORRUPT */
    const char *clock_actor;      /* 1..63 bytes with HF_CLOCK_SET_BACK: who sets the stored time
                                     back, for the event; else it may be NULL (default) */
    uint32_t clock_behind;        /* hf_clock_behind; default REFUSE. Without effect while the clock
                                     is not behind, or virtual */
    uint32_t read_only;           /* 1: the store is only read, see hf_engine_open. 0 (default) */
    /*
     * Memory of the read cache (see peek.h): accounts, items, orders, payments and holds that were
     * read, and orders that an operation returned. Peeks and the get functions of these records
     * read it; decisions do not. 0: no read cache; default 16 MiB (about 5,000 small orders)
     */
    uint64_t read_cache_bytes_max;
    /*
     * Shared stores, which the get functions always read: how old a record may be that a peek
     * returns, since other engines may have changed it. 0: a peek finds nothing; default 1,000
     */
    int64_t peek_age_max_ms;
    const char *metrics_file; /* the path of a file to which the engine writes its metrics each
                                 second, see metrics.h; NULL (default): none */
    uint32_t admission;       /* hf_admission: when new work is refused; default FIXED */
    uint32_t reserved;
} hf_options;

/*
 * Called on the loop thread when an engine has closed and its handle is not valid any more.
 * `status` is 0 when the store has every acknowledged change. Otherwise it is the error of the last
 * checkpoint, a full disk for example: the journal beside the store has the missing changes, and
 * the next open replays them. HF_E_POISONED: an earlier failure stopped the engine. `detail` names
 * the batches and the cause and lives until the callback returns; "" when status is 0.
 */
typedef void (*hf_close_cb)(void *data, int status, const char *detail);

/* Whether an engine works. */
typedef enum hf_health_state {
    HF_HEALTH_OK = 0,
    HF_HEALTH_DEGRADED = 1, /* writes are refused for now. The engine recovers by itself; with the
                               error HF_E_CLOCK when the clock is right again */
    HF_HEALTH_POISONED = 2, /* the engine has stopped: close it and open it again */
    HF_HEALTH_CLOSING = 3,
} hf_health_state;

/* Warnings of an engine that works and may soon refuse writes (bits). Each is cleared by itself. */
#define HF_WARNING_DISK                                                                            \
    1u /* less is free for the store than journal_bytes_max; until a quarter                       \
          more than that is free */
#define HF_WARNING_CHECKPOINT                                                                      \
    2u /* a checkpoint failed: the journal grows, and is kept until a                              \
          checkpoint succeeds */

/* The result of hf_health. */
typedef struct hf_health_info {
    uint32_t size;
    uint32_t state;         /* hf_health_state */
    int32_t error;          /* why it is not OK; 0 */
    uint32_t queued;        /* operations waiting */
    uint64_t operations;    /* accepted since open */
    uint64_t completed;     /* called back since open */
    uint64_t refused;       /* of those, with a status other than 0 */
    uint64_t overloaded;    /* calls that returned HF_E_OVERLOADED */
    uint64_t batches;       /* committed since open */
    uint64_t allocations;   /* calls of the allocator since open */
    uint64_t event_seq;     /* last event written */
    int64_t time_ms;        /* time of the last batch, also of one before this open; 0: none */
    int64_t clock_step_ms;  /* a step of the clock not yet accepted; 0 */
    uint64_t dirty_bytes;   /* bytes of changes that the journal has and the store has not; 0
                               without a journal */
    uint64_t journal_bytes; /* bytes of the journal's files on disk; a file is used again when the
                               store has its changes */
    uint64_t checkpoints;   /* commits since open that wrote changes of the journal to the store */
    uint64_t invariants; /* operations undone by HF_E_INVARIANT since open, the engine's own too */
    int64_t clock_behind_ms; /* how far the clock is behind time_ms, else 0; see hf_clock_behind */
    hf_id store;             /* which store this is: random, the same in its backups and in what is
                                restored from them; all zero: the store keeps none */
    uint64_t incarnation;    /* 1 of a new store; larger in each copy that was opened as a store (a
                                backup, or one that was restored) and in a store that was opened
                                without its journal: events with numbers that a consumer has seen
                                before may be others. A consumer that keeps store and incarnation
                                beside its position notices */
    uint64_t disk_free;      /* bytes that were free for the store when a batch, or the engine after
                                a call of hf_health, last asked its file system; UINT64_MAX: no
                                file, or not known */
    uint32_t warnings;       /* HF_WARNING_* bits */
    uint32_t retry_ms; /* DEGRADED: the engine tries to write within so many ms, and a write that
                          was refused may be repeated then; else 0 */
    uint64_t batch;    /* number of the last batch, which texts about the journal name; 0: none */
} hf_health_info;

/* Arguments of hf_expect. Every condition that is set must be true. */
typedef struct hf_expect_args {
    hf_op_head head;       /* head.expected_version: of the subject; 0 = any */
    uint32_t subject;      /* hf_subject_kind: ACCOUNT, ORDER, PAYMENT or HOLD */
    uint32_t state;        /* of the order, payment or hold; 0 = any */
    hf_id id;              /* of the order, payment or hold */
    hf_account_key key;    /* of the account */
    int64_t available_min; /* of the account: balance - held_out at least this; INT64_MIN = any */
} hf_expect_args;

/* Arguments of hf_retention. */
typedef struct hf_retention_args {
    hf_op_head head;
    int64_t before_ms; /* records that ended, and events, before this time */
    uint32_t limit;    /* records examined by one call; 1..4,096 */
    uint32_t reserved;
} hf_retention_args;

/* Result of hf_retention. */
typedef struct hf_retention_result {
    uint64_t orders; /* removed, with all that belongs to them */
    uint64_t holds;
    uint64_t events;
    uint64_t op_keys;
    uint32_t more; /* 1: call it again */
    uint32_t reserved;
    uint64_t txns; /* with branches, attempts and holds */
} hf_retention_result;

/* Clauses of hf_verify; a finding names the broken clause. */
typedef enum hf_clause {
    HF_CLAUSE_BALANCES = 1,   /* balance, held_out and held_in equal their sums; units sum to 0 */
    HF_CLAUSE_LIMITS = 2,     /* within limits, or attention */
    HF_CLAUSE_HOLDS = 3,      /* counters of holds */
    HF_CLAUSE_LINES = 4,      /* counters and totals of lines and orders */
    HF_CLAUSE_LEGS = 5,       /* legs hold what is open */
    HF_CLAUSE_PAYMENTS = 6,   /* counters of payments */
    HF_CLAUSE_IDS = 7,        /* one id, one effect */
    HF_CLAUSE_TERMINAL = 8,   /* terminal states hold nothing */
    HF_CLAUSE_EVENTS = 9,     /* seq without gap; folding them gives the state */
    HF_CLAUSE_SEQUENCES = 10, /* order numbers without gap; times do not go back */
    HF_CLAUSE_STORE = 11,     /* the store's own structure, checksums and counts */
    HF_CLAUSE_TXNS = 12,      /* branches and holds agree with their transaction */
    HF_CLAUSE_MONEY = 13, /* the money of each order against what the order owes; see hf_verify */
} hf_clause;

/* One thing that hf_verify found broken. */
typedef struct hf_finding {
    uint32_t clause; /* hf_clause */
    uint32_t reserved;
    char text[480]; /* names the record and both values */
} hf_finding;

/* Result of hf_verify. */
typedef struct hf_verify_result {
    uint32_t size;
    uint32_t finding_count;     /* kept: at most 64 */
    const hf_finding *findings; /* live until the callback returns */
    uint64_t findings_total;    /* found, also beyond those kept */
    uint64_t rows;              /* examined */
    uint64_t events;            /* folded */
    uint64_t orders;
    uint64_t accounts;
    uint8_t digest[16]; /* over all records without engine times: equal stores have equal digests */
} hf_verify_result;

/* Called on the loop thread when hf_verify ends: status 0 also when there are findings. */
typedef void (*hf_verify_cb)(void *data, int status, const hf_verify_result *result);

/* Called on the loop thread when long work ends. `detail` lives until it returns. */
typedef void (*hf_work_cb)(void *data, int status, const char *detail);

/*
 * Fills in every default of this header. Must be called before any field is set.
 * Thread: any. Since 0.1.
 */
HF_API void hf_options_init(hf_options *options);

/*
 * Opens a store and an engine on it. Blocks while the store is opened, checked and recovered.
 * `loop` is the host's uv_loop_t (or one of hf_loop_create) and must outlive the engine.
 * PATH follows the colon as it is: "sqlite:shop.db" is relative to the current folder,
 * "sqlite:/srv/shop.db" absolute. Two or three slashes, as in URLs of other programs, are HF_E_URL.
 * This call resolves PATH once: the process may change its folder, a folder above the store may be
 * renamed and a symbolic link among them may change while the engine is open (on a system without
 * /proc no folder may be renamed). The lock is on the file, whatever its name: a hard link, a
 * rename or a removed file beside it does not let a second engine open the store. Errors, detail in
 * options->error: HF_E_URL, HF_E_UNSUPPORTED (a store not built in), HF_E_PATH, HF_E_READ_ONLY,
 * HF_E_NO_SPACE (also when less than 1 MiB is free for a new journal, or 32 KiB for the next file
 * of one that a killed process left: the detail says how much is free; nothing is written then),
 * HF_E_LOCKED (an engine of another process has it open), HF_E_OPEN_TWICE (in this process, also by
 * another name of the same file), HF_E_CORRUPT (with its place; also a file of another program, and
 * a journal that is missing or not of this store, see journal.h; every file is untouched),
 * HF_E_EXISTS (no store is there, but a journal; or `without_journal`, and the journal fits or is
 * not needed), HF_E_SCHEMA (written by a newer version), HF_E_IO, HF_E_NOMEM, HF_E_BUSY (the
 * process has no free file descriptor), HF_E_ABI, HF_E_ARGUMENT, HF_E_TOO_MANY (64 engines are
 * open), HF_E_TEXT_LONG, HF_E_TEXT_UTF8, HF_E_TEXT_CONTROL (a text of the node, or clock_actor),
 * HF_E_TEXT_MISSING (clock_actor).
 * Of metrics_file: HF_E_LOCKED, HF_E_EXISTS (see metrics.h), HF_E_PATH, HF_E_READ_ONLY.
 *
 * With `read_only` nothing is written: neither the store, its journal or a lock, nor a file beside
 * them. No permission to write is needed, and the file system may be read-only. Reads show the
 * state at open: every batch that was acknowledged before. Changes that only the journal has are
 * read into memory. The state stays the same until the engine is closed; to see later changes,
 * close the engine and open the store again. hf_verify and hf_backup work, nothing expires, no
 * participant is called, and hf_health has the time of the last batch that is seen. Operations that
 * write are HF_E_READ_ONLY.
 * Any number of processes may have a store open with `read_only`, each once, also beside an engine
 * of another process. That engine may start, write, be closed and be killed meanwhile: neither of
 * the two refuses or blocks the other. While a reader is open, engines keep what its state needs. A
 * file of LMDB grows meanwhile by the pages that change. SQLite does not restart its log
 * (PATH-wal), and does not checkpoint it at all while a reader is open that was opened when no
 * engine was. Such a reader needs the file under its name: its reads are HF_E_IO after an engine
 * was closed while the file had another name. Beside an engine, a reader of SQLite needs permission
 * to read PATH-wal and PATH-shm. A reader of LMDB needs permission to write PATH-lock, where it
 * takes a slot of the reader table (HF_E_READ_ONLY), and both processes must be in one PID
 * namespace; nothing else is written. Other errors: HF_E_PATH (there is no store), HF_E_SCHEMA (an
 * older version: open it once for writing), HF_E_UNSUPPORTED (not lmdb or sqlite), HF_E_ARGUMENT
 * (with `without_journal` or `clock_behind`), HF_E_BUSY (for about 5 seconds an engine was opened
 * or closed, or wrote faster than it could be read; try again). Thread: the loop's. Since 0.1.
 */
HF_API int hf_engine_open(struct uv_loop_s *loop, const hf_options *options, hf_engine **out);

/*
 * Closes an engine: the batch being written ends with its true outcome, everything not started
 * completes with HF_E_CANCELLED, shards of a shared store are handed over (one commit), then `cb`
 * (may be NULL) is called and the handle is not valid any more.
 * Run the loop until then. Until then, and for at least one more iteration of the loop,
 * hf_completions takes completions; the others are lost. HF_E_CLOSED when the engine is closed or
 * closing.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_engine_close(hf_engine *engine, hf_close_cb cb, void *data);

/*
 * Submits operations. Each completes into the completion queue (hf_completions). Accepts a prefix
 * that never ends inside a chain and returns its length; a negative result says why the first
 * operation (or chain) was not accepted: misuse, HF_E_OVERLOADED, HF_E_CLOSED, HF_E_DEGRADED,
 * HF_E_POISONED, HF_E_READ_ONLY (opened so). Operations are independent unless HF_OP_LINKED ties
 * them to the next: a chain is at most HF_CHAIN_MAX writes (HF_E_TOO_MANY; HF_E_UNSUPPORTED for a
 * read in it), all or nothing; the culprit gets its error, the others HF_E_CHAIN. `errors` (count
 * ints, may be NULL) receives 0 or the reason for the operation that stopped it.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_submit(hf_engine *engine, const hf_op *ops, uint32_t count, int32_t *errors);

/*
 * Submits operations as hf_submit, from any thread: the thread checks and copies the arguments, the
 * loop is woken and takes the operations over. Each completes into the completion queue, which the
 * loop's thread takes (hf_completions); user_data distinguishes them. Operations reach the engine
 * in one order: when one call has returned before another one begins, in the same thread or in two,
 * its operations come first, writes among the writes and reads among the reads, and no chain is
 * interleaved with another one. There is no order between these calls and hf_submit.
 * Accepts a prefix and returns its length, or why the first operation (or chain) was not accepted:
 * misuse, HF_E_TOO_MANY, HF_E_CLOSED, HF_E_FORKED, HF_E_OVERLOADED (queue_ops_max or
 * queue_bytes_max of operations that the loop has not taken over wait, or new work has reached the
 * cap of hf_admission; try again when one has completed). What only the loop can find,
 * HF_E_DEGRADED, HF_E_POISONED, HF_E_DRAINING or HF_E_TOO_MANY among them, comes as a completion.
 * While completions are not taken, operations wait. `errors` is that of hf_submit; `error`
 * (error_bytes of it, may be NULL) gets the text that hf_engine_detail would return. A thread that
 * is in this call when the engine closes is waited for. Thread: any. Since 0.1.
 */
HF_API int hf_submit_from(hf_engine *engine, const hf_op *ops, uint32_t count, int32_t *errors,
                          char *error, size_t error_bytes);

/*
 * Takes up to `max` completions of operations given to hf_submit, in order. The memory that they
 * point to is valid until the next call. Returns how many; HF_E_* when the handle is not valid.
 * Completions that were not taken, those of the last call and the result of hf_run keep the memory
 * of their batch in use, for up to 64 batches; the other batches use new memory meanwhile. Thread:
 * loop. Since 0.1.
 */
HF_API int hf_completions(hf_engine *engine, hf_completion *out, uint32_t max);

/*
 * A descriptor that is readable while completions wait; it belongs to the engine. The loop must
 * still be run (hf_loop_run_once) for completions to arrive. Negative: HF_E_*.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_completions_fd(hf_engine *engine);

/*
 * The detail of the last error that a call on this engine returned at once. It names the culprit;
 * with HF_E_DEGRADED and HF_E_POISONED it names the failure that stops the engine from writing.
 * Valid until the next call on the engine; "" when there is none.
 * Thread: loop. Since 0.1.
 */
HF_API const char *hf_engine_detail(hf_engine *engine);

/*
 * Reads the state of the engine; out->size must be set to sizeof(hf_health_info).
 * HF_E_CLOSED, HF_E_ABI, HF_E_ARGUMENT.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_health(hf_engine *engine, hf_health_info *out);

/*
 * Advances a virtual clock by `ms` >= 0; the next batches handle deadlines that have become due.
 * Reads that have not started wait for these batches, so operations that are submitted afterwards
 * see their effects. While the store cannot write nothing expires, and reads do not wait.
 * HF_E_UNSUPPORTED when the clock is not virtual, HF_E_ARGUMENT for a negative step and one beyond
 * 9,223,372,036,854 ms (in 2262), the latest time of a virtual clock, HF_E_READ_ONLY when the
 * engine was opened with `read_only`: its time is that of the store's last batch. Thread: loop.
 * Since 0.1.
 */
HF_API int hf_clock_advance(hf_engine *engine, int64_t ms);

/*
 * Follows a step of the wall clock of more than 60 s that hf_health shows as clock_step_ms.
 * 0 also when there is none. HF_E_READ_ONLY as hf_clock_advance.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_time_accept(hf_engine *engine);

/*
 * Guards a chain: completes with 0 when every condition is true, else HF_E_EXPECT, HF_E_NOT_FOUND
 * or HF_E_VERSION_MOVED. Writes nothing. Useful through hf_submit, linked to the next operation.
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_expect(hf_engine *engine, hf_req *req, const hf_expect_args *args, hf_done_cb cb);

/*
 * Defaults: any version, state and availability; `subject` and its key or id must be set.
 * Thread: any. Since 0.1.
 */
HF_API void hf_expect_init(hf_expect_args *args);

/*
 * Removes a bounded number of ended orders, transactions, holds, operation keys and events older
 * than before_ms; ids of that time are then HF_E_ID_TOO_OLD, and gaps are recorded. Events a stored
 * cursor has not passed are kept. Result: hf_retention_result.
 * Completes with HF_E_ARGUMENT (before_ms in the future).
 * Returns 0 when accepted, else at once as hf_account_put.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_retention(hf_engine *engine, hf_req *req, const hf_retention_args *args,
                        hf_done_cb cb);

/*
 * Defaults: before_ms 0 (nothing), limit 256.
 * Thread: any. Since 0.1.
 */
HF_API void hf_retention_init(hf_retention_args *args);

/*
 * Checks a snapshot of the whole store against the clauses of hf_clause, on the maintenance thread
 * while operations continue. One verify or backup at a time (HF_E_BUSY). `progress` may be NULL.
 * HF_CLAUSE_MONEY says of each order: when it has ended with more money in hand than it owes, it
 * has HF_ATTENTION_MONEY_HELD, and no other order has; while it is CONFIRMED, no more was captured
 * or asked to be than it owes; it has kept and given away no less than 0; no unit is open when it
 * has ended; an open transaction asks for everything that a payment waits for. There is no finding
 * when a refund of the money is requested or was refused, when a provider reported the money
 * although nothing was requested, or when the order was imported. Stores of schema 3 have no record
 * of what a host kept: there an order that ended with a fee looks like one whose money was
 * forgotten. It is a finding until hf_attention_clear of HF_ATTENTION_MONEY_HELD on the order
 * counts the money as kept.
 * Errors: HF_E_CLOSED, HF_E_NOMEM; completes with HF_E_CANCELLED, HF_E_CORRUPT, HF_E_IO.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_verify(hf_engine *engine, hf_progress_cb progress, hf_verify_cb cb, void *data);

/*
 * Writes a complete copy of the store to `path` (must not exist; resolved in this call) while
 * operations continue. The copy is a state between two batches, flushed to disk, and opens with the
 * same kind of store. It has every operation that was called back before this call, also those that
 * only the journal had. The copy is written as PATH.creating and renamed when it is whole: a
 * process that is killed leaves no part of a copy at `path`. The next backup to the same `path`
 * removes what it left.
 * Errors: HF_E_CLOSED, HF_E_BUSY, HF_E_UNSUPPORTED (memory store), HF_E_EXISTS (`path` is there, or
 * the journal or log of a store that is gone lies beside it; nothing is replaced, also when `path`
 * appears during the backup), HF_E_LOCKED and HF_E_OPEN_TWICE (another process, or this one, is
 * writing a backup to `path`), HF_E_PATH, HF_E_NO_SPACE, HF_E_IO, HF_E_CANCELLED. After an error no
 * part of the copy is left.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_backup(hf_engine *engine, const char *path, hf_progress_cb progress, hf_work_cb cb,
                     void *data);

/*
 * Creates a store from a backup: `url` names the store to create ("lmdb:PATH", "sqlite:PATH"),
 * `path` the backup. The backup is checked first; PATH must not exist: HF_E_EXISTS, or
 * HF_E_OPEN_TWICE (HF_E_LOCKED) when this (another) process has a store open there or has the
 * backup open as a store. A journal beside PATH is HF_E_EXISTS too. HF_E_BUSY when a journal, or a
 * log (sqlite), lies beside the backup: then the file is a store that is in use, or was not closed
 * in good order, and the changes beside it would be missing: open and close that store once.
 * HF_E_BUSY too for a file that was copied alone while its store was in use.
 * Blocks. Other errors as hf_engine_open and hf_backup; detail in `error` (may be NULL).
 * Thread: any. Since 0.1.
 */
HF_API int hf_restore(const char *path, const char *url, char *error, size_t error_bytes);

/*
 * The size of hf_req, for foreign languages.
 * Thread: any. Since 0.1.
 */
HF_API size_t hf_req_size(void);

/*
 * The size of a public struct by its name ("hf_order_place_args"), 0 when unknown: lets bindings
 * check their layout at load.
 * Thread: any. Since 0.1.
 */
HF_API size_t hf_struct_size(const char *name);

/*
 * The library's version, "0.1.0". Static.
 * Thread: any. Since 0.1.
 */
HF_API const char *hf_version(void);

/*
 * For hosts without libuv: makes a loop to open engines on. HF_E_NOMEM, HF_E_IO.
 * Thread: any; then that thread is the loop's. Since 0.1.
 */
HF_API int hf_loop_create(struct uv_loop_s **out);

/*
 * A descriptor that becomes readable when the loop has something to do: poll it together with
 * hf_loop_timeout, then call hf_loop_run_once.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_loop_fd(struct uv_loop_s *loop);

/*
 * How long to poll at most, in ms: -1 means without a limit, 0 means not to wait.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_loop_timeout(struct uv_loop_s *loop);

/*
 * Runs the callbacks that are due; with `wait` 1 it waits for one event first. Returns 1 while
 * handles are open, else 0. A child of fork must not run it: what it reads, the parent misses.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_loop_run_once(struct uv_loop_s *loop, int wait);

/*
 * Frees a loop of hf_loop_create. Its engines must be closed: HF_E_BUSY otherwise. Takes NULL.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_loop_destroy(struct uv_loop_s *loop);

#ifdef __cplusplus
}
#endif

#endif

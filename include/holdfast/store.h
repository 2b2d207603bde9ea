/*
 * store.h - the contract that a store fulfils; a host may provide a store of its own.
 *
 * A store keeps typed rows of declared tables. It knows columns, keys and indexes, never orders.
 * Rows are C structs whose columns lie at declared offsets. All calls take vectors. One write
 * transaction at a time, on one thread; snapshots on other threads at the same time, each used by
 * one thread. Every function returns 0 or HF_E_* and on failure fills the error it was given.
 *
 * WHICH FUNCTIONS MAY BE NULL. `backup`, `restore` and `scans`; no other.
 *
 * WHICH THREAD CALLS WHAT. `open` is called by the thread of hf_engine_open, `close` by the loop's
 * thread, when no transaction is open; `restore` by the thread of hf_restore. With
 * hf_options.threads 1 the write transactions run on the storage thread (behind a journal: on the
 * checkpoint's), snapshots of reads on two reader threads, and the snapshot of hf_verify and
 * `backup` on the maintenance thread, at the same time. One thread begins, uses and ends a
 * transaction, but the next write transaction may be another thread's. With threads 0 all of this
 * is the loop's thread. The driver's functions must not call the engine.
 *
 * WHAT A WRITE TRANSACTION SEES. Its own puts and dels, in get and in scan, and the last commit
 * below them. A snapshot sees the last commit when it began, and nothing later.
 *
 * WHAT PUT AND DEL ARE GIVEN. In one transaction the engine gives each row at most once to put or
 * to del: as it is after the batch, however often the batch changed it. A row that came and went
 * within the batch is not given. The rows of a call are sorted by primary key and have different
 * keys. The tests of the contract also change a row several times in one transaction, in several
 * calls: the later call counts.
 *
 * HOW KEYS SORT. Column by column. I64 and TIME by their value with its sign: -1 before 0. U64,
 * U32, BOOL and ENUM by their number; an ENUM never by the text of its name. ID and HASH as 16
 * bytes, NAME as its 64 bytes, each byte unsigned: so a text sorts before all that begin with it,
 * upper case sorts before lower case, and no locale matters. Rows of equal index columns are in the
 * order of their primary keys.
 *
 * WHICH ERROR BELONGS TO WHICH SITUATION.
 *   open HF_E_PATH (no such folder, or a folder where a file should be), HF_E_READ_ONLY,
 *                 HF_E_NO_SPACE, HF_E_LOCKED (another process has it), HF_E_OPEN_TWICE (this
 *                 process has it, also by another name), HF_E_CORRUPT (damaged, or of another
 *                 program), HF_E_SCHEMA (newer than the schema given), HF_E_URL (no valid
 *                 location), HF_E_IO, HF_E_NOMEM, HF_E_CANCELLED (progress said so)
 *   begin, get,   HF_E_NOMEM (also when `alloc` returns NULL), HF_E_BUSY (try again later),
 *   scan, stat    HF_E_NO_SPACE, HF_E_CORRUPT (a row that cannot be right is never returned),
 *                 HF_E_IO, HF_E_FORKED (in a child of the process that opened it)
 *   put, del      the same. The engine rolls the transaction back: nothing has happened, and
 *                 what is none of HF_E_NO_SPACE, HF_E_READ_ONLY, HF_E_BUSY, HF_E_NOMEM,
 *                 HF_E_CORRUPT, HF_E_FORKED and HF_E_POISONED makes the engine degraded
 *   commit        HF_E_NO_SPACE, HF_E_READ_ONLY, HF_E_DEGRADED: nothing has happened; the engine is
 *                 degraded and tries again by itself. HF_E_BUSY, HF_E_NOMEM: nothing has happened,
 *                 and callers try again. HF_E_CORRUPT, HF_E_FORKED, HF_E_POISONED: the engine stops
 *                 with this error. Any other, HF_E_IO among them, says that the outcome is not
 *                 known (a failed flush, for example): operations complete with HF_E_UNKNOWN, and
 *                 the engine stops until the store is opened again
 *   check         HF_E_CORRUPT with what is wrong, HF_E_CANCELLED, HF_E_IO, HF_E_NOMEM
 *   backup,       HF_E_EXISTS (something is there), HF_E_PATH, HF_E_NO_SPACE, HF_E_IO,
 *   restore       HF_E_CANCELLED, HF_E_UNSUPPORTED (not for this store); restore also as open
 *
 * TESTS OF THE CONTRACT. holdfast-conformance, installed with the library when it is built with its
 * tests, runs the tests that the built-in stores pass on a store of the host's own:
 *
 *     #include <holdfast/conformance.h>
 *     int main(void) { return hf_conformance_run(&my_driver, 0) == 0 ? 0 : 1; }
 *
 *     cc test.c my_driver.c $(pkg-config --cflags --libs holdfast-conformance)
 */
#ifndef HOLDFAST_STORE_H
#define HOLDFAST_STORE_H

#include <holdfast/engine.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Types of a column. The C type at `offset` is named behind each. */
typedef enum hf_column_type {
    HF_COLUMN_I64 = 0,   /* int64_t */
    HF_COLUMN_U64 = 1,   /* uint64_t, at most INT64_MAX */
    HF_COLUMN_U32 = 2,   /* uint32_t; one that has `names` has no value without a name */
    HF_COLUMN_BOOL = 3,  /* uint32_t, 0 or 1 */
    HF_COLUMN_ENUM = 4,  /* uint32_t below name_count, which is at most 256 */
    HF_COLUMN_TIME = 5,  /* int64_t, Unix ms; 0 = none, NULL in SQL outside keys */
    HF_COLUMN_ID = 6,    /* hf_id; all zero = none, NULL in SQL outside keys */
    HF_COLUMN_HASH = 7,  /* uint8_t[16] */
    HF_COLUMN_NAME = 8,  /* hf_name; empty = NULL in SQL outside keys */
    HF_COLUMN_BYTES = 9, /* const void *, then uint64_t length; 0 = NULL in SQL; never in a key */
} hf_column_type;

/* Column flags. */
#define HF_COLUMN_ENGINE_TIME 1u /* of the engine itself: clock, epoch, node; not in digests */

/*
 * One column. `names` are the upper-case names of its values, indexed by value: every ENUM has them
 * without a gap, and a U32 may have them, where NULL stands for a value that does not occur. A
 * store with SQL keeps the name as text, with a CHECK. A U32 with names is in no key and no index.
 *
 * A column keeps its position and its values for ever. Its name and its `names` may change with a
 * schema version, and a U32 may get `names`: `renamed` is this version, and `was` is the
 * declaration that older versions have, which may have been renamed itself. Only a store that keeps
 * names in its files, such as SQLite, has to migrate a renamed column.
 */
typedef struct hf_column {
    const char *name; /* as in SQL */
    uint32_t type;    /* hf_column_type */
    uint32_t offset;  /* in the row struct */
    uint32_t flags;   /* HF_COLUMN_* flags */
    uint32_t name_count;
    const char *const *names;    /* of the values; NULL: they have no names */
    uint32_t since;              /* schema version that added it to its table's end; 0: the first */
    uint32_t renamed;            /* schema version that declared it as here; 0: always so */
    const struct hf_column *was; /* as schemas before `renamed` declared it; NULL: always so */
} hf_column;

/* One secondary index; its key is its columns, then the primary key. */
typedef struct hf_index {
    const char *name;
    const uint8_t *columns; /* ordinals into the table's columns */
    uint32_t column_count;
    int32_t where_column; /* -1: every row; else only rows where that column ... */
    uint32_t where_mask;  /* ... is not 0/empty (mask 0), or is an ENUM value whose bit is set */
    uint32_t reserved;
} hf_index;

/* One table. */
typedef struct hf_table {
    const char *name;   /* plural noun, as in SQL */
    uint32_t id;        /* stable number, from 1; never reused */
    uint32_t row_bytes; /* sizeof the row struct */
    const hf_column *columns;
    const uint8_t *key; /* ordinals of the primary key */
    const hf_index *indexes;
    uint32_t column_count;
    uint32_t key_count;
    uint32_t index_count;
    uint32_t reserved;
} hf_table;

/* Every table of this version of the library. */
typedef struct hf_schema {
    uint32_t version; /* of the stored data */
    uint32_t table_count;
    const hf_table *const *tables; /* by position: the `table` of the calls below */
} hf_schema;

/* The error of a call. */
typedef struct hf_store_error {
    int32_t code;   /* HF_E_* */
    int32_t native; /* of the backend; 0 */
    char text[480]; /* names file, place, cause and remedy; of a long path the end */
} hf_store_error;

/* What a transaction needs of its caller. Lives as long as the transaction. */
typedef struct hf_store_caller {
    void *(*alloc)(void *context, uint64_t bytes); /* for BYTES columns read; NULL when no memory is
                                                      left */
    void *context;
    hf_store_error *error;
} hf_store_caller;

/* Flags of an identity. */
#define HF_STORE_OPEN 1u /* a journal belongs to the store: it was not closed in good order */
#define HF_STORE_COPY 2u /* a backup or a restored one: it needs no journal, see `incarnation` */

/*
 * Which store this is, and which journal belongs to it. The engine makes it and reads it; a store
 * keeps it as it is. Its backup and its restore set HF_STORE_COPY in the copy that they make.
 */
typedef struct hf_store_identity {
    hf_id store; /* random, for the life of the store and in its copies; all zero: none */
    uint64_t
        incarnation;   /* 1 of a new store; 1 more of each copy and of each that lost a journal */
    uint64_t journal;  /* random number of its last journal, at most INT64_MAX; 0: none yet */
    uint64_t segment;  /* the journal has segments up to this number at least */
    uint32_t flags;    /* HF_STORE_OPEN and HF_STORE_COPY */
    uint32_t reserved; /* 0 */
} hf_store_identity;

/* Written with each commit. */
typedef struct hf_store_mark {
    uint64_t batch;             /* number of the last batch in the store */
    int64_t time_ms;            /* its time */
    hf_store_identity identity; /* all zero in a commit: the store's stays as it is */
} hf_store_mark;

/* How a transaction is begun. */
typedef enum hf_txn_mode {
    HF_TXN_WRITE = 0,
    HF_TXN_SNAPSHOT = 1, /* sees the last commit for as long as it lives */
} hf_txn_mode;

/*
 * One table's bookkeeping. The engine uses the rows; the checksum is the store's own, and only its
 * check compares it. A host's store may compute it in any way, or leave it 0, also when the table
 * has rows.
 */
typedef struct hf_table_stat {
    uint64_t rows;
    uint32_t checksum; /* built-in stores: XOR of a CRC32C of every row, the same in all of them */
    uint32_t reserved;
} hf_table_stat;

/* What a store says of itself, as of a transaction. */
typedef struct hf_store_stat {
    hf_store_mark mark;
    uint64_t bytes;        /* on disk or in memory */
    uint32_t schema;       /* version of the stored data */
    uint32_t table_count;  /* of `tables` */
    hf_table_stat *tables; /* the caller's array, by position; may be NULL */
} hf_store_stat;

/*
 * A range of an index. Bounds are row structs of which the first low_columns (high_columns)
 * columns of the index's key (its columns, then the primary key) are set; 0 columns: no bound. A
 * bound of fewer columns stands for all keys that begin with it.
 */
typedef struct hf_scan {
    uint32_t table; /* position in the schema */
    uint32_t index; /* 0: primary key; n: indexes[n - 1] */
    const void *low;
    const void *high;
    uint32_t low_columns;
    uint32_t high_columns;
    uint32_t low_exclusive;  /* 1: keys after the bound (after all that begin with it) */
    uint32_t high_exclusive; /* 1: keys before the bound */
    uint32_t descending;     /* 1: from high to low */
    uint32_t reserved;
} hf_scan;

/*
 * What open is given; borrowed for the call, except schema, allocator and log, which stay valid
 * until the store is closed.
 */
typedef struct hf_store_config {
    uint32_t size;
    uint32_t durability;  /* hf_durability */
    const char *location; /* the URL behind its scheme and colon; of HF_STORE_JOURNALED the absolute
                             path, when its folder is there */
    const hf_schema *schema;
    const hf_allocator *allocator;
    hf_log_cb log; /* never NULL */
    void *log_data;
    hf_progress_cb progress; /* may be NULL */
    void *progress_data;
    hf_store_error *error;
    uint32_t check; /* hf_check */
    /*
     * 1: the store is only read, as by hf_options.read_only. `open` creates nothing (HF_E_PATH when
     * there is no store), migrates nothing (HF_E_SCHEMA when the file is of an older schema) and
     * changes no file, nor the folder; it calls `look` like any open. All snapshots are of one
     * state, also beside another process that has the store open for writing; HF_E_BUSY when that
     * one is being opened or closed, or commits faster than snapshots can be begun: the caller
     * opens the store again. Only for a store with HF_STORE_READ_ONLY.
     */
    uint32_t read_only;
    /*
     * Of a store that has none: when open creates one, and when open migrates one, in the same
     * commit. It is read after `look` has returned. NULL, or all zero: none.
     */
    const hf_store_identity *identity;
    /*
     * Called once by open, before it writes anything, with what the store says of itself (`tables`
     * is NULL), or with NULL when there is no store and open is about to create one; by restore,
     * with what the copy says, before the copy gets its name. A result other than 0 ends open or
     * restore with that result; the callback has filled `error`. May be NULL. Only a store with
     * HF_STORE_JOURNALED has to call it.
     */
    int (*look)(void *look_data, const struct hf_store_stat *stat);
    void *look_data;
    /*
     * With read_only: called by each backup, before the copy gets its name. `copy` is the copy,
     * open for writing by the functions of this driver until the callback returns, in the thread of
     * the backup: it gets what only a journal has. A result other than 0 ends the backup with that
     * result; the callback has filled `error`. May be NULL. Lives as long as the store.
     */
    int (*complete)(void *complete_data, void *copy, hf_store_error *error);
    void *complete_data;
} hf_store_config;

/* Capabilities of a store. */
#define HF_STORE_EXCLUSIVE  1u /* one process at a time; the store enforces it */
#define HF_STORE_PERSISTENT 2u /* survives the process */
/*
 * Several engines have it open at the same time. A write transaction sees every commit before it,
 * and no other write is open beside it; an engine sees by the marks that others have committed. The
 * engines share transactions by leases, see node.h.
 */
#define HF_STORE_SHARED 4u
/*
 * Its location is the path of one file, and the engine may keep a journal in PATH.journal. Only for
 * stores that are exclusive and persistent.
 */
#define HF_STORE_JOURNALED 8u
/* Its `open` obeys hf_store_config.read_only. */
#define HF_STORE_READ_ONLY 16u

/*
 * A store: a table of functions. `backup` and `restore` may be NULL: hf_backup and hf_restore are
 * HF_E_UNSUPPORTED then. `scans` may be NULL: `scan` is called for each range then. Each other
 * function must be there, or hf_engine_open is HF_E_ARGUMENT and names it.
 */
typedef struct hf_store_driver {
    uint32_t size;
    uint32_t capabilities; /* HF_STORE_* bits */
    const char *scheme;    /* "lmdb" */

    /* Opens or creates the store and migrates it. An unusable path or file is left untouched. */
    int (*open)(const hf_store_config *config, void **store);
    /* Closes it; every transaction has ended. */
    void (*close)(void *store);

    /* Begins a transaction. */
    int (*begin)(void *store, uint32_t mode, const hf_store_caller *caller, void **txn);
    /* Fills each row whose key columns are set; found[i] is 1 or 0. */
    int (*get)(void *txn, uint32_t table, void *const *rows, uint8_t *found, uint32_t count);
    /*
     * Writes rows. olds[i] is the row as the store has it, NULL when the store has none. So the
     * store need not read the old row, whose index entries it removes.
     */
    int (*put)(void *txn, uint32_t table, const void *const *rows, const void *const *olds,
               uint32_t count);
    /* Removes rows; each is given whole, as the store has it. */
    int (*del)(void *txn, uint32_t table, const void *const *olds, uint32_t count);
    /*
     * Reads up to *count rows of a range into `rows`; *count becomes how many; fewer: the end. A
     * store that sets *count to more than it was fails the read with HF_E_CORRUPT.
     */
    int (*scan)(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count);
    /*
     * Makes a write durable and visible, or fails and leaves nothing; ends the transaction. What an
     * error says: HF_E_NO_SPACE, HF_E_READ_ONLY, HF_E_DEGRADED, HF_E_BUSY and HF_E_NOMEM: nothing
     * was committed, and the next commit may succeed. Any other error: the state on disk is not
     * known, and the engine writes nothing more. An error of any function before the commit is
     * harmless, since the transaction is rolled back: but for HF_E_CORRUPT, HF_E_FORKED and
     * HF_E_POISONED the engine tries again.
     */
    int (*commit)(void *txn, const hf_store_mark *mark);
    /* Ends a transaction and undoes its writes; also for snapshots. */
    void (*rollback)(void *txn);

    /* Fills `out` as of the transaction. */
    int (*stat)(void *txn, hf_store_stat *out);
    /* Checks the store's own structure (indexes against tables, checksums, counts). */
    int (*check)(void *txn, hf_progress_cb progress, void *progress_data);
    /*
     * Copies the last commit to `path`, flushed, while writes continue. HF_E_EXISTS when `path` is
     * there; a copy that is not whole must never have that name. May be NULL.
     */
    int (*backup)(void *store, const char *path, hf_progress_cb progress, void *progress_data,
                  hf_store_error *error);
    /* Checks the copy at `path` and puts it where `location` says; no store is open. May be NULL.
     */
    int (*restore)(const char *path, const hf_store_config *config);
    /*
     * Reads several ranges in one call, each as `scan` does: of ranges[i] up to counts[i] rows, and
     * counts[i] becomes how many. `rows` has capacity for the sum of all counts: first those of
     * ranges[0], behind them those of ranges[1], and so on. Nearly always the ranges are of one
     * table and one index, and of rows that begin with some key columns: the payments of some
     * orders. NULL: the engine calls `scan` for each.
     */
    int (*scans)(void *txn, const hf_scan *ranges, uint32_t range_count, void *const *rows,
                 uint32_t *counts);
} hf_store_driver;

/*
 * The schema every store of this version is given: for tools, and for tests of a host's store.
 * Static.
 * Thread: any. Since 0.1.
 */
HF_API const hf_schema *hf_store_schema(void);

/*
 * A built-in store by its scheme ("memory", "lmdb", "sqlite"); NULL when it is not built in.
 * Static.
 * Thread: any. Since 0.1.
 */
HF_API const hf_store_driver *hf_store_builtin(const char *scheme);

#ifdef __cplusplus
}
#endif

#endif

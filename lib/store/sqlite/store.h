/* clang-format off */
/*
 * store.h - an open SQLite store and what its parts do for each other.
 *
 *   place.c       where the file is, its header, a new one
 *   vfs.c         SQLite's way to the files
 *   connection.c  one connection, its statements, its errors
 *   structure.c   what is declared in the file
 *   migrate.c     files of older schemas
 *   row.c         columns as SQLite values, the checksum of a row
 *   book.c        counts and the mark of the last batch
 *   txn.c         begin, put, del, commit
 *   get.c         rows by key
 *   scan.c        ranges
 *   check.c       every row
 *   backup.c      copies, and stores made from them
 *   reading.c     a store that is only read
 *   guard.c       what the writer keeps for such a reader
 *   driver.c      open, close, the table of functions
 */
/* clang-format on */
#ifndef HF_STORE_SQLITE_STORE_H
#define HF_STORE_SQLITE_STORE_H

#include "base/identity.h"
#include "base/os.h"
#include "store/builtin.h"
#include "store/data_file.h"
#include "store/making.h"
#include "store/sqlite/connection.h"

#define HF__SQLITE_READERS  8            /* snapshots at a time, backup included */
#define HF__SQLITE_FIXED    4            /* the same of a store that is only read */
#define HF__SQLITE_PATH_MAX 4000         /* bytes of a location */
#define HF__SQLITE_QUICK    (1ull << 30) /* larger files are checked at open only on request */

/* guard.c: the writer's lock of a reader on the index of SQLite's log. */
typedef struct hf__sqlite_guard {
    int fd; /* of PATH-shm, closed after SQLite has closed it; -1: not open */
    bool is_locked;
} hf__sqlite_guard;

typedef struct hf__sqlite_store {
    const hf_schema *schema;
    const hf_allocator *allocator;
    hf_log_cb log;
    void *log_data;
    uint32_t durability;
    uint32_t forks;       /* hf__os_fork_count when it was opened */
    uint32_t slot_count;  /* statements of a connection */
    uint32_t *first_slot; /* by table */
    uint32_t row_bytes;   /* of the largest row struct */
    hf__data_file data;
    hf__place place;  /* until it is closed: SQLite opens and removes its other files by name */
    const char *path; /* the end of its path, for texts */
    char *log_path;   /* SQLite's write-ahead log */
    bool has_vfs;     /* hf__sqlite_vfs_enter was called */
    bool created;     /* by this open */
    bool read_only;   /* hf_store_config.read_only; all snapshots are the same one, see reading.c */
    int (*complete)(void *data, void *copy, hf_store_error *error); /* hf_store_config; or NULL */
    void *complete_data;
    bool is_written;        /* read_only: by an engine of another process */
    hf__file_info log_file; /* the writer's: SQLite's log, as it was opened */
    hf__file_info as_read;  /* read_only, not is_written: the file, which must stay like this */
    hf__sqlite_guard guard; /* the writer's */

    /* The writer's; other threads read the file instead. */
    hf_store_mark mark;
    const hf_store_identity *fresh; /* of a new file; lives as long as open; NULL: none */
    hf_table_stat *counts;          /* as of the last commit */
    hf_table_stat *pending;         /* as of the running transaction */
    int64_t data_version;
    bool must_move;     /* SQLite's log must be moved into the file, however short it is */
    int32_t log_frames; /* in SQLite's log after the last commit */
    int32_t poison;     /* why nothing can be written any more; 0 */

    hf__sqlite_connection writer;
    hf__sqlite_connection readers[HF__SQLITE_READERS];
} hf__sqlite_store;

/* place.c */
void *hf__sqlite_alloc(const hf_allocator *allocator, size_t bytes); /* zeroed */
bool hf__sqlite_exists(const char *path);
uint64_t hf__sqlite_bytes(const char *path); /* 0 when there is none */
/* Resolves the location. */
int hf__sqlite_place(hf__sqlite_store *store, const hf_store_config *config);
/* Opens and locks the file, and looks at its first bytes. HF_E_NOT_FOUND without a text. */
int hf__sqlite_adopt(hf__sqlite_store *store, hf_store_error *error);
/* Takes the lock that older versions take, if they left its file; *fd is to be closed. */
int hf__sqlite_lock_older(const hf__sqlite_store *store, int *fd, hf_store_error *error);
/* Looks at a file's first bytes, without SQLite: is it one of ours, not of a newer version,
 * and, when it must be `whole`, not cut short? */
int hf__sqlite_header(const hf__sqlite_store *store, const hf__data_file *file, const char *shown,
                      bool whole, hf_store_error *error);
/*
 * Called after SQLite was closed, for a file that was renamed while it was open: what SQLite left
 * beside the old name gets the new name. `complete`: the file has everything that is in the log.
 */
void hf__sqlite_rename_log(const hf__sqlite_store *store, bool complete);
int hf__sqlite_create(hf__sqlite_store *store, hf_store_error *error);
/*
 * As hf__making_begin, also for what SQLite has beside a file. HF_E_EXISTS when a log of SQLite is
 * beside that path.
 */
int hf__sqlite_making(hf__making *making, const hf__place *place, const hf_allocator *allocator,
                      hf_store_error *error);
/* Ends it: error 0 gives the file its name, any other removes it and is returned. */
int hf__sqlite_made(hf__making *making, int error);

/*
 * vfs.c: the VFS by which connections are opened; NULL: SQLite's default. Each enter needs a leave,
 * when all its connections are closed.
 */
const char *hf__sqlite_vfs(void);
const char *hf__sqlite_vfs_alone(void);  /* for a file that nobody changes; NULL: there is none */
const char *hf__sqlite_vfs_beside(void); /* for a file that another process writes; or NULL */
void hf__sqlite_vfs_enter(void);
void hf__sqlite_vfs_leave(void);

/*
 * reading.c: of a store that is only read. Connects the writer and HF__SQLITE_FIXED readers and
 * begins the same snapshot on each. HF_E_BUSY: an engine changes the store meanwhile.
 */
int hf__sqlite_begin_reading(hf__sqlite_store *store, hf_store_error *error);
/* HF_E_BUSY: nobody wrote when the store was opened, and now an engine does. */
int hf__sqlite_check_alone(hf__sqlite_store *store, hf_store_error *error);
/*
 * `code` of what was read by a connection. HF_E_IO when the store was opened to be read without
 * SQLite's locks, and its file has been written since.
 */
int hf__sqlite_check_unwritten(hf__sqlite_connection *connection, int code);

/*
 * guard.c: begun when the writer has opened the index of SQLite's log and has written nothing yet.
 * HF_E_LOCKED: another process reads the log as it is, and it cannot be kept; errors of hf__files.
 */
int hf__sqlite_guard_begin(hf__sqlite_store *store, hf_store_error *error);
void hf__sqlite_guard_end(hf__sqlite_store *store);   /* no such reader is left */
void hf__sqlite_guard_close(hf__sqlite_store *store); /* after SQLite was closed */

/* structure.c */
int hf__sqlite_structure(hf__sqlite_connection *connection, bool *older);
int hf__sqlite_declared(hf__sqlite_connection *connection); /* exactly this version's */
/* The text that declares `name`; *found false when the file has no such thing. */
int hf__sqlite_stored(hf__sqlite_connection *connection, const char *type, const char *name,
                      const char *expected, bool *found, bool *same);
/* The first column of the first row, "" when there is none. */
int hf__sqlite_ask(hf__sqlite_connection *connection, const char *sql, char *out, size_t bytes);

/* migrate.c: in a write transaction of its own */
int hf__sqlite_migrate(hf__sqlite_connection *connection, const hf_store_config *config);

/* row.c: a row's columns to and from a statement */
int hf__sqlite_checksum(hf__sqlite_connection *connection, const hf_table *table, const void *row,
                        uint32_t *out);
int hf__sqlite_bind(hf__sqlite_connection *connection, sqlite3_stmt *statement, int parameter,
                    const hf_table *table, uint32_t column, const void *row);
int hf__sqlite_bind_low(hf__sqlite_connection *connection, sqlite3_stmt *statement, int parameter,
                        const hf_table *table, uint32_t column, const void *row);
/* The nth row (from 0) of a statement, and its checksum. */
int hf__sqlite_bind_row(hf__sqlite_connection *connection, sqlite3_stmt *statement, uint32_t nth,
                        const hf_table *table, const void *row, uint32_t checksum);
int hf__sqlite_bind_key(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                        const hf_table *table, const void *row);
/* Keys, or first columns of keys, that one statement asks for. */
typedef struct hf__sqlite_asked {
    const uint8_t *key; /* ordinals of the columns */
    uint32_t columns;
    const void *const *rows; /* that have them */
    const uint32_t *lasts;   /* of runs: the last number of each; NULL: single keys */
    uint32_t count;          /* at most HF__SQLITE_ASKED */
} hf__sqlite_asked;

int hf__sqlite_bind_asked(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                          const hf_table *table, const hf__sqlite_asked *asked);
/*
 * Reads all columns and checks them against the checksum behind them. BYTES point into the values,
 * or into the statement.
 */
int hf__sqlite_read_values(hf__sqlite_connection *connection, sqlite3_value *const *values,
                           const hf_table *table, void *row, uint32_t *checksum);
int hf__sqlite_read_row(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                        const hf_table *table, void *row, uint32_t *checksum);
/* Reads column `column` alone, unchecked. False when it is no such value. */
bool hf__sqlite_read_column(sqlite3_stmt *statement, const hf_table *table, uint32_t column,
                            void *row);
/* Copies BYTES columns into the caller's memory. */
int hf__sqlite_keep_bytes(hf__sqlite_connection *connection, const hf_table *table, void *row);
bool hf__sqlite_none(const hf_table *table, uint32_t column, const void *row);
bool hf__sqlite_same(const hf_table *table, uint32_t column, const void *a, const void *b);
void hf__sqlite_set_none(const hf_table *table, uint32_t column, void *row);
uint32_t hf__sqlite_enum(const hf_table *table, uint32_t column, const void *row);
void hf__sqlite_set_enum(const hf_table *table, uint32_t column, void *row, uint32_t value);

/* book.c: the bookkeeping tables */
int hf__sqlite_book_create(hf__sqlite_connection *connection);
int hf__sqlite_mark_get(hf__sqlite_connection *connection, hf_store_mark *out, uint32_t *schema,
                        uint32_t *layout);
int hf__sqlite_mark_put(hf__sqlite_connection *connection, const hf_store_mark *mark);
/* The identity; all zero when the file has none. Only where the table hf_identity is. */
int hf__sqlite_identity_get(hf__sqlite_connection *connection, hf_store_identity *out);
int hf__sqlite_identity_put(hf__sqlite_connection *connection, const hf_store_identity *identity);
/* Sets HF_STORE_COPY in the file that the connection is open on, if it has an identity. */
int hf__sqlite_set_copy(hf__sqlite_connection *connection);
int hf__sqlite_count_get(hf__sqlite_connection *connection, uint32_t table, hf_table_stat *out,
                         bool *found);
int hf__sqlite_count_put(hf__sqlite_connection *connection, uint32_t table,
                         const hf_table_stat *count);

/* check.c: SQLite's own check of pages, "quick_check" or "integrity_check"; then every row of every
 * table against its checksum, the counts and the sums */
int hf__sqlite_pages(hf__sqlite_connection *connection, const char *pragma, hf_progress_cb progress,
                     void *data);
int hf__sqlite_walk(hf__sqlite_connection *connection, hf_progress_cb progress, void *data);

/* txn.c, get.c, scan.c, check.c, backup.c: the entries of the driver's table */
int hf__sqlite_begin(void *store, uint32_t mode, const hf_store_caller *caller, void **txn);
int hf__sqlite_get(void *txn, uint32_t table, void *const *rows, uint8_t *found, uint32_t count);
int hf__sqlite_put(void *txn, uint32_t table, const void *const *rows, const void *const *olds,
                   uint32_t count);
int hf__sqlite_del(void *txn, uint32_t table, const void *const *olds, uint32_t count);
int hf__sqlite_scan(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count);
int hf__sqlite_scans(void *txn, const hf_scan *ranges, uint32_t range_count, void *const *rows,
                     uint32_t *counts);
int hf__sqlite_commit(void *txn, const hf_store_mark *mark);
void hf__sqlite_rollback(void *txn);
int hf__sqlite_stat(void *txn, hf_store_stat *out);
int hf__sqlite_check(void *txn, hf_progress_cb progress, void *progress_data);
int hf__sqlite_backup(void *store, const char *path, hf_progress_cb progress, void *progress_data,
                      hf_store_error *error);
int hf__sqlite_restore(const char *path, const hf_store_config *config);

/* driver.c: a store without a file yet, and its end */
int hf__sqlite_store_create(const hf_store_config *config, hf__sqlite_store **out);
void hf__sqlite_store_destroy(hf__sqlite_store *store);
/* What the writer's connection must know of the file. */
int hf__sqlite_load(hf__sqlite_store *store);

/* txn.c: a connection for a snapshot and its return */
int hf__sqlite_reader(hf__sqlite_store *store, hf_store_error *error, hf__sqlite_connection **out);
void hf__sqlite_reader_done(hf__sqlite_connection *connection);

#endif

/*
 * connection.h - one SQLite connection with its statements and buffers, used by one thread at a
 * time, and the translation of what goes wrong on it.
 *
 * The store has one connection for writes and some for snapshots; a transaction is the connection
 * it runs on.
 */
#ifndef HF_STORE_SQLITE_CONNECTION_H
#define HF_STORE_SQLITE_CONNECTION_H

#include "base/fail.h"
#include "model/codec.h"
#include "store/sqlite/sql.h"
#include <sqlite3.h>
#include <stdatomic.h>

/*
 * Pages that a connection keeps in memory, at most 64 MiB of them. A checkpoint writes to as many
 * pages as a customer index has customers, and a read of an order needs a path of pages in four
 * trees: with SQLite's 2 MiB most of them are read again and again. This reads the file.
 */
#define HF__SQLITE_CACHE "PRAGMA cache_size = -65536"

struct hf__sqlite_store;

/* Statements that every connection has once. */
typedef enum hf__sqlite_fixed {
    HF__SQLITE_FIXED_BEGIN_WRITE = 0,
    HF__SQLITE_FIXED_BEGIN_READ,
    HF__SQLITE_FIXED_COMMIT,
    HF__SQLITE_FIXED_ROLLBACK,
    HF__SQLITE_FIXED_DATA_VERSION,
    HF__SQLITE_FIXED_MARK_GET,
    HF__SQLITE_FIXED_MARK_PUT,
    HF__SQLITE_FIXED_COUNT_GET,
    HF__SQLITE_FIXED_COUNT_PUT,
    HF__SQLITE_FIXED_IDENTITY_GET,
    HF__SQLITE_FIXED_IDENTITY_PUT,
    HF__SQLITE_FIXED_COUNT
} hf__sqlite_fixed;

/* Statements that every table has once; those of its scans follow them. */
typedef enum hf__sqlite_verb {
    HF__SQLITE_VERB_GET = 0,
    HF__SQLITE_VERB_GET_MANY, /* of HF__SQLITE_ASKED keys */
    HF__SQLITE_VERB_INSERT,
    HF__SQLITE_VERB_INSERT_MANY,  /* HF__SQLITE_MANY rows */
    HF__SQLITE_VERB_UPDATE,       /* all columns */
    HF__SQLITE_VERB_UPDATE_PLAIN, /* only those of no index */
    HF__SQLITE_VERB_DELETE,
    HF__SQLITE_VERB_COUNT
} hf__sqlite_verb;

/* Takes a row of a statement that reads many: what hf__sqlite_take_all says. HF_E_*. */
typedef int (*hf__sqlite_take)(void *context, sqlite3_value *const *values);

typedef struct hf__sqlite_connection {
    struct hf__sqlite_store *store;
    sqlite3 *db;                   /* NULL until first used */
    sqlite3_stmt **statements;     /* by slot; NULL until first used */
    char *sql;                     /* HF__SQLITE_SQL_MAX bytes, where statement texts are made */
    uint8_t *encoded;              /* one row encoded, for its checksum */
    size_t encoded_bytes;          /* its capacity; grows with the largest row seen */
    void *rows[2];                 /* scratch rows: where a scan stands, a row looked at */
    const hf_store_caller *caller; /* of the transaction */
    hf_store_error *error;
    hf__sqlite_take take; /* of the statement that runs */
    void *take_context;
    int take_error;
    uint32_t mode;   /* hf_txn_mode */
    int32_t failure; /* why the transaction can only be rolled back; 0 */
    atomic_uint busy;
} hf__sqlite_connection;

/* Translates a result of SQLite; `doing` says what failed. SQLITE_OK, ROW and DONE are no errors.
 */
int hf__sqlite_error(hf__sqlite_connection *connection, int result, const char *doing);

/* The same before there is a connection to ask, or for another database handle. */
int hf__sqlite_translate(sqlite3 *db, int result);

/* Memory for a connection's buffers, from the store's allocator. HF_E_NOMEM. */
int hf__sqlite_connection_init(hf__sqlite_connection *connection, struct hf__sqlite_store *store);
void hf__sqlite_connection_fini(hf__sqlite_connection *connection);

/* Opens the file at `path`; `flags` are SQLite's. Nothing is read yet. */
int hf__sqlite_connect(hf__sqlite_connection *connection, const char *path, int flags);

/* What a connection to the store's own file is for. */
typedef enum hf__sqlite_use {
    HF__SQLITE_USE_WRITES = 0,
    HF__SQLITE_USE_SNAPSHOTS, /* beside the connection that writes */
    HF__SQLITE_USE_ALONE,  /* nobody writes: nothing is changed or made, not even SQLite's locks */
    HF__SQLITE_USE_BESIDE, /* another process writes: SQLite's locks of a reader are all that
                              changes */
} hf__sqlite_use;

/* Opens the store's own file, and none that has its name by now: HF_E_BUSY. */
int hf__sqlite_connect_own(hf__sqlite_connection *connection, hf__sqlite_use use);
void hf__sqlite_disconnect(hf__sqlite_connection *connection);

/* Runs a text that gives no rows, or whose rows do not matter. */
int hf__sqlite_run(hf__sqlite_connection *connection, const char *sql);

/* Runs `sql` and gives the first column of its first row, `absent` when there is none. */
int hf__sqlite_number(hf__sqlite_connection *connection, const char *sql, int64_t absent,
                      int64_t *out);

/* The prepared statement of a slot, ready for parameters. HF_E_*. */
int hf__sqlite_fixed_statement(hf__sqlite_connection *connection, uint32_t which,
                               sqlite3_stmt **out);
int hf__sqlite_table_statement(hf__sqlite_connection *connection, uint32_t table, uint32_t verb,
                               sqlite3_stmt **out);
int hf__sqlite_scan_statement(hf__sqlite_connection *connection, uint32_t table,
                              const hf__sqlite_shape *shape, sqlite3_stmt **out);

/*
 * Runs a statement that reads many rows: `take` is called with each, its columns, the checksum and
 * the place of its key, until it returns an error, which is returned.
 */
int hf__sqlite_take_all(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                        const char *doing, hf__sqlite_take take, void *context);

/* Runs one that gives no rows; *changed (may be NULL) is how many rows it changed. */
int hf__sqlite_execute(hf__sqlite_connection *connection, sqlite3_stmt *statement,
                       const char *doing, int64_t *changed);

#endif

/*
 * state.h - the state of an open LMDB store and of its transactions; private to this folder.
 *
 * A tree is one named LMDB database: a table's rows under their encoded keys, or one secondary
 * index whose entries have no value. The trees of a table stand side by side, its rows first, then
 * its indexes in order.
 */
#ifndef HF_STORE_LMDB_STATE_H
#define HF_STORE_LMDB_STATE_H

#include "base/fail.h"
#include "base/identity.h"
#include "base/os.h"
#include "model/codec.h"
#include "store/data_file.h"
#include "store/making.h"

#include <lmdb.h>
#include <stdatomic.h>
#include <string.h>

#define HF__LMDB_READERS    126u /* snapshots at the same time */
#define HF__LMDB_FIXED      4u   /* of a store that is only read */
#define HF__LMDB_META_BYTES 152u /* of a meta page of LMDB 0.9 on 64 bits, that are used */
#define HF__LMDB_CRC_BYTES  4u   /* in front of each row */
#define HF__LMDB_INDEXES    16u  /* of a table, at most */

/* One tree. */
typedef struct hf__lmdb_tree {
    const hf_table *table;
    uint32_t position; /* of the table in the schema */
    uint32_t index;    /* 0: the rows */
    MDB_dbi dbi;
    uint32_t columns;    /* of its table, that the rows in the file have */
    bool present;        /* the file has it */
    bool high_known;     /* the next two are valid */
    uint32_t high_bytes; /* no key of the tree is greater than these bytes */
    uint8_t high[HF__KEY_MAX];
} hf__lmdb_tree;

/* The store's record about itself, as it is written with each commit. */
typedef struct hf__lmdb_meta {
    uint32_t schema;
    hf_store_mark mark;
    hf_table_stat *tables; /* by position in the schema */
} hf__lmdb_meta;

/* Memory that grows and is kept. */
typedef struct hf__lmdb_buffer {
    uint8_t *at;
    size_t bytes;
} hf__lmdb_buffer;

/* One transaction; the writer's, or a snapshot's of the pool. */
typedef struct hf__lmdb_txn {
    struct hf__lmdb_store *store;
    MDB_txn *handle;      /* of a snapshot: kept between uses */
    MDB_cursor **cursors; /* by tree; NULL where none has been needed */
    uint64_t *rounds;     /* by tree: the round in which the cursor was renewed */
    uint64_t round;       /* counts the uses of this struct */
    const hf_store_caller *caller;
    uint32_t forks;
    int failed; /* a write went wrong: no commit */
    bool writes;
    atomic_flag busy;
} hf__lmdb_txn;

/* Keeps pages for readers that are not in LMDB's table; see guard.c. */
typedef struct hf__lmdb_guard {
    MDB_txn *txn;    /* NULL: there is no such reader */
    uint64_t own;    /* number of that transaction */
    uint64_t kept;   /* the number that replaces it in the table */
    uint64_t at;     /* the offset of that number in the file of the table */
    int fd;          /* of that file; -1: not open */
    uint32_t writes; /* begun since open, modulo 2^32 */
} hf__lmdb_guard;

/* An open store. */
typedef struct hf__lmdb_store {
    const hf_schema *schema;
    const hf_allocator *allocator;
    hf_log_cb log;
    void *log_data;
    const char *name; /* the end of its path, for texts */
    uint32_t forks;   /* hf__os_fork_count of the process that opened it */
    uint32_t durability;
    hf__data_file data;
    bool created;                       /* by this open */
    bool read_only;                     /* all snapshots are the same one, see reading.c */
    uint8_t fixed[HF__LMDB_META_BYTES]; /* read_only: the meta page of that one */
    int (*complete)(void *data, void *copy, hf_store_error *error); /* hf_store_config; or NULL */
    void *complete_data;
    hf__lmdb_guard guard;               /* of the writer: what readers need */
    atomic_int poisoned;                /* why nothing more is written: HF_E_*; 0 */
    atomic_uint_fast64_t commits_begun; /* calls of mdb_txn_commit by the writer */
    atomic_uint_fast64_t commits_ended;

    MDB_env *env;
    atomic_uintptr_t map; /* where it begins, once search.c has found that out; 0 */
    MDB_dbi meta_dbi;
    uint32_t page_bytes;
    uint32_t tree_count;
    hf__lmdb_tree *trees;
    uint32_t *first; /* by table: its first tree */

    hf__lmdb_meta meta;     /* of the last commit; the writer's */
    hf_table_stat *pending; /* the writer's transaction: counts as they will be */
    hf__lmdb_buffer row;    /* the writer's: a row as bytes */
    hf__lmdb_buffer record; /* the writer's: the meta record as bytes */
    hf__lmdb_txn writer;
    hf__lmdb_txn *readers; /* HF__LMDB_READERS */
} hf__lmdb_store;

/* ---- error.c ---- */

/* The HF_E_* for a result of LMDB, which is an MDB_* or an errno. */
int hf__lmdb_code(int native);

/* Fills the error for a failed call of LMDB: "lmdb:NAME: WHAT: cause". */
int hf__lmdb_native(hf_store_error *error, const char *name, const char *what, int native);

/*
 * LMDB says EIO when the system wrote less than asked, which is what a disk does that fills up in
 * the middle of a write. Returns ENOSPC instead of EIO when there is no space, else `native`.
 */
int hf__lmdb_cause(const hf__lmdb_store *store, int native);

/* Damage at a key of a tree: HF_E_CORRUPT that names file, table or index, key and cause. */
int hf__lmdb_damaged(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *key,
                     const char *cause);

/* A call of LMDB on a tree that failed. */
int hf__lmdb_tree_failed(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, int native);

/* ---- env.c: the environment and its trees, whatever the file is opened for ---- */

/* Memory for a store of this schema; nothing is opened. HF_E_NOMEM. */
int hf__lmdb_new(const hf_store_config *config, const hf__place *place, hf__lmdb_store **out);
void hf__lmdb_free(hf__lmdb_store *store);

/* Opens `path` with LMDB flags; the file must have been walked. */
int hf__lmdb_env_open(hf__lmdb_store *store, const char *path, unsigned flags,
                      hf_store_error *error);
void hf__lmdb_env_close(hf__lmdb_store *store);

/* Opens the trees that are there, within a transaction. With MDB_CREATE those that are not. */
int hf__lmdb_trees_open(hf__lmdb_store *store, MDB_txn *txn, unsigned flags, hf_store_error *error);

/* At least `bytes` in a buffer; false when out of memory. What was in it is lost. */
bool hf__lmdb_reserve(const hf__lmdb_store *store, hf__lmdb_buffer *buffer, size_t bytes);

/* ---- meta.c ---- */

/* Reads the record; HF_E_CORRUPT when it is absent (a foreign file) or damaged. */
int hf__lmdb_meta_read(const hf__lmdb_store *store, MDB_txn *txn, hf__lmdb_meta *out,
                       hf_store_error *error);

/* Writes the record with these counts; returns a result of LMDB. */
int hf__lmdb_meta_write(hf__lmdb_store *store, MDB_txn *txn, const hf_store_mark *mark,
                        const hf_table_stat *tables);

/* Writes the identity alone; returns a result of LMDB. */
int hf__lmdb_identity_write(const hf__lmdb_store *store, MDB_txn *txn,
                            const hf_store_identity *identity);

/* ---- create.c, file.c ---- */

/* Makes an empty store at `place` (which must be free) so that it is there whole or not at all. */
int hf__lmdb_create(const hf_store_config *config, const hf__place *place);

/* Creates what the schema declares and the file lacks, and fills it; migrate.c. */
int hf__lmdb_migrate(hf__lmdb_store *store, const hf_store_config *config);

/* Walks the pages of an open file of `bytes`. `name` is for texts. */
int hf__lmdb_walk(const hf_store_config *config, const char *name, int fd, uint64_t bytes);

/* Memory for PATH followed by `suffix`; NULL when out. */
char *hf__lmdb_path(const hf_allocator *allocator, const char *path, const char *suffix);

/* The end of a path that fits into a text. */
const char *hf__lmdb_name(const char *path);

/*
 * Makes PATH-lock, LMDB's table of readers, anew, see file.c. The check is for after LMDB has
 * opened it: HF_E_BUSY when it is another file by then.
 */
int hf__lmdb_readers_make(const hf_store_config *config, const hf__place *place,
                          hf__file_info *made);
int hf__lmdb_readers_check(const hf_store_config *config, const hf__place *place,
                           const hf__file_info *made);

/* Looks for PATH-lock, beside an engine. HF_E_BUSY when it is not there. */
int hf__lmdb_readers_find(const hf_store_config *config, const hf__place *place,
                          hf__file_info *found);

/* True when PATH-lock is this file. */
bool hf__lmdb_readers_are(const hf_allocator *allocator, const hf__place *place,
                          const hf__file_info *made);

/* ---- guard.c ---- */

/*
 * After LMDB was opened and before the first write: keeps the pages that readers of other processes
 * need. HF_E_LOCKED when that is not possible. The other two are called before a write begins and
 * before LMDB is closed.
 */
int hf__lmdb_guard_begin(hf__lmdb_store *store, const hf__place *place, hf_store_error *error);
void hf__lmdb_guard_look(hf__lmdb_store *store);
/* mdb_txn_begin of a snapshot, also where processes that were killed have filled the table. */
int hf__lmdb_read_begin(hf__lmdb_store *store, MDB_txn **txn);
void hf__lmdb_guard_end(hf__lmdb_store *store);
/* After LMDB was closed: a descriptor of its table drops its locks when it is closed. */
void hf__lmdb_guard_close(hf__lmdb_store *store);

/* ---- reading.c ---- */

/*
 * Reads the meta page of a snapshot, HF__LMDB_META_BYTES. The next commit but one overwrites it. As
 * long as the snapshot is still the last commit, that one cannot have begun, so the page was read
 * whole. Otherwise a new snapshot is needed: *again is set.
 */
int hf__lmdb_snapshot_meta(const hf__lmdb_store *store, MDB_txn *txn, uint8_t *meta, bool *again,
                           hf_store_error *error);

/* Opens a store to be read only. */
int hf__lmdb_open_read_only(hf__lmdb_store *store, const hf__place *place,
                            const hf_store_config *config);

/* ---- open.c ---- */

/* The file is LMDB's, by its first bytes. HF_E_CORRUPT. */
int hf__lmdb_check_magic(const hf__lmdb_store *store, hf_store_error *error);

/* Walks the file, if it is not too large for that. */
int hf__lmdb_walk_at_open(const hf__lmdb_store *store, const hf_store_config *config);

int hf__lmdb_open(const hf_store_config *config, void **out);
void hf__lmdb_close(void *store);

/* What the record says, for config->look. */
int hf__lmdb_look(const hf__lmdb_store *store, const hf_store_config *config);

/* Opens the trees of an environment for reading and reads the record. HF_E_SCHEMA when newer. */
int hf__lmdb_read_in(hf__lmdb_store *store, hf_store_error *error);

/* ---- txn.c ---- */

int hf__lmdb_begin(void *store, uint32_t mode, const hf_store_caller *caller, void **txn);
int hf__lmdb_commit(void *txn, const hf_store_mark *mark);
void hf__lmdb_rollback(void *txn);
int hf__lmdb_stat(void *txn, hf_store_stat *out);

/* A cursor on a tree, renewed for this transaction. Returns a result of LMDB. */
int hf__lmdb_cursor(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, MDB_cursor **out);

/* ---- search.c ---- */

#define HF__LMDB_TOGETHER 64u /* keys that are searched for together */

/* What was found for a key, in the snapshot's pages. */
typedef struct hf__lmdb_found {
    MDB_val key;   /* the first one that is not less; without data: not known */
    MDB_val value; /* without data: LMDB must be asked for it */
} hf__lmdb_found;

/*
 * Searches a tree of a snapshot for up to HF__LMDB_TOGETHER keys, so that the memory that one of
 * them waits for is fetched during the search of the others. Nothing is found within a transaction
 * that writes, or for few keys.
 */
void hf__lmdb_search(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *keys,
                     uint32_t count, hf__lmdb_found *found);

/* True when exactly this key was found, and its value. */
static inline bool hf__lmdb_has_found(const hf__lmdb_found *found, const MDB_val *key)
{
    return found->value.mv_data != NULL && found->key.mv_size == key->mv_size &&
           memcmp(found->key.mv_data, key->mv_data, key->mv_size) == 0;
}

/* ---- rows.c, index.c, scan.c, check.c, backup.c ---- */

int hf__lmdb_get(void *txn, uint32_t table, void *const *rows, uint8_t *found, uint32_t count);
int hf__lmdb_put(void *txn, uint32_t table, const void *const *rows, const void *const *olds,
                 uint32_t count);
int hf__lmdb_del(void *txn, uint32_t table, const void *const *olds, uint32_t count);
int hf__lmdb_scan(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count);
int hf__lmdb_scans(void *txn, const hf_scan *ranges, uint32_t range_count, void *const *rows,
                   uint32_t *counts);
int hf__lmdb_check(void *txn, hf_progress_cb progress, void *progress_data);
int hf__lmdb_backup(void *store, const char *path, hf_progress_cb progress, void *progress_data,
                    hf_store_error *error);
int hf__lmdb_restore(const char *path, const hf_store_config *config);

/* Sets HF_STORE_COPY in a copy that is being made. copy.c */
int hf__lmdb_set_copy(const hf_store_config *config, const hf__making *making);

/* Lets hf_store_config.complete of the store write to a copy of it that is being made. */
int hf__lmdb_complete_copy(const hf__lmdb_store *of, const hf_store_config *config,
                           const hf__making *making);

/* Checks a stored row against its checksum and fills in the columns outside the key. */
int hf__lmdb_row_read(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *key,
                      const MDB_val *value, void *row);

/* Reads the row of an index entry; HF_E_CORRUPT when it is missing or does not have that key. */
int hf__lmdb_entry_read(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *key,
                        void *row);

/* The same when the row was found already: its columns of the index key are set. */
int hf__lmdb_entry_take(const hf__lmdb_txn *txn, const hf__lmdb_tree *tree, const MDB_val *key,
                        const MDB_val *row_key, const MDB_val *value, void *row);

/* Inserts a key that must not be there; appends when it is greater than all. Result of LMDB. */
int hf__lmdb_insert(hf__lmdb_txn *txn, hf__lmdb_tree *tree, MDB_val *key, MDB_val *value);

/* Brings the index entries of a row from `old` to `new`; either may be NULL. */
int hf__lmdb_entries_move(hf__lmdb_txn *txn, uint32_t table, const void *old, const void *new);

/* Inserts the entry of a row into one index, if it belongs there. Result of LMDB. */
int hf__lmdb_entry_insert(hf__lmdb_txn *txn, hf__lmdb_tree *tree, const void *row);

/* ---- scratch.c: rows read only to be looked at ---- */

typedef struct hf__lmdb_scratch {
    const hf__lmdb_store *store;
    const hf_store_caller *before; /* the transaction's own */
    hf_store_caller caller;
    hf__lmdb_buffer bytes; /* what BYTES columns point to, all of them to the same memory */
    hf__lmdb_buffer row;
} hf__lmdb_scratch;

/* Lets the transaction put what it reads into the scratch until the end. HF_E_NOMEM. */
int hf__lmdb_scratch_begin(hf__lmdb_scratch *scratch, hf__lmdb_txn *txn);
void hf__lmdb_scratch_end(hf__lmdb_scratch *scratch, hf__lmdb_txn *txn);

static inline uint32_t hf__lmdb_crc(const MDB_val *value)
{
    const uint8_t *at = value->mv_data;
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The name of a tree in the file. */
static inline const char *hf__lmdb_tree_name(const hf__lmdb_tree *tree)
{
    return tree->index == 0 ? tree->table->name : tree->table->indexes[tree->index - 1].name;
}

#endif

/*
 * create.c - makes an empty store, and brings an older one to this schema.
 *
 * Creation happens under PATH.creating and ends with a rename: a crash leaves either no store or a
 * whole one, and what it left over is removed by the next attempt.
 *
 * Migration is one transaction. Tables and indexes that are declared but absent are created, a new
 * index is filled from its table, and the record gets the new version. So the rules of a schema
 * are: a name that was dropped is never used again, and an index whose columns change gets a new
 * name. The caller's progress may end it: then the file is as it was.
 */
#include "store/lmdb/state.h"

#define FIRST_BYTES   65536u /* of a new store, with room for its first commits */
#define PROGRESS_ROWS 1024u  /* between two reports */

/* ---- Creation -------------------------------------------------------------------------------- */

static int write_first(hf__lmdb_store *store, hf_store_error *error)
{
    const hf_store_mark mark = {0};
    MDB_txn *txn = NULL;
    int native = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (native != 0)
        return hf__lmdb_native(error, store->name, "creating the store", native);
    int code = hf__lmdb_trees_open(store, txn, MDB_CREATE, error);
    if (code == 0)
        native = hf__lmdb_meta_write(store, txn, &mark, store->meta.tables);
    if (code != 0 || native != 0)
        mdb_txn_abort(txn);
    else
        native = mdb_txn_commit(txn);
    return code != 0 || native == 0
               ? code
               : hf__lmdb_native(error, store->name, "creating the store", native);
}

/* A disk that fills up in the middle of a write looks like a broken one; so blocks come first. */
static int reserve(const hf__lmdb_store *store, hf_store_error *error)
{
    const hf__files *files = &hf__os_files;
    int fd;
    int native = 0;
    int code = files->open(store->path, HF__OPEN_WRITE, &fd, &native);
    if (code == 0) {
        code = files->reserve(fd, FIRST_BYTES, &native);
        files->close(fd);
    }
    return code == 0 ? 0 : hf__lmdb_native(error, store->name, "reserving space", native);
}

/* Nobody else knows the name, so LMDB needs no lock file for it. */
static int make(const hf_store_config *config, const char *path)
{
    hf__lmdb_store *store;
    int code = hf__lmdb_new(config, path, &store);
    if (code != 0)
        return code;
    code = hf__lmdb_env_open(store, path, MDB_NOLOCK, config->error);
    if (code == 0)
        code = reserve(store, config->error);
    if (code == 0)
        code = write_first(store, config->error);
    hf__lmdb_env_close(store);
    hf__lmdb_free(store);
    return code;
}

int hf__lmdb_create(const hf_store_config *config, const char *path)
{
    const hf__files *files = &hf__os_files;
    const hf_allocator *allocator = config->allocator;
    const char *name = hf__lmdb_name(path);
    char *creating = hf__lmdb_path(allocator, path, ".creating");
    if (creating == NULL)
        return hf__lmdb_fail(config->error, HF_E_NOMEM, 0, "lmdb:%s: no memory for a name", name);
    int native = 0;
    (void)files->remove(creating, &native); /* of an attempt that was cut off */
    int code = make(config, creating);
    if (code == 0) {
        code = files->rename(creating, path, &native);
        if (code == 0)
            code = files->sync_folder(path, &native);
        if (code != 0)
            hf__lmdb_native(config->error, name, "giving the new store its name", native);
    }
    if (code != 0)
        (void)files->remove(creating, &native);
    allocator->free(allocator->context, creating);
    return code;
}

/* ---- Migration ------------------------------------------------------------------------------- */

static int report(const hf_store_config *config, const hf__lmdb_tree *tree, uint64_t done,
                  uint64_t total)
{
    if (config->progress == NULL || done % PROGRESS_ROWS != 0 ||
        config->progress(config->progress_data, done, total) == 0)
        return 0;
    return hf__lmdb_fail(config->error, HF_E_CANCELLED, 0, "filling the index %s was cancelled",
                         hf__lmdb_tree_name(tree));
}

static int fill(hf__lmdb_txn *txn, const hf_store_config *config, hf__lmdb_tree *tree, void *row)
{
    const hf__lmdb_tree *rows = tree - tree->index;
    uint64_t total = txn->store->meta.tables[tree->position].rows;
    uint64_t done = 0;
    MDB_val key;
    MDB_val value;
    MDB_cursor *cursor;
    int native = hf__lmdb_cursor(txn, rows, &cursor);
    if (native == 0)
        native = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    while (native == 0) {
        if (!hf__key_decode(tree->table, key.mv_data, (uint32_t)key.mv_size, row))
            return hf__lmdb_damaged(txn, rows, &key, "the bytes are no key of this table");
        int error = hf__lmdb_row_read(txn, rows, &key, &value, row);
        if (error == 0)
            error = hf__lmdb_entry_insert(txn, tree, row);
        if (error == 0)
            error = report(config, tree, ++done, total);
        if (error != 0)
            return error;
        native = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    return native == MDB_NOTFOUND ? 0 : hf__lmdb_tree_failed(txn, rows, native);
}

static int fill_new(hf__lmdb_txn *txn, const hf_store_config *config, const bool *before)
{
    hf__lmdb_store *store = txn->store;
    hf__lmdb_scratch scratch;
    int error = hf__lmdb_scratch_begin(&scratch, txn);
    if (error != 0)
        return error;
    for (uint32_t i = 0; error == 0 && i < store->tree_count; i++) {
        if (store->trees[i].index != 0 && !before[i])
            error = fill(txn, config, &store->trees[i], scratch.row.at);
    }
    hf__lmdb_scratch_end(&scratch, txn);
    return error;
}

static int migrate(hf__lmdb_store *store, const hf_store_config *config, bool *before)
{
    const hf_store_caller caller = {.error = config->error};
    void *begun;
    for (uint32_t i = 0; i < store->tree_count; i++)
        before[i] = store->trees[i].present;
    int error = hf__lmdb_begin(store, HF_TXN_WRITE, &caller, &begun);
    if (error != 0)
        return error;
    hf__lmdb_txn *txn = begun;
    error = hf__lmdb_trees_open(store, txn->handle, MDB_CREATE, config->error);
    if (error == 0)
        error = fill_new(txn, config, before);
    if (error == 0)
        return hf__lmdb_commit(txn, &store->meta.mark);
    hf__lmdb_rollback(txn);
    return error;
}

int hf__lmdb_migrate(hf__lmdb_store *store, const hf_store_config *config)
{
    const hf_allocator *allocator = config->allocator;
    bool *before = allocator->alloc(allocator->context, store->tree_count * sizeof *before);
    if (before == NULL)
        return hf__lmdb_fail(config->error, HF_E_NOMEM, 0, "lmdb:%s: no memory to migrate",
                             store->name);
    int error = migrate(store, config, before);
    allocator->free(allocator->context, before);
    return error;
}

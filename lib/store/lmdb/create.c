/*
 * create.c - makes an empty store.
 *
 * Creation happens under PATH.creating and ends with a rename: a crash leaves either no store or a
 * whole one, and what it left over is removed by the next attempt.
 */
#include "store/lmdb/state.h"

#define FIRST_BYTES 65536u /* of a new store, with room for its first commits */

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
        return hf__store_fail(config->error, HF_E_NOMEM, 0, "lmdb:%s: no memory for a name", name);
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

/*
 * create.c - makes an empty store.
 *
 * It is made as PATH.creating and renamed, see making.h: a crash leaves either no store or a whole
 * one, and what it left over is removed by the next attempt.
 */
#include "store/lmdb/state.h"
#include "store/making.h"

#define FIRST_BYTES 65536u /* of a new store: enough for its first commits */

/* ---- Creation -------------------------------------------------------------------------------- */

static int write_first(hf__lmdb_store *store, const hf_store_config *config)
{
    hf_store_error *error = config->error;
    hf_store_mark mark = {0};
    MDB_txn *txn = NULL;
    if (config->identity != NULL)
        mark.identity = *config->identity;
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
    if (code != 0 || native == 0)
        return code;
    return hf__lmdb_native(error, store->name, "creating the store", native);
}

/*
 * A disk that fills up in the middle of a write looks like a broken one; so blocks come first. No
 * other process uses the name, so LMDB needs no lock file for it.
 */
static int make(const hf_store_config *config, const hf__making *making)
{
    hf__lmdb_store *store;
    int native = 0;
    int code = hf__lmdb_new(config, making->place, &store);
    if (code != 0)
        return code;
    code = hf__lmdb_env_open(store, making->creating, MDB_NOLOCK, config->error);
    if (code == 0) {
        code = hf__os_files.reserve(making->fd, FIRST_BYTES, &native);
        if (code != 0)
            hf__lmdb_native(config->error, store->name, "reserving space", native);
    }
    if (code == 0)
        code = write_first(store, config);
    hf__lmdb_env_close(store);
    hf__lmdb_free(store);
    return code;
}

int hf__lmdb_create(const hf_store_config *config, const hf__place *place)
{
    hf__making making = {.fd = -1};
    int code = hf__making_begin(&making, place, config->allocator, config->error);
    if (code == 0) {
        code = make(config, &making);
        if (code == 0)
            return hf__making_finish(&making);
        hf__making_abandon(&making);
    }
    return code;
}

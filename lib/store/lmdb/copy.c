/*
 * copy.c - says in a copy of a store that it is one.
 *
 * Backup and restore call it before the copy is used. The next engine that opens the copy needs no
 * journal beside it and begins a new incarnation. A copy of schema 3 or older has no identity: it
 * stays as it is. A failure leaves the copy whole and not marked.
 */
#include "store/lmdb/state.h"

static int set_flag(hf__lmdb_store *store, MDB_txn *txn, hf_store_error *error)
{
    hf__lmdb_meta meta = {.tables = NULL};
    int native = mdb_dbi_open(txn, "meta", 0, &store->meta_dbi);
    if (native != 0)
        return hf__lmdb_native(error, store->name, "reading the copy", native);
    int code = hf__lmdb_meta_read(store, txn, &meta, error);
    if (code != 0 || !hf__identity_is(&meta.mark.identity))
        return code;
    meta.mark.identity.flags |= HF_STORE_COPY;
    native = hf__lmdb_identity_write(store, txn, &meta.mark.identity);
    return native == 0 ? 0 : hf__lmdb_native(error, store->name, "marking the copy", native);
}

int hf__lmdb_set_copy(const hf_store_config *config, const hf__making *making)
{
    hf__lmdb_store *store;
    MDB_txn *txn = NULL;
    int code = hf__lmdb_new(config, making->place, &store);
    if (code != 0)
        return code;
    code = hf__lmdb_env_open(store, making->creating, MDB_NOLOCK, config->error);
    int native = code == 0 ? mdb_txn_begin(store->env, NULL, 0, &txn) : 0;
    if (native != 0)
        code = hf__lmdb_native(config->error, store->name, "marking the copy", native);
    if (txn != NULL) {
        code = set_flag(store, txn, config->error);
        if (code != 0)
            mdb_txn_abort(txn);
        else if ((native = mdb_txn_commit(txn)) != 0)
            code = hf__lmdb_native(config->error, store->name, "marking the copy", native);
    }
    hf__lmdb_env_close(store);
    hf__lmdb_free(store);
    return code;
}

/* No other process uses the name, so LMDB needs no lock file for it. */
int hf__lmdb_complete_copy(const hf__lmdb_store *of, const hf_store_config *config,
                           const hf__making *making)
{
    hf__lmdb_store *copy;
    if (!of->read_only || of->complete == NULL)
        return 0;
    int code = hf__lmdb_new(config, making->place, &copy);
    if (code != 0)
        return code;
    code = hf__lmdb_env_open(copy, making->creating, MDB_NOLOCK, config->error);
    if (code == 0)
        code = hf__lmdb_read_in(copy, config->error);
    if (code == 0)
        code = of->complete(of->complete_data, copy, config->error);
    hf__lmdb_env_close(copy);
    hf__lmdb_free(copy);
    return code;
}

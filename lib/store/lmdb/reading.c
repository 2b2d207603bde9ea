/* clang-format off */
/*
 * reading.c - opens a store to be read only, beside other processes that have it open.
 *
 * All snapshots of such a store are of one transaction of LMDB, taken at open and kept. What keeps
 * its pages where they are depends on who else is there:
 *
 *     nobody writes     LMDB is opened without its table of readers, and nothing is written. A
 *                       writer that comes later finds the byte that is locked and keeps the pages,
 *                       see guard.c
 *     a writer is there an entry in its table of readers; and the locked byte, for the writer after
 *                       it, which makes a new table
 *
 * Happy path: a transaction is begun, its number is locked, and only then, when its pages are safe,
 * the trees are looked at. The walk over the file is left to the writer where there is one.
 *
 * Failure modes: a writer that comes, goes or makes its table meanwhile, or commits faster than
 * snapshots can be begun: HF_E_BUSY, and the caller opens the store again.
 */
/* clang-format on */
#include "store/lmdb/state.h"

#include <string.h>

#define TXNID_AT  144u  /* in a meta page: u64 */
#define FIX_TRIES 1000u /* for snapshots of one transaction */

static int busy(const hf__lmdb_store *store, hf_store_error *error)
{
    return hf__store_fail(error, HF_E_BUSY, 0, "lmdb:%s: an engine changes it while it is opened",
                          store->name);
}

/* ---- Snapshots ------------------------------------------------------------------------------- */

int hf__lmdb_snapshot_meta(const hf__lmdb_store *store, MDB_txn *txn, uint8_t *meta, bool *again,
                           hf_store_error *error)
{
    const uint64_t txnid = mdb_txn_id(txn);
    uint64_t found = 0;
    size_t got = 0;
    MDB_stat stat;
    MDB_envinfo last;
    int native = mdb_env_stat(store->env, &stat);
    if (native != 0)
        return hf__lmdb_native(error, store->name, "reading the meta page", native);
    int code = hf__os_files.read_at(store->data.fd, meta, HF__LMDB_META_BYTES,
                                    txnid % 2 * stat.ms_psize, &got, &native);
    if (code != 0 || got != HF__LMDB_META_BYTES)
        return hf__store_fail(error, code != 0 ? code : HF_E_IO, native,
                              "lmdb:%s: reading the meta page: %s", store->name,
                              hf__os_text(native, HF_E_IO));
    memcpy(&found, meta + TXNID_AT, sizeof found);
    native = mdb_env_info(store->env, &last);
    *again = native != 0 || last.me_last_txnid != txnid || found != txnid;
    return 0;
}

/* One try to begin all snapshots within one transaction; *again: it was not the same for all. */
static int begin_fixed(hf__lmdb_store *store, bool *again, hf_store_error *error)
{
    *again = false;
    for (uint32_t i = 0; i < HF__LMDB_FIXED; i++) {
        MDB_txn **txn = &store->readers[i].handle;
        const int native = *txn == NULL ? hf__lmdb_read_begin(store, txn) : mdb_txn_renew(*txn);
        if (native != 0)
            return hf__lmdb_native(error, store->name, "beginning to read", native);
        *again = *again || mdb_txn_id(*txn) != mdb_txn_id(store->readers[0].handle);
    }
    if (!*again) {
        const int code =
            hf__lmdb_snapshot_meta(store, store->readers[0].handle, store->fixed, again, error);
        if (code != 0)
            return code;
    }
    for (uint32_t i = 0; *again && i < HF__LMDB_FIXED; i++)
        mdb_txn_reset(store->readers[i].handle);
    return 0;
}

static int fix(hf__lmdb_store *store, hf_store_error *error)
{
    bool again = true;
    int code = 0;
    for (uint32_t tries = 0; code == 0 && again && tries < FIX_TRIES; tries++)
        code = begin_fixed(store, &again, error);
    if (code == 0 && again)
        return busy(store, error);
    return code;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static int find(hf__lmdb_store *store, const hf__place *place, const hf_store_config *config)
{
    int code = hf__data_file_open(&store->data, place, HF__DATA_READ, config->error);
    if (code != HF_E_NOT_FOUND)
        return code;
    code = hf__store_look(config, NULL);
    return code != 0 ? code
                     : hf__store_fail(config->error, HF_E_PATH, 0,
                                      "lmdb:%s: there is no store to read", store->name);
}

/* Opens LMDB and begins a transaction whose pages stay where they are from then on. */
static int open_env(hf__lmdb_store *store, const hf__place *place, unsigned flags, MDB_txn **txn,
                    hf_store_error *error)
{
    int code = hf__lmdb_env_open(store, place->path, MDB_RDONLY | flags, error);
    if (code != 0)
        return code;
    const int native = hf__lmdb_read_begin(store, txn);
    if (native != 0)
        return hf__lmdb_native(error, store->name, "beginning to read", native);
    return hf__data_file_pin(&store->data, mdb_txn_id(*txn), place, error);
}

static int read_all(hf__lmdb_store *store, hf_store_error *error)
{
    int code = hf__lmdb_read_in(store, error);
    if (code == 0 && store->meta.schema != store->schema->version)
        return hf__store_fail(error, HF_E_SCHEMA, 0,
                              "lmdb:%s: written with schema %u, older than %u; open it once for "
                              "writing, which migrates it",
                              store->name, store->meta.schema, store->schema->version);
    if (code == 0)
        code = fix(store, error);
    return code == 0 ? hf__lmdb_meta_read(store, store->readers[0].handle, &store->meta, error)
                     : code;
}

static int check_alone(const hf__lmdb_store *store, const hf__place *place, hf_store_error *error)
{
    bool written = true;
    const int code = hf__data_file_is_written(&store->data, &written, place, error);
    if (code == 0 && written)
        return busy(store, error);
    return code;
}

static int open_alone(hf__lmdb_store *store, const hf__place *place, const hf_store_config *config)
{
    MDB_txn *txn = NULL;
    int code = hf__lmdb_walk_at_open(store, config);
    if (code == 0)
        code = open_env(store, place, MDB_NOLOCK, &txn, config->error);
    if (code == 0)
        code = check_alone(store, place, config->error);
    if (code == 0)
        code = read_all(store, config->error);
    if (txn != NULL)
        mdb_txn_abort(txn);
    return code == 0 ? check_alone(store, place, config->error) : code;
}

static int open_beside(hf__lmdb_store *store, const hf__place *place, const hf_store_config *config)
{
    hf__file_info readers;
    MDB_txn *txn = NULL;
    int code = hf__lmdb_readers_find(config, place, &readers);
    if (code == 0)
        code = open_env(store, place, 0, &txn, config->error);
    if (code == 0 && !hf__lmdb_readers_are(config->allocator, place, &readers))
        code = busy(store, config->error);
    if (code == 0)
        code = read_all(store, config->error);
    if (txn != NULL)
        mdb_txn_abort(txn);
    return code;
}

int hf__lmdb_open_read_only(hf__lmdb_store *store, const hf__place *place,
                            const hf_store_config *config)
{
    bool written = false;
    int code = find(store, place, config);
    if (code == 0)
        code = hf__lmdb_check_magic(store, config->error);
    if (code == 0)
        code = hf__data_file_is_written(&store->data, &written, place, config->error);
    if (code == 0)
        code = (written ? open_beside : open_alone)(store, place, config);
    return code == 0 ? hf__lmdb_look(store, config) : code;
}

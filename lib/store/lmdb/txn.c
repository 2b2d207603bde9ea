/*
 * txn.c - transactions: one that writes at a time, and a pool of snapshots.
 *
 * A snapshot's LMDB transaction and cursors are kept when it ends and renewed for the next one, so
 * that beginning one costs no allocation and no lock. The writer's cursors end with it; each tree
 * is given one when it is first touched.
 *
 * LMDB has two meta pages, which its transactions use in turn. A reader finds the number of the
 * last transaction, then copies the roots of the trees from that transaction's meta page. When the
 * writer ends the next transaction in between and begins to write the meta page of the one after
 * it, the reader copies roots whose flush has not ended, under the older number. So a snapshot is
 * taken again when more than one commit was under way while it was taken: the one commit that may
 * have been writes the other meta page.
 *
 * What a failed commit means. LMDB writes data pages, flushes them, then writes the meta page that
 * makes them count. If anything before the meta page fails, nothing has happened: no space and no
 * memory may be tried again; any other failure (HF_E_IO) stops all writing, because a flush that
 * failed must not be repeated. If the meta page itself fails, the disk may hold either state:
 * LMDB then refuses everything (MDB_PANIC), and the answer is HF_E_UNKNOWN.
 */
#include "store/lmdb/state.h"

#include <string.h>

int hf__lmdb_cursor(hf__lmdb_txn *txn, const hf__lmdb_tree *tree, MDB_cursor **out)
{
    size_t number = (size_t)(tree - txn->store->trees);
    int native = 0;
    if (txn->cursors[number] == NULL)
        native = mdb_cursor_open(txn->handle, tree->dbi, &txn->cursors[number]);
    else if (txn->rounds[number] != txn->round)
        native = mdb_cursor_renew(txn->handle, txn->cursors[number]);
    txn->rounds[number] = txn->round;
    *out = txn->cursors[number];
    return native;
}

/* ---- Begin ----------------------------------------------------------------------------------- */

static int begin_write(hf__lmdb_store *store, const hf_store_caller *caller, hf__lmdb_txn **out)
{
    if (atomic_load_explicit(&store->poisoned, memory_order_relaxed) != 0)
        return hf__store_fail(caller->error, HF_E_POISONED, 0,
                              "lmdb:%s: an earlier commit failed; close and open it", store->name);
    hf__lmdb_txn *txn = &store->writer;
    if (atomic_flag_test_and_set(&txn->busy))
        return hf__store_fail(caller->error, HF_E_BUSY, 0,
                              "lmdb:%s: another write transaction is open", store->name);
    hf__lmdb_guard_look(store);
    int native = mdb_txn_begin(store->env, NULL, 0, &txn->handle);
    if (native != 0) {
        txn->handle = NULL;
        atomic_flag_clear(&txn->busy);
        return hf__lmdb_native(caller->error, store->name, "beginning to write", native);
    }
    memcpy(store->pending, store->meta.tables, store->schema->table_count * sizeof *store->pending);
    txn->writes = true;
    *out = txn;
    return 0;
}

/* The store belongs to one process, so no commit but those that are counted comes in between. */
static int take_snapshot(hf__lmdb_store *store, hf__lmdb_txn *txn)
{
    while (true) {
        const uint64_t ended = atomic_load(&store->commits_ended);
        int native = txn->handle == NULL ? hf__lmdb_read_begin(store, &txn->handle)
                                         : mdb_txn_renew(txn->handle);
        if (native != 0)
            return native;
        atomic_thread_fence(memory_order_seq_cst); /* the roots are copied before this */
        if (atomic_load(&store->commits_begun) - ended <= 1)
            return 0;
        mdb_txn_reset(txn->handle);
    }
}

static int begin_snapshot(hf__lmdb_store *store, const hf_store_caller *caller, hf__lmdb_txn **out)
{
    hf__lmdb_txn *txn = store->readers;
    const uint32_t count = store->read_only ? HF__LMDB_FIXED : HF__LMDB_READERS;
    hf__lmdb_txn *end = store->readers + count;
    while (txn < end && atomic_flag_test_and_set(&txn->busy))
        txn++;
    if (txn == end)
        return hf__store_fail(caller->error, HF_E_BUSY, 0,
                              "lmdb:%s: more than %u snapshots at the same time", store->name,
                              count);
    int native = store->read_only ? 0 : take_snapshot(store, txn);
    if (native != 0) {
        atomic_flag_clear(&txn->busy);
        return hf__lmdb_native(caller->error, store->name, "beginning to read", native);
    }
    *out = txn;
    return 0;
}

int hf__lmdb_begin(void *opened, uint32_t mode, const hf_store_caller *caller, void **out)
{
    hf__lmdb_store *store = opened;
    *out = NULL;
    if (hf__os_fork_count() != store->forks)
        return hf__store_fail(caller->error, HF_E_FORKED, 0,
                              "lmdb:%s: opened before a fork; open it in this process",
                              store->name);
    hf__lmdb_txn *txn = NULL;
    int error = mode == HF_TXN_WRITE ? begin_write(store, caller, &txn)
                                     : begin_snapshot(store, caller, &txn);
    if (txn == NULL)
        return error;
    txn->round++;
    txn->caller = caller;
    txn->failed = 0;
    *out = txn;
    return 0;
}

/* ---- End ------------------------------------------------------------------------------------- */

/* After a fork the locks are the parent's: LMDB must not be called, not even to abort. */
static bool is_forked(const hf__lmdb_txn *txn)
{
    return hf__os_fork_count() != txn->store->forks;
}

/* LMDB has freed the transaction and its cursors. */
static void writer_ended(hf__lmdb_txn *txn)
{
    txn->handle = NULL;
    memset(txn->cursors, 0, txn->store->tree_count * sizeof(void *));
    atomic_flag_clear(&txn->busy);
}

void hf__lmdb_rollback(void *begun)
{
    hf__lmdb_txn *txn = begun;
    if (txn == NULL || is_forked(txn))
        return;
    if (txn->writes) {
        mdb_txn_abort(txn->handle);
        writer_ended(txn);
    } else {
        if (!txn->store->read_only)
            mdb_txn_reset(txn->handle);
        atomic_flag_clear(&txn->busy);
    }
}

/* True when LMDB has stopped for good: only a failed meta page does that. */
static bool is_panicked(hf__lmdb_store *store)
{
    MDB_txn *probe = NULL;
    int native = hf__lmdb_read_begin(store, &probe);
    if (native == 0)
        mdb_txn_abort(probe);
    return native == MDB_PANIC;
}

static int commit_failed(hf__lmdb_store *store, hf_store_error *error, int native)
{
    if (is_panicked(store)) {
        atomic_store(&store->poisoned, HF_E_UNKNOWN);
        return hf__store_fail(error, HF_E_UNKNOWN, native,
                              "lmdb:%s: commit failed while its last page was written: %s",
                              store->name, mdb_strerror(native));
    }
    int code = hf__lmdb_native(error, store->name, "commit", hf__lmdb_cause(store, native));
    if (code == HF_E_IO)
        atomic_store(&store->poisoned, code);
    return code;
}

int hf__lmdb_commit(void *begun, const hf_store_mark *mark)
{
    hf__lmdb_txn *txn = begun;
    hf__lmdb_store *store = txn->store;
    hf_store_error *error = txn->caller->error;
    if (is_forked(txn))
        return hf__store_fail(error, HF_E_FORKED, 0, "lmdb:%s: the transaction is the parent's",
                              store->name);
    int failed = txn->writes ? txn->failed : HF_E_ARGUMENT;
    if (failed != 0) {
        hf__lmdb_rollback(txn);
        return hf__store_fail(error, failed, 0, "lmdb:%s: the transaction cannot be committed",
                              store->name);
    }
    int native = hf__lmdb_meta_write(store, txn->handle, mark, store->pending);
    if (native != 0) {
        mdb_txn_abort(txn->handle);
    } else {
        (void)atomic_fetch_add(&store->commits_begun, 1);
        native = mdb_txn_commit(txn->handle);
        (void)atomic_fetch_add(&store->commits_ended, 1);
    }
    writer_ended(txn);
    if (native != 0)
        return commit_failed(store, error, native);
    store->meta.schema = store->schema->version;
    const hf_store_identity before = store->meta.mark.identity;
    store->meta.mark = *mark;
    if (!hf__identity_is(&mark->identity))
        store->meta.mark.identity = before;
    memcpy(store->meta.tables, store->pending, store->schema->table_count * sizeof *store->pending);
    return 0;
}

/* ---- What the store says of itself ------------------------------------------------------------
 */

int hf__lmdb_stat(void *begun, hf_store_stat *out)
{
    hf__lmdb_txn *txn = begun;
    hf__lmdb_store *store = txn->store;
    uint32_t tables = store->schema->table_count;
    hf__lmdb_meta meta = {.tables = out->tables};
    if (txn->writes) {
        meta.schema = store->meta.schema;
        meta.mark = store->meta.mark;
        if (out->tables != NULL)
            memcpy(out->tables, store->pending, tables * sizeof *out->tables);
    } else {
        int error = hf__lmdb_meta_read(store, txn->handle, &meta, txn->caller->error);
        if (error != 0)
            return error;
    }
    hf__file_info info;
    int native = 0;
    int error = hf__os_files.info_of(store->data.fd, &info, &native);
    if (error != 0)
        return hf__lmdb_native(txn->caller->error, store->name, "looking at the file", native);
    out->mark = meta.mark;
    out->schema = meta.schema;
    out->bytes = info.bytes;
    out->table_count = tables;
    return 0;
}

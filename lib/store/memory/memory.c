/*
 * memory.c - the store that lives and ends with the process: for tests, caches and the simulator.
 *
 * Opens empty, whatever its location says; two opens are two stores. A writer and any number of
 * snapshots at the same time: none waits for another beyond a short section under the lock, see
 * state.h. A transaction fails only when there is no memory, and then nothing of it is seen.
 */
#include "store/builtin.h"
#include "store/memory/state.h"
#include <holdfast/error.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PRUNE_AT_ONCE 64u /* versions freed in one go under the lock */

static void *zalloc(const hf_allocator *allocator, size_t bytes)
{
    void *memory = allocator->alloc(allocator->context, bytes);
    if (memory != NULL)
        memset(memory, 0, bytes);
    return memory;
}

/* ---- Open and close ---- */

static void free_txns(hf__memory_store *store)
{
    const hf_allocator *allocator = store->allocator;
    while (store->idle != NULL) {
        hf__memory_txn *txn = store->idle;
        store->idle = txn->next;
        allocator->free(allocator->context, txn);
    }
}

static void close_store(void *opened)
{
    hf__memory_store *store = opened;
    const hf_allocator *allocator = store->allocator;
    free_txns(store);
    hf__pool_fini(&store->pool);
    hf__lock_fini(&store->lock);
    allocator->free(allocator->context, store->scratch);
    allocator->free(allocator->context, store->tables);
    allocator->free(allocator->context, store->first);
    allocator->free(allocator->context, store->trees);
    allocator->free(allocator->context, store);
}

static bool make_trees(hf__memory_store *store)
{
    const hf_schema *schema = store->schema;
    for (uint32_t i = 0; i < schema->table_count; i++)
        store->tree_count += 1 + schema->tables[i]->index_count;
    store->trees = zalloc(store->allocator, store->tree_count * sizeof *store->trees);
    store->first = zalloc(store->allocator, schema->table_count * sizeof *store->first);
    store->tables = zalloc(store->allocator, schema->table_count * sizeof *store->tables);
    if (store->trees == NULL || store->first == NULL || store->tables == NULL)
        return false;
    hf__memory_tree *tree = store->trees;
    for (uint32_t i = 0; i < schema->table_count; i++) {
        store->first[i] = (uint32_t)(tree - store->trees);
        for (uint32_t index = 0; index <= schema->tables[i]->index_count; index++, tree++) {
            hf__skip_init(&tree->list);
            tree->table = schema->tables[i];
            tree->position = i;
            tree->index = index;
        }
    }
    return true;
}

static int open_store(const hf_store_config *config, void **out)
{
    *out = NULL;
    if (config->size < sizeof *config)
        return hf__store_fail(config->error, HF_E_ABI, 0, "memory: the configuration is too short");
    int error = hf__store_look(config, NULL);
    if (error != 0)
        return error;
    hf__memory_store *store = zalloc(config->allocator, sizeof *store);
    if (store == NULL)
        return hf__store_fail(config->error, HF_E_NOMEM, 0, "memory: no memory for a store");
    store->schema = config->schema;
    store->allocator = config->allocator;
    if (config->identity != NULL)
        store->mark.identity = *config->identity;
    hf__lock_init(&store->lock);
    hf__pool_init(&store->pool, config->allocator);
    if (!make_trees(store)) {
        close_store(store);
        return hf__store_fail(config->error, HF_E_NOMEM, 0, "memory: no memory for a store");
    }
    *out = store;
    return 0;
}

/* ---- Transactions ---- */

/* Returns a transaction that ended earlier, or a new one, whose tables follow it in memory. */
static hf__memory_txn *take_txn(hf__memory_store *store)
{
    uint32_t tables = store->schema->table_count;
    hf__lock_take(&store->lock);
    hf__memory_txn *txn = store->idle;
    if (txn != NULL)
        store->idle = txn->next;
    hf__lock_give(&store->lock);
    if (txn == NULL)
        txn = store->allocator->alloc(store->allocator->context,
                                      sizeof *txn + tables * sizeof(hf_table_stat));
    if (txn == NULL)
        return NULL;
    *txn = (hf__memory_txn){.store = store, .tables = (hf_table_stat *)(txn + 1)};
    return txn;
}

static void link_snapshot(hf__memory_store *store, hf__memory_txn *txn)
{
    txn->before = store->youngest;
    if (store->youngest == NULL)
        store->oldest = txn;
    else
        store->youngest->next = txn;
    store->youngest = txn;
}

static void unlink_snapshot(hf__memory_store *store, hf__memory_txn *txn)
{
    if (txn->before == NULL)
        store->oldest = txn->next;
    else
        txn->before->next = txn->next;
    if (txn->next == NULL)
        store->youngest = txn->before;
    else
        txn->next->before = txn->before;
}

static int begin(void *opened, uint32_t mode, const hf_store_caller *caller, void **out)
{
    hf__memory_store *store = opened;
    *out = NULL;
    hf__memory_txn *txn = take_txn(store);
    if (txn == NULL)
        return hf__store_fail(caller->error, HF_E_NOMEM, 0, "memory: no memory for a transaction");
    txn->caller = caller;
    txn->writes = mode == HF_TXN_WRITE;
    hf__lock_take(&store->lock);
    bool busy = txn->writes && store->writing;
    if (busy) {
        txn->next = store->idle;
        store->idle = txn;
    } else {
        txn->sees = store->committed + (txn->writes ? 1 : 0);
        txn->mark = store->mark;
        memcpy(txn->tables, store->tables, store->schema->table_count * sizeof *txn->tables);
        if (txn->writes)
            store->writing = true;
        else
            link_snapshot(store, txn);
    }
    hf__lock_give(&store->lock);
    if (busy)
        return hf__store_fail(caller->error, HF_E_BUSY, 0, "memory: a write is open already");
    *out = txn;
    return 0;
}

/* Ends a transaction, and frees what it alone could still see. */
static void end(hf__memory_txn *txn)
{
    hf__memory_store *store = txn->store;
    bool more = true;
    hf__lock_take(&store->lock);
    if (txn->writes)
        store->writing = false;
    else
        unlink_snapshot(store, txn);
    txn->next = store->idle;
    store->idle = txn;
    hf__lock_give(&store->lock);
    while (more) {
        hf__lock_take(&store->lock);
        more = hf__memory_prune(store, PRUNE_AT_ONCE);
        hf__lock_give(&store->lock);
    }
}

static void rollback(void *begun)
{
    hf__memory_txn *txn = begun;
    if (txn->writes) {
        hf__lock_take(&txn->store->lock);
        hf__memory_undo(txn);
        hf__lock_give(&txn->store->lock);
    }
    end(txn);
}

static int commit(void *begun, const hf_store_mark *mark)
{
    hf__memory_txn *txn = begun;
    hf__memory_store *store = txn->store;
    int error = txn->failed;
    if (!txn->writes)
        error = HF_E_ARGUMENT;
    if (error != 0) {
        (void)hf__store_fail(txn->caller->error, error, 0, "memory: nothing that can be committed");
        rollback(txn);
        return error;
    }
    hf__lock_take(&store->lock);
    hf__memory_keep(txn);
    store->committed = txn->sees;
    const hf_store_identity before = store->mark.identity;
    store->mark = *mark;
    if (!hf__identity_is(&mark->identity))
        store->mark.identity = before;
    memcpy(store->tables, txn->tables, store->schema->table_count * sizeof *store->tables);
    hf__lock_give(&store->lock);
    end(txn);
    return 0;
}

static int stat(void *begun, hf_store_stat *out)
{
    hf__memory_txn *txn = begun;
    hf__memory_store *store = txn->store;
    uint32_t tables = store->schema->table_count;
    out->mark = txn->mark;
    out->schema = store->schema->version;
    hf__lock_take(&store->lock);
    out->bytes = store->pool.bytes;
    hf__lock_give(&store->lock);
    if (out->tables != NULL) {
        uint32_t count = out->table_count < tables ? out->table_count : tables;
        memcpy(out->tables, txn->tables, count * sizeof *out->tables);
    }
    out->table_count = tables;
    return 0;
}

/* ---- What it cannot do ---- */

static int backup(void *store, const char *path, hf_progress_cb progress, void *progress_data,
                  hf_store_error *error)
{
    (void)store;
    (void)path;
    (void)progress;
    (void)progress_data;
    return hf__store_fail(error, HF_E_UNSUPPORTED, 0, "memory: has no file to copy");
}

static int restore(const char *path, const hf_store_config *config)
{
    (void)path;
    return hf__store_fail(config->error, HF_E_UNSUPPORTED, 0, "memory: has no file to restore");
}

const hf_store_driver hf__memory_driver = {
    .size = sizeof(hf_store_driver),
    .capabilities = HF_STORE_EXCLUSIVE,
    .scheme = "memory",
    .open = open_store,
    .close = close_store,
    .begin = begin,
    .get = hf__memory_get,
    .put = hf__memory_put,
    .del = hf__memory_del,
    .scan = hf__memory_scan,
    .commit = commit,
    .rollback = rollback,
    .stat = stat,
    .check = hf__memory_check,
    .backup = backup,
    .restore = restore,
};

/*
 * write.c - put and del: one row with its index entries is one short section under the lock.
 *
 * A write that runs out of memory leaves a row half written; the transaction then refuses to
 * commit, so that nothing of it is ever seen.
 */
#include "store/memory/state.h"
#include <holdfast/error.h>

#include <string.h>

/* A row that is being written. */
typedef struct row_write {
    hf__memory_txn *txn;
    hf__memory_tree *tree; /* of the rows; its indexes stand behind it */
    const void *row;       /* NULL: the row is removed */
    const void *old;       /* NULL: there was none */
    hf__memory_change change;
    uint8_t key[HF__KEY_MAX];
} row_write;

static int no_memory(hf__memory_txn *txn)
{
    txn->failed = HF_E_NOMEM;
    return hf__store_fail(txn->caller->error, HF_E_NOMEM, 0, "memory: no memory for a row");
}

static int encode(row_write *of)
{
    hf__memory_store *store = of->txn->store;
    const hf_table *table = of->tree->table;
    of->change.key = of->key;
    of->change.key_bytes =
        hf__key_encode(table, 0, of->row == NULL ? of->old : of->row, HF__KEY_ALL, of->key);
    of->change.removed = of->row == NULL;
    if (of->row == NULL)
        return 0;
    size_t max = hf__row_bytes_max(table, of->row);
    if (max > UINT32_MAX / 2)
        return HF_E_NOMEM;
    if (max > store->scratch_bytes) {
        const hf_allocator *allocator = store->allocator;
        uint8_t *larger = allocator->alloc(allocator->context, max * 2);
        if (larger == NULL)
            return HF_E_NOMEM;
        allocator->free(allocator->context, store->scratch);
        store->scratch = larger;
        store->scratch_bytes = max * 2;
    }
    size_t bytes = hf__row_encode(table, of->row, store->scratch, store->scratch_bytes);
    of->change.row = store->scratch;
    of->change.row_bytes = (uint32_t)bytes;
    of->change.checksum =
        hf__row_checksum(table, of->key, of->change.key_bytes, store->scratch, bytes);
    return 0;
}

static int write_index(row_write *of, hf__memory_tree *tree, hf__memory_entry *entry)
{
    const hf_table *table = tree->table;
    uint8_t old_key[HF__KEY_MAX], new_key[HF__KEY_MAX];
    uint32_t old_bytes = 0, new_bytes = 0;
    if (of->old != NULL && hf__index_has(table, tree->index, of->old))
        old_bytes = hf__key_encode(table, tree->index, of->old, HF__KEY_ALL, old_key);
    if (of->row != NULL && hf__index_has(table, tree->index, of->row))
        new_bytes = hf__key_encode(table, tree->index, of->row, HF__KEY_ALL, new_key);
    if (old_bytes == new_bytes && memcmp(old_key, new_key, old_bytes) == 0)
        return 0;
    hf__memory_entry *ignored;
    hf__memory_change change = {.of = entry};
    int error = 0;
    if (old_bytes != 0) {
        change.key = old_key;
        change.key_bytes = old_bytes;
        change.removed = 1;
        error = hf__memory_write(of->txn, tree, &change, &ignored);
    }
    if (error == 0 && new_bytes != 0) {
        change.key = new_key;
        change.key_bytes = new_bytes;
        change.removed = 0;
        error = hf__memory_write(of->txn, tree, &change, &ignored);
    }
    return error;
}

/* Counts by what the store has, whatever the caller says it had. */
static void count(row_write *of, const hf__memory_version *before)
{
    hf_table_stat *stat = &of->txn->tables[of->tree->position];
    if (before != NULL) {
        stat->rows--;
        stat->checksum ^= before->checksum;
    }
    if (of->row != NULL) {
        stat->rows++;
        stat->checksum ^= of->change.checksum;
    }
}

static int write_row(row_write *of)
{
    hf__memory_store *store = of->txn->store;
    int error = encode(of);
    if (error != 0)
        return no_memory(of->txn);
    hf__lock_take(&store->lock);
    hf__memory_entry *entry = hf__memory_find(of->tree, of->key, of->change.key_bytes);
    const hf__memory_version *before = hf__memory_seen(of->txn, entry);
    if (of->row != NULL || before != NULL) {
        count(of, before);
        error = hf__memory_write(of->txn, of->tree, &of->change, &entry);
        for (uint32_t i = 1; i <= of->tree->table->index_count && error == 0; i++)
            error = write_index(of, of->tree + i, entry);
    }
    hf__lock_give(&store->lock);
    return error == 0 ? 0 : no_memory(of->txn);
}

static int refuse(const hf__memory_txn *txn)
{
    return txn->writes ? txn->failed
                       : hf__store_fail(txn->caller->error, HF_E_ARGUMENT, 0,
                                        "memory: a snapshot does not write");
}

int hf__memory_put(void *txn, uint32_t table, const void *const *rows, const void *const *olds,
                   uint32_t count)
{
    hf__memory_txn *by = txn;
    int error = !by->writes || by->failed != 0 ? refuse(by) : 0;
    row_write of = {.txn = by, .tree = &by->store->trees[by->store->first[table]]};
    for (uint32_t i = 0; i < count && error == 0; i++) {
        of.row = rows[i];
        of.old = olds[i];
        error = write_row(&of);
    }
    return error;
}

int hf__memory_del(void *txn, uint32_t table, const void *const *olds, uint32_t count)
{
    hf__memory_txn *by = txn;
    int error = !by->writes || by->failed != 0 ? refuse(by) : 0;
    for (uint32_t i = 0; i < count && error == 0; i++) {
        row_write of = {.txn = by, .tree = &by->store->trees[by->store->first[table]]};
        of.old = olds[i];
        error = write_row(&of);
    }
    return error;
}

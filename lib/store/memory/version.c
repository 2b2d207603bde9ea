/*
 * version.c - entries and their versions: made by the writer, kept, undone, and freed when no
 * transaction can see them any more. All of it under the store's lock.
 *
 *     write      a version with the writer's number in front; a second write replaces the first
 *     commit     those with something behind them, and tombstones, become stale
 *     rollback   they are taken away again; an entry left without a version goes
 *     prune      from the oldest stale version on, as far as no open snapshot is older
 */
#include "store/memory/state.h"
#include <holdfast/error.h>

#include <string.h>

static size_t entry_bytes(uint32_t levels, uint32_t key_bytes)
{
    return hf__skip_node_bytes(levels) + sizeof(hf__memory_entry) + key_bytes;
}

hf__memory_entry *hf__memory_entry_of(const hf__skip_node *node)
{
    return node == NULL ? NULL : node->value;
}

hf__memory_entry *hf__memory_find(const hf__memory_tree *tree, const uint8_t *key, uint32_t bytes)
{
    return hf__memory_entry_of(hf__skip_find(&tree->list, key, bytes));
}

const hf__memory_version *hf__memory_seen(const hf__memory_txn *txn, const hf__memory_entry *entry)
{
    const hf__memory_version *version = entry == NULL ? NULL : entry->newest;
    while (version != NULL && version->commit > txn->sees)
        version = version->older;
    if (version == NULL || version->removed != 0)
        return NULL;
    return version;
}

static void free_version(hf__memory_store *store, hf__memory_version *version)
{
    hf__pool_free(&store->pool, version, sizeof *version + version->bytes);
}

static void free_entry(hf__memory_store *store, hf__memory_entry *entry)
{
    hf__skip_node *node = entry->node;
    hf__skip_remove(&entry->tree->list, node);
    hf__pool_free(&store->pool, node, entry_bytes(node->levels, node->key_bytes));
}

static hf__memory_entry *new_entry(hf__memory_store *store, hf__memory_tree *tree,
                                   const uint8_t *key, uint32_t key_bytes)
{
    uint32_t levels = hf__skip_levels(&tree->list);
    hf__skip_node *node = hf__pool_alloc(&store->pool, entry_bytes(levels, key_bytes));
    if (node == NULL)
        return NULL;
    hf__memory_entry *entry = (void *)((uint8_t *)node + hf__skip_node_bytes(levels));
    *entry = (hf__memory_entry){.node = node, .tree = tree};
    memcpy(entry->key, key, key_bytes);
    node->key = entry->key;
    node->key_bytes = key_bytes;
    node->levels = levels;
    node->value = entry;
    hf__skip_insert(&tree->list, node);
    return entry;
}

int hf__memory_write(hf__memory_txn *txn, hf__memory_tree *tree, const hf__memory_change *change,
                     hf__memory_entry **out)
{
    hf__memory_store *store = txn->store;
    hf__memory_version *version =
        hf__pool_alloc(&store->pool, sizeof *version + (size_t)change->row_bytes);
    if (version == NULL)
        return HF_E_NOMEM;
    hf__memory_entry *entry = hf__memory_find(tree, change->key, change->key_bytes);
    if (entry == NULL)
        entry = new_entry(store, tree, change->key, change->key_bytes);
    if (entry == NULL) {
        hf__pool_free(&store->pool, version, sizeof *version + (size_t)change->row_bytes);
        return HF_E_NOMEM;
    }
    *version = (hf__memory_version){
        .older = entry->newest, .entry = entry, .commit = txn->sees, .bytes = change->row_bytes};
    version->checksum = change->checksum;
    version->removed = change->removed;
    if (change->row_bytes != 0)
        memcpy(version->row, change->row, change->row_bytes);
    if (entry->newest != NULL && entry->newest->commit == txn->sees) {
        version->older = entry->newest->older;
        free_version(store, entry->newest);
    } else {
        entry->next_touched = txn->touched;
        txn->touched = entry;
    }
    entry->newest = version;
    entry->row = change->of;
    *out = entry;
    return 0;
}

void hf__memory_keep(hf__memory_txn *txn)
{
    hf__memory_store *store = txn->store;
    for (hf__memory_entry *entry = txn->touched; entry != NULL; entry = entry->next_touched) {
        hf__memory_version *version = entry->newest;
        if (version->older == NULL && version->removed == 0)
            continue;
        if (store->stale == NULL)
            store->stale = version;
        else
            store->stale_last->next_stale = version;
        store->stale_last = version;
    }
    txn->touched = NULL;
}

static uint64_t oldest_seen(const hf__memory_store *store)
{
    return store->oldest == NULL ? store->committed : store->oldest->sees;
}

void hf__memory_undo(hf__memory_txn *txn)
{
    hf__memory_store *store = txn->store;
    uint64_t horizon = oldest_seen(store);
    hf__memory_entry *entry = txn->touched;
    while (entry != NULL) {
        hf__memory_entry *next = entry->next_touched;
        hf__memory_version *version = entry->newest;
        entry->newest = version->older;
        free_version(store, version);
        version = entry->newest;
        /* A tombstone that pruning skipped while the writer had its own version in front. */
        if (version != NULL && version->removed != 0 && version->older == NULL &&
            version->commit <= horizon && version->next_stale == NULL &&
            version != store->stale_last) {
            free_version(store, version);
            entry->newest = version = NULL;
        }
        if (version == NULL)
            free_entry(store, entry);
        entry = next;
    }
    txn->touched = NULL;
}

/* Frees what is behind a stale version, and a tombstone with nothing in front of it. */
static void prune_one(hf__memory_store *store, hf__memory_version *version)
{
    hf__memory_entry *entry = version->entry;
    hf__memory_version *older = version->older;
    version->older = NULL;
    version->next_stale = NULL;
    while (older != NULL) {
        hf__memory_version *next = older->older;
        free_version(store, older);
        older = next;
    }
    if (version->removed != 0 && entry->newest == version) {
        free_version(store, version);
        free_entry(store, entry);
    }
}

bool hf__memory_prune(hf__memory_store *store, uint32_t limit)
{
    uint64_t horizon = oldest_seen(store);
    for (uint32_t i = 0; i < limit; i++) {
        hf__memory_version *version = store->stale;
        if (version == NULL || version->commit > horizon)
            return false;
        store->stale = version->next_stale;
        if (store->stale == NULL)
            store->stale_last = NULL;
        prune_one(store, version);
    }
    return true;
}

/*
 * check.c - every row against its checksum and its index entries, every table against its counts.
 *
 * Walks by scanning, a page at a time, so that the writer can take the lock in between. Each index
 * must have as many entries as rows that belong into it, and each such row must be found through
 * it: then there is neither one too few nor one too many.
 */
#include "base/invariant.h"
#include "store/memory/state.h"
#include <holdfast/error.h>

#include <string.h>

#define ROW_MAX   2048u /* bytes of a row struct */
#define INDEX_MAX 32u   /* trees of a table */

/* A check under way. */
typedef struct checking {
    hf__memory_txn *txn;
    hf_progress_cb progress;
    void *progress_data;
    uint64_t done;
    uint64_t total;
    hf_table_stat sum;          /* of the table being walked */
    uint64_t belong[INDEX_MAX]; /* by index: rows that belong into it */
    uint8_t *buffer;            /* for the BYTES columns of one row */
    size_t buffer_bytes;
    size_t buffer_used;
} checking;

static void *buffer_alloc(void *context, uint64_t bytes)
{
    checking *of = context;
    if (bytes > of->buffer_bytes - of->buffer_used)
        return NULL;
    void *piece = of->buffer + of->buffer_used;
    of->buffer_used += (size_t)bytes;
    return piece;
}

static bool reserve_buffer(checking *of, size_t bytes)
{
    const hf_allocator *allocator = of->txn->store->allocator;
    of->buffer_used = 0;
    if (bytes <= of->buffer_bytes)
        return true;
    uint8_t *larger = allocator->alloc(allocator->context, bytes * 2);
    if (larger == NULL)
        return false;
    allocator->free(allocator->context, of->buffer);
    of->buffer = larger;
    of->buffer_bytes = bytes * 2;
    return true;
}

static int damaged(const checking *of, const hf_table *table, const char *cause)
{
    return hf__store_fail(of->txn->caller->error, HF_E_CORRUPT, 0, "memory: table %s: %s",
                          table->name, cause);
}

/* Checks that the row is found through every index to which it belongs. */
static int check_indexes(checking *of, const hf__memory_tree *tree, const void *row)
{
    hf__memory_store *store = of->txn->store;
    const hf_table *table = tree->table;
    uint8_t key[HF__KEY_MAX];
    for (uint32_t i = 1; i <= table->index_count; i++) {
        if (!hf__index_has(table, i, row))
            continue;
        of->belong[i]++;
        uint32_t bytes = hf__key_encode(table, i, row, HF__KEY_ALL, key);
        hf__lock_take(&store->lock);
        bool seen = hf__memory_seen(of->txn, hf__memory_find(tree + i, key, bytes)) != NULL;
        hf__lock_give(&store->lock);
        if (!seen)
            return damaged(of, table, "an index has no entry of a row");
    }
    return 0;
}

static int check_row(checking *of, const hf__memory_tree *tree, const hf__memory_entry *entry,
                     const hf__memory_version *version)
{
    _Alignas(16) uint8_t row[ROW_MAX];
    const hf_table *table = tree->table;
    const hf__skip_node *node = entry->node;
    if (!reserve_buffer(of, version->bytes))
        return hf__store_fail(of->txn->caller->error, HF_E_NOMEM, 0, "memory: no memory to check");
    hf_store_caller caller = {.alloc = buffer_alloc, .context = of};
    uint32_t checksum =
        hf__row_checksum(table, node->key, node->key_bytes, version->row, version->bytes);
    if (checksum != version->checksum)
        return damaged(of, table, "a row does not fit its checksum");
    if (table->row_bytes > sizeof row || !hf__key_decode(table, node->key, node->key_bytes, row) ||
        hf__row_decode(table, version->row, version->bytes, row, &caller) != 0)
        return damaged(of, table, "a row cannot be read");
    of->sum.rows++;
    of->sum.checksum ^= checksum;
    return check_indexes(of, tree, row);
}

/* The next seen entry from a node on, NULL at the end. Under the lock. */
static const hf__skip_node *next_seen(const checking *of, const hf__skip_node *node)
{
    while (node != NULL && hf__memory_seen(of->txn, hf__memory_entry_of(node)) == NULL)
        node = node->next[0];
    return node;
}

static int report(checking *of)
{
    of->done++;
    if (of->progress == NULL || of->done % 1024 != 0)
        return 0;
    if (of->progress(of->progress_data, of->done, of->total) == 0)
        return 0;
    return hf__store_fail(of->txn->caller->error, HF_E_CANCELLED, 0, "memory: check was stopped");
}

static int check_rows(checking *of, const hf__memory_tree *tree)
{
    hf__memory_store *store = of->txn->store;
    hf__lock_take(&store->lock);
    const hf__skip_node *node = next_seen(of, tree->list.head[0]);
    while (node != NULL) {
        const hf__memory_entry *entry = hf__memory_entry_of(node);
        const hf__memory_version *version = hf__memory_seen(of->txn, entry);
        hf__lock_give(&store->lock);
        int error = check_row(of, tree, entry, version);
        error = error == 0 ? report(of) : error;
        if (error != 0)
            return error;
        hf__lock_take(&store->lock);
        node = next_seen(of, node->next[0]);
    }
    hf__lock_give(&store->lock);
    return 0;
}

static uint64_t count_seen(const checking *of, const hf__memory_tree *tree)
{
    hf__memory_store *store = of->txn->store;
    uint64_t count = 0;
    hf__lock_take(&store->lock);
    const hf__skip_node *node = next_seen(of, tree->list.head[0]);
    for (; node != NULL; node = next_seen(of, node->next[0])) {
        count++;
        if (count % 64 == 0) { /* a row that is seen stays, so the writer may take the lock */
            hf__lock_give(&store->lock);
            hf__lock_take(&store->lock);
        }
    }
    hf__lock_give(&store->lock);
    return count;
}

static int check_table(checking *of, uint32_t position)
{
    hf__memory_store *store = of->txn->store;
    const hf__memory_tree *tree = &store->trees[store->first[position]];
    const hf_table_stat *stat = &of->txn->tables[position];
    if (!hf_shared_invariant(tree->table->index_count < INDEX_MAX))
        return HF_E_POISONED;
    memset(&of->sum, 0, sizeof of->sum);
    memset(of->belong, 0, sizeof of->belong);
    int error = check_rows(of, tree);
    if (error != 0)
        return error;
    if (of->sum.rows != stat->rows)
        return damaged(of, tree->table, "the number of rows is not the counted one");
    if (of->sum.checksum != stat->checksum)
        return damaged(of, tree->table, "the rows do not fit the table's checksum");
    for (uint32_t i = 1; i <= tree->table->index_count; i++) {
        if (count_seen(of, tree + i) != of->belong[i])
            return damaged(of, tree->table, "an index has an entry without a row");
    }
    return 0;
}

int hf__memory_check(void *txn, hf_progress_cb progress, void *progress_data)
{
    checking of = {.txn = txn, .progress = progress, .progress_data = progress_data};
    const hf_schema *schema = of.txn->store->schema;
    const hf_allocator *allocator = of.txn->store->allocator;
    for (uint32_t i = 0; i < schema->table_count; i++)
        of.total += of.txn->tables[i].rows;
    int error = 0;
    for (uint32_t i = 0; i < schema->table_count && error == 0; i++)
        error = check_table(&of, i);
    allocator->free(allocator->context, of.buffer);
    return error;
}

/*
 * read.c - get and scan: find under the lock, decode without it.
 *
 * What a transaction sees stays where it is while the transaction lives, versions and the entries
 * that hold them, so a scan continues from its last node after the writer had the lock.
 */
#include "model/key_range.h"
#include "store/memory/state.h"
#include <holdfast/error.h>

#include <string.h>

#define AT_ONCE 32u /* entries looked at in one go under the lock */

/* A row found: its entry and the version that is seen. */
typedef struct found_row {
    const hf__memory_entry *entry;
    const hf__memory_version *version;
} found_row;

/* A scan under way. */
typedef struct walk {
    hf__memory_txn *txn;
    const hf__memory_tree *tree;
    hf__key_range range;
    const hf__skip_node *node; /* the next one to look at */
    bool descending;
} walk;

static int decode(const hf__memory_txn *txn, const found_row *found, void *row)
{
    const hf_table *table = found->entry->tree->table;
    const hf__skip_node *node = found->entry->node;
    int error = HF_E_CORRUPT;
    if (hf__key_decode(table, node->key, node->key_bytes, row))
        error = hf__row_decode(table, found->version->row, found->version->bytes, row, txn->caller);
    if (error == 0)
        return 0;
    return hf__store_fail(txn->caller->error, error, 0, "memory: table %s: %s", table->name,
                          error == HF_E_NOMEM ? "no memory for a row" : "a row is damaged");
}

int hf__memory_get(void *txn, uint32_t table, void *const *rows, uint8_t *found, uint32_t count)
{
    hf__memory_txn *of = txn;
    hf__memory_store *store = of->store;
    const hf__memory_tree *tree = &store->trees[store->first[table]];
    uint8_t key[HF__KEY_MAX];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bytes = hf__key_encode(tree->table, 0, rows[i], HF__KEY_ALL, key);
        hf__lock_take(&store->lock);
        found_row hit = {.entry = hf__memory_find(tree, key, bytes)};
        hit.version = hf__memory_seen(of, hit.entry);
        hf__lock_give(&store->lock);
        found[i] = hit.version != NULL;
        int error = hit.version == NULL ? 0 : decode(of, &hit, rows[i]);
        if (error != 0)
            return error;
    }
    return 0;
}

/*
 * Collects up to `limit` rows; fewer only when AT_ONCE entries have been looked at or the range has
 * ended (*ended). Ends on a node that is seen, or at the end: what is not seen may be freed as soon
 * as the lock is released.
 */
static uint32_t collect(walk *of, found_row *out, uint32_t limit, bool *ended)
{
    uint32_t have = 0;
    for (uint32_t looked = 0; have < limit; looked++) {
        if (of->node == NULL || !hf__key_range_holds(&of->range, of->node, of->descending)) {
            *ended = true;
            break;
        }
        const hf__memory_entry *entry = hf__memory_entry_of(of->node);
        found_row hit = {.entry = entry, .version = hf__memory_seen(of->txn, entry)};
        if (hit.version != NULL) {
            if (looked >= AT_ONCE)
                break;
            if (of->tree->index != 0) {
                hit.entry = entry->row;
                hit.version = hf__memory_seen(of->txn, hit.entry);
            }
            out[have++] = hit;
        }
        of->node = of->descending ? of->node->prev : of->node->next[0];
    }
    return have;
}

/* Whether the walk's current node will still be there after the lock was released. */
static bool is_kept(const walk *of)
{
    return of->node == NULL || hf__memory_seen(of->txn, hf__memory_entry_of(of->node)) != NULL;
}

/* Skips nodes that are not seen, so that the current node of the walk stays. */
static void skip_unseen(walk *of, bool *ended)
{
    while (!*ended && !is_kept(of)) {
        if (!hf__key_range_holds(&of->range, of->node, of->descending))
            *ended = true;
        else
            of->node = of->descending ? of->node->prev : of->node->next[0];
    }
}

int hf__memory_scan(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count)
{
    hf__memory_txn *by = txn;
    hf__memory_store *store = by->store;
    walk of = {.txn = by, .descending = scan->descending != 0};
    of.tree = &store->trees[store->first[scan->table] + scan->index];
    hf__key_range_set(&of.range, of.tree->table, scan);
    found_row page[AT_ONCE];
    const uint32_t limit = *count;
    uint32_t done = 0;
    bool ended = limit == 0, started = false;
    while (done < limit && !ended) {
        uint32_t page_rows = limit - done < AT_ONCE ? limit - done : AT_ONCE;
        hf__lock_take(&store->lock);
        if (!started)
            of.node = hf__key_range_first(&of.range, &of.tree->list, of.descending);
        started = true;
        uint32_t have = collect(&of, page, page_rows, &ended);
        skip_unseen(&of, &ended);
        hf__lock_give(&store->lock);
        for (uint32_t i = 0; i < have; i++) {
            int error = page[i].version == NULL
                            ? hf__store_fail(by->caller->error, HF_E_CORRUPT, 0,
                                             "memory: index %u of table %s names no row",
                                             scan->index, of.tree->table->name)
                            : decode(by, &page[i], rows[done + i]);
            if (error != 0)
                return error;
        }
        done += have;
    }
    *count = done;
    return 0;
}

/*
 * memtable_index.c - the sorted sets of a memtable, created and completed by the scan that needs
 * them.
 *
 * The storage thread pays nothing for order: it only links a change behind its table. A scan
 * follows these links back to the newest change in the set, and adds the keys that the set does not
 * have. Without scans nothing is sorted.
 *
 * Failure modes: no memory; a row whose bytes are none, which only damage of memory can make.
 */
#include "journal/memtable.h"
#include "model/codec.h"

#include <holdfast/error.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)16 << 10) /* of nodes, taken at once */

/* Memory for a node and its key; NULL when out. */
static uint8_t *node_memory(hf__memtable *memtable, hf__memtable_index *ordered, size_t bytes)
{
    bytes = (bytes + 7) & ~(size_t)7;
    if ((size_t)(ordered->end - ordered->at) < bytes) {
        hf__lock_take(&memtable->index_lock);
        uint8_t *chunk = hf__region_alloc(&memtable->index, CHUNK_BYTES);
        hf__lock_give(&memtable->index_lock);
        if (chunk == NULL)
            return NULL;
        ordered->at = chunk;
        ordered->end = chunk + CHUNK_BYTES;
    }
    uint8_t *memory = ordered->at;
    ordered->at += bytes;
    return memory;
}

static int insert(hf__memtable *memtable, hf__memtable_index *ordered,
                  const hf__memtable_change *change, const uint8_t *key, uint32_t bytes)
{
    /* The change that came before this one is younger, and so is its key, mostly. */
    bool is_next = ordered->came != NULL && hf__skip_precedes(ordered->came, key, bytes);
    if (!is_next && hf__skip_find(&ordered->list, key, bytes) != NULL)
        return 0;
    uint32_t levels = hf__skip_levels(&ordered->list);
    bool is_own = key == change->key.bytes; /* stays where it is */
    size_t node_bytes = hf__skip_node_bytes(levels);
    uint8_t *memory = node_memory(memtable, ordered, node_bytes + (is_own ? 0 : bytes));
    if (memory == NULL)
        return HF_E_NOMEM;
    hf__skip_node *node = (hf__skip_node *)(void *)memory;
    node->key = is_own ? key : memcpy(memory + node_bytes, key, bytes);
    node->key_bytes = bytes;
    node->levels = levels;
    node->value = (void *)(uintptr_t)change;
    if (is_next)
        hf__skip_insert_before(&ordered->list, node, ordered->came);
    else
        hf__skip_insert(&ordered->list, node);
    ordered->came = node;
    return 0;
}

/* Adds the key that a change has in an index, if it has one. */
static int insert_index(hf__memtable *memtable, hf__memtable_index *ordered,
                        const hf__memtable_change *change, uint32_t index)
{
    const hf_table *table = memtable->schema->tables[change->key.table];
    _Alignas(16) uint8_t row[HF__JOURNAL_ROW_MAX];
    uint8_t key[HF__KEY_MAX];
    if (change->removed)
        return 0;
    memset(row, 0, table->row_bytes);
    if (!hf__key_decode(table, change->key.bytes, change->key.byte_count, row) ||
        hf__row_decode(table, hf__memtable_row(change), change->row_bytes, row, NULL) != 0)
        return HF_E_CORRUPT;
    if (!hf__index_has(table, index, row))
        return 0;
    uint32_t bytes = hf__key_encode(table, index, row, HF__KEY_ALL, key);
    return insert(memtable, ordered, change, key, bytes);
}

static int catch_up(hf__memtable *memtable, hf__memtable_index *ordered, uint32_t table,
                    uint32_t index)
{
    const hf__memtable_change *newest =
        atomic_load_explicit(&memtable->newest[table], memory_order_acquire);
    int error = 0;
    for (const hf__memtable_change *at = newest; error == 0 && at != ordered->seen; at = at->before)
        error = index == 0 ? insert(memtable, ordered, at, at->key.bytes, at->key.byte_count)
                           : insert_index(memtable, ordered, at, index);
    if (error == 0)
        ordered->seen = newest;
    return error;
}

hf__memtable_index *hf__memtable_index_enter(hf__memtable *memtable, uint32_t table, uint32_t index,
                                             int *error)
{
    hf__memtable_index *ordered = &memtable->ordered[memtable->first[table] + index];
    hf__lock_take(&ordered->lock);
    *error = catch_up(memtable, ordered, table, index);
    if (*error == 0)
        return ordered;
    hf__lock_give(&ordered->lock);
    return NULL;
}

void hf__memtable_index_leave(hf__memtable_index *ordered)
{
    hf__lock_give(&ordered->lock);
}

/*
 * flush.c - every changed row into one store transaction, by table and key.
 *
 * Sorted, because a B-tree takes neighbours cheaply and appends cheapest of all; a log takes them
 * as they come, with the keys they have.
 */
#include "cache/cache.h"
#include "cache/entry.h"
#include <string.h>

static const hf__entry *entry_of(const hf__sortable *sorted)
{
    /* The key is its first member. */
    return (const hf__entry *)(const void *)sorted->key;
}

/* A row that was inserted and removed within the batch was never in the store. */
static bool is_written(const hf__entry *entry)
{
    return entry->row != NULL || entry->stored != NULL;
}

static void count_tables(const hf__cache *cache, uint32_t counts[HF__CACHE_TABLES])
{
    for (uint32_t i = 0; i < cache->changed_count; i++) {
        if (i + HF__CACHE_AHEAD < cache->changed_count)
            __builtin_prefetch(cache->changed[i + HF__CACHE_AHEAD]);
        if (is_written(cache->changed[i]))
            counts[cache->changed[i]->key.table]++;
    }
}

/* Puts the counted entries side by side, table after table, oldest change first. */
static void place(hf__cache *cache, uint32_t next[HF__CACHE_TABLES])
{
    for (uint32_t i = 0; i < cache->changed_count; i++) {
        hf__entry *entry = cache->changed[i];
        if (i + HF__CACHE_AHEAD < cache->changed_count)
            __builtin_prefetch(cache->changed[i + HF__CACHE_AHEAD]->key.bytes);
        if (is_written(entry))
            cache->sorted[next[entry->key.table]++] = hf__key_sortable(&entry->key);
    }
}

/* Writes the rows [first, last) of one table. */
static int write_table(hf__cache *cache, const hf__sortable *entries, uint32_t count)
{
    uint32_t table = entries[0].key->table;
    uint32_t puts = 0;
    uint32_t dels = 0;
    for (uint32_t i = 0; i < count; i++) {
        const hf__entry *entry = entry_of(&entries[i]);
        if (entry->row != NULL) {
            cache->put_rows[puts] = entry->row;
            cache->put_olds[puts++] = entry->stored;
        }
    }
    int error = puts == 0
                    ? 0
                    : cache->driver->put(cache->txn, table, cache->put_rows, cache->put_olds, puts);
    for (uint32_t i = 0; i < count; i++)
        if (entry_of(&entries[i])->row == NULL)
            cache->put_olds[dels++] = entry_of(&entries[i])->stored;
    if (error == 0 && dels != 0)
        error = cache->driver->del(cache->txn, table, cache->put_olds, dels);
    return error;
}

static int write_as_they_come(const hf__cache *cache)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < cache->changed_count; i++) {
        const hf__entry *entry = cache->changed[i];
        if (i + HF__CACHE_AHEAD < cache->changed_count)
            __builtin_prefetch(cache->changed[i + HF__CACHE_AHEAD]->row);
        if (is_written(entry))
            error = cache->write(cache->txn, &entry->key, entry->row, entry->stored);
    }
    return error;
}

int hf__cache_flush(hf__cache *cache)
{
    if (cache->write != NULL)
        return write_as_they_come(cache);

    uint32_t counts[HF__CACHE_TABLES] = {0};
    uint32_t next[HF__CACHE_TABLES];
    uint32_t sum = 0;
    count_tables(cache, counts);
    for (uint32_t t = 0; t < HF__CACHE_TABLES; t++) {
        next[t] = sum;
        sum += counts[t];
    }
    place(cache, next); /* which leaves the end of each table in `next` */
    int error = 0;
    for (uint32_t t = 0; error == 0 && t < HF__CACHE_TABLES; t++) {
        hf__sortable *entries = cache->sorted + (next[t] - counts[t]);
        if (counts[t] != 0)
            error = write_table(cache, hf__keys_sort(entries, cache->merge, counts[t]), counts[t]);
    }
    return error;
}

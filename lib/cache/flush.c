/*
 * flush.c - every changed row into one store transaction, by table and key.
 *
 * Sorted, because a B-tree takes neighbours cheaply and appends cheapest of all: new orders carry
 * ids in the order of time. The sort is a bottom-up merge over memory taken at open.
 */
#include "cache/cache.h"
#include "cache/entry.h"
#include <string.h>

static bool before(const hf__entry *a, const hf__entry *b)
{
    if (a->key.table != b->key.table)
        return a->key.table < b->key.table;
    uint32_t shared = a->key.byte_count < b->key.byte_count ? a->key.byte_count : b->key.byte_count;
    int order = memcmp(a->key.bytes, b->key.bytes, shared);
    return order < 0 || (order == 0 && a->key.byte_count < b->key.byte_count);
}

/* Merges the sorted runs [low, middle) and [middle, high) of `from` into `to`. */
static void merge_runs(hf__entry **from, hf__entry **to, uint32_t low, uint32_t middle,
                       uint32_t high)
{
    uint32_t left = low;
    uint32_t right = middle;
    for (uint32_t at = low; at < high; at++) {
        bool take_right = left == middle || (right < high && before(from[right], from[left]));
        to[at] = take_right ? from[right++] : from[left++];
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static hf__entry **sort(hf__cache *cache, uint32_t count)
{
    hf__entry **from = cache->sorted;
    hf__entry **to = cache->merge;
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t low = 0; low < count; low += 2 * width)
            merge_runs(from, to, low, least(low + width, count), least(low + 2 * width, count));
        hf__entry **swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* Each changed entry once. The log names an entry as often as it changed: 2 marks it as taken. */
static uint32_t gather(hf__cache *cache)
{
    uint32_t count = 0;
    for (hf__log_record *record = cache->log; record != NULL; record = record->older) {
        hf__entry *entry = record->entry;
        if (entry->dirty == 1 && (entry->row != NULL || entry->stored != NULL)) {
            entry->dirty = 2;
            cache->sorted[count++] = entry;
        }
    }
    return count;
}

/* Writes the rows [first, last) of one table. */
static int write_table(hf__cache *cache, hf__entry **entries, uint32_t count)
{
    uint32_t table = entries[0]->key.table;
    uint32_t puts = 0;
    uint32_t dels = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i]->row != NULL) {
            cache->put_rows[puts] = entries[i]->row;
            cache->put_olds[puts++] = entries[i]->stored;
        }
    }
    int error = puts == 0
                    ? 0
                    : cache->driver->put(cache->txn, table, cache->put_rows, cache->put_olds, puts);
    for (uint32_t i = 0; i < count; i++)
        if (entries[i]->row == NULL)
            cache->put_olds[dels++] = entries[i]->stored;
    if (error == 0 && dels != 0)
        error = cache->driver->del(cache->txn, table, cache->put_olds, dels);
    return error;
}

int hf__cache_flush(hf__cache *cache)
{
    uint32_t count = gather(cache);
    hf__entry **entries = sort(cache, count);
    int error = 0;
    for (uint32_t first = 0; error == 0 && first < count;) {
        uint32_t last = first;
        while (last < count && entries[last]->key.table == entries[first]->key.table)
            last++;
        error = write_table(cache, entries + first, last - first);
        first = last;
    }
    return error;
}

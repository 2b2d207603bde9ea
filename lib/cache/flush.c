/*
 * flush.c - every changed row into one store transaction, by table and key.
 *
 * Sorted, because a B-tree takes neighbours cheaply and appends cheapest of all. New records carry
 * ids in the order of time and stand in the log in that order, so most tables are sorted already;
 * the others are merged bottom-up, over memory taken at open.
 */
#include "cache/cache.h"
#include "cache/entry.h"
#include <string.h>

static bool before(const hf__entry *a, const hf__entry *b)
{
    uint32_t shared = a->key.byte_count < b->key.byte_count ? a->key.byte_count : b->key.byte_count;
    int order = memcmp(a->key.bytes, b->key.bytes, shared);
    return order < 0 || (order == 0 && a->key.byte_count < b->key.byte_count);
}

static bool sorted_already(hf__entry **entries, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (before(entries[i], entries[i - 1]))
            return false;
    return true;
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

/* Sorts by key; the result is `entries` or `spare`. */
static hf__entry **sort(hf__entry **entries, hf__entry **spare, uint32_t count)
{
    if (sorted_already(entries, count))
        return entries;
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t low = 0; low < count; low += 2 * width)
            merge_runs(entries, spare, low, least(low + width, count),
                       least(low + 2 * width, count));
        hf__entry **swap = entries;
        entries = spare;
        spare = swap;
    }
    return entries;
}

/*
 * Counts each changed entry once, by table. The log names an entry as often as it changed: 2 marks
 * it as counted.
 */
static void count_tables(hf__cache *cache, uint32_t counts[HF__CACHE_TABLES])
{
    for (hf__log_record *record = cache->log; record != NULL; record = record->older) {
        hf__entry *entry = record->entry;
        if (entry->dirty == 1 && (entry->row != NULL || entry->stored != NULL)) {
            entry->dirty = 2;
            counts[entry->key.table]++;
        }
    }
}

/* Puts the counted entries side by side, table after table, oldest change first. */
static void place(hf__cache *cache, uint32_t ends[HF__CACHE_TABLES])
{
    for (hf__log_record *record = cache->log; record != NULL; record = record->older) {
        hf__entry *entry = record->entry;
        if (entry->dirty == 2) {
            entry->dirty = 3;
            cache->sorted[--ends[entry->key.table]] = entry;
        }
    }
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
    uint32_t counts[HF__CACHE_TABLES] = {0};
    uint32_t ends[HF__CACHE_TABLES];
    uint32_t sum = 0;
    count_tables(cache, counts);
    for (uint32_t t = 0; t < HF__CACHE_TABLES; t++)
        ends[t] = sum += counts[t];
    place(cache, ends); /* which leaves the start of each table in `ends` */
    int error = 0;
    for (uint32_t t = 0; error == 0 && t < HF__CACHE_TABLES; t++) {
        hf__entry **entries = sort(cache->sorted + ends[t], cache->merge, counts[t]);
        if (counts[t] != 0)
            error = write_table(cache, entries, counts[t]);
    }
    return error;
}

/*
 * flush.c - every changed row into one store transaction, by table and key.
 *
 * Sorted, because a B-tree takes neighbours cheaply and appends cheapest of all. New records carry
 * ids in the order of time and change in that order, so most tables are sorted already;
 * the others are merged bottom-up, over memory taken at open.
 */
#include "cache/cache.h"
#include "cache/entry.h"
#include <string.h>

#define HEAD_BYTES 16u

static uint64_t big_endian(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return value;
}

static hf__sortable sortable(hf__entry *entry)
{
    uint8_t head[HEAD_BYTES] = {0};
    const hf__key *key = &entry->key;
    memcpy(head, key->bytes, key->byte_count < HEAD_BYTES ? key->byte_count : HEAD_BYTES);
    return (hf__sortable){.head = {big_endian(head), big_endian(head + 8)}, .entry = entry};
}

static bool key_before(const hf__key *a, const hf__key *b)
{
    uint32_t shared = a->byte_count < b->byte_count ? a->byte_count : b->byte_count;
    int order = memcmp(a->bytes, b->bytes, shared);
    return order < 0 || (order == 0 && a->byte_count < b->byte_count);
}

static inline bool before(const hf__sortable *a, const hf__sortable *b)
{
    if (a->head[0] != b->head[0])
        return a->head[0] < b->head[0];
    if (a->head[1] != b->head[1])
        return a->head[1] < b->head[1];
    return key_before(&a->entry->key, &b->entry->key);
}

static bool sorted_already(const hf__sortable *entries, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (before(&entries[i], &entries[i - 1]))
            return false;
    return true;
}

/* Merges the sorted runs [low, middle) and [middle, high) of `from` into `to`. */
static void merge_runs(const hf__sortable *from, hf__sortable *to, uint32_t low, uint32_t middle,
                       uint32_t high)
{
    uint32_t left = low;
    uint32_t right = middle;
    for (uint32_t at = low; at < high; at++) {
        bool take_right = left == middle || (right < high && before(&from[right], &from[left]));
        to[at] = take_right ? from[right++] : from[left++];
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Sorts by key; the result is `entries` or `spare`. */
static hf__sortable *sort(hf__sortable *entries, hf__sortable *spare, uint32_t count)
{
    if (sorted_already(entries, count))
        return entries;
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t low = 0; low < count; low += 2 * width)
            merge_runs(entries, spare, low, least(low + width, count),
                       least(low + 2 * width, count));
        hf__sortable *swap = entries;
        entries = spare;
        spare = swap;
    }
    return entries;
}

/* A row that came and went within the batch was never in the store. */
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
            cache->sorted[next[entry->key.table]++] = sortable(entry);
    }
}

/* Writes the rows [first, last) of one table. */
static int write_table(hf__cache *cache, const hf__sortable *entries, uint32_t count)
{
    uint32_t table = entries[0].entry->key.table;
    uint32_t puts = 0;
    uint32_t dels = 0;
    for (uint32_t i = 0; i < count; i++) {
        const hf__entry *entry = entries[i].entry;
        if (entry->row != NULL) {
            cache->put_rows[puts] = entry->row;
            cache->put_olds[puts++] = entry->stored;
        }
    }
    int error = puts == 0
                    ? 0
                    : cache->driver->put(cache->txn, table, cache->put_rows, cache->put_olds, puts);
    for (uint32_t i = 0; i < count; i++)
        if (entries[i].entry->row == NULL)
            cache->put_olds[dels++] = entries[i].entry->stored;
    if (error == 0 && dels != 0)
        error = cache->driver->del(cache->txn, table, cache->put_olds, dels);
    return error;
}

int hf__cache_flush(hf__cache *cache)
{
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
            error = write_table(cache, sort(entries, cache->merge, counts[t]), counts[t]);
    }
    return error;
}

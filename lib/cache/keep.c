/*
 * keep.c - hot rows that stay between batches, in slots of one size.
 *
 * Which rows are there, and which of them goes when all slots are used, is an hf_cache with the
 * CLOCK policy: the next one that was not looked at since the policy last examined it. The entries
 * and the rows stand beside it, by slot. Rows with bytes outside the struct are not kept: they
 * would need memory of their own. Neither are rows that their table's index has no more: what has
 * ended is hardly asked for again.
 */
#include "cache/cache.h"
#include "cache/entry.h"
#include <holdfast/error.h>
#include <string.h>

#define SLOTS_MIN 64u
#define SLOTS_MAX (1u << 24)

static uint32_t largest_hot_row(const hf__cache *cache)
{
    uint32_t largest = 0;
    for (uint32_t t = 0; t < cache->schema->table_count; t++)
        if ((cache->hot >> t & 1) != 0 && cache->schema->tables[t]->row_bytes > largest)
            largest = cache->schema->tables[t]->row_bytes;
    return largest;
}

/* A bit for each column with bytes outside the struct. */
static uint64_t bytes_columns(const hf_table *table)
{
    uint64_t columns = 0;
    for (uint32_t c = 0; c < table->column_count; c++)
        columns |= (uint64_t)(table->columns[c].type == HF_COLUMN_BYTES) << c;
    return columns;
}

int hf__cache_slots_init(hf__cache *cache, const hf__cache_config *config)
{
    cache->slot_bytes = (largest_hot_row(cache) + 15) & ~15u;
    for (uint32_t t = 0; t < cache->schema->table_count; t++)
        cache->bytes_in[t] = bytes_columns(cache->schema->tables[t]);
    const size_t each = sizeof(hf__entry) + sizeof(hf__cached) + HF__HOT_KEY_MAX;
    uint64_t count = config->bytes / (each + cache->slot_bytes);
    count = count < SLOTS_MIN ? SLOTS_MIN : count;
    cache->slot_count = count > SLOTS_MAX ? SLOTS_MAX : (uint32_t)count;
    hf_cache_options options;
    hf_cache_options_init(&options);
    options.policy = HF_CACHE_CLOCK;
    options.entries_max = cache->slot_count;
    options.key_bytes_max = HF__HOT_KEY_MAX;
    options.allocator = &cache->env->allocator;
    int error = hf_cache_new(&options, &cache->kept);
    if (error != 0)
        return error;
    cache->slots = hf__alloc_uncleared(cache->env, sizeof *cache->slots * cache->slot_count);
    cache->slot_rows =
        hf__alloc_uncleared(cache->env, (size_t)cache->slot_bytes * cache->slot_count);
    if (cache->slots != NULL && cache->slot_rows != NULL)
        return 0;
    return HF_E_NOMEM;
}

static void *row_of(hf__cache *cache, uint32_t slot)
{
    return cache->slot_rows + (size_t)slot * cache->slot_bytes;
}

static bool has_bytes(const hf_table *table, uint64_t columns, const void *row)
{
    for (; columns != 0; columns &= columns - 1) {
        const hf_column *column = &table->columns[__builtin_ctzll(columns)];
        if (hf__load_bytes((const uint8_t *)row + column->offset).bytes != 0)
            return true;
    }
    return false;
}

static bool is_kept(const hf__cache *cache, uint32_t table, const void *row)
{
    const hf_table *of = hf__cache_table(cache, table);
    return hf__index_has(of, cache->kept_in[table], row) &&
           !has_bytes(of, cache->bytes_in[table], row);
}

void hf__cache_forget(hf__cache *cache)
{
    (void)hf_cache_clear(cache->kept);
    hf__new_ids_clear(&cache->new_ids);
}

void hf__cache_keep(hf__cache *cache, const hf__entry *entry)
{
    const hf_table *table = hf__cache_table(cache, entry->key.table);
    if (!is_kept(cache, entry->key.table, entry->row) || entry->key.byte_count > HF__HOT_KEY_MAX)
        return;
    const hf__cache_key key = hf__cache_kept_key(&entry->key);
    hf__cache_put as = {.state = HF__SLOT_VALUE};
    if (hf__cached_put(cache->kept, &key, &as) != 0)
        return;
    void *row = row_of(cache, as.slot);
    memcpy(row, entry->row, table->row_bytes);
    cache->slots[as.slot] = (hf__entry){.key = entry->key, .slot = as.slot + 1};
    cache->slots[as.slot].key.bytes = hf__cached_key(cache->kept, as.slot);
    cache->slots[as.slot].row = row;
    cache->slots[as.slot].stored = row;
}

void hf__cache_refresh(hf__cache *cache, hf__entry *entry)
{
    const hf_table *table = hf__cache_table(cache, entry->key.table);
    if (entry->row == NULL || !is_kept(cache, entry->key.table, entry->row)) {
        hf__cached_drop(cache->kept, entry->slot - 1, HF_CACHE_REMOVED);
        return;
    }
    void *kept = row_of(cache, entry->slot - 1);
    if (entry->row != kept)
        memcpy(kept, entry->row, table->row_bytes);
    entry->row = kept;
    entry->stored = kept;
}

/*
 * keep.c - hot rows that stay between batches, in slots of one size.
 *
 * When all slots are used the clock hand takes the next one that was not looked at since it last
 * came by (the CLOCK policy). Rows with bytes outside the struct are not kept: they would need
 * memory of their own.
 */
#include "cache/cache.h"
#include "cache/entry.h"
#include <holdfast/error.h>
#include <string.h>

static uint32_t largest_hot_row(const hf__cache *cache)
{
    uint32_t largest = 0;
    for (uint32_t t = 0; t < cache->schema->table_count; t++)
        if ((cache->hot >> t & 1) != 0 && cache->schema->tables[t]->row_bytes > largest)
            largest = cache->schema->tables[t]->row_bytes;
    return largest;
}

int hf__cache_slots_init(hf__cache *cache, const hf__cache_config *config)
{
    cache->slot_bytes = (largest_hot_row(cache) + 15) & ~15u;
    uint64_t count = config->bytes / (sizeof(hf__slot) + cache->slot_bytes);
    cache->slot_count = count < 64 ? 64 : count > 1u << 24 ? 1u << 24 : (uint32_t)count;
    cache->slots = hf__alloc(cache->env, sizeof(hf__slot) * cache->slot_count);
    cache->slot_rows =
        hf__alloc_uncleared(cache->env, (size_t)cache->slot_bytes * cache->slot_count);
    return cache->slots != NULL && cache->slot_rows != NULL ? 0 : HF_E_NOMEM;
}

static void *row_of(hf__cache *cache, uint32_t slot)
{
    return cache->slot_rows + (size_t)slot * cache->slot_bytes;
}

static bool has_bytes(const hf_table *table, const void *row)
{
    for (uint32_t c = 0; c < table->column_count; c++) {
        const hf_column *column = &table->columns[c];
        if (column->type != HF_COLUMN_BYTES)
            continue;
        uint64_t bytes;
        memcpy(&bytes, (const uint8_t *)row + column->offset + sizeof(void *), sizeof(bytes));
        if (bytes != 0)
            return true;
    }
    return false;
}

static void give_up(hf__cache *cache, hf__slot *slot)
{
    hf__map_del(&cache->map, slot->entry.key.hash, slot->entry.key.bytes,
                slot->entry.key.byte_count);
    slot->used = 0;
}

void hf__cache_forget(hf__cache *cache)
{
    for (uint32_t i = 0; i < cache->slot_count; i++)
        if (cache->slots[i].used)
            give_up(cache, &cache->slots[i]);
    hf__recent_clear(&cache->recent);
}

/* A free slot, or one whose row was not looked at lately. */
static hf__slot *take(hf__cache *cache)
{
    for (;;) {
        hf__slot *slot = &cache->slots[cache->slot_hand];
        cache->slot_hand = (cache->slot_hand + 1) % cache->slot_count;
        if (!slot->used)
            return slot;
        if (!slot->referenced) {
            give_up(cache, slot);
            return slot;
        }
        slot->referenced = 0;
    }
}

void hf__cache_keep(hf__cache *cache, const hf__entry *entry)
{
    const hf_table *table = hf__cache_table(cache, entry->key.table);
    if (has_bytes(table, entry->row) || entry->key.byte_count > HF__HOT_KEY_MAX)
        return;
    hf__slot *slot = take(cache);
    uint32_t number = (uint32_t)(slot - cache->slots);
    memcpy(slot->key, entry->key.bytes, entry->key.byte_count);
    memcpy(row_of(cache, number), entry->row, table->row_bytes);
    slot->used = 1;
    slot->referenced = 0;
    slot->entry = (hf__entry){.key = entry->key, .slot = number + 1};
    slot->entry.key.bytes = slot->key;
    slot->entry.row = row_of(cache, number);
    slot->entry.stored = row_of(cache, number);
    if (!hf__map_put(&cache->map, entry->key.hash, slot->key, entry->key.byte_count, &slot->entry))
        slot->used = 0;
}

void hf__cache_refresh(hf__cache *cache, hf__entry *entry)
{
    hf__slot *slot = &cache->slots[entry->slot - 1];
    const hf_table *table = hf__cache_table(cache, entry->key.table);
    if (entry->row == NULL || has_bytes(table, entry->row)) {
        give_up(cache, slot);
        return;
    }
    void *kept = row_of(cache, entry->slot - 1);
    if (entry->row != kept)
        memcpy(kept, entry->row, table->row_bytes);
    entry->row = kept;
    entry->stored = kept;
}

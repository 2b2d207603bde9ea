/*
 * entry.h - what the files of this module share.
 */
#ifndef HF_CACHE_ENTRY_H
#define HF_CACHE_ENTRY_H

#include "cache/cache.h"

/* Walks over many entries fetch what they will look at this many steps ahead. */
#define HF__CACHE_AHEAD 8u

static inline const hf_table *hf__cache_table(const hf__cache *cache, uint32_t table)
{
    return cache->schema->tables[table];
}

/* True for tables whose records are named by an id alone. */
static inline bool hf__cache_named_by_id(const hf_table *table)
{
    return table->key_count == 1 && table->columns[table->key[0]].type == HF_COLUMN_ID;
}

#define HF__CACHE_ALIGN 16u /* bytes, of what lies in the arena */

#define HF__CACHE_LINE  64u /* bytes that the processor fetches at once */

/* A key as the kept rows have it. */
static inline hf__cache_key hf__cache_kept_key(const hf__key *key)
{
    return (hf__cache_key){key->bytes, key->byte_count, hf__cache_kept_hash(key->hash)};
}

/* The entry of a key, or NULL. */
hf__entry *hf__cache_find(const hf__cache *cache, const hf__key *key);

/* A new entry of this batch; the key's bytes must live in the arena. NULL when full. */
hf__entry *hf__cache_enter(hf__cache *cache, const hf__key *key);

/* Enters a row that was read from the store and lives in the arena. NULL when full. */
hf__entry *hf__cache_adopt(hf__cache *cache, uint32_t table, const void *row);

/* Slots for `bytes` of kept rows, each as large as the largest hot row. HF_E_NOMEM. */
int hf__cache_slots_init(hf__cache *cache, const hf__cache_config *config);

/* Copies a row of a hot table into a slot; evicts another row when no slot is free. */
void hf__cache_keep(hf__cache *cache, const hf__entry *entry);

/* Lets a slot's row be what was committed. */
void hf__cache_refresh(hf__cache *cache, hf__entry *entry);

#endif

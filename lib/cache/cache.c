/*
 * cache.c - entries of the working set: find, enter, change, undo, forget. A full working set is
 * HF_E_NOMEM.
 */
#include "cache/cache.h"
#include "base/fail.h"
#include "cache/entry.h"
#include <holdfast/error.h>
#include <string.h>

/* Ids read of each table at open: enough for ids whose time is ahead of the clock. */
#define PRIME_ROWS 16u

/* A row is in one of the two: the batch enters only what is not kept. */
hf__entry *hf__cache_find(const hf__cache *cache, const hf__key *key)
{
    if (hf__cache_keeps(cache, key->table)) {
        const hf__cache_key kept = hf__cache_kept_key(key);
        const uint32_t slot = hf__cached_find(cache->kept, &kept);
        if (slot != HF__NO_SLOT)
            return &cache->slots[slot];
    }
    return hf__map_get(&cache->map, key->hash, key->bytes, key->byte_count);
}

void *hf__cache_alloc_back(hf__arena *arena, size_t bytes)
{
    size_t rounded = (bytes + HF__CACHE_ALIGN - 1) & ~(size_t)(HF__CACHE_ALIGN - 1);
    if (rounded < bytes || arena->capacity - arena->used < rounded)
        return NULL;
    arena->capacity -= rounded;
    return arena->memory + arena->capacity;
}

static bool put_in_map(hf__cache *cache, hf__entry *entry)
{
    const hf__key *key = &entry->key;
    return hf__map_put(&cache->map, key->hash, key->bytes, key->byte_count, entry);
}

/* The map is as wide as the batch before needed; when this one has more rows, it is made wider. */
static bool map_entry(hf__cache *cache, hf__entry *entry)
{
    while (!put_in_map(cache, entry)) {
        if (!hf__map_widen(&cache->map))
            return false;
        for (hf__entry *of = cache->batch_first; of != NULL; of = of->batch_next)
            (void)put_in_map(cache, of);
    }
    return true;
}

hf__entry *hf__cache_enter(hf__cache *cache, const hf__key *key)
{
    if (cache->batch_count == cache->batch_max)
        return NULL;
    hf__entry *entry = hf__cache_alloc_back(cache->arena, sizeof(*entry));
    if (entry == NULL)
        return NULL;
    *entry = (hf__entry){.key = *key, .batch_next = cache->batch_first};
    if (!map_entry(cache, entry))
        return NULL;
    cache->batch_first = entry;
    cache->batch_count++;
    return entry;
}

hf__entry *hf__cache_adopt(hf__cache *cache, uint32_t table, const void *row)
{
    uint8_t bytes[HF__KEY_MAX];
    hf__key key = {.table = table};
    key.byte_count =
        hf__key_encode(hf__cache_table(cache, table), HF__PRIMARY, row, HF__KEY_ALL, bytes);
    key.bytes = bytes;
    key.hash = hf__key_hash(table, bytes, key.byte_count);
    hf__entry *entry = hf__cache_find(cache, &key);
    if (entry != NULL)
        return entry;
    uint8_t *kept = hf__cache_alloc_back(cache->arena, key.byte_count);
    if (kept == NULL)
        return NULL;
    memcpy(kept, bytes, key.byte_count);
    key.bytes = kept;
    entry = hf__cache_enter(cache, &key);
    if (entry != NULL) {
        entry->row = row;
        entry->stored = row;
    }
    return entry;
}

void hf__cache_fetch(const hf__cache *cache, uint64_t hash, bool row)
{
    const uint32_t kept = hf__cache_kept_hash(hash);
    const uint32_t slot = *hf__cached_bucket(cache->kept, kept);
    if (slot == HF__NO_SLOT)
        return;
    if (!row) {
        __builtin_prefetch(hf__cached_at(cache->kept, slot));
        __builtin_prefetch(hf__cached_key(cache->kept, slot) + HF__CACHE_LINE / 2);
        __builtin_prefetch(&cache->slots[slot]);
        return;
    }
    const hf__entry *entry = &cache->slots[slot];
    if (hf__cached_at(cache->kept, slot)->hash != kept || entry->row == NULL)
        return;
    const uint32_t bytes = hf__cache_table(cache, entry->key.table)->row_bytes;
    for (uint32_t at = 0; at < bytes; at += HF__CACHE_LINE)
        __builtin_prefetch((const uint8_t *)entry->row + at);
}

uint32_t hf__cache_remaining(const hf__cache *cache)
{
    return cache->batch_max - cache->batch_count;
}

/* The entry of a row that is kept, which has the same slot; NULL for other rows. */
static hf__entry *entry_of_kept(const hf__cache *cache, const void *row)
{
    const uintptr_t at = (uintptr_t)row - (uintptr_t)cache->slot_rows;
    const uintptr_t end = (uintptr_t)cache->slot_count * cache->slot_bytes;
    return at < end ? &cache->slots[at / cache->slot_bytes] : NULL;
}

int hf__cache_apply(hf__cache *cache, const hf__key *key, const void *old, const void *row)
{
    hf__entry *entry = entry_of_kept(cache, old);
    if (entry == NULL)
        entry = hf__cache_find(cache, key);
    if (entry == NULL)
        entry = hf__cache_enter(cache, key);
    hf__log_record *record = hf__cache_alloc_back(cache->arena, sizeof(*record));
    if (entry == NULL || record == NULL)
        return HF_E_NOMEM;
    *record = (hf__log_record){
        .entry = entry,
        .before = entry->row,
        .after = row,
        .older = cache->log,
        .was_dirty = entry->dirty,
    };
    cache->log = record;
    if (!entry->dirty)
        cache->changed[cache->changed_count++] = entry;
    entry->row = row;
    entry->dirty = 1;
    entry->stamp = cache->stamp;
    const bool appears = row != NULL && record->before == NULL && entry->stored == NULL;
    if (appears && hf__cache_named_by_id(hf__cache_table(cache, key->table)))
        hf__new_ids_add(&cache->new_ids, entry->key.bytes);
    return 0;
}

hf__log_record *hf__cache_savepoint(const hf__cache *cache)
{
    return cache->log;
}

static void overlays_anew(hf__cache *cache)
{
    for (uint32_t t = 0; t < cache->schema->table_count; t++)
        for (uint32_t i = 0; i <= cache->schema->tables[t]->index_count; i++)
            cache->overlays[t][i].ready = 0;
}

void hf__cache_rollback(hf__cache *cache, hf__log_record *savepoint)
{
    if (cache->log == savepoint)
        return;
    while (cache->log != savepoint) {
        hf__log_record *record = cache->log;
        record->entry->row = record->before;
        record->entry->dirty = record->was_dirty;
        cache->changed_count -= record->was_dirty ? 0 : 1; /* the last one added */
        cache->log = record->older;
    }
    overlays_anew(cache);
}

void hf__cache_begin(hf__cache *cache, hf__arena *arena, void *txn)
{
    cache->arena = arena;
    cache->txn = txn;
    cache->batch_first = NULL;
    cache->batch_count = 0;
    hf__load_list_clear(&cache->load_list);
    cache->changed_count = 0;
    cache->log = NULL;
    overlays_anew(cache);
}

/* Kept rows take what was committed. */
static void refresh_changed(hf__cache *cache)
{
    for (uint32_t i = 0; i < cache->changed_count; i++) {
        hf__entry *entry = cache->changed[i];
        if (i + HF__CACHE_AHEAD < cache->changed_count)
            __builtin_prefetch(cache->changed[i + HF__CACHE_AHEAD]);
        if (entry->slot != 0)
            hf__cache_refresh(cache, entry);
        entry->dirty = 0;
    }
}

void hf__cache_end(hf__cache *cache, bool committed)
{
    if (!committed)
        hf__cache_rollback(cache, NULL);
    refresh_changed(cache);
    for (hf__entry *entry = cache->batch_first; entry != NULL; entry = entry->batch_next)
        if (committed && hf__cache_keeps(cache, entry->key.table) && entry->row != NULL)
            hf__cache_keep(cache, entry);
    hf__map_clear(&cache->map);
    hf__map_narrow(&cache->map, cache->batch_count + cache->batch_count / 4);
    cache->arena = NULL;
    cache->txn = NULL;
    cache->batch_first = NULL;
    cache->batch_count = 0;
    cache->log = NULL;
}

/* Notes the greatest ids of a table; there may be more below the last of them. */
static int prime_table(hf__cache *cache, void *txn, uint32_t table, uint8_t *rows)
{
    const hf_table *of = hf__cache_table(cache, table);
    uint32_t count = PRIME_ROWS;
    for (uint32_t i = 0; i < count; i++)
        cache->load_rows[i] = rows + (size_t)i * of->row_bytes;
    hf_scan last = {.table = table, .index = HF__PRIMARY, .descending = 1};
    int error = hf__store_scan(cache->driver, txn, &last, cache->load_rows, &count);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        const uint8_t *id = (uint8_t *)cache->load_rows[i] + of->columns[of->key[0]].offset;
        hf__new_ids_add(&cache->new_ids, id);
        if (i == PRIME_ROWS - 1)
            hf__new_ids_raise(&cache->new_ids, id);
    }
    return error;
}

int hf__cache_prime(hf__cache *cache, void *txn)
{
    int error = 0;
    for (uint32_t t = 0; error == 0 && t < cache->schema->table_count; t++) {
        const hf_table *table = hf__cache_table(cache, t);
        if (!hf__cache_named_by_id(table))
            continue;
        uint8_t *rows = hf__alloc(cache->env, (size_t)PRIME_ROWS * table->row_bytes);
        if (rows == NULL)
            return HF_E_NOMEM;
        error = prime_table(cache, txn, t, rows);
        hf__free(cache->env, rows);
    }
    return error;
}

/* Every entry may be dirty at once, kept ones too. */
static int scratch_init(hf__cache *cache, uint32_t entries)
{
    cache->sorted = hf__alloc(cache->env, sizeof(hf__sortable) * entries);
    cache->merge = hf__alloc(cache->env, sizeof(hf__sortable) * entries);
    cache->changed = hf__alloc(cache->env, sizeof(hf__entry *) * entries);
    cache->put_rows = hf__alloc(cache->env, sizeof(void *) * entries);
    cache->put_olds = hf__alloc(cache->env, sizeof(void *) * entries);
    cache->load_rows = hf__alloc(cache->env, sizeof(void *) * HF__LOAD_LIST_MAX);
    cache->load_keys = hf__alloc(cache->env, sizeof(hf__key *) * HF__LOAD_LIST_MAX);
    cache->load_found = hf__alloc(cache->env, HF__LOAD_LIST_MAX);
    bool ok = cache->sorted != NULL && cache->merge != NULL && cache->changed != NULL &&
              cache->put_rows != NULL && cache->put_olds != NULL && cache->load_rows != NULL &&
              cache->load_keys != NULL && cache->load_found != NULL;
    return ok ? 0 : HF_E_NOMEM;
}

int hf__cache_init(hf__cache *cache, const hf__cache_config *config)
{
    *cache = (hf__cache){
        .env = config->env,
        .schema = config->schema,
        .driver = config->driver,
        .write = config->write,
        .batch_max = config->batch_max,
    };
    for (uint32_t i = 0; i < config->hot_count; i++) {
        cache->hot |= 1u << config->hot[i].table;
        cache->kept_in[config->hot[i].table] = config->hot[i].index;
    }
    int error = hf__cache_slots_init(cache, config);
    if (error == 0)
        error = hf__map_init(&cache->map, config->env, config->batch_max);
    if (error == 0)
        error = hf__load_list_init(&cache->load_list, config->env);
    if (error == 0)
        error = scratch_init(cache, cache->slot_count + config->batch_max);
    if (error == 0)
        error = hf__new_ids_init(&cache->new_ids, config->env, HF__CACHE_NEW_IDS);
    if (error == 0)
        hf__map_narrow(&cache->map, 0);
    else
        hf__cache_fini(cache);
    return error;
}

void hf__cache_fini(hf__cache *cache)
{
    hf_env *env = cache->env;
    if (env == NULL)
        return;
    if (cache->map.slots != NULL)
        hf__map_fini(&cache->map, env);
    hf__load_list_fini(&cache->load_list, env);
    hf__new_ids_fini(&cache->new_ids, env);
    if (cache->kept != NULL)
        (void)hf_cache_free(cache->kept);
    hf__free(env, cache->slots);
    hf__free(env, cache->slot_rows);
    hf__free(env, cache->sorted);
    hf__free(env, cache->merge);
    hf__free(env, cache->changed);
    hf__free(env, cache->put_rows);
    hf__free(env, cache->put_olds);
    hf__free(env, cache->load_rows);
    hf__free(env, cache->load_keys);
    hf__free(env, cache->load_found);
    *cache = (hf__cache){0};
}

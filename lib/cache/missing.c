/*
 * missing.c - rows that the working set does not have are loaded from the store.
 *
 * Their keys are noted, each once, and loaded together, with one call of the store for each
 * table. A new id needs no look-up (new_ids.h): new records cost no read.
 *
 * Failure modes: a row is damaged, the store fails, or there is no capacity for all rows
 * (HF_E_NOMEM). Then the rows that are needed now are loaded without the others, which fail where
 * they are needed.
 */
#include "cache/entry.h"
#include <holdfast/error.h>
#include <string.h>

bool hf__cache_is_new_id(const hf__cache *cache, const hf_id *id)
{
    return hf__new_ids_is_new(&cache->new_ids, id->bytes);
}

/* What entering the row of a key takes of the arena. */
static uint64_t bytes_of(const hf__cache *cache, const hf__key *key)
{
    const uint64_t rounded = 3 * (uint64_t)HF__CACHE_ALIGN; /* row, key and entry each */
    return hf__cache_table(cache, key->table)->row_bytes + key->byte_count + sizeof(hf__entry) +
           rounded;
}

bool hf__cache_look(hf__cache *cache, const hf__key *key, hf__entry **entry)
{
    *entry = NULL;
    if (hf__cache_named_by_id(hf__cache_table(cache, key->table)) &&
        hf__new_ids_is_new(&cache->new_ids, key->bytes))
        return true;
    *entry = hf__cache_find(cache, key);
    if (*entry == NULL)
        hf__load_list_add(&cache->load_list, key, bytes_of(cache, key));
    return *entry != NULL;
}

int hf__cache_get(hf__cache *cache, const hf__key *key, const void **row)
{
    hf__entry *entry;
    *row = NULL;
    if (!hf__cache_look(cache, key, &entry))
        return 1;
    cache->hits++;
    if (entry == NULL)
        return 0;
    *row = entry->row;
    if (entry->slot != 0)
        cache->kept->policy->use(cache->kept, entry->slot - 1);
    return 0;
}

/* ---- Loading --------------------------------------------------------------------------------- */

/* Memory for the row of a missing key, its key columns set; NULL when the arena is full. */
static void *row_for(hf__cache *cache, const hf__key *key)
{
    const hf_table *table = hf__cache_table(cache, key->table);
    void *row = hf__cache_alloc_back(cache->arena, table->row_bytes);
    if (row == NULL)
        return NULL;
    memset(row, 0, table->row_bytes);
    return hf__key_decode(table, key->bytes, key->byte_count, row) ? row : NULL;
}

static int enter_loaded(hf__cache *cache, const hf__key *missing, const void *row)
{
    hf__key key = *missing;
    uint8_t *bytes = hf__cache_alloc_back(cache->arena, key.byte_count);
    if (bytes == NULL)
        return HF_E_NOMEM;
    memcpy(bytes, missing->bytes, key.byte_count);
    key.bytes = bytes;
    hf__entry *entry = hf__cache_enter(cache, &key);
    if (entry == NULL)
        return HF_E_NOMEM;
    entry->row = row;
    entry->stored = row;
    return 0;
}

/* Rows of one table that are loaded now: so many, and what entering them takes of the arena. */
typedef struct loading {
    uint32_t count;
    uint64_t bytes;
} loading;

static uint64_t rounded(uint64_t bytes)
{
    return (bytes + HF__CACHE_ALIGN - 1) & ~(uint64_t)(HF__CACHE_ALIGN - 1);
}

/* Memory for the rows of a table among the first `keys` that were noted. */
static int prepare(hf__cache *cache, uint32_t table, uint32_t keys, loading *out)
{
    *out = (loading){.count = 0};
    for (uint32_t i = 0; i < keys; i++) {
        const hf__key *missing = &cache->load_list.keys[i];
        if (missing->table != table || hf__cache_find(cache, missing) != NULL)
            continue; /* a range may have brought it meanwhile */
        cache->load_rows[out->count] = row_for(cache, missing);
        if (cache->load_rows[out->count] == NULL)
            return HF_E_NOMEM;
        cache->load_keys[out->count++] = missing;
        out->bytes += rounded(missing->byte_count) + rounded(sizeof(hf__entry));
    }
    return 0;
}

static int read_rows(hf__cache *cache, uint32_t table, uint32_t keys, loading *out)
{
    int error = prepare(cache, table, keys, out);
    if (error != 0 || out->count == 0)
        return error;
    error = cache->driver->get(cache->txn, table, cache->load_rows, cache->load_found, out->count);
    if (error != 0)
        return error;
    const bool fits = cache->arena->capacity - cache->arena->used >= out->bytes &&
                      hf__cache_remaining(cache) >= out->count;
    return fits ? 0 : HF_E_NOMEM;
}

/* Loads those of one table: all of them, or none, and then the arena is as it was. */
static int load_table(hf__cache *cache, uint32_t table, uint32_t keys)
{
    const size_t capacity = cache->arena->capacity;
    loading now;
    int error = read_rows(cache, table, keys, &now);
    if (error != 0) {
        cache->arena->capacity = capacity;
        return error;
    }
    cache->misses += now.count;
    for (uint32_t i = 0; error == 0 && i < now.count; i++) {
        const void *row = cache->load_found[i] ? cache->load_rows[i] : NULL;
        error = enter_loaded(cache, cache->load_keys[i], row);
    }
    return error;
}

static int load(hf__cache *cache, uint32_t keys)
{
    int error = 0;
    for (uint32_t table = 0; error == 0 && table < HF__CACHE_TABLES; table++)
        if ((cache->load_list.tables >> table & 1) != 0)
            error = load_table(cache, table, keys);
    return error;
}

int hf__cache_load(hf__cache *cache, uint32_t needed, bool *all)
{
    int error = load(cache, cache->load_list.count);
    *all = error == 0;
    if (error != 0 && needed < cache->load_list.count)
        error = load(cache, needed);
    hf__load_list_clear(&cache->load_list);
    return error;
}

/*
 * memtable.c - changes by the hash of their keys: an insert-only table of chains.
 *
 * One thread adds: it fills a change, then makes it the head of its chain with a release store; a
 * reader that sees the head sees all of it, and nothing behind it ever changes.
 */
#include "journal/memtable.h"

#include <string.h>

/* Of a small change; larger ones leave memory untouched that is not needed. */
#define BYTES_A_CHANGE 64u
#define FIRST_MAX      ((uint64_t)256 << 20) /* taken at once; more is taken when it is needed */
#define BUCKETS_MIN    1024u
#define BUCKETS_MAX    (1u << 24)

static int make_ordered(hf__memtable *memtable, hf_env *env)
{
    const hf_schema *schema = memtable->schema;
    memtable->first = hf__alloc(env, schema->table_count * sizeof *memtable->first);
    if (memtable->first == NULL)
        return HF_E_NOMEM;
    for (uint32_t t = 0; t < schema->table_count; t++) {
        memtable->first[t] = memtable->ordered_count;
        memtable->ordered_count += 1 + schema->tables[t]->index_count;
    }
    memtable->ordered = hf__alloc(env, memtable->ordered_count * sizeof *memtable->ordered);
    if (memtable->ordered == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < memtable->ordered_count; i++) {
        hf__lock_init(&memtable->ordered[i].lock);
        hf__skip_init(&memtable->ordered[i].list);
    }
    return 0;
}

static int make_buckets(hf__memtable *memtable, hf_env *env, uint64_t bytes)
{
    uint32_t count = BUCKETS_MIN;
    while (count < BUCKETS_MAX && count < bytes / BYTES_A_CHANGE / 2)
        count *= 2;
    memtable->mask = count - 1;
    memtable->buckets = hf__alloc(env, count * sizeof *memtable->buckets);
    return memtable->buckets != NULL ? 0 : HF_E_NOMEM;
}

_Static_assert(sizeof(hf__memtable_change) == 56, "a change is small");

int hf__memtable_init(hf__memtable *memtable, hf_env *env, const hf_schema *schema, uint64_t bytes)
{
    memtable->schema = schema;
    hf__lock_init(&memtable->index_lock);
    int error = make_buckets(memtable, env, bytes);
    if (error == 0)
        error = make_ordered(memtable, env);
    const uint64_t first = bytes < FIRST_MAX ? bytes : FIRST_MAX;
    if (error == 0) /* the batch that fills it fits too, unless it is a very large one */
        error = hf__region_init(&memtable->bytes, env, first + first / 4);
    if (error == 0)
        error = hf__region_init(&memtable->links, env,
                                first / BYTES_A_CHANGE * sizeof(hf__memtable_change));
    if (error == 0)
        error = hf__region_init(&memtable->index, env, first / 2);
    return error;
}

void hf__memtable_fini(hf__memtable *memtable, hf_env *env)
{
    hf__region_fini(&memtable->bytes);
    hf__region_fini(&memtable->links);
    hf__region_fini(&memtable->index);
    for (uint32_t i = 0; memtable->ordered != NULL && i < memtable->ordered_count; i++)
        hf__lock_fini(&memtable->ordered[i].lock);
    hf__lock_fini(&memtable->index_lock);
    hf__free(env, memtable->ordered);
    hf__free(env, memtable->first);
    hf__free(env, memtable->buckets);
}

static hf__bucket *bucket_of(const hf__memtable *memtable, uint64_t hash)
{
    return &memtable->buckets[(uint32_t)hash & memtable->mask];
}

static void clear_buckets(hf__memtable *memtable)
{
    if (memtable->count > memtable->mask / 8) {
        memset(memtable->buckets, 0, ((size_t)memtable->mask + 1) * sizeof *memtable->buckets);
        return;
    }
    for (uint32_t t = 0; t < memtable->schema->table_count; t++)
        for (const hf__memtable_change *at = atomic_load(&memtable->newest[t]); at != NULL;
             at = at->before)
            atomic_store_explicit(&bucket_of(memtable, at->key.hash)->newest, NULL,
                                  memory_order_relaxed);
}

void hf__memtable_reset(hf__memtable *memtable)
{
    clear_buckets(memtable);
    for (uint32_t t = 0; t < memtable->schema->table_count; t++)
        atomic_store(&memtable->newest[t], NULL);
    memset(memtable->rows, 0, sizeof memtable->rows);
    memset(memtable->replaced, 0, sizeof memtable->replaced);
    memset(memtable->removed, 0, sizeof memtable->removed);
    for (uint32_t i = 0; i < memtable->ordered_count; i++) {
        hf__memtable_index *ordered = &memtable->ordered[i];
        hf__skip_init(&ordered->list);
        ordered->seen = NULL;
        ordered->came = NULL;
        ordered->at = NULL;
        ordered->end = NULL;
    }
    hf__region_reset(&memtable->bytes);
    hf__region_reset(&memtable->links);
    hf__region_reset(&memtable->index);
    memtable->count = 0;
    memtable->last = (hf_store_mark){0};
    memtable->kept = 0;
}

static bool is_of(const hf__memtable_change *change, const hf__key *key)
{
    return change->key.hash == key->hash && change->key.table == key->table &&
           change->key.byte_count == key->byte_count &&
           memcmp(change->key.bytes, key->bytes, key->byte_count) == 0;
}

const hf__memtable_change *hf__memtable_find(const hf__memtable *memtable, const hf__key *key,
                                             uint64_t batch)
{
    const hf__memtable_change *at =
        atomic_load_explicit(&bucket_of(memtable, key->hash)->newest, memory_order_acquire);
    while (at != NULL &&
           !(is_of(at, key) && atomic_load_explicit(&at->batch, memory_order_relaxed) <= batch))
        at = at->next;
    return at;
}

bool hf__memtable_add(hf__memtable *memtable, const hf__new_change *change, uint64_t batch)
{
    hf__memtable_change *made = hf__region_alloc(&memtable->links, sizeof *made);
    if (made == NULL)
        return false;
    hf__bucket *bucket = bucket_of(memtable, change->key.hash);
    _Atomic(hf__memtable_change *) *newest = &memtable->newest[change->key.table];
    made->key = change->key;
    made->row_bytes = change->row_bytes;
    made->removed = change->removed;
    made->is_new = change->is_new;
    memtable->replaced[change->key.table] |= !change->is_new;
    memtable->removed[change->key.table] |= change->removed;
    atomic_init(&made->batch, batch);
    made->next = atomic_load_explicit(&bucket->newest, memory_order_relaxed);
    made->before = atomic_load_explicit(newest, memory_order_relaxed);
    atomic_store_explicit(&bucket->newest, made, memory_order_release);
    atomic_store_explicit(newest, made, memory_order_release);
    memtable->count++;
    return true;
}

void hf__memtable_take_back(hf__memtable *memtable, uint64_t batch)
{
    for (uint32_t t = 0; t < memtable->schema->table_count; t++) {
        hf__memtable_change *at = atomic_load_explicit(&memtable->newest[t], memory_order_relaxed);
        while (at != NULL && atomic_load_explicit(&at->batch, memory_order_relaxed) >= batch) {
            atomic_store_explicit(&at->batch, HF__BATCH_NEVER, memory_order_relaxed);
            at = at->before;
        }
    }
}

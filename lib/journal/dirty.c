/*
 * dirty.c - changes by the hash of their keys: an insert-only table of chains.
 *
 * One thread adds: it fills a change, then makes it the head of its chain with a release store; a
 * reader that sees the head sees all of it, and nothing behind it ever changes.
 */
#include "journal/dirty.h"

#include <string.h>

/* Of a small change; larger ones leave memory untouched that is not needed. */
#define BYTES_A_CHANGE 64u
#define FIRST_MAX      ((uint64_t)256 << 20) /* taken at once; more is taken when it is needed */
#define BUCKETS_MIN    1024u
#define BUCKETS_MAX    (1u << 24)

static int make_ordered(hf__dirty *dirty, hf_env *env)
{
    const hf_schema *schema = dirty->schema;
    dirty->first = hf__alloc(env, schema->table_count * sizeof *dirty->first);
    if (dirty->first == NULL)
        return HF_E_NOMEM;
    for (uint32_t t = 0; t < schema->table_count; t++) {
        dirty->first[t] = dirty->ordered_count;
        dirty->ordered_count += 1 + schema->tables[t]->index_count;
    }
    dirty->ordered = hf__alloc(env, dirty->ordered_count * sizeof *dirty->ordered);
    if (dirty->ordered == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < dirty->ordered_count; i++) {
        hf__lock_init(&dirty->ordered[i].lock);
        hf__skip_init(&dirty->ordered[i].list);
    }
    return 0;
}

static int make_buckets(hf__dirty *dirty, hf_env *env, uint64_t bytes)
{
    uint32_t count = BUCKETS_MIN;
    while (count < BUCKETS_MAX && count < bytes / BYTES_A_CHANGE / 2)
        count *= 2;
    dirty->mask = count - 1;
    dirty->buckets = hf__alloc(env, count * sizeof *dirty->buckets);
    return dirty->buckets != NULL ? 0 : HF_E_NOMEM;
}

_Static_assert(sizeof(hf__change) == 56, "a change is small");

int hf__dirty_init(hf__dirty *dirty, hf_env *env, const hf_schema *schema, uint64_t bytes)
{
    dirty->schema = schema;
    hf__lock_init(&dirty->index_lock);
    int error = make_buckets(dirty, env, bytes);
    if (error == 0)
        error = make_ordered(dirty, env);
    const uint64_t first = bytes < FIRST_MAX ? bytes : FIRST_MAX;
    if (error == 0) /* the batch that fills it fits too, unless it is a very large one */
        error = hf__pile_init(&dirty->bytes, env, first + first / 4);
    if (error == 0)
        error = hf__pile_init(&dirty->links, env, first / BYTES_A_CHANGE * sizeof(hf__change));
    if (error == 0)
        error = hf__pile_init(&dirty->index, env, first / 2);
    return error;
}

void hf__dirty_fini(hf__dirty *dirty, hf_env *env)
{
    hf__pile_fini(&dirty->bytes);
    hf__pile_fini(&dirty->links);
    hf__pile_fini(&dirty->index);
    for (uint32_t i = 0; dirty->ordered != NULL && i < dirty->ordered_count; i++)
        hf__lock_fini(&dirty->ordered[i].lock);
    hf__lock_fini(&dirty->index_lock);
    hf__free(env, dirty->ordered);
    hf__free(env, dirty->first);
    hf__free(env, dirty->buckets);
}

static hf__bucket *bucket_of(const hf__dirty *dirty, uint64_t hash)
{
    return &dirty->buckets[(uint32_t)hash & dirty->mask];
}

static void clear_buckets(hf__dirty *dirty)
{
    if (dirty->count > dirty->mask / 8) {
        memset(dirty->buckets, 0, ((size_t)dirty->mask + 1) * sizeof *dirty->buckets);
        return;
    }
    for (uint32_t t = 0; t < dirty->schema->table_count; t++)
        for (const hf__change *at = atomic_load(&dirty->newest[t]); at != NULL; at = at->before)
            atomic_store_explicit(&bucket_of(dirty, at->key.hash)->newest, NULL,
                                  memory_order_relaxed);
}

void hf__dirty_reset(hf__dirty *dirty)
{
    clear_buckets(dirty);
    for (uint32_t t = 0; t < dirty->schema->table_count; t++)
        atomic_store(&dirty->newest[t], NULL);
    memset(dirty->rows, 0, sizeof dirty->rows);
    memset(dirty->replaced, 0, sizeof dirty->replaced);
    memset(dirty->removed, 0, sizeof dirty->removed);
    for (uint32_t i = 0; i < dirty->ordered_count; i++) {
        hf__ordered *ordered = &dirty->ordered[i];
        hf__skip_init(&ordered->list);
        ordered->seen = NULL;
        ordered->came = NULL;
        ordered->at = NULL;
        ordered->end = NULL;
    }
    hf__pile_reset(&dirty->bytes);
    hf__pile_reset(&dirty->links);
    hf__pile_reset(&dirty->index);
    dirty->count = 0;
    dirty->last = (hf_store_mark){0};
    dirty->kept = 0;
}

static bool is_of(const hf__change *change, const hf__key *key)
{
    return change->key.hash == key->hash && change->key.table == key->table &&
           change->key.byte_count == key->byte_count &&
           memcmp(change->key.bytes, key->bytes, key->byte_count) == 0;
}

const hf__change *hf__dirty_find(const hf__dirty *dirty, const hf__key *key, uint64_t batch)
{
    const hf__change *at =
        atomic_load_explicit(&bucket_of(dirty, key->hash)->newest, memory_order_acquire);
    while (at != NULL &&
           !(is_of(at, key) && atomic_load_explicit(&at->batch, memory_order_relaxed) <= batch))
        at = at->next;
    return at;
}

bool hf__dirty_add(hf__dirty *dirty, const hf__new_change *change, uint64_t batch)
{
    hf__change *made = hf__pile_alloc(&dirty->links, sizeof *made);
    if (made == NULL)
        return false;
    hf__bucket *bucket = bucket_of(dirty, change->key.hash);
    _Atomic(hf__change *) *newest = &dirty->newest[change->key.table];
    made->key = change->key;
    made->row_bytes = change->row_bytes;
    made->gone = change->gone;
    made->is_new = change->is_new;
    dirty->replaced[change->key.table] |= !change->is_new;
    dirty->removed[change->key.table] |= change->gone;
    atomic_init(&made->batch, batch);
    made->next = atomic_load_explicit(&bucket->newest, memory_order_relaxed);
    made->before = atomic_load_explicit(newest, memory_order_relaxed);
    atomic_store_explicit(&bucket->newest, made, memory_order_release);
    atomic_store_explicit(newest, made, memory_order_release);
    dirty->count++;
    return true;
}

void hf__dirty_take_back(hf__dirty *dirty, uint64_t batch)
{
    for (uint32_t t = 0; t < dirty->schema->table_count; t++) {
        hf__change *at = atomic_load_explicit(&dirty->newest[t], memory_order_relaxed);
        while (at != NULL && atomic_load_explicit(&at->batch, memory_order_relaxed) >= batch) {
            atomic_store_explicit(&at->batch, HF__BATCH_NEVER, memory_order_relaxed);
            at = at->before;
        }
    }
}

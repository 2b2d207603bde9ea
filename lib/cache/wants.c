/*
 * wants.c - keys of rows that are to be loaded together.
 *
 * The map has as many slots as the keys need, so that few keys use few of them.
 */
#include "cache/wants.h"

#include <string.h>

int hf__wants_init(hf__wants *wants, hf_env *env)
{
    const int error = hf__map_init(&wants->map, env, HF__WANTS_MAX);
    if (error == 0)
        hf__wants_clear(wants);
    return error;
}

void hf__wants_fini(hf__wants *wants, hf_env *env)
{
    if (wants->map.slots != NULL)
        hf__map_fini(&wants->map, env);
}

void hf__wants_clear(hf__wants *wants)
{
    wants->count = 0;
    wants->tables = 0;
    wants->bytes = 0;
    hf__map_clear(&wants->map);
    hf__map_narrow(&wants->map, 0);
}

static bool put_in_map(hf__wants *wants, hf__key *key)
{
    return hf__map_put(&wants->map, key->hash, key->bytes, key->byte_count, key);
}

static void map_key(hf__wants *wants, hf__key *key)
{
    if (put_in_map(wants, key))
        return;
    (void)hf__map_widen(&wants->map); /* it has capacity for all of them */
    for (hf__key *of = wants->keys; of <= key; of++)
        (void)put_in_map(wants, of);
}

void hf__wants_add(hf__wants *wants, const hf__key *key, uint64_t row_bytes)
{
    if (wants->count == HF__WANTS_MAX ||
        hf__map_get(&wants->map, key->hash, key->bytes, key->byte_count) != NULL)
        return;
    const uint32_t at = wants->count++;
    hf__key *kept = &wants->keys[at];
    memcpy(wants->key_bytes[at], key->bytes, key->byte_count);
    *kept = *key;
    kept->bytes = wants->key_bytes[at];
    wants->tables |= 1u << key->table;
    wants->bytes += row_bytes;
    map_key(wants, kept);
}

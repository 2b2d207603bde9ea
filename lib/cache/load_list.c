/*
 * load_list.c - keys of rows that are to be loaded together.
 *
 * The map has as many slots as the keys need, so that few keys use few of them.
 */
#include "cache/load_list.h"

#include <string.h>

int hf__load_list_init(hf__load_list *list, hf_env *env)
{
    const int error = hf__map_init(&list->map, env, HF__LOAD_LIST_MAX);
    if (error == 0)
        hf__load_list_clear(list);
    return error;
}

void hf__load_list_fini(hf__load_list *list, hf_env *env)
{
    if (list->map.slots != NULL)
        hf__map_fini(&list->map, env);
}

void hf__load_list_clear(hf__load_list *list)
{
    list->count = 0;
    list->tables = 0;
    list->bytes = 0;
    hf__map_clear(&list->map);
    hf__map_narrow(&list->map, 0);
}

static bool put_in_map(hf__load_list *list, hf__key *key)
{
    return hf__map_put(&list->map, key->hash, key->bytes, key->byte_count, key);
}

static void map_key(hf__load_list *list, hf__key *key)
{
    if (put_in_map(list, key))
        return;
    (void)hf__map_widen(&list->map); /* it has capacity for all of them */
    for (hf__key *of = list->keys; of <= key; of++)
        (void)put_in_map(list, of);
}

void hf__load_list_add(hf__load_list *list, const hf__key *key, uint64_t row_bytes)
{
    if (list->count == HF__LOAD_LIST_MAX ||
        hf__map_get(&list->map, key->hash, key->bytes, key->byte_count) != NULL)
        return;
    const uint32_t at = list->count++;
    hf__key *kept = &list->keys[at];
    memcpy(list->key_bytes[at], key->bytes, key->byte_count);
    *kept = *key;
    kept->bytes = list->key_bytes[at];
    list->tables |= 1u << key->table;
    list->bytes += row_bytes;
    map_key(list, kept);
}

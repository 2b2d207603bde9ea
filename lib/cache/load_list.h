/*
 * load_list.h - keys of rows that are to be loaded together, each once.
 */
#ifndef HF_CACHE_LOAD_LIST_H
#define HF_CACHE_LOAD_LIST_H

#include "base/env.h"
#include "base/structures/map.h"
#include "model/codec.h"
#include "model/key.h"

#define HF__LOAD_LIST_MAX 512

typedef struct hf__load_list {
    hf__key keys[HF__LOAD_LIST_MAX];
    uint8_t key_bytes[HF__LOAD_LIST_MAX][HF__KEY_MAX + 1];
    hf__map map; /* from the bytes of a key to it */
    uint32_t count;
    uint32_t tables; /* a bit of each of theirs */
    uint64_t bytes;  /* that their rows take */
} hf__load_list;

/* HF_E_NOMEM. */
int hf__load_list_init(hf__load_list *list, hf_env *env);
void hf__load_list_fini(hf__load_list *list, hf_env *env);

void hf__load_list_clear(hf__load_list *list);

/* Adds a key, which is copied, and what its row takes; what is there or does not fit is left. */
void hf__load_list_add(hf__load_list *list, const hf__key *key, uint64_t row_bytes);

#endif

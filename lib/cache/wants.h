/*
 * wants.h - keys of rows that are to be loaded together, each once.
 */
#ifndef HF_CACHE_WANTS_H
#define HF_CACHE_WANTS_H

#include "base/env.h"
#include "base/structures/map.h"
#include "model/codec.h"
#include "model/key.h"

#define HF__WANTS_MAX 512

typedef struct hf__wants {
    hf__key keys[HF__WANTS_MAX];
    uint8_t key_bytes[HF__WANTS_MAX][HF__KEY_MAX + 1];
    hf__map map; /* from the bytes of a key to it */
    uint32_t count;
    uint32_t tables; /* a bit of each of theirs */
    uint64_t bytes;  /* that their rows take */
} hf__wants;

/* HF_E_NOMEM. */
int hf__wants_init(hf__wants *wants, hf_env *env);
void hf__wants_fini(hf__wants *wants, hf_env *env);

void hf__wants_clear(hf__wants *wants);

/* Adds a key, which is copied, and what its row takes; what is there or does not fit is left. */
void hf__wants_add(hf__wants *wants, const hf__key *key, uint64_t row_bytes);

#endif

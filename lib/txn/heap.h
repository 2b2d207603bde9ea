/*
 * heap.h - timers: a binary heap of fixed capacity, ordered by time, whose items know their index.
 */
#ifndef HF_TXN_HEAP_H
#define HF_TXN_HEAP_H

#include "base/env.h"

/* A member of each struct that waits for a time. */
typedef struct hf__timed {
    int64_t at_ms;
    uint32_t index; /* in the heap, from 1; 0: not in it */
    uint32_t kind;  /* the owner's */
} hf__timed;

typedef struct hf__heap {
    hf__timed **items; /* from 1 */
    uint32_t count;
} hf__heap;

/* HF_E_NOMEM. */
int hf__heap_init(hf__heap *heap, hf_env *env, uint32_t capacity);
void hf__heap_fini(hf__heap *heap, hf_env *env);

/* Puts an item in, or moves it to another time. */
void hf__heap_set(hf__heap *heap, hf__timed *item, int64_t at_ms);

/* Takes an item out, if it is in. */
void hf__heap_clear(hf__heap *heap, hf__timed *item);

/* The earliest; NULL when empty. */
hf__timed *hf__heap_first(const hf__heap *heap);

#endif

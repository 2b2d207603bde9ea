/*
 * heap.c - a binary heap with back pointers.
 *
 * Happy path: a new time is put at the end and rises, a changed one rises or sinks from where it
 * is; each step costs the logarithm of the count.
 *
 * Failure mode: none; the capacity is that of the pools whose items may be in it.
 */
#include "txn/heap.h"

int hf__heap_init(hf__heap *heap, hf_env *env, uint32_t capacity)
{
    heap->count = 0;
    heap->items = hf__alloc_uncleared(env, ((size_t)capacity + 1) * sizeof(hf__timed *));
    return heap->items == NULL ? HF_E_NOMEM : 0;
}

void hf__heap_fini(hf__heap *heap, hf_env *env)
{
    hf__free(env, heap->items);
    heap->items = NULL;
    heap->count = 0;
}

static void set_at(hf__heap *heap, uint32_t index, hf__timed *item)
{
    heap->items[index] = item;
    item->index = index;
}

static void rise(hf__heap *heap, hf__timed *item)
{
    uint32_t index = item->index;
    for (; index > 1 && heap->items[index / 2]->at_ms > item->at_ms; index /= 2)
        set_at(heap, index, heap->items[index / 2]);
    set_at(heap, index, item);
}

static void sink(hf__heap *heap, hf__timed *item)
{
    uint32_t index = item->index;
    for (uint32_t below = index * 2; below <= heap->count; below = index * 2) {
        if (below < heap->count && heap->items[below + 1]->at_ms < heap->items[below]->at_ms)
            below++;
        if (heap->items[below]->at_ms >= item->at_ms)
            break;
        set_at(heap, index, heap->items[below]);
        index = below;
    }
    set_at(heap, index, item);
}

void hf__heap_set(hf__heap *heap, hf__timed *item, int64_t at_ms)
{
    if (item->index == 0)
        set_at(heap, ++heap->count, item);
    item->at_ms = at_ms;
    rise(heap, item);
    sink(heap, item);
}

void hf__heap_clear(hf__heap *heap, hf__timed *item)
{
    if (item->index == 0)
        return;
    uint32_t index = item->index;
    hf__timed *last = heap->items[heap->count--];
    item->index = 0;
    if (last == item)
        return;
    set_at(heap, index, last);
    rise(heap, last);
    sink(heap, last);
}

hf__timed *hf__heap_first(const hf__heap *heap)
{
    return heap->count == 0 ? NULL : heap->items[1];
}

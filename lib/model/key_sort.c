/*
 * key_sort.c - a merge sort, bottom-up, over memory of the caller's.
 *
 * New records carry ids in the order of time and change in that order, so most tables come sorted,
 * which is looked at first.
 */
#include "model/key.h"

#include <stdbool.h>
#include <string.h>

#define HEAD_BYTES 16u

static uint64_t big_endian(const uint8_t *bytes)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return value;
}

hf__sortable hf__key_sortable(const hf__key *key)
{
    uint8_t head[HEAD_BYTES] = {0};
    memcpy(head, key->bytes, key->byte_count < HEAD_BYTES ? key->byte_count : HEAD_BYTES);
    return (hf__sortable){.head = {big_endian(head), big_endian(head + 8)}, .key = key};
}

static bool key_before(const hf__key *a, const hf__key *b)
{
    uint32_t shared = a->byte_count < b->byte_count ? a->byte_count : b->byte_count;
    int order = memcmp(a->bytes, b->bytes, shared);
    return order < 0 || (order == 0 && a->byte_count < b->byte_count);
}

static inline bool before(const hf__sortable *a, const hf__sortable *b)
{
    if (a->head[0] != b->head[0])
        return a->head[0] < b->head[0];
    if (a->head[1] != b->head[1])
        return a->head[1] < b->head[1];
    return key_before(a->key, b->key);
}

static bool sorted_already(const hf__sortable *keys, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        if (before(&keys[i], &keys[i - 1]))
            return false;
    return true;
}

/* Merges the sorted runs [low, middle) and [middle, high) of `from` into `to`. */
static void merge_runs(const hf__sortable *from, hf__sortable *to, uint32_t low, uint32_t middle,
                       uint32_t high)
{
    uint32_t left = low;
    uint32_t right = middle;
    for (uint32_t at = low; at < high; at++) {
        bool take_right = left == middle || (right < high && before(&from[right], &from[left]));
        to[at] = take_right ? from[right++] : from[left++];
    }
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

hf__sortable *hf__keys_sort(hf__sortable *keys, hf__sortable *spare, uint32_t count)
{
    if (sorted_already(keys, count))
        return keys;
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t low = 0; low < count; low += 2 * width)
            merge_runs(keys, spare, low, least(low + width, count), least(low + 2 * width, count));
        hf__sortable *swap = keys;
        keys = spare;
        spare = swap;
    }
    return keys;
}

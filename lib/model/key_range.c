/*
 * key_range.c - bounds of a scan to bytes: a bound of fewer columns stands for all keys that begin
 * with it, so its end is the first key behind them.
 */
#include "model/key_range.h"

#include <string.h>

/* Turns a prefix into the first key behind all that begin with it; 0: there is none. */
static uint32_t step_behind(uint8_t *key, uint32_t bytes)
{
    while (bytes > 0 && key[bytes - 1] == 0xff)
        bytes--;
    if (bytes > 0)
        key[bytes - 1]++;
    return bytes;
}

void hf__key_range_set(hf__key_range *out, const hf_table *table, const hf_scan *scan)
{
    out->low = NULL;
    out->high = NULL;
    out->empty = false;
    if (scan->low_columns != 0) {
        out->low = out->low_key;
        out->low_bytes =
            hf__key_encode(table, scan->index, scan->low, scan->low_columns, out->low_key);
        if (scan->low_exclusive != 0) {
            out->low_bytes = step_behind(out->low_key, out->low_bytes);
            out->empty = out->low_bytes == 0;
        }
    }
    if (scan->high_columns != 0) {
        out->high = out->high_key;
        out->high_bytes =
            hf__key_encode(table, scan->index, scan->high, scan->high_columns, out->high_key);
        if (scan->high_exclusive == 0) {
            out->high_bytes = step_behind(out->high_key, out->high_bytes);
            if (out->high_bytes == 0)
                out->high = NULL;
        }
    }
}

int hf__key_compare(const uint8_t *a, uint32_t a_bytes, const uint8_t *b, uint32_t b_bytes)
{
    int order = memcmp(a, b, a_bytes < b_bytes ? a_bytes : b_bytes);
    return order != 0 ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

bool hf__key_range_holds(const hf__key_range *range, const hf__skip_node *node, bool descending)
{
    if (descending)
        return range->low == NULL ||
               hf__key_compare(node->key, node->key_bytes, range->low, range->low_bytes) >= 0;
    return range->high == NULL ||
           hf__key_compare(node->key, node->key_bytes, range->high, range->high_bytes) < 0;
}

hf__skip_node *hf__key_range_first(const hf__key_range *range, const hf__skiplist *list,
                                   bool descending)
{
    if (range->empty)
        return NULL;
    if (descending)
        return range->high == NULL ? list->last
                                   : hf__skip_before(list, range->high, range->high_bytes);
    return range->low == NULL ? list->head[0] : hf__skip_seek(list, range->low, range->low_bytes);
}

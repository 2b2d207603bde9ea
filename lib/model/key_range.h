/*
 * key_range.h - a range of an index as encoded bytes.
 */
#ifndef HF_MODEL_KEY_RANGE_H
#define HF_MODEL_KEY_RANGE_H

#include "base/structures/skiplist.h"
#include "model/codec.h"

/* Keys from low (NULL: the first) to before high (NULL: the end). */
typedef struct hf__key_range {
    const uint8_t *low;
    const uint8_t *high;
    uint32_t low_bytes;
    uint32_t high_bytes;
    bool empty;
    uint8_t low_key[HF__KEY_MAX];
    uint8_t high_key[HF__KEY_MAX];
} hf__key_range;

/* The range of a scan of the table; it points into itself, so it must stay where it is. */
void hf__key_range_set(hf__key_range *out, const hf_table *table, const hf_scan *scan);

/* As memcmp; of two keys of which one begins with the other the shorter comes first. */
int hf__key_compare(const uint8_t *a, uint32_t a_bytes, const uint8_t *b, uint32_t b_bytes);

/* True while a walk in this direction, begun by hf__key_range_first, is in the range. */
bool hf__key_range_holds(const hf__key_range *range, const hf__skip_node *node, bool descending);

/* Where a walk over the range begins; NULL: nowhere. */
hf__skip_node *hf__key_range_first(const hf__key_range *range, const hf__skiplist *list,
                                   bool descending);

#endif

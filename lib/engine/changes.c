/*
 * changes.c - lists the records that a commit changed, for the read cache on the loop's thread.
 *
 * Happy path: when a commit is written, each changed row of a table that the read cache has becomes
 * an entry, with the row as it is now. The rows lie in the batch's memory until the batch has been
 * delivered. An order is read as one with its lines, legs, adjustments and payments, so these are
 * listed as the order, without a row.
 *
 * Failure mode: the batch has no memory for the list. Then `unlisted` is set, and the read cache
 * removes everything.
 */
#include "base/invariant.h"
#include "engine/state.h"
#include <string.h>

/* Memory for the list at its largest: a payment is a record by itself and a part of its order. */
static hf__changes *make_list(const hf__engine *engine, hf__batch *batch)
{
    const uint64_t count = 2 * (uint64_t)engine->cache.changed_count;
    hf__changes *list =
        hf__cache_alloc_back(&batch->work, sizeof *list + count * sizeof(hf__changed));
    if (list != NULL)
        *list = (hf__changes){.next = NULL};
    return list;
}

/* The order that was listed last; its rows mostly come one after the other. */
typedef struct listed {
    const uint8_t *order; /* its id; NULL: none was */
    uint64_t at;          /* its entry */
} listed;

static bool is_same(const uint8_t *a, const uint8_t *b)
{
    uint64_t left[2];
    uint64_t right[2];
    memcpy(left, a, sizeof left);
    memcpy(right, b, sizeof right);
    return left[0] == right[0] && left[1] == right[1];
}

static void add_order(hf__changes *list, listed *last, const uint8_t *id, uint64_t stamp)
{
    if (last->order != NULL && is_same(last->order, id)) {
        hf__changed *entry = &list->records[last->at];
        entry->stamp = entry->stamp > stamp ? entry->stamp : stamp;
        return;
    }
    *last = (listed){.order = id, .at = list->count};
    list->records[list->count++] = (hf__changed){
        .hash = hf__key_hash(HF__ORDERS, id, sizeof(hf_id)),
        .stamp = stamp,
        .table = HF__ORDERS,
    };
}

static void add_row(hf__changes *list, const hf__entry *entry)
{
    list->records[list->count++] = (hf__changed){
        .hash = entry->key.hash,
        .row = entry->row,
        .stamp = entry->stamp,
        .table = entry->key.table,
    };
}

static void add(hf__changes *list, listed *last, const hf__entry *entry)
{
    const hf_payment *payment = entry->row != NULL ? entry->row : entry->stored;
    switch (entry->key.table) {
    case HF__PAYMENTS:
        add_row(list, entry);
        if (payment != NULL)
            add_order(list, last, payment->order.bytes, entry->stamp);
        break;
    case HF__ACCOUNTS:
    case HF__HOLDS:
        add_row(list, entry);
        break;
    case HF__ORDERS:
    case HF__ORDER_LINES:
    case HF__ORDER_LEGS:
    case HF__ADJUSTMENTS:
        add_order(list, last, entry->key.bytes, entry->stamp); /* their keys begin with its id */
        break;
    default:
        break;
    }
}

static void append(hf__batch *batch, hf__changes *list)
{
    if (batch->last != NULL)
        batch->last->next = list;
    else
        batch->changes = list;
    batch->last = list;
}

void hf__changes_list(hf__engine *engine, hf__batch *batch)
{
    const hf__cache *cache = &engine->cache;
    hf__changes *list = make_list(engine, batch);
    listed last = {.order = NULL};
    if (list == NULL) {
        batch->unlisted = true;
        return;
    }
    for (uint32_t i = 0; i < cache->changed_count; i++)
        add(list, &last, cache->changed[i]);
    append(batch, list);
}

/* Lists lie behind everything else, the oldest one last, so that each moves towards the end. */
void hf__changes_again(hf__batch *batch)
{
    const hf__changes *from = batch->changes;
    batch->changes = NULL;
    batch->last = NULL;
    while (from != NULL) {
        const hf__changes *next = from->next;
        const size_t bytes = sizeof *from + from->count * sizeof(hf__changed);
        hf__changes *list = hf__cache_alloc_back(&batch->work, bytes);
        if (!hf_invariant(list != NULL && (const uint8_t *)list >= (const uint8_t *)from)) {
            batch->unlisted = true;
            return;
        }
        memmove(list, from, bytes);
        list->next = NULL;
        for (uint64_t i = 0; i < list->count; i++)
            list->records[i].row = NULL; /* its memory is used again */
        append(batch, list);
        from = next;
    }
}

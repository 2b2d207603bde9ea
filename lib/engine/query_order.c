/*
 * query_order.c - reads of orders. A whole order is read as the core reads it: through a draft
 * over the snapshot, so that what a get shows and what an operation answers is made in one place.
 */
#include "base/id.h"
#include "domain/order_view.h"
#include "engine/query.h"
#include <holdfast/error.h>
#include <string.h>

int hf__query_order(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_id *id = &((const hf_order_get_args *)args)->order;
    hf__view view = hf__query_view(query);
    hf__draft draft;
    hf__order *order = NULL;
    const hf_order_view *out = NULL;
    hf__draft_init(&draft, &view, query->work, &query->detail);
    int error = hf__order_load(&draft, id, NULL, &order);
    if (error == 0)
        error = hf__order_view(&draft, order, &out);
    *result = out;
    return error;
}

/* The least id of a time; ids of one millisecond differ in the rest. */
static hf_id id_at(int64_t ms)
{
    hf_id id = {{0}};
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    return id;
}

static uint32_t index_of(const hf_order_list_args *list)
{
    static const uint32_t indexes[] = {
        [HF_ORDERS_ALL] = HF__PRIMARY,
        [HF_ORDERS_BY_CUSTOMER] = HF__ORDERS_CUSTOMER,
        [HF_ORDERS_BY_REF] = HF__ORDERS_REF,
        [HF_ORDERS_BY_STATE] = HF__ORDERS_OPEN,
    };
    bool ended = list->by == HF_ORDERS_BY_STATE && list->state > HF_ORDER_CONFIRMED;
    return ended ? HF__PRIMARY : indexes[list->by];
}

static void set_selector(hf_order *row, const hf_order_list_args *list)
{
    if (list->by == HF_ORDERS_BY_CUSTOMER)
        hf__name_set(&row->customer, list->text);
    if (list->by == HF_ORDERS_BY_REF)
        hf__name_set(&row->external_ref, list->text);
    row->state = list->state;
}

/* Bounds by selector, time and the page before. */
static void bounds(const hf_order_list_args *list, hf_scan *range, hf_order *low, hf_order *high)
{
    uint32_t prefix = range->index == HF__PRIMARY ? 0 : 1;
    bool resumed = !hf__id_zero(&list->after);
    set_selector(low, list);
    set_selector(high, list);
    range->descending = list->newest_first;
    range->low_columns = prefix;
    range->high_columns = prefix;
    if (list->from_ms > 0) {
        low->id = id_at(list->from_ms);
        range->low_columns = prefix + 1;
    }
    if (list->until_ms > 0) {
        high->id = id_at(list->until_ms);
        range->high_columns = prefix + 1;
        range->high_exclusive = 1;
    }
    if (resumed && list->newest_first) {
        high->id = list->after;
        range->high_columns = prefix + 1;
        range->high_exclusive = 1;
    } else if (resumed) {
        low->id = list->after;
        range->low_columns = prefix + 1;
        range->low_exclusive = 1;
    }
}

/* States without an index: orders of other states are left out page by page. */
static int filter(hf__query *query, const hf_order_list_args *list, hf_scan *range,
                  hf_order_page *out)
{
    const hf_order **kept = hf__arena_alloc(query->work, sizeof(void *) * list->limit);
    if (kept == NULL)
        return HF_E_OVERLOADED;
    out->rows = kept;
    uint32_t got = list->limit;
    while (out->count < list->limit && got == list->limit) {
        const void *const *rows;
        int error = hf__query_scan(query, range, list->limit, &rows, &got);
        if (error != 0)
            return error;
        for (uint32_t i = 0; i < got && out->count < list->limit; i++)
            if (((const hf_order *)rows[i])->state == list->state)
                kept[out->count++] = rows[i];
        if (got == 0)
            break;
        const void **bound = list->newest_first ? &range->high : &range->low;
        *bound = rows[got - 1];
        *(list->newest_first ? &range->high_columns : &range->low_columns) = 1;
        *(list->newest_first ? &range->high_exclusive : &range->low_exclusive) = 1;
    }
    return 0;
}

int hf__query_orders(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_order_list_args *list = (const hf_order_list_args *)args;
    hf_order low = {0};
    hf_order high = {0};
    hf_scan range = {.table = HF__ORDERS, .index = index_of(list), .low = &low, .high = &high};
    hf_order_page *out = hf__arena_zalloc(query->work, sizeof(*out));
    if (out == NULL)
        return HF_E_OVERLOADED;
    bounds(list, &range, &low, &high);
    *result = out;
    if (list->by == HF_ORDERS_BY_STATE && range.index == HF__PRIMARY)
        return filter(query, list, &range, out);
    const void *const *rows = NULL;
    int error = hf__query_scan(query, &range, list->limit, &rows, &out->count);
    out->rows = (const hf_order *const *)rows;
    return error;
}

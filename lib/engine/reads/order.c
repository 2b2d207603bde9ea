/*
 * order.c - reads of orders. A whole order is read as the core reads it: through a draft
 * over the snapshot, so that what a get shows and what an operation answers is made in one place.
 */
#include "base/id.h"
#include "domain/order/view.h"
#include "engine/reads/query.h"
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

/*
 * The least id of a time; ids of one millisecond differ in the rest. A time beyond the 48 bits of
 * an id gives an id above all that are valid.
 */
static hf_id id_at(int64_t ms)
{
    hf_id id = {{0}};
    if (ms >= (int64_t)1 << 48)
        memset(&id, 0xff, sizeof id);
    for (int i = 0; i < 6 && ms < (int64_t)1 << 48; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    return id;
}

/* Orders of a state are read through the index of states, whichever way they were asked for. */
static uint32_t index_of(const hf_order_list_args *list)
{
    static const uint32_t indexes[] = {
        [HF_ORDERS_ALL] = HF__PRIMARY,
        [HF_ORDERS_BY_CUSTOMER] = HF__ORDERS_CUSTOMER,
        [HF_ORDERS_BY_REF] = HF__ORDERS_REF,
        [HF_ORDERS_BY_STATE] = HF__ORDERS_STATE,
    };
    bool of_state = list->by == HF_ORDERS_ALL && list->state != HF_ORDER_NONE;
    return of_state ? HF__ORDERS_STATE : indexes[list->by];
}

static void set_selector(hf_order *row, const hf_order_list_args *list)
{
    if (list->by == HF_ORDERS_BY_CUSTOMER)
        hf__name_set(&row->customer, list->text);
    if (list->by == HF_ORDERS_BY_REF)
        hf__name_set(&row->external_ref, list->text);
    row->state = list->state;
}

static bool before(const hf_id *a, const hf_id *b)
{
    return memcmp(a, b, sizeof *a) < 0;
}

/*
 * Sets the low bound: the later one of `from_ms` and, in a list that begins with the oldest order,
 * the end of the previous page.
 */
static void set_low(const hf_order_list_args *list, hf_scan *range, hf_order *low)
{
    uint32_t selected = range->low_columns;
    if (list->from_ms > 0) {
        low->id = id_at(list->from_ms);
        range->low_columns = selected + 1;
    }
    if (list->newest_first || hf__id_zero(&list->after) || before(&list->after, &low->id))
        return;
    low->id = list->after;
    range->low_columns = selected + 1;
    range->low_exclusive = 1;
}

/*
 * Sets the high bound: the earlier one of `until_ms` and, in a list that begins with the newest
 * order, the end of the previous page.
 */
static void set_high(const hf_order_list_args *list, hf_scan *range, hf_order *high)
{
    uint32_t selected = range->high_columns;
    bool resumed = list->newest_first && !hf__id_zero(&list->after);
    if (list->until_ms == 0 && !resumed)
        return;
    if (list->until_ms > 0)
        high->id = id_at(list->until_ms);
    if (resumed && (list->until_ms == 0 || before(&list->after, &high->id)))
        high->id = list->after;
    range->high_columns = selected + 1;
    range->high_exclusive = 1;
}

/* Sets both bounds, by selector, time and previous page. */
static void bounds(const hf_order_list_args *list, hf_scan *range, hf_order *low, hf_order *high)
{
    range->low_columns = range->index != HF__PRIMARY;
    range->high_columns = range->low_columns;
    range->descending = list->newest_first;
    set_selector(low, list);
    set_selector(high, list);
    set_low(list, range, low);
    set_high(list, range, high);
}

int hf__query_orders(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_order_list_args *list = (const hf_order_list_args *)args;
    const hf__filter of_state = {.offset = offsetof(hf_order, state), .value = list->state};
    hf_order low = {0};
    hf_order high = {0};
    hf_scan range = {.table = HF__ORDERS, .index = index_of(list), .low = &low, .high = &high};
    hf__query_rows page = {.limit = list->limit};
    hf_order_page *out = hf__arena_zalloc(query->work, sizeof(*out));
    if (out == NULL)
        return hf__query_out_of_memory(query);
    bounds(list, &range, &low, &high);
    int error = 0;
    if (list->state == HF_ORDER_NONE || range.index == HF__ORDERS_STATE)
        error = hf__query_scan(query, &range, page.limit, &page.rows, &page.count);
    else
        error = hf__query_filter(query, &range, &of_state, &page);
    out->rows = (const hf_order *const *)page.rows;
    out->count = page.count;
    *result = out;
    return error;
}

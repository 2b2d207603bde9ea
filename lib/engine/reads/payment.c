/*
 * payment.c - reads of payments.
 */
#include "base/id.h"
#include "engine/reads/query.h"
#include <holdfast/error.h>
#include <string.h>

#define PAGE 256u /* facts that are read at once */

int hf__query_payment(hf__query *query, const hf_op_head *args, const void **result)
{
    hf_payment key = {.id = ((const hf_payment_get_args *)args)->payment};
    char text[37];
    int error = hf__query_get(query, HF__PAYMENTS, &key, result);
    if (error == 0 && *result == NULL)
        return hf__refuse(&query->detail, HF_E_NOT_FOUND, "no payment %s",
                          hf_id_format(&key.id, text));
    return error;
}

/* Rows with a name of the provider, by an index that begins with these two columns. */
static hf_scan range_of(uint32_t table, uint32_t index, const void *key)
{
    return (hf_scan){
        .table = table,
        .index = index,
        .low = key,
        .high = key,
        .low_columns = 2,
        .high_columns = 2,
    };
}

/* The payment of the first of these facts that has one. */
static int find_fact(hf__query *query, const hf_fact *const *facts, uint32_t count,
                     const void **result)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && *result == NULL && i < count; i++) {
        const hf_payment key = {.id = facts[i]->payment};
        error = hf__id_zero(&key.id) ? 0 : hf__query_get(query, HF__PAYMENTS, &key, result);
    }
    return error;
}

/*
 * Finds the payment by the names that facts have for it. Facts that belong to no payment are
 * skipped.
 */
static int find_further(hf__query *query, const hf_fact *key, const void **result)
{
    hf_fact last = *key;
    hf_scan scan = range_of(HF__FACTS, HF__FACTS_PAYMENT_REF, key);
    const size_t mark = query->work->used;
    const void *const *rows;
    uint32_t count = 0;
    int error = hf__query_scan(query, &scan, PAGE, &rows, &count);
    while (error == 0) {
        error = find_fact(query, (const hf_fact *const *)rows, count, result);
        if (error != 0 || *result != NULL || count < PAGE)
            break;
        last = *(const hf_fact *)rows[count - 1];
        scan.low = &last;
        scan.low_columns = 4; /* the two of the index, and kind and fact_ref of the key */
        scan.low_exclusive = 1;
        hf__arena_reset(query->work, mark);
        error = hf__query_scan(query, &scan, PAGE, &rows, &count);
    }
    return error;
}

int hf__query_payment_find(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_payment_find_args *find = (const hf_payment_find_args *)args;
    hf_payment key = {0};
    hf_fact further = {0};
    hf__name_set(&key.provider, find->provider);
    hf__name_set(&key.provider_ref, find->provider_ref);
    further.provider = key.provider;
    further.payment_ref = key.provider_ref;
    const hf_scan scan = range_of(HF__PAYMENTS, HF__PAYMENTS_REF, &key);
    const void *const *rows;
    uint32_t count = 0;
    int error = hf__query_scan(query, &scan, 1, &rows, &count);
    *result = error == 0 && count > 0 ? rows[0] : NULL;
    if (error == 0 && *result == NULL)
        error = find_further(query, &further, result);
    if (error == 0 && *result == NULL)
        return hf__refuse(&query->detail, HF_E_NOT_FOUND, "no payment of %s with reference %s",
                          find->provider, find->provider_ref);
    return error;
}

/* ---- Lists ----------------------------------------------------------------------------------- */

/* A list being read: `bound` is the last row of the page before, as far as the index needs it. */
typedef struct listing {
    hf__query *query;
    const hf_payment_list_args *list;
    hf_payment selected; /* what the selector fixes of the index's columns */
    hf_payment bound;
    hf_scan scan;
    hf__query_rows page;
} listing;

/* Starts behind `bound`, which the first `columns` of the index's key describe. */
static void resume(listing *of, uint32_t columns)
{
    if (of->list->newest_first) {
        of->scan.high = &of->bound;
        of->scan.high_columns = columns;
        of->scan.high_exclusive = 1;
    } else {
        of->scan.low = &of->bound;
        of->scan.low_columns = columns;
        of->scan.low_exclusive = 1;
    }
}

/* The range of all keys that begin with the first `columns` of `selected`. */
static void select_all(listing *of, uint32_t index, uint32_t columns)
{
    of->scan = (hf_scan){
        .table = HF__PAYMENTS,
        .index = index,
        .low = &of->selected,
        .high = &of->selected,
        .low_columns = columns,
        .high_columns = columns,
        .descending = of->list->newest_first,
    };
}

/* Rows of the range, in the state that is asked for. */
static int read_range(listing *of)
{
    const hf__filter of_state = {.offset = offsetof(hf_payment, state), .value = of->list->state};
    if (of->list->state != HF_PAYMENT_NONE && of->scan.index != HF__PAYMENTS_PROVIDER)
        return hf__query_filter(of->query, &of->scan, &of_state, &of->page);
    return hf__query_scan(of->query, &of->scan, of->page.limit, &of->page.rows, &of->page.count);
}

static int list_all(listing *of)
{
    select_all(of, HF__PRIMARY, 0);
    of->bound.id = of->list->after;
    if (!hf__id_zero(&of->list->after))
        resume(of, 1);
    return read_range(of);
}

/* By no, which the payment named by `after` has: an order has few payments. */
static int list_order(listing *of)
{
    of->selected.order = of->list->order;
    select_all(of, HF__PAYMENTS_ORDER, 1);
    if (!hf__id_zero(&of->list->after)) {
        hf_payment key = {.id = of->list->after};
        const void *after = NULL;
        int error = hf__query_get(of->query, HF__PAYMENTS, &key, &after);
        if (error != 0)
            return error;
        of->bound.order = of->list->order;
        of->bound.no = after != NULL ? ((const hf_payment *)after)->no : 0;
        if (after != NULL)
            resume(of, 2);
    }
    return read_range(of);
}

/* Payments of the provider in one state. */
static int list_state(listing *of, uint32_t state)
{
    of->selected.state = state;
    of->bound = of->selected;
    of->bound.id = of->list->after;
    select_all(of, HF__PAYMENTS_PROVIDER, 2);
    if (!hf__id_zero(&of->list->after))
        resume(of, 3);
    return read_range(of);
}

/* Whether the first rows of `a` come before those of `b`. */
static bool comes_first(const listing *of, const hf_payment *a, const hf_payment *b)
{
    int order = memcmp(&a->id, &b->id, sizeof a->id);
    return of->list->newest_first ? order > 0 : order < 0;
}

/* Merges a page of rows into those found so far, by id; no more than the limit stay. */
static int merge(listing *of, hf__query_rows *found)
{
    const hf_payment *const *a = (const hf_payment *const *)found->rows;
    const hf_payment *const *b = (const hf_payment *const *)of->page.rows;
    const void **merged = hf__arena_alloc(of->query->work, sizeof(void *) * found->limit);
    if (merged == NULL)
        return hf__query_out_of_memory(of->query);
    uint32_t count = 0;
    for (uint32_t i = 0, k = 0; count < found->limit; count++) {
        bool more_a = i < found->count;
        bool more_b = k < of->page.count;
        if (!more_a && !more_b)
            break;
        bool from_a = more_a && (!more_b || comes_first(of, a[i], b[k]));
        merged[count] = from_a ? a[i++] : b[k++];
    }
    found->rows = merged;
    found->count = count;
    return 0;
}

/* In any state: a page of each state, merged. So a page stays in order when states change. */
static int list_provider(listing *of)
{
    hf__query_rows found = {.limit = of->list->limit};
    hf__name_set(&of->selected.provider, of->list->provider);
    if (of->list->state != HF_PAYMENT_NONE)
        return list_state(of, of->list->state);
    for (uint32_t state = HF_PAYMENT_NEW; state <= HF_PAYMENT_FAILED; state++) {
        int error = list_state(of, state);
        if (error == 0)
            error = merge(of, &found);
        if (error != 0)
            return error;
    }
    of->page = found;
    return 0;
}

int hf__query_payments(hf__query *query, const hf_op_head *args, const void **result)
{
    static int (*const lists[])(listing *) = {
        [HF_PAYMENTS_ALL] = list_all,
        [HF_PAYMENTS_BY_ORDER] = list_order,
        [HF_PAYMENTS_BY_PROVIDER] = list_provider,
    };
    const hf_payment_list_args *list = (const hf_payment_list_args *)args;
    listing of = {.query = query, .list = list, .page = {.limit = list->limit}};
    hf_payment_page *out = hf__arena_zalloc(query->work, sizeof(*out));
    if (out == NULL)
        return hf__query_out_of_memory(query);
    int error = lists[list->by](&of);
    out->rows = (const hf_payment *const *)of.page.rows;
    out->count = of.page.count;
    *result = out;
    return error;
}

/*
 * query_payment.c - reads of payments.
 */
#include "base/id.h"
#include "engine/query.h"
#include <holdfast/error.h>

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

int hf__query_payment_find(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_payment_find_args *find = (const hf_payment_find_args *)args;
    hf_payment key = {0};
    hf__name_set(&key.provider, find->provider);
    hf__name_set(&key.provider_ref, find->provider_ref);
    hf_scan scan = {
        .table = HF__PAYMENTS,
        .index = HF__PAYMENTS_REF,
        .low = &key,
        .high = &key,
        .low_columns = 2,
        .high_columns = 2,
    };
    const void *const *rows;
    uint32_t count = 0;
    int error = hf__query_scan(query, &scan, 1, &rows, &count);
    if (error == 0 && count == 0)
        return hf__refuse(&query->detail, HF_E_NOT_FOUND, "no payment of %s with reference %s",
                          find->provider, find->provider_ref);
    *result = error == 0 ? rows[0] : NULL;
    return error;
}

/* Of one order by no: an order has few, so a page starts behind the one named by id. */
static int of_order(hf__query *query, const hf_payment_list_args *list, hf_scan *scan,
                    hf_payment *low)
{
    scan->index = HF__PAYMENTS_ORDER;
    scan->low_columns = 1;
    scan->high_columns = 1;
    low->order = list->order;
    if (hf__id_zero(&list->after))
        return 0;
    hf_payment key = {.id = list->after};
    const void *after;
    int error = hf__query_get(query, HF__PAYMENTS, &key, &after);
    if (error == 0 && after != NULL) {
        low->no = ((const hf_payment *)after)->no;
        scan->low_columns = 2;
        scan->low_exclusive = 1;
    }
    return error;
}

int hf__query_payments(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_payment_list_args *list = (const hf_payment_list_args *)args;
    hf_payment low = {.id = list->after};
    hf_payment high = {.order = list->order};
    hf_scan scan = {.table = HF__PAYMENTS, .low = &low, .high = &high};
    int error = 0;
    if (!hf__id_zero(&list->order)) {
        error = of_order(query, list, &scan, &low);
    } else if (!hf__id_zero(&list->after)) {
        scan.low_columns = 1;
        scan.low_exclusive = 1;
    }
    hf_payment_page *out = hf__arena_zalloc(query->work, sizeof(*out));
    const void *const *rows = NULL;
    if (out == NULL)
        return HF_E_OVERLOADED;
    if (error == 0)
        error = hf__query_scan(query, &scan, list->limit, &rows, &out->count);
    out->rows = (const hf_payment *const *)rows;
    *result = out;
    return error;
}

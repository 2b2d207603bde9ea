/*
 * account.c - reads of accounts, items, units and holds.
 */
#include "domain/ledger/movement.h"
#include "engine/reads/query.h"
#include <holdfast/error.h>

int hf__query_account(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_account_get_args *get = (const hf_account_get_args *)args;
    hf_account key = {0};
    char text[208];
    hf__account_ref_set(&key.key, &get->key);
    int error = hf__query_get(query, HF__ACCOUNTS, &key, result);
    if (error == 0 && *result == NULL)
        return hf__refuse(&query->detail, HF_E_NOT_FOUND, "no account %s",
                          hf__account_text(&key.key, text));
    return error;
}

static int page(hf__query *query, const hf_account_list_args *list, uint32_t kind,
                const void **result)
{
    hf_account low = {.key = {.kind = kind}};
    hf_account high = {.key = {.kind = kind}};
    hf_scan scan = {
        .table = HF__ACCOUNTS,
        .low = &low,
        .high = &high,
        .low_columns = kind != 0,
        .high_columns = kind != 0,
    };
    if (list->after.kind != HF_KIND_WORLD) {
        hf__account_ref_set(&low.key, &list->after);
        scan.low_columns = hf__accounts_table.key_count;
        scan.low_exclusive = 1;
    }
    hf_account_page *out = hf__arena_zalloc(query->work, sizeof(*out));
    const void *const *rows = NULL;
    if (out == NULL)
        return HF_E_OVERLOADED;
    int error = hf__query_scan(query, &scan, list->limit, &rows, &out->count);
    out->rows = (const hf_account *const *)rows;
    *result = out;
    return error;
}

int hf__query_accounts(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_account_list_args *list = (const hf_account_list_args *)args;
    return page(query, list, list->kind, result);
}

int hf__query_items(hf__query *query, const hf_op_head *args, const void **result)
{
    return page(query, (const hf_account_list_args *)args, HF_KIND_ITEM, result);
}

int hf__query_unit(hf__query *query, const hf_op_head *args, const void **result)
{
    const char *code = ((const hf_unit_get_args *)args)->code;
    hf_unit key = {.scale = 0};
    hf__name_set(&key.code, code);
    int error = hf__query_get(query, HF__UNITS, &key, result);
    if (error == 0 && *result == NULL)
        return hf__refuse(&query->detail, HF_E_NOT_FOUND, "no unit %s", code);
    return error;
}

int hf__query_units(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_unit_list_args *list = (const hf_unit_list_args *)args;
    hf_unit low = {.scale = 0};
    hf__name_set(&low.code, list->after);
    hf_scan scan = {.table = HF__UNITS, .low = &low, .low_columns = 1, .low_exclusive = 1};
    hf_unit_page *out = hf__arena_zalloc(query->work, sizeof(*out));
    const void *const *rows = NULL;
    if (out == NULL)
        return HF_E_OVERLOADED;
    int error = hf__query_scan(query, &scan, list->limit, &rows, &out->count);
    out->rows = (const hf_unit *const *)rows;
    *result = out;
    return error;
}

int hf__query_hold(hf__query *query, const hf_op_head *args, const void **result)
{
    hf_hold key = {.id = ((const hf_hold_get_args *)args)->hold};
    char text[37];
    int error = hf__query_get(query, HF__HOLDS, &key, result);
    if (error == 0 && *result == NULL)
        return hf__refuse(&query->detail, HF_E_NOT_FOUND, "no hold %s",
                          hf_id_format(&key.id, text));
    return error;
}

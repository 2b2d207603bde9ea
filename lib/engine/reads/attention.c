/*
 * attention.c - records that need a person, by subject, over partial indexes that hold
 * nothing else.
 */
#include "base/id.h"
#include "domain/ledger/movement.h"
#include "engine/reads/query.h"
#include <holdfast/error.h>

/* The row after which a page begins; one struct for all subjects. */
typedef union after_row {
    hf_account account;
    hf_order order;
    hf_payment payment;
    hf_fact fact;
    hf_hold hold;
} after_row;

/* Sets the row to start after; false: from the start. */
static bool after_account(const hf_attention_list_args *list, after_row *row)
{
    if (list->after_account.kind == HF_KIND_WORLD)
        return false;
    hf__account_ref_set(&row->account.key, &list->after_account);
    return true;
}

static bool after_order(const hf_attention_list_args *list, after_row *row)
{
    row->order.id = list->after_id;
    return !hf__id_zero(&list->after_id);
}

static bool after_payment(const hf_attention_list_args *list, after_row *row)
{
    row->payment.id = list->after_id;
    return !hf__id_zero(&list->after_id);
}

static bool after_hold(const hf_attention_list_args *list, after_row *row)
{
    row->hold.id = list->after_id;
    return !hf__id_zero(&list->after_id);
}

static bool after_fact(const hf_attention_list_args *list, after_row *row)
{
    if (list->after_provider == NULL || list->after_provider[0] == '\0')
        return false;
    hf__name_set(&row->fact.provider, list->after_provider);
    hf__name_set(&row->fact.fact_ref, list->after_fact_ref);
    row->fact.kind = list->after_kind;
    return true;
}

static const struct subject {
    uint32_t table;
    uint32_t index;
    uint32_t key_columns;
    bool (*after)(const hf_attention_list_args *list, after_row *row);
} subjects[] = {
    [HF_ATTENTION_ON_ACCOUNT] = {HF__ACCOUNTS, HF__ACCOUNTS_ATTENTION, 4, after_account},
    [HF_ATTENTION_ON_ORDER] = {HF__ORDERS, HF__ORDERS_ATTENTION, 1, after_order},
    [HF_ATTENTION_ON_PAYMENT] = {HF__PAYMENTS, HF__PAYMENTS_ATTENTION, 1, after_payment},
    [HF_ATTENTION_ON_FACT] = {HF__FACTS, HF__FACTS_ATTENTION, 3, after_fact},
    [HF_ATTENTION_ON_HOLD] = {HF__HOLDS, HF__HOLDS_ATTENTION, 1, after_hold},
};

int hf__query_attention(hf__query *query, const hf_op_head *args, const void **result)
{
    const hf_attention_list_args *list = (const hf_attention_list_args *)args;
    const struct subject *subject = &subjects[list->subject];
    after_row row = {0};
    hf_scan scan = {.table = subject->table, .index = subject->index, .low = &row};
    if (subject->after(list, &row)) {
        scan.low_columns = subject->key_columns;
        scan.low_exclusive = 1;
    }
    hf_attention_page *out = hf__arena_zalloc(query->work, sizeof(*out));
    const void *const *rows = NULL;
    if (out == NULL)
        return HF_E_OVERLOADED;
    int error = hf__query_scan(query, &scan, list->limit, &rows, &out->count);
    out->subject = list->subject;
    out->accounts = subject->table == HF__ACCOUNTS ? (const hf_account *const *)rows : NULL;
    out->orders = subject->table == HF__ORDERS ? (const hf_order *const *)rows : NULL;
    out->payments = subject->table == HF__PAYMENTS ? (const hf_payment *const *)rows : NULL;
    out->facts = subject->table == HF__FACTS ? (const hf_fact *const *)rows : NULL;
    out->holds = subject->table == HF__HOLDS ? (const hf_hold *const *)rows : NULL;
    *result = out;
    return error;
}

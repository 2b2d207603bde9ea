/*
 * ids.c - one look-up of an id in all tables whose rows are named by ids.
 *
 * Why all of them: a caller that repeats after a timeout knows the id, not what it did with it. If
 * a deposit and an order could share an id, one of them would be taken for done.
 *
 * Happy path: the id is new, and the view knows it without a look-up. Otherwise all tables are
 * asked in one pass.
 */
#include "domain/core/ids.h"

#include "domain/core/common.h"

typedef struct kind {
    uint32_t table;
    uint32_t fingerprint_at;
    const char *used_by;
} kind;

static const kind kinds[] = {
    {HF__ORDERS, offsetof(hf_order, fingerprint), "used before by an order"},
    {HF__PAYMENTS, offsetof(hf_payment, fingerprint), "used before by a payment"},
    {HF__HOLDS, offsetof(hf_hold, fingerprint), "used before by a hold"},
    {HF__OP_KEYS, offsetof(hf__op_key, fingerprint), "used before by an operation"},
    {HF__TXNS, offsetof(hf_txn, fingerprint), "used before by a transaction"},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

_Static_assert(offsetof(hf_order, id) == 0 && offsetof(hf_payment, id) == 0 &&
                   offsetof(hf_hold, id) == 0 && offsetof(hf__op_key, id) == 0 &&
                   offsetof(hf_txn, id) == 0,
               "rows that are named by an id begin with it");

/* A key of whichever table. */
typedef union any_key {
    hf_id id;
    hf_order order;
    hf_payment payment;
    hf_hold hold;
    hf__op_key op_key;
    hf_txn txn;
} any_key;

int hf__id_find(hf__draft *draft, uint32_t table, const hf_id *id, hf__id_user *out)
{
    *out = (hf__id_user){.row = NULL};
    if (draft->view->is_new_id != NULL && draft->view->is_new_id(draft->view->context, id))
        return 0;
    const any_key key = {.order = {.id = *id}};
    int needs = 0;
    for (uint32_t i = 0; i < KINDS; i++) {
        const void *row;
        int error = hf__draft_get(draft, kinds[i].table, &key, &row);
        if (error < 0)
            return error;
        needs |= error;
        if (row == NULL || (out->row != NULL && kinds[i].table != table))
            continue;
        out->row = row;
        out->table = kinds[i].table;
        out->fingerprint = (const uint8_t *)row + kinds[i].fingerprint_at;
    }
    return needs;
}

int hf__id_refuse_used(const hf__draft *draft, const char *what, const hf_id *id,
                       const hf__id_user *user)
{
    const char *why = "used before";
    for (uint32_t i = 0; i < KINDS; i++)
        why = kinds[i].table == user->table ? kinds[i].used_by : why;
    return hf__refuse_id(draft, HF_E_ID_REUSED, what, id, why);
}

int hf__id_check_age(const hf__draft *draft, const char *what, const hf_id *id)
{
    if (hf_id_time(id) >= draft->purged_until_ms)
        return 0;
    return hf__refuse_id(draft, HF_E_ID_TOO_OLD, what, id, "older than what is kept");
}

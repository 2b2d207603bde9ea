/*
 * erase.c - erasure: personal texts go, and nothing else changes.
 *
 * Why it is a decision of its own and not a mask of other operations: the texts stand in several
 * tables, a record is erased in any state, also long after it has ended, and a customer may have
 * more orders than one commit should change.
 *
 * Happy path: find what the arguments name; change at most `limit` records, those that belong to an
 * order before the order itself; list the erased records in the event, without content. When the
 * limit is reached, `more` is set and the next call finds the rest in the same way: the customer's
 * index holds the orders that are not erased, and a record that has nothing to erase is passed by.
 *
 * Only meta, customer, external_ref and the texts of ended transactions change, and the version.
 * Times stay, so that retention removes the record when it would have.
 *
 * Failure modes: HF_E_NOT_FOUND, HF_E_TXN_STATE (a transaction that has not ended needs its payload
 * and what its participants answered), HF__NEED, HF_E_NOMEM.
 */
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/target.h"
#include "domain/txn/command.h"
#include "domain/txn/state.h"

#include <holdfast/erase.h>
#include <string.h>

#define PAGE 256u /* rows of one scan */

/* One call. */
typedef struct erasure {
    hf__draft *draft;
    const hf_erase_args *args;
    hf_erase_result *result;
    const void *meta; /* what takes the place of meta, in the arena; NULL: nothing does */
    uint64_t meta_bytes;
    hf_name customer; /* what takes the place of the customer; empty: nothing does */
    uint32_t left;    /* records that may still be changed */
} erasure;

typedef int (*visitor)(erasure *e, const void *row);

/* ---- Helpers --------------------------------------------------------------------------------- */

static bool wants(const erasure *e, uint32_t bit)
{
    return (e->args->what & bit) != 0;
}

/* Counts one more record; false when the limit is reached: then there is more to do. */
static bool count(erasure *e)
{
    if (e->left == 0) {
        e->result->more = 1;
        return false;
    }
    e->left--;
    e->result->records++;
    return true;
}

static bool meta_differs(const erasure *e, const void *meta, uint64_t bytes)
{
    if (!wants(e, HF_ERASE_META))
        return false;
    return bytes != e->meta_bytes || (bytes != 0 && memcmp(meta, e->meta, bytes) != 0);
}

/* A copied row shares its meta with the stored one, so the pointer is replaced, never the bytes. */
static void set_meta(const erasure *e, const void **meta, uint64_t *bytes)
{
    if (!wants(e, HF_ERASE_META))
        return;
    *meta = e->meta;
    *bytes = e->meta_bytes;
}

static void clear(hf_name *name)
{
    memset(name, 0, sizeof *name);
}

/* What the event is about; the orders of a customer are only listed. */
static const uint32_t subjects[] = {
    [HF_ERASE_BY_ORDER] = HF_SUBJECT_ORDER,     [HF_ERASE_BY_CUSTOMER] = HF_SUBJECT_NONE,
    [HF_ERASE_BY_ACCOUNT] = HF_SUBJECT_ACCOUNT, [HF_ERASE_BY_HOLD] = HF_SUBJECT_HOLD,
    [HF_ERASE_BY_TXN] = HF_SUBJECT_TXN,
};

static void set_subject(const erasure *e, uint32_t kind, const hf_id *id, uint64_t version)
{
    if (kind == subjects[e->args->by])
        hf__subject_set(e->draft, kind, id, version);
}

/* Lists an erased record in the event. */
static int report(const erasure *e, uint32_t kind, const hf_id *id, const hf_account_ref *account,
                  uint64_t version)
{
    static const hf_account_ref world;
    set_subject(e, kind, id, version);
    return hf__body_add(e->draft, &(hf__change){.type = HF_CHANGE_ERASED,
                                                .subject_kind = kind,
                                                .id = id,
                                                .from = account != NULL ? account : &world});
}

/* Visits the rows whose first column is that of `scan`; stops when the limit is reached. */
static int visit_each(erasure *e, hf_scan scan, visitor visit)
{
    hf__rows rows = {.more = 1};
    scan.high = scan.low;
    scan.low_columns = 1;
    scan.high_columns = 1;
    while (rows.more != 0 && e->result->more == 0) {
        int error = hf__draft_scan(e->draft, &scan, PAGE, &rows);
        for (uint32_t i = 0; error == 0 && i < rows.count && e->result->more == 0; i++)
            error = visit(e, rows.rows[i]);
        if (error != 0)
            return error;
        if (rows.count == 0)
            return 0;
        scan.low = rows.rows[rows.count - 1];
        scan.low_columns = 2;
        scan.low_exclusive = 1;
    }
    return 0;
}

/* ---- Transactions ---------------------------------------------------------------------------- */

static int erase_branch(erasure *e, const void *row)
{
    const hf_branch *branch = row;
    bool has_text = branch->payload_bytes != 0 || branch->detail.text[0] != '\0';
    if (!has_text || !count(e))
        return 0;
    void *edit;
    int error = hf__draft_edit(e->draft, HF__BRANCHES, branch, &edit);
    if (error != 0)
        return error;
    hf_branch *erased = edit;
    clear(&erased->detail);
    erased->payload = NULL;
    erased->payload_bytes = 0;
    return 0;
}

static int erase_attempt(erasure *e, const void *row)
{
    const hf_attempt *attempt = row;
    if (attempt->detail.text[0] == '\0' || !count(e))
        return 0;
    void *edit;
    int error = hf__draft_edit(e->draft, HF__ATTEMPTS, attempt, &edit);
    if (error == 0)
        clear(&((hf_attempt *)edit)->detail);
    return error;
}

static int erase_parts(erasure *e, const hf_txn *txn)
{
    const hf_branch branch = {.txn = txn->id};
    const hf_attempt attempt = {.txn = txn->id};
    if (!wants(e, HF_ERASE_TEXTS))
        return 0;
    int error = visit_each(e, (hf_scan){.table = HF__BRANCHES, .low = &branch}, erase_branch);
    int other = visit_each(e, (hf_scan){.table = HF__ATTEMPTS, .low = &attempt}, erase_attempt);
    return error != 0 ? error : other;
}

/* The transaction with its branches and history; it counts when it has a text itself. */
static int erase_txn(erasure *e, const void *row)
{
    const hf_txn *txn = row;
    uint64_t before = e->result->records;
    int error = erase_parts(e, txn);
    if (error != 0)
        return error;
    bool has_text = (wants(e, HF_ERASE_TEXTS) && txn->reason.text[0] != '\0') ||
                    meta_differs(e, txn->meta, txn->meta_bytes);
    bool changed = e->result->records != before;
    if (!changed && (!has_text || !count(e)))
        return 0;
    void *edit;
    error = hf__draft_edit(e->draft, HF__TXNS, txn, &edit);
    if (error != 0)
        return error;
    hf_txn *erased = edit;
    erased->version++;
    if (wants(e, HF_ERASE_TEXTS))
        clear(&erased->reason);
    set_meta(e, &erased->meta, &erased->meta_bytes);
    return report(e, HF_SUBJECT_TXN, &erased->id, NULL, erased->version);
}

static int erase_txn_by_id(erasure *e, const void *row)
{
    const hf_txn *txn = row;
    if (hf__txn_is_over(txn->state))
        return erase_txn(e, txn);
    return hf__refuse_id(e->draft, HF_E_TXN_STATE, "transaction", &txn->id, "has not ended");
}

/* What asked the provider of a payment; retention may have removed it. */
static int erase_commands(erasure *e, const void *row)
{
    const hf_payment *payment = row;
    for (uint32_t no = 1; no <= payment->commands && e->result->more == 0; no++) {
        hf_txn key = {.kind = HF_TXN_COMMAND};
        const void *found;
        hf__command_id(&payment->id, no, &key.id);
        int error = hf__draft_get(e->draft, HF__TXNS, &key, &found);
        const hf_txn *txn = found;
        if (error == 0 && txn != NULL && !hf__txn_is_over(txn->state))
            e->result->open++;
        else if (error == 0 && txn != NULL)
            error = erase_txn(e, txn);
        if (error != 0)
            return error;
    }
    return 0;
}

/* ---- Orders ---------------------------------------------------------------------------------- */

static bool order_differs(const erasure *e, const hf_order *order)
{
    return meta_differs(e, order->meta, order->meta_bytes) ||
           (wants(e, HF_ERASE_REF) && order->external_ref.text[0] != '\0') ||
           (wants(e, HF_ERASE_CUSTOMER) && strcmp(order->customer.text, e->customer.text) != 0);
}

/* Last of all that belongs to it, so that a customer's order is found until it is done. */
static int erase_order(erasure *e, const void *row)
{
    const hf_order *order = row;
    const hf_payment payment = {.order = order->id};
    const hf_scan payments = {.table = HF__PAYMENTS, .index = HF__PAYMENTS_ORDER, .low = &payment};
    int error = 0;
    set_subject(e, HF_SUBJECT_ORDER, &order->id, order->version);
    if (wants(e, HF_ERASE_TEXTS) && order->payment_count != 0)
        error = visit_each(e, payments, erase_commands);
    if (error != 0 || e->result->more != 0 || !order_differs(e, order) || !count(e))
        return error;
    void *edit;
    error = hf__draft_edit(e->draft, HF__ORDERS, order, &edit);
    if (error != 0)
        return error;
    hf_order *erased = edit;
    erased->version++;
    e->result->orders++;
    set_meta(e, &erased->meta, &erased->meta_bytes);
    if (wants(e, HF_ERASE_CUSTOMER))
        erased->customer = e->customer;
    if (wants(e, HF_ERASE_REF))
        clear(&erased->external_ref);
    return report(e, HF_SUBJECT_ORDER, &erased->id, NULL, erased->version);
}

/* A page of the customer's orders. What is not loaded is asked for by all of them at once. */
static int erase_customer(erasure *e)
{
    hf_order key = {.total = 0};
    hf__name_set(&key.customer, e->args->customer);
    const hf_scan scan = {.table = HF__ORDERS,
                          .index = HF__ORDERS_CUSTOMER,
                          .low = &key,
                          .high = &key,
                          .low_columns = 1,
                          .high_columns = 1};
    hf__rows rows;
    int error = hf__draft_scan(e->draft, &scan, e->left == 0 ? 1 : e->left, &rows);
    int need = 0;
    for (uint32_t i = 0; error == 0 && i < rows.count && e->result->more == 0; i++) {
        error = erase_order(e, rows.rows[i]);
        need |= error > 0 ? error : 0;
        error = error > 0 ? 0 : error;
    }
    e->result->more |= rows.more;
    return error != 0 ? error : need;
}

/* ---- Accounts and holds ---------------------------------------------------------------------- */

static int erase_account(erasure *e, const void *row)
{
    const hf_account *account = row;
    if (!meta_differs(e, account->meta, account->meta_bytes) || !count(e))
        return 0;
    void *edit;
    int error = hf__draft_edit(e->draft, HF__ACCOUNTS, account, &edit);
    if (error != 0)
        return error;
    hf_account *erased = edit;
    erased->version++;
    set_meta(e, &erased->meta, &erased->meta_bytes);
    return report(e, HF_SUBJECT_ACCOUNT, NULL, &erased->key, erased->version);
}

static int erase_hold(erasure *e, const void *row)
{
    const hf_hold *hold = row;
    if (!meta_differs(e, hold->meta, hold->meta_bytes) || !count(e))
        return 0;
    void *edit;
    int error = hf__draft_edit(e->draft, HF__HOLDS, hold, &edit);
    if (error != 0)
        return error;
    hf_hold *erased = edit;
    erased->version++;
    set_meta(e, &erased->meta, &erased->meta_bytes);
    return report(e, HF_SUBJECT_HOLD, &erased->id, NULL, erased->version);
}

/* ---- The operation --------------------------------------------------------------------------- */

static const visitor erasers[] = {
    [HF_ERASE_BY_ORDER] = erase_order,     [HF_ERASE_BY_CUSTOMER] = NULL,
    [HF_ERASE_BY_ACCOUNT] = erase_account, [HF_ERASE_BY_HOLD] = erase_hold,
    [HF_ERASE_BY_TXN] = erase_txn_by_id,
};

static int erase_record(erasure *e, const hf__operation *op)
{
    hf__target target;
    hf__target_set(&target, op, HF__BY_ERASED, 0);
    const void *row;
    int error = hf__draft_get(e->draft, target.table, &target.key, &row);
    if (error != 0)
        return error;
    if (row == NULL)
        return hf__refuse(e->draft->detail, HF_E_NOT_FOUND, "%s %s: no such record", target.what,
                          target.text);
    return erasers[e->args->by](e, row);
}

/* With a limit of 0 nothing changes, and `more` says whether there is something to erase. */
static int run(const hf__operation *op, hf__draft *draft, uint32_t limit)
{
    erasure e = {.draft = draft, .args = HF__ARGS(op, hf_erase_args), .left = limit};
    e.result = hf__draft_alloc(draft, sizeof *e.result);
    if (e.result == NULL)
        return HF_E_NOMEM;
    if (e.args->by > HF_ERASE_BY_TXN)
        return hf__refuse(draft->detail, HF_E_ENUM, "by %u", e.args->by);
    hf__name_set(&e.customer, e.args->replacement);
    int error = hf__meta_set(draft, op->args, &e.meta, &e.meta_bytes);
    if (error == 0)
        error = e.args->by == HF_ERASE_BY_CUSTOMER ? erase_customer(&e) : erase_record(&e, op);
    draft->result = e.result;
    draft->quiet = e.result->records == 0 ? 1 : 0;
    return error;
}

int hf__decide_erase(const hf__operation *op, hf__draft *draft)
{
    return run(op, draft, HF__ARGS(op, hf_erase_args)->limit);
}

int hf__erase_again(const hf__operation *op, hf__draft *draft)
{
    return run(op, draft, 0);
}

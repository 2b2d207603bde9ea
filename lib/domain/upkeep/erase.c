/*
 * erase.c - erasure: personal texts are removed, and nothing else changes.
 *
 * Why it is a decision of its own and not a mask of other operations: the texts stand in several
 * tables, a record is erased in any state, also long after it has ended, and a customer may have
 * more orders than one commit should change.
 *
 * Happy path: the load finds what the arguments name, at most `limit` records, those that belong to
 * an order before the order itself; the decision changes them and lists them in the event, without
 * content. When the limit is reached, `more` is set and the next call finds the rest in the same
 * way: the customer's index holds the orders that are not erased, and a record that has nothing to
 * erase is skipped.
 *
 * Only meta, customer, external_ref and the texts of ended transactions change, and the version.
 * Times stay, so that retention removes the record when it would have.
 *
 * Failure modes: HF_E_NOT_FOUND, HF_E_TXN_STATE (a transaction that has not ended needs its payload
 * and what its participants answered), HF_E_NOMEM.
 */
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/load.h"
#include "domain/core/target.h"
#include "domain/txn/command.h"
#include "domain/txn/state.h"

#include <holdfast/erase.h>
#include <string.h>

#define PAGE 256u /* rows of one scan */

/* A record that is erased, as it was found. */
typedef struct found {
    const void *row;
    uint32_t table;
} found;

/* One call. */
typedef struct erasure {
    hf__draft *draft;
    const hf_erase_args *args;
    hf_erase_result *result;
    const void *named; /* the row that the arguments name by its key; NULL: there is none */
    found *records;    /* in the order in which they are erased */
    uint32_t count;
    uint32_t left;    /* records that may still be changed */
    const void *meta; /* what takes the place of meta, in the arena; NULL: nothing does */
    uint64_t meta_bytes;
    hf_name customer; /* what takes the place of the customer; empty: nothing does */
} erasure;

typedef void (*visitor)(erasure *e, const void *row);

static bool erases(const erasure *e, uint32_t bit)
{
    return (e->args->what & bit) != 0;
}

/* ---- Found ----------------------------------------------------------------------------------- */

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

static void keep(erasure *e, uint32_t table, const void *row)
{
    e->records[e->count++] = (found){.row = row, .table = table};
}

static bool meta_differs(const erasure *e, const void *meta, uint64_t bytes)
{
    const hf_op_head *head = &e->args->head;
    if (!erases(e, HF_ERASE_META))
        return false;
    return bytes != head->meta_bytes || (bytes != 0 && memcmp(meta, head->meta, bytes) != 0);
}

/* Visits the rows whose first column is that of `scan`; stops when the limit is reached. */
static void visit_each(erasure *e, hf_scan scan, visitor visit)
{
    hf__rows rows = {.more = 1};
    scan.high = scan.low;
    scan.low_columns = 1;
    scan.high_columns = 1;
    while (rows.more != 0 && e->result->more == 0) {
        hf__draft_load_rows(e->draft, &scan, PAGE, &rows);
        for (uint32_t i = 0; i < rows.count && e->result->more == 0; i++)
            visit(e, rows.rows[i]);
        if (rows.count == 0)
            return;
        scan.low = rows.rows[rows.count - 1];
        scan.low_columns = 2;
        scan.low_exclusive = 1;
    }
}

static void find_branch(erasure *e, const void *row)
{
    const hf_branch *branch = row;
    bool has_text = branch->payload_bytes != 0 || branch->detail.text[0] != '\0';
    if (has_text && count(e))
        keep(e, HF__BRANCHES, branch);
}

static void find_attempt(erasure *e, const void *row)
{
    const hf_attempt *attempt = row;
    if (attempt->detail.text[0] != '\0' && count(e))
        keep(e, HF__ATTEMPTS, attempt);
}

/* The transaction behind its branches and history; it counts when only it has a text. */
static void find_txn(erasure *e, const void *row)
{
    const hf_txn *txn = row;
    const hf_branch branch = {.txn = txn->id};
    const hf_attempt attempt = {.txn = txn->id};
    const uint64_t before = e->result->records;
    if (erases(e, HF_ERASE_TEXTS)) {
        visit_each(e, (hf_scan){.table = HF__BRANCHES, .low = &branch}, find_branch);
        visit_each(e, (hf_scan){.table = HF__ATTEMPTS, .low = &attempt}, find_attempt);
    }
    bool has_text = (erases(e, HF_ERASE_TEXTS) && txn->reason.text[0] != '\0') ||
                    meta_differs(e, txn->meta, txn->meta_bytes);
    if (e->result->records != before || (has_text && count(e)))
        keep(e, HF__TXNS, txn);
}

static void find_ended_txn(erasure *e, const void *row)
{
    if (hf__txn_is_over(((const hf_txn *)row)->state))
        find_txn(e, row);
}

/* Finds the commands of a payment, which retention may have removed. */
static void find_commands(erasure *e, const void *row)
{
    const hf_payment *payment = row;
    for (uint32_t no = 1; no <= payment->commands && e->result->more == 0; no++) {
        hf_id id;
        hf__command_id(&payment->id, no, &id);
        const hf_txn *txn = hf__loaded(e->draft, hf__draft_load(e->draft, HF__TXNS, &id));
        if (txn != NULL && hf__txn_is_over(txn->state))
            find_txn(e, txn);
        else if (txn != NULL)
            e->result->open++;
    }
}

static bool order_differs(const erasure *e, const hf_order *order)
{
    return meta_differs(e, order->meta, order->meta_bytes) ||
           (erases(e, HF_ERASE_REF) && order->external_ref.text[0] != '\0') ||
           (erases(e, HF_ERASE_CUSTOMER) && strcmp(order->customer.text, e->customer.text) != 0);
}

/*
 * The order comes after everything that belongs to it, so that a customer's order is found until it
 * is done.
 */
static void find_order(erasure *e, const void *row)
{
    const hf_order *order = row;
    const hf_payment payment = {.order = order->id};
    const hf_scan payments = {.table = HF__PAYMENTS, .index = HF__PAYMENTS_ORDER, .low = &payment};
    if (erases(e, HF_ERASE_TEXTS) && order->payment_count != 0)
        visit_each(e, payments, find_commands);
    if (e->result->more != 0 || !order_differs(e, order) || !count(e))
        return;
    e->result->orders++;
    keep(e, HF__ORDERS, order);
}

/* A page of the customer's orders. */
static void find_customer(erasure *e)
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
    hf__draft_load_rows(e->draft, &scan, e->left == 0 ? 1 : e->left, &rows);
    for (uint32_t i = 0; i < rows.count && e->result->more == 0; i++)
        find_order(e, rows.rows[i]);
    e->result->more |= rows.more;
}

static void find_account(erasure *e, const void *row)
{
    const hf_account *account = row;
    if (meta_differs(e, account->meta, account->meta_bytes) && count(e))
        keep(e, HF__ACCOUNTS, account);
}

static void find_hold(erasure *e, const void *row)
{
    const hf_hold *hold = row;
    if (meta_differs(e, hold->meta, hold->meta_bytes) && count(e))
        keep(e, HF__HOLDS, hold);
}

static const visitor finders[] = {
    [HF_ERASE_BY_ORDER] = find_order,     [HF_ERASE_BY_CUSTOMER] = NULL,
    [HF_ERASE_BY_ACCOUNT] = find_account, [HF_ERASE_BY_HOLD] = find_hold,
    [HF_ERASE_BY_TXN] = find_ended_txn,
};

static void find_record(erasure *e, const hf__operation *op)
{
    hf__target target;
    hf__target_set(&target, op, HF__BY_ERASED, 0);
    e->named = hf__loaded(e->draft, hf__draft_load(e->draft, target.table, &target.key));
    if (e->named != NULL)
        finders[e->args->by](e, e->named);
}

/*
 * Finds at most `limit` records; a transaction is changed with what belongs to it and does not
 * count.
 */
static void load(const hf__operation *op, hf__draft *draft, uint32_t limit)
{
    erasure *e = hf__draft_alloc(draft, sizeof *e);
    draft->found = e;
    draft->load_error = HF_E_NOMEM;
    if (e == NULL)
        return;
    *e = (erasure){.draft = draft, .args = HF__ARGS(op, hf_erase_args), .left = limit};
    e->result = hf__draft_alloc(draft, sizeof *e->result);
    e->records = hf__draft_alloc(draft, (2 * (size_t)limit + 1) * sizeof *e->records);
    if (e->result == NULL || e->records == NULL)
        return;
    draft->load_error = 0;
    hf__name_set(&e->customer, e->args->replacement);
    if (e->args->by == HF_ERASE_BY_CUSTOMER)
        find_customer(e);
    else if (e->args->by <= HF_ERASE_BY_TXN)
        find_record(e, op);
}

void hf__load_erase(const hf__operation *op, hf__draft *draft)
{
    load(op, draft, HF__ARGS(op, hf_erase_args)->limit);
}

/* With a limit of 0 nothing changes, and `more` says whether there is something to erase. */
void hf__load_erase_again(const hf__operation *op, hf__draft *draft)
{
    load(op, draft, 0);
}

/* ---- Erased ---------------------------------------------------------------------------------- */

/* A copied row shares its meta with the stored one, so the pointer is replaced, never the bytes. */
static void set_meta(const erasure *e, const void **meta, uint64_t *bytes)
{
    if (!erases(e, HF_ERASE_META))
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

static int erase_branch(const erasure *e, void *row)
{
    hf_branch *branch = row;
    (void)e;
    clear(&branch->detail);
    branch->payload = NULL;
    branch->payload_bytes = 0;
    return 0;
}

static int erase_attempt(const erasure *e, void *row)
{
    (void)e;
    clear(&((hf_attempt *)row)->detail);
    return 0;
}

static int erase_txn(const erasure *e, void *row)
{
    hf_txn *txn = row;
    txn->version++;
    if (erases(e, HF_ERASE_TEXTS))
        clear(&txn->reason);
    set_meta(e, &txn->meta, &txn->meta_bytes);
    return report(e, HF_SUBJECT_TXN, &txn->id, NULL, txn->version);
}

static int erase_order(const erasure *e, void *row)
{
    hf_order *order = row;
    order->version++;
    set_meta(e, &order->meta, &order->meta_bytes);
    if (erases(e, HF_ERASE_CUSTOMER))
        order->customer = e->customer;
    if (erases(e, HF_ERASE_REF))
        clear(&order->external_ref);
    return report(e, HF_SUBJECT_ORDER, &order->id, NULL, order->version);
}

static int erase_account(const erasure *e, void *row)
{
    hf_account *account = row;
    account->version++;
    set_meta(e, &account->meta, &account->meta_bytes);
    return report(e, HF_SUBJECT_ACCOUNT, NULL, &account->key, account->version);
}

static int erase_hold(const erasure *e, void *row)
{
    hf_hold *hold = row;
    hold->version++;
    set_meta(e, &hold->meta, &hold->meta_bytes);
    return report(e, HF_SUBJECT_HOLD, &hold->id, NULL, hold->version);
}

/* What becomes of the copy of a row. */
static int (*const erasers[HF__TABLE_COUNT])(const erasure *e, void *row) = {
    [HF__BRANCHES] = erase_branch, [HF__ATTEMPTS] = erase_attempt, [HF__TXNS] = erase_txn,
    [HF__ORDERS] = erase_order,    [HF__ACCOUNTS] = erase_account, [HF__HOLDS] = erase_hold,
};

static int check(const erasure *e, const hf__operation *op)
{
    hf__target target;
    if (e->args->by > HF_ERASE_BY_TXN)
        return hf__refuse(e->draft->detail, HF_E_ENUM, "by %u", e->args->by);
    if (e->args->by == HF_ERASE_BY_CUSTOMER)
        return 0;
    hf__target_set(&target, op, HF__BY_ERASED, 0);
    if (e->named == NULL)
        return hf__refuse(e->draft->detail, HF_E_NOT_FOUND, "%s %s: no such record", target.what,
                          target.text);
    const hf_txn *txn = e->named;
    if (e->args->by != HF_ERASE_BY_TXN || hf__txn_is_over(txn->state))
        return 0;
    return hf__refuse_id(e->draft, HF_E_TXN_STATE, "transaction", &txn->id, "has not ended");
}

int hf__decide_erase(const hf__operation *op, hf__draft *draft)
{
    erasure *e = draft->found;
    int error = check(e, op);
    if (error == 0)
        error = hf__meta_set(draft, op->args, &e->meta, &e->meta_bytes);
    if (error != 0)
        return error;
    if (e->args->by == HF_ERASE_BY_ORDER)
        set_subject(e, HF_SUBJECT_ORDER, e->named, ((const hf_order *)e->named)->version);
    for (uint32_t i = 0; error == 0 && i < e->count; i++) {
        void *row;
        error = hf__draft_edit_known(draft, e->records[i].table, e->records[i].row, &row);
        if (error == 0)
            error = erasers[e->records[i].table](e, row);
    }
    draft->result = e->result;
    draft->quiet = e->result->records == 0 ? 1 : 0;
    return error;
}

/*
 * aside.c - sets records aside, and takes them up again.
 *
 * Happy path: an invariant breaks while a record is handled, the engine discards the draft and runs
 * SET_ASIDE for the record. Its row in HF__SET_ASIDES says which version of the library that was. A
 * walk along deadlines skips records with HF_ATTENTION_INVARIANT; queues and due times do not
 * contain it any more. A person who clears the bit, or unparks the transaction, removes the row.
 * For a newer version of the library the engine runs RESUME for each row of an older one.
 *
 * Failure modes: HF_E_NOT_FOUND (the record was removed; RESUME then only removes the row),
 * HF_E_NOMEM. When RESUME breaks an invariant, its record is set aside by this version.
 */
#include "domain/upkeep/aside.h"

#include "base/version.h"
#include "domain/core/common.h"
#include "domain/lifecycle/load.h"
#include "domain/lifecycle/queue.h"
#include "domain/lifecycle/waiting.h"
#include "domain/order/owed.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"

/* Indexes in hf__draft.loaded. */
enum { ASIDE, RECORD };

static const uint32_t tables[] = {
    [HF_SUBJECT_ORDER] = HF__ORDERS,
    [HF_SUBJECT_PAYMENT] = HF__PAYMENTS,
    [HF_SUBJECT_HOLD] = HF__HOLDS,
    [HF_SUBJECT_TXN] = HF__TXNS,
};

/* Whether this version of the library has set the record aside. */
static bool is_done(const hf__draft *draft)
{
    const hf__set_aside *aside = hf__loaded(draft, draft->loaded[ASIDE]);
    return aside != NULL && aside->library == HF__VERSION_NUMBER;
}

static void load_record(hf__draft *draft, const hf__aside_args *args)
{
    draft->loaded[RECORD] = hf__draft_load(draft, tables[args->kind], &args->id);
}

/* ---- Setting aside --------------------------------------------------------------------------- */

void hf__load_set_aside(const hf__operation *op, hf__draft *draft)
{
    const hf__aside_args *args = HF__ARGS(op, hf__aside_args);
    draft->loaded[ASIDE] = hf__aside_name(draft, args->kind, &args->id);
    load_record(draft, args);
    if (args->kind == HF_SUBJECT_TXN)
        (void)hf__load_lease(draft, &args->id);
    const hf_order *order = NULL;
    if (args->kind == HF_SUBJECT_ORDER)
        order = hf__loaded(draft, draft->loaded[RECORD]);
    if (order != NULL && order->state == HF_ORDER_WAITING)
        hf__load_waits(draft, &args->id);
}

static int not_found(const hf__draft *draft, const hf_id *id)
{
    return hf__refuse_id(draft, HF_E_NOT_FOUND, "record", id, "no such record");
}

static bool is_absent(const hf__draft *draft)
{
    return hf__loaded(draft, draft->loaded[RECORD]) == NULL;
}

/* The record, which is there, to be changed. */
static int edit(hf__draft *draft, void **row)
{
    return hf__loaded_edit(draft, draft->loaded[RECORD], row);
}

/* What marking changes of a record. */
typedef struct marked {
    uint32_t *attention;
    uint64_t *version;
    int64_t *updated_at_ms; /* NULL: the record has none */
} marked;

static int mark_order(hf__draft *draft, const hf_id *id, marked *out)
{
    void *row;
    int error = edit(draft, &row);
    if (error != 0)
        return error;
    hf_order *order = row;
    *out = (marked){.attention = &order->attention, .version = &order->version};
    return order->state == HF_ORDER_WAITING ? hf__waits_drop(draft, id) : 0;
}

static int mark_payment(hf__draft *draft, const hf_id *id, marked *out)
{
    (void)id;
    void *row;
    int error = edit(draft, &row);
    if (error != 0)
        return error;
    hf_payment *payment = row;
    *out = (marked){&payment->attention, &payment->version, &payment->updated_at_ms};
    return 0;
}

static int mark_hold(hf__draft *draft, const hf_id *id, marked *out)
{
    (void)id;
    void *row;
    int error = edit(draft, &row);
    if (error != 0)
        return error;
    hf_hold *hold = row;
    *out = (marked){&hold->attention, &hold->version, &hold->updated_at_ms};
    return 0;
}

/* Marks an order, payment or hold. */
static int mark(hf__draft *draft, const hf__aside_args *args)
{
    static int (*const marks[])(hf__draft *, const hf_id *, marked *) = {
        [HF_SUBJECT_ORDER] = mark_order,
        [HF_SUBJECT_PAYMENT] = mark_payment,
        [HF_SUBJECT_HOLD] = mark_hold,
    };
    marked record = {.attention = NULL};
    if (is_absent(draft))
        return not_found(draft, &args->id);
    int error = marks[args->kind](draft, &args->id, &record);
    if (error != 0)
        return error;
    *record.attention |= HF_ATTENTION_INVARIANT;
    if (record.updated_at_ms != NULL)
        *record.updated_at_ms = draft->now_ms;
    hf__subject_set(draft, args->kind, &args->id, ++*record.version);
    return 0;
}

/* Parks a transaction, without looking at its branches. */
static int park(hf__draft *draft, const hf__aside_args *args)
{
    void *row;
    uint64_t epoch;
    int error = hf__txn_fence(draft, &args->id, HF__TXN_BY_DRIVER, &epoch);
    if (error != 0)
        return error;
    if (is_absent(draft))
        return not_found(draft, &args->id);
    error = edit(draft, &row);
    if (error != 0)
        return error;
    hf_txn *txn = row;
    txn->parked = 1;
    txn->due_ms = 0;
    txn->epoch = epoch;
    txn->updated_at_ms = draft->now_ms;
    hf__name_print(&txn->reason, "broken invariant: %s", args->place.text);
    hf__subject_set(draft, HF_SUBJECT_TXN, &args->id, ++txn->version);
    return 0;
}

static int keep(hf__draft *draft, const hf__aside_args *args)
{
    const hf__set_aside key = {.kind = args->kind, .id = args->id};
    const uint32_t at = draft->loaded[ASIDE];
    void *row;
    int error = hf__loaded_put(draft, at, HF__SET_ASIDES, &key, &row);
    if (error != 0)
        return error;
    hf__set_aside *aside = row;
    aside->place = args->place;
    aside->at_ms = draft->now_ms;
    aside->library = HF__VERSION_NUMBER;
    return 0;
}

int hf__decide_set_aside(const hf__operation *op, hf__draft *draft)
{
    const hf__aside_args *args = HF__ARGS(op, hf__aside_args);
    if (is_done(draft)) {
        draft->quiet = 1;
        return 0;
    }
    int error = args->kind == HF_SUBJECT_TXN ? park(draft, args) : mark(draft, args);
    if (error == 0)
        error = keep(draft, args);
    return error != 0 ? error : hf__note(draft, &args->id, NULL, args->place.text);
}

/* ---- Taking up again ------------------------------------------------------------------------- */

static void load_order(hf__draft *draft, const hf_id *id)
{
    const hf__order *order = hf__load_parts(draft, id, NULL);
    if (order != NULL && order->row->state == HF_ORDER_WAITING)
        hf__load_accounts(draft, order, HF__LINES_ALL); /* it waits again, and takes nothing */
}

/* What breaks from here on is to be blamed on the record. */
void hf__load_resume(const hf__operation *op, hf__draft *draft)
{
    const hf__aside_args *args = HF__ARGS(op, hf__aside_args);
    draft->loaded[ASIDE] = hf__aside_name(draft, args->kind, &args->id);
    if (is_done(draft))
        return;
    (void)hf__suspect_set(draft, args->kind, &args->id);
    if (args->kind == HF_SUBJECT_ORDER)
        load_order(draft, &args->id);
    else if (args->kind == HF_SUBJECT_TXN)
        (void)hf__txn_name(draft, &args->id);
    else
        load_record(draft, args);
}

int hf__aside_order_over(hf__draft *draft, hf__order *order)
{
    bool waits = order->row->state == HF_ORDER_WAITING;
    int error = waits ? hf__order_rejoin(draft, order) : 0;
    return error != 0 ? error : hf__aside_forget(draft, HF_SUBJECT_ORDER, &order->row->id);
}

static int resume_order(hf__draft *draft, const hf_id *id)
{
    hf__order *order = NULL;
    int error = hf__order_loaded(draft, &order);
    if (error == 0)
        error = hf__order_attention(draft, order, 0, HF_ATTENTION_INVARIANT);
    if (error == 0)
        error = hf__aside_order_over(draft, order);
    if (error == 0)
        hf__subject_set(draft, HF_SUBJECT_ORDER, id, order->row->version);
    return error;
}

/* A payment or hold. */
static int resume_record(hf__draft *draft, uint32_t kind, const hf_id *id)
{
    marked record = {.attention = NULL};
    if (is_absent(draft))
        return not_found(draft, id);
    int error = kind == HF_SUBJECT_PAYMENT ? mark_payment(draft, id, &record)
                                           : mark_hold(draft, id, &record);
    if (error != 0)
        return error;
    *record.attention &= ~(uint32_t)HF_ATTENTION_INVARIANT;
    *record.updated_at_ms = draft->now_ms;
    hf__subject_set(draft, kind, id, ++*record.version);
    return 0;
}

static int resume(hf__draft *draft, const hf__aside_args *args)
{
    if (args->kind == HF_SUBJECT_ORDER)
        return resume_order(draft, &args->id);
    if (args->kind == HF_SUBJECT_TXN)
        return hf__txn_resume(draft, &args->id);
    return resume_record(draft, args->kind, &args->id);
}

int hf__decide_resume(const hf__operation *op, hf__draft *draft)
{
    const hf__aside_args *args = HF__ARGS(op, hf__aside_args);
    if (is_done(draft)) { /* by this version: not again */
        draft->quiet = 1;
        return 0;
    }
    const hf__suspect before = {.kind = HF_SUBJECT_NONE};
    int error = hf__suspect_done(draft, &before, resume(draft, args));
    if (error != 0 && error != HF_E_NOT_FOUND)
        return error;
    return hf__aside_forget(draft, args->kind, &args->id);
}

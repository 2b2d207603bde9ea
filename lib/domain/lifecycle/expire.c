/*
 * expire.c - the engine's operation EXPIRE: what is due releases what it holds, of one account
 * before it would be short, of everything by timer.
 *
 * Happy path: the load lists what is due, earliest deadline first (due.h), and names the rows of
 * each record; orders are read with their parts. The decision expires the records in this order,
 * and says how far the indexes were read. Order lines, legs and payments expire with their order,
 * as a whole.
 *
 * Failure modes: HF_E_NOMEM, and what releasing returns.
 */
#include "domain/lifecycle/expire.h"

#include "base/id.h"
#include "domain/core/body.h"
#include "domain/core/common.h"
#include "domain/core/suspect.h"
#include "domain/ledger/due.h"
#include "domain/ledger/hold_state.h"
#include "domain/ledger/movement.h"
#include "domain/ledger/rows.h"
#include "domain/lifecycle/load.h"

/* The order of a record, which records of the same order share. */
typedef struct owner {
    hf__order *order; /* NULL: the record has none, or it could not be read */
    int error;        /* why; 0: it has none */
} owner;

/* What the load has found out. */
typedef struct sweep {
    hf__due_list due;
    owner owners[HF__SWEEP_MOST]; /* of each record */
} sweep;

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* ---- Load ------------------------------------------------------------------------------------ */

/* The order as an earlier record of the list has it, or NULL. */
static hf__order *find_order(const sweep *s, uint32_t count, const hf_id *id)
{
    for (uint32_t i = 0; i < count; i++) {
        hf__order *order = s->owners[i].order;
        if (order != NULL && hf__id_equal(&order->row->id, id))
            return order;
    }
    return NULL;
}

static void load_order(hf__draft *draft, sweep *s, uint32_t at, const hf_id *id)
{
    owner *to = &s->owners[at];
    to->order = find_order(s, at, id);
    if (to->order != NULL)
        return;
    to->order = hf__load_order(draft, id, NULL, HF__LINES_ALL);
    to->error = draft->order_error;
}

static void load_hold(hf__draft *draft, const hf_id *id)
{
    const hf_hold *hold = hf__loaded(draft, hf__draft_load(draft, HF__HOLDS, id));
    if (hold == NULL)
        return;
    (void)hf__name_account_of(draft, &hold->from);
    (void)hf__name_account_of(draft, &hold->to);
}

static void load_payment(hf__draft *draft, sweep *s, uint32_t at)
{
    const hf_id *id = &s->due.records[at].id;
    const hf_payment *payment = hf__loaded(draft, hf__draft_load(draft, HF__PAYMENTS, id));
    if (payment != NULL)
        load_order(draft, s, at, &payment->order);
}

static void load_record(hf__draft *draft, sweep *s, uint32_t at)
{
    const hf__due_record *record = &s->due.records[at];
    if (record->what == HF__DUE_HOLD)
        load_hold(draft, &record->id);
    else if (record->what == HF__DUE_PAYMENT)
        load_payment(draft, s, at);
    else
        load_order(draft, s, at, &record->id);
}

/* hf_subject_kind of each kind of record. */
static const uint32_t subjects[] = {
    [HF__DUE_ORDER] = HF_SUBJECT_ORDER,
    [HF__DUE_HOLD] = HF_SUBJECT_HOLD,
    [HF__DUE_PAYMENT] = HF_SUBJECT_PAYMENT,
};

static hf__suspect suspect(hf__draft *draft, const hf__due_record *record)
{
    return hf__suspect_set(draft, subjects[record->what], &record->id);
}

void hf__load_expire(const hf__operation *op, hf__draft *draft)
{
    const hf__sweep_args *args = HF__ARGS(op, hf__sweep_args);
    const bool all = args->account.kind == HF_KIND_WORLD;
    sweep *s = hf__draft_alloc(draft, sizeof *s);
    if (s == NULL) {
        draft->load_error = HF_E_NOMEM;
        return;
    }
    draft->found = s;
    hf__load_due(draft, all ? NULL : &args->account, least(args->limit, HF__SWEEP_MOST), &s->due);
    for (uint32_t i = 0; i < s->due.count; i++) {
        const hf__suspect before = suspect(draft, &s->due.records[i]);
        load_record(draft, s, i);
        (void)hf__suspect_done(draft, &before, 0);
    }
}

/* ---- Decision -------------------------------------------------------------------------------- */

static int expire_order(hf__draft *draft, const sweep *s, uint32_t at)
{
    const owner *of = &s->owners[at];
    return of->error != 0 ? of->error : hf__order_expire(draft, of->order);
}

static int expire_payment(hf__draft *draft, const sweep *s, uint32_t at)
{
    const owner *of = &s->owners[at];
    const void *row;
    int error = hf__draft_require(draft, HF__PAYMENTS, &s->due.records[at].id, &row);
    if (error != 0)
        return error;
    const hf_payment *payment = row; /* it is due */
    return of->error != 0 ? of->error : hf__payment_expire(draft, of->order, payment->no - 1);
}

static int expire_hold(hf__draft *draft, const sweep *s, uint32_t at)
{
    const hf_id *id = &s->due.records[at].id;
    void *row;
    int error = hf__draft_edit(draft, HF__HOLDS, id, &row);
    if (error != 0)
        return error;
    hf_hold *hold = row;
    int64_t remaining = hf__hold_remaining(hold);
    hf__movement m = {.from = &hold->from, .to = &hold->to, .amount = remaining, .what = ""};
    error = hf__release(draft, &m);
    if (error == 0)
        error = hf__hold_apply(hold, HF__HOLD_EXPIRE, &(hf__hold_amounts){0});
    if (error != 0)
        return error;
    hold->version++;
    hold->updated_at_ms = draft->now_ms;
    error = hf__body_add(draft, &(hf__change){.type = HF_CHANGE_POSTED, .id = id, .b = remaining});
    return error != 0 ? error : hf__body_state(draft, HF_SUBJECT_HOLD, id, hold->state);
}

/* Expires a record, unless an earlier one of the list has changed it. */
static int expire(hf__draft *draft, const sweep *s, uint32_t at, bool *done)
{
    static int (*const expiries[])(hf__draft *, const sweep *, uint32_t) = {
        [HF__DUE_ORDER] = expire_order,
        [HF__DUE_HOLD] = expire_hold,
        [HF__DUE_PAYMENT] = expire_payment,
    };
    const hf__due_record *record = &s->due.records[at];
    int error = hf__still_due(draft, record, done);
    if (error != 0 || !*done)
        return error;
    const hf__suspect before = suspect(draft, record);
    return hf__suspect_done(draft, &before, expiries[record->what](draft, s, at));
}

int hf__decide_expire(const hf__operation *op, hf__draft *draft)
{
    const sweep *s = draft->found;
    hf__sweep_result *result = hf__draft_alloc(draft, sizeof *result);
    (void)op;
    if (result == NULL)
        return HF_E_NOMEM;
    for (uint32_t i = 0; i < s->due.count; i++) {
        bool done;
        int error = expire(draft, s, i, &done);
        if (error != 0)
            return error;
        result->count += done ? 1 : 0;
    }
    draft->walk = s->due.passed;
    draft->walked = 1;
    result->more = s->due.next_ms != 0 ? 1 : 0;
    result->due_ms = s->due.next_ms;
    draft->result = result;
    draft->quiet = result->count == 0 ? 1 : 0;
    return 0;
}

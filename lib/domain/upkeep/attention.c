/*
 * attention.c - a person has looked: bits of attention are cleared, with who and why in the event.
 *
 * The record is found by the subject's table below. An account that still is beyond its limits
 * keeps that bit: it is a number, not an opinion. Clearing what is not set changes nothing.
 *
 * Money that an ended order holds is a number as well: who clears MONEY_HELD says that the host
 * keeps the money, and the order counts it as kept. While a refund of it is asked for, the bit
 * stays.
 *
 * Failure modes: HF_E_NOT_FOUND, HF_E_ENUM.
 */
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/load.h"
#include "domain/ledger/limits.h"
#include "domain/ledger/movement.h"
#include "domain/lifecycle/load.h"
#include "domain/order/owed.h"
#include "domain/order/state.h"
#include "domain/upkeep/aside.h"

#define RECORD 0u /* in hf__draft.loaded */

/* Where a subject's record is and what the event calls it. An order is read as a whole. */
typedef struct subject {
    const char *name;
    uint32_t table;
    uint32_t kind; /* hf_subject_kind */
} subject;

/* clang-format off */
static const subject subjects[] = {
    [HF_ATTENTION_ON_ACCOUNT] = { "account", HF__ACCOUNTS, HF_SUBJECT_ACCOUNT },
    [HF_ATTENTION_ON_PAYMENT] = { "payment", HF__PAYMENTS, HF_SUBJECT_PAYMENT },
    [HF_ATTENTION_ON_FACT] = { "fact", HF__FACTS, HF_SUBJECT_FACT },
    [HF_ATTENTION_ON_HOLD] = { "hold", HF__HOLDS, HF_SUBJECT_HOLD },
};
/* clang-format on */

static bool is_by_id(const subject *of)
{
    return of->kind == HF_SUBJECT_PAYMENT || of->kind == HF_SUBJECT_HOLD;
}

/* The key of a record of any kind, and its name for details. */
typedef struct named {
    union {
        hf_account account;
        hf_order order;
        hf_payment payment;
        hf_fact fact;
        hf_hold hold;
    } key;
    char text[208];
} named;

static void name_record(const hf_attention_clear_args *args, named *out)
{
    *out = (named){.text = ""};
    switch ((hf_attention_subject)args->subject) {
    case HF_ATTENTION_ON_ACCOUNT:
        hf__account_ref_set(&out->key.account.key, &args->account);
        (void)hf__account_text(&out->key.account.key, out->text);
        return;
    case HF_ATTENTION_ON_ORDER:
        out->key.order.id = args->id;
        break;
    case HF_ATTENTION_ON_PAYMENT:
        out->key.payment.id = args->id;
        break;
    case HF_ATTENTION_ON_FACT:
        hf__name_set(&out->key.fact.provider, args->provider);
        hf__name_set(&out->key.fact.fact_ref, args->fact_ref);
        out->key.fact.kind = args->kind;
        return;
    case HF_ATTENTION_ON_HOLD:
        out->key.hold.id = args->id;
        break;
    }
    (void)hf_id_format(&args->id, out->text);
}

/* Clears the bits; versions and times follow the kind of record. */
static uint64_t clear(const hf__draft *draft, uint32_t kind, void *row, uint32_t bits)
{
    if (kind == HF_ATTENTION_ON_ACCOUNT) {
        hf_account *account = row;
        account->attention &= ~bits;
        hf__account_touch(draft, account);
        return account->version;
    }
    if (kind == HF_ATTENTION_ON_PAYMENT) {
        hf_payment *payment = row;
        payment->attention &= ~bits;
        payment->updated_at_ms = draft->now_ms;
        return ++payment->version;
    }
    if (kind == HF_ATTENTION_ON_HOLD) {
        hf_hold *hold = row;
        hold->attention &= ~bits;
        hold->updated_at_ms = draft->now_ms;
        return ++hold->version;
    }
    ((hf_fact *)row)->attention &= ~bits;
    return 0;
}

/* Those of `bits` that are set and may be cleared. */
static uint32_t clearable(uint32_t kind, const void *row, uint32_t bits)
{
    if (kind == HF_ATTENTION_ON_ACCOUNT) {
        const hf_account *account = row;
        uint32_t kept = hf__outside_limits(account) ? HF_ATTENTION_BEYOND_LIMIT : 0;
        return account->attention & bits & ~kept;
    }
    if (kind == HF_ATTENTION_ON_PAYMENT)
        return ((const hf_payment *)row)->attention & bits;
    if (kind == HF_ATTENTION_ON_HOLD)
        return ((const hf_hold *)row)->attention & bits;
    return ((const hf_fact *)row)->attention & bits;
}

static bool is_refunding(const hf__order *order)
{
    bool asked = false;
    for (uint32_t i = 0; i < order->row->payment_count; i++)
        asked = asked || order->payments[i].row->pending_refund > 0;
    return asked;
}

/*
 * Money that was kept is not to be refunded: a refund that was refused blocks refunds of later
 * money no more.
 */
static int forget_refused(hf__draft *draft, hf__order *order)
{
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        hf_payment *payment = NULL;
        if (order->payments[i].row->refund_refused == 0)
            continue;
        int error = hf__order_payment_edit(draft, order, i, &payment);
        if (error != 0)
            return error;
        payment->refund_refused = 0;
    }
    return 0;
}

/*
 * Counts the money that an ended order holds as kept, whether it is marked or not: stores of schema
 * 3 did not mark it. Sets *stays to the bit when the money is still to go back.
 */
static int keep_held(hf__draft *draft, hf__order *order, uint32_t *stays)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    if (error != 0 || !hf__order_is_over(order->row->state) || now.in_hand <= now.owed)
        return error;
    if (!is_refunding(order)) {
        error = hf__order_count(draft, order, now.in_hand - now.owed, 0);
        return error != 0 ? error : forget_refused(draft, order);
    }
    *stays = HF_ATTENTION_MONEY_HELD;
    return 0;
}

/* ---- Named before the decision --------------------------------------------------------------- */

/* An order whose bit of a broken invariant is cleared waits in its queues again. */
static void load_order(hf__draft *draft, const hf_attention_clear_args *args)
{
    const hf__order *order = hf__load_parts(draft, &args->id, NULL);
    if (order == NULL || !hf__is_aside(order->row->attention & args->bits))
        return;
    (void)hf__aside_name(draft, HF_SUBJECT_ORDER, &args->id);
    if (order->row->state == HF_ORDER_WAITING)
        hf__load_accounts(draft, order, HF__LINES_NAMED);
}

void hf__load_attention_clear(const hf__operation *op, hf__draft *draft)
{
    const hf_attention_clear_args *args = HF__ARGS(op, hf_attention_clear_args);
    named record;
    if (args->subject == HF_ATTENTION_ON_ORDER)
        load_order(draft, args);
    if (args->subject > HF_ATTENTION_ON_HOLD || args->subject == HF_ATTENTION_ON_ORDER)
        return;
    const subject *of = &subjects[args->subject];
    name_record(args, &record);
    draft->loaded[RECORD] = hf__draft_load(draft, of->table, &record.key);
    if (is_by_id(of) && hf__is_aside(args->bits))
        (void)hf__aside_name(draft, of->kind, &args->id);
}

/* ---- Decided --------------------------------------------------------------------------------- */

static int clear_order(const hf_attention_clear_args *args, hf__draft *draft)
{
    hf__order *order = NULL;
    uint32_t stays = 0;
    int error = hf__order_loaded(draft, &order);
    if (error != 0)
        return error;
    if ((args->bits & HF_ATTENTION_MONEY_HELD) != 0)
        error = keep_held(draft, order, &stays);
    bool aside = hf__is_aside(order->row->attention & args->bits);
    if (error == 0)
        error = hf__order_attention(draft, order, 0, args->bits & ~stays);
    if (error == 0 && aside)
        error = hf__aside_order_over(draft, order);
    if (error != 0)
        return error;
    if (order->edit == NULL) {
        draft->quiet = 1;
        return 0;
    }
    hf__subject_set(draft, HF_SUBJECT_ORDER, &args->id, order->row->version);
    return hf__note(draft, &draft->subject, NULL, args->reason);
}

int hf__decide_attention_clear(const hf__operation *op, hf__draft *draft)
{
    const hf_attention_clear_args *args = HF__ARGS(op, hf_attention_clear_args);
    if (args->subject > HF_ATTENTION_ON_HOLD)
        return hf__refuse(draft->detail, HF_E_ENUM, "subject %u", args->subject);
    if (args->subject == HF_ATTENTION_ON_ORDER)
        return clear_order(args, draft);
    const subject *of = &subjects[args->subject];
    named record;
    name_record(args, &record);
    const void *stored = hf__loaded(draft, draft->loaded[RECORD]);
    if (stored == NULL)
        return hf__refuse(draft->detail, HF_E_NOT_FOUND, "%s %s: no such record", of->name,
                          args->subject == HF_ATTENTION_ON_FACT ? record.key.fact.fact_ref.text
                                                                : record.text);
    uint32_t bits = clearable(args->subject, stored, args->bits);
    if (bits == 0) {
        draft->quiet = 1;
        return 0;
    }
    void *row;
    int error = hf__loaded_edit(draft, draft->loaded[RECORD], &row);
    if (error == 0 && is_by_id(of) && hf__is_aside(bits))
        error = hf__aside_forget(draft, of->kind, &args->id);
    if (error != 0)
        return error;
    uint64_t version = clear(draft, args->subject, row, bits);
    hf__subject_set(draft, of->kind, is_by_id(of) ? &args->id : NULL, version);
    bool on_account = of->kind == HF_SUBJECT_ACCOUNT;
    return hf__note(draft, &draft->subject, on_account ? &record.key.account.key : NULL,
                    args->reason);
}

/*
 * money.c - the steps of one payment: movements on an account, or commands to a provider.
 *
 * Why: to authorize a payment from an account is to hold, to capture is to post, to void is to
 * release and to refund is to reverse; only the state machine beside the counters differs from that
 * of goods. A provider is asked instead (command.h), and the counters move with its answer.
 *
 * Happy path: the payment is NEW, authorized, captured, and CLOSED when nothing is left to capture.
 * When it is authorized and captured in one operation, one move replaces hold and post.
 *
 * Failure modes: HF_E_PAYMENT_STATE, the refusals of movement.h. Callers check amounts; here
 * amounts are invariants.
 */
#include "domain/payment/money.h"
#include "base/checksum.h"
#include "base/id.h"
#include "base/invariant.h"
#include "base/money/checked.h"
#include "domain/core/body.h"
#include "domain/core/ids.h"
#include "domain/ledger/movement.h"
#include "domain/order/owed.h"
#include "domain/order/payment_state.h"
#include "domain/payment/command.h"

#include <stdio.h>
#include <string.h>

/* What the registry may say that a provider cannot do. */
#define DECLARED (HF_PAYMENT_WHOLE_VOID | HF_PAYMENT_ONE_CAPTURE)

/* What makes one payment differ from another: hashed as bytes, so without gaps. */
typedef struct content {
    hf_account_ref account;
    hf_name provider;
    int64_t amount;
    uint32_t method;
    uint32_t settle_on;
    uint64_t flags;
} content;

_Static_assert(sizeof(content) == sizeof(hf_account_ref) + sizeof(hf_name) + 24,
               "no bytes between the fields");

static int check_new(const hf__draft *draft, const hf__order *order, const hf_payment_args *args)
{
    uint32_t no = order->row->payment_count + 1;
    if (args->method == HF_METHOD_PROVIDER)
        return hf__payment_check_provider(draft, args, no);
    if (args->account.kind != HF_KIND_MONEY)
        return hf__refuse(draft->detail, HF_E_ENUM, "payment %u: not a MONEY account", no);
    if (!hf__name_is(&order->row->currency, args->account.unit)) {
        hf_account_ref account;
        char text[208];
        hf__account_ref_set(&account, &args->account);
        return hf__refuse(draft->detail, HF_E_CURRENCY, "payment %u: %s in an order of %s", no,
                          hf__account_text(&account, text), order->row->currency.text);
    }
    return 0;
}

/* An id may stand once in an operation: as its own, or as that of one payment. */
static int check_twice(const hf__draft *draft, const hf__order *order, const hf_id *id,
                       const hf_id *op)
{
    char text[37];
    uint32_t no = order->row->payment_count + 1;
    if (hf__id_equal(id, op))
        return hf__refuse(draft->detail, HF_E_ID_REUSED,
                          "payment %u: id %s: the operation itself has it", no,
                          hf_id_format(id, text));
    for (uint32_t i = 0; i + 1 < no; i++)
        if (hf__id_equal(id, &order->payments[i].row->id))
            return hf__refuse(draft->detail, HF_E_ID_REUSED,
                              "payment %u: id %s: payment %u of the order has it", no,
                              hf_id_format(id, text), i + 1);
    return 0;
}

/* Nothing that was there before may have it; an id that was named must be young enough, too. */
static int check_before(hf__draft *draft, uint32_t no, const hf_id *id, bool named)
{
    hf__id_user user;
    int error = hf__id_find(draft, HF__PAYMENTS, id, &user);
    bool old = named && hf_id_time(id) < draft->purged_until_ms;
    if (error != 0 || (user.row == NULL && !old))
        return error;
    char what[32];
    (void)snprintf(what, sizeof what, "payment %u: id", no);
    return user.row != NULL ? hf__id_refuse_used(draft, what, id, &user)
                            : hf__id_check_age(draft, what, id);
}

/* The id of a new payment. That of one added alone was looked at with its operation. */
static int choose_id(hf__draft *draft, const hf__order *order, const hf_payment_args *args,
                     const hf__operation *op, hf_id *out)
{
    uint32_t no = order->row->payment_count + 1;
    bool named = !hf__id_zero(&args->id);
    *out = named ? args->id : op->id;
    if (op->type == HF_OP_PAYMENT_ADD)
        return 0;
    if (!named)
        hf__id_derive(&order->row->id, no, out);
    int error = check_twice(draft, order, out, &op->id);
    return error != 0 ? error : check_before(draft, no, out, named);
}

int hf__payment_new(hf__draft *draft, hf__order *order, const hf_payment_args *args,
                    const hf__operation *op, uint32_t at)
{
    int error = check_new(draft, order, args);
    if (error != 0)
        return error;
    hf_id id;
    hf_payment *row = NULL;
    error = choose_id(draft, order, args, op, &id);
    if (error == 0)
        error = hf__order_payment_add(draft, order, &id, &row);
    if (error != 0)
        return error;
    content hashed = {.amount = args->amount,
                      .method = args->method,
                      .settle_on = args->settle_on,
                      .flags = args->flags};
    bool provider = args->method == HF_METHOD_PROVIDER;
    if (provider)
        hf__name_set(&hashed.provider, args->provider);
    else
        hf__account_ref_set(&hashed.account, &args->account);
    row->account = hashed.account;
    row->provider = hashed.provider;
    row->deadline_ms =
        provider ? args->deadline_ms : 0; /* 0: the order's, when the payment is asked for */
    row->flags = args->flags | (hf__participant_flags(op, at) & DECLARED);
    row->method = args->method;
    row->settle_on = args->settle_on;
    row->amount = args->amount;
    if (op->type == HF_OP_PAYMENT_ADD)
        memcpy(row->fingerprint, op->fingerprint, sizeof row->fingerprint);
    else
        hf__hash128(&hashed, sizeof hashed, row->fingerprint);
    return hf__payment_apply(draft, row, HF__PAY_ADD);
}

int hf__payments_within(hf__draft *draft, const hf__order *order, uint32_t first, int64_t owed)
{
    int64_t left = owed;
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        int64_t amount = hf__payment_covers(payment);
        if (i >= first && amount > left)
            return hf__refuse(draft->detail, HF_E_OVER_PAID,
                              "payment %u: %lld, but only %lld of %lld are not covered yet", i + 1,
                              (long long)amount, (long long)(left < 0 ? 0 : left), (long long)owed);
        if (!hf__sub(left, amount, &left))
            left = amount > 0 ? INT64_MIN : INT64_MAX;
    }
    return 0;
}

int hf__payment_state_changed(hf__draft *draft, const hf_payment *payment)
{
    return hf__body_state(draft, HF_SUBJECT_PAYMENT, &payment->id, payment->state);
}

/* One step: its event in the table, the movement, and which counters change by how much. */
typedef struct step {
    hf__payment_event event;
    int (*ask)(hf__draft *draft, hf_payment *payment, int64_t amount); /* a provider instead */
    int (*move)(hf__draft *draft, const hf__movement *m);
    int64_t amount;
    int64_t captured;
    int64_t voided;
    int64_t refunded;
} step;

static int move_money(hf__draft *draft, const hf__order *order, const hf_payment *payment,
                      int (*move)(hf__draft *, const hf__movement *), int64_t amount)
{
    static const hf_account_ref world;
    const hf__movement m = {
        .from = &payment->account,
        .to = &world,
        .amount = amount,
        .place_seq = order->row->placed_seq,
        .what = "payment",
        .no = payment->no,
    };
    return amount == 0 ? 0 : move(draft, &m);
}

int hf__payment_moved(hf__draft *draft, const hf_payment *payment, const hf__payment_was *before)
{
    const hf__change change = {
        .type = HF_CHANGE_PAYMENT,
        .id = &payment->id,
        .a = payment->authorized - before->authorized,
        .b = payment->captured - before->captured,
        .c = payment->voided - before->voided,
        .d = payment->refunded - before->refunded,
    };
    int error = change.a != 0 || change.b != 0 || change.c != 0 || change.d != 0
                    ? hf__body_add(draft, &change)
                    : 0;
    if (error != 0 || payment->state == before->state)
        return error;
    return hf__payment_state_changed(draft, payment);
}

/* CLOSED when nothing is left to capture; the event gets counters and state. */
static int end_step(hf__draft *draft, hf_payment *payment, const hf__payment_was *before)
{
    int error = 0;
    if (payment->state == HF_PAYMENT_AUTHORIZED && hf__payment_left(payment) == 0) {
        error = hf__payment_apply(draft, payment, HF__PAY_SPENT);
        payment->deadline_ms = 0;
    }
    if (!hf_invariant(error == 0 && hf__payment_row_holds(payment)))
        return HF_E_INVARIANT;
    return hf__payment_moved(draft, payment, before);
}

/* Asks a provider to authorize, or expects a report without asking. */
static int ask_authorization(hf__draft *draft, const hf__order *order, hf_payment *row)
{
    row->deadline_ms = row->deadline_ms != 0 ? row->deadline_ms : order->row->deadline_ms;
    if (row->amount == 0)
        return hf__payment_apply(draft, row, HF__PAY_AUTHORIZED);
    bool silent = (row->flags & HF_PAYMENT_CAPTURE_ONLY) != 0 || !hf__payment_is_live(order, row);
    if (!silent)
        return hf__payment_ask(draft, row, HF_COMMAND_AUTHORIZE, row->amount);
    row->pending_authorize = row->amount;
    return 0;
}

int hf__payment_authorize(hf__draft *draft, hf__order *order, uint32_t payment, int64_t captured)
{
    hf_payment *row = NULL;
    int error = hf__order_payment_edit(draft, order, payment, &row);
    if (error != 0)
        return error;
    hf__payment_was before = hf__payment_now(row); /* reports may have moved its counters */
    before.state = HF_PAYMENT_NONE;                /* the event has its state here first */
    error = hf__payment_apply(draft, row, HF__PAY_ASK);
    if (error == 0 && row->method == HF_METHOD_PROVIDER) {
        error = ask_authorization(draft, order, row);
        return error != 0 ? error : end_step(draft, row, &before);
    }
    if (error == 0)
        error = hf__payment_apply(draft, row, HF__PAY_AUTHORIZED);
    if (error == 0)
        error = move_money(draft, order, row, hf__move, captured);
    if (error == 0)
        error = move_money(draft, order, row, hf__hold, row->amount - captured);
    if (error != 0)
        return error;
    row->authorized = row->amount;
    row->captured = captured;
    row->deadline_ms = order->row->deadline_ms;
    return end_step(draft, row, &before);
}

/* A step on an account, or the command that asks a provider for it. */
static int run_step(hf__draft *draft, hf__order *order, uint32_t payment, const step *by)
{
    hf_payment *row = NULL;
    int error = hf__order_payment_edit(draft, order, payment, &row);
    if (error != 0)
        return error;
    const hf__payment_was before = hf__payment_now(row);
    error = hf__payment_apply(draft, row, by->event);
    if (error == 0 && row->method == HF_METHOD_PROVIDER)
        return by->ask(draft, row, by->amount);
    if (error == 0)
        error = move_money(draft, order, row, by->move, by->amount);
    if (error != 0)
        return error;
    row->captured += by->captured;
    row->voided += by->voided;
    row->refunded += by->refunded;
    return end_step(draft, row, &before);
}

int hf__payment_capture(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount)
{
    const step capture = {HF__PAY_CAPTURE, hf__payment_ask_capture, hf__post, amount, amount, 0, 0};
    return run_step(draft, order, payment, &capture);
}

int hf__payment_void(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount)
{
    const step voids = {HF__PAY_VOID, hf__payment_ask_void, hf__release, amount, 0, amount, 0};
    return run_step(draft, order, payment, &voids);
}

int hf__payment_refund(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount)
{
    const step refund = {HF__PAY_REFUND, hf__payment_ask_refund, hf__reverse, amount, 0, 0, amount};
    return run_step(draft, order, payment, &refund);
}

int hf__payment_drop(hf__draft *draft, hf__order *order, uint32_t payment)
{
    hf_payment *row = NULL;
    int error = hf__order_payment_edit(draft, order, payment, &row);
    if (error == 0)
        error = hf__payment_apply(draft, row, HF__PAY_DROP);
    if (error != 0)
        return error;
    row->deadline_ms = 0;
    return hf__payment_state_changed(draft, row);
}

int hf__payment_abandon(hf__draft *draft, hf__order *order, uint32_t payment)
{
    hf_payment *row = NULL;
    int error = hf__order_payment_edit(draft, order, payment, &row);
    if (error == 0)
        error = hf__payment_apply(draft, row, HF__PAY_DEADLINE);
    if (error != 0)
        return error;
    row->pending_authorize = 0;
    row->deadline_ms = 0;
    return hf__payment_state_changed(draft, row);
}

/*
 * Whether something of the payment can still be captured. What its provider refused to void is left
 * where it is; it stands in the way only while the order owes more than was captured.
 */
static int is_open(hf__draft *draft, hf__order *order, const hf_payment *payment, bool *open)
{
    hf__owed now;
    int error = hf__order_owed(draft, order, &now);
    int64_t left = hf__payment_open(payment);
    bool captured = now.owed <= now.net;
    *open = left > (captured ? payment->void_refused : 0) || payment->pending_capture > 0 ||
            payment->capture_refused > 0;
    return error;
}

int hf__payment_release_barred(hf__draft *draft, hf__order *order, uint32_t payment)
{
    bool open = false;
    const hf_payment *now = order->payments[payment].row;
    int error = now->barred == 0 ? 0 : is_open(draft, order, now, &open);
    if (error != 0 || now->barred == 0 || open)
        return error;
    hf_payment *row = NULL;
    error = hf__order_payment_edit(draft, order, payment, &row);
    if (error != 0)
        return error;
    int64_t amount = row->barred;
    row->barred = 0;
    return hf__payment_ask(draft, row, HF_COMMAND_VOID, amount);
}

/*
 * payment_money.c - a payment from an account is a hold on it, so every step is one movement.
 *
 * Why: authorize is hold, capture is post, void is release, refund is reverse; what differs from
 * goods is only the state machine beside the counters.
 *
 * Happy path: NEW, authorized (and captured at once where both fall together: one move instead of
 * a hold and a post), captured, CLOSED when nothing is left to capture.
 *
 * Failure modes: HF_E_UNSUPPORTED for providers, HF_E_PAYMENT_STATE, the refusals of movement.h.
 * Amounts are checked by whoever names them: here they are invariants.
 */
#include "domain/payment_money.h"
#include "base/checksum.h"
#include "base/id.h"
#include "base/invariant.h"
#include "domain/body.h"
#include "domain/ids.h"
#include "domain/movement.h"
#include "domain/payment_state.h"

#include <stdio.h>
#include <string.h>

/* What makes one payment differ from another: hashed as bytes, so without gaps. */
typedef struct content {
    hf_account_ref account;
    hf_name provider;
    int64_t amount;
    uint32_t method;
    uint32_t settle_on;
} content;

_Static_assert(sizeof(content) == sizeof(hf_account_ref) + sizeof(hf_name) + 16,
               "no bytes between the fields");

static int check_new(const hf__draft *draft, const hf__order *order, const hf_payment_args *args)
{
    uint32_t no = order->row->payment_count + 1;
    if (args->method != HF_METHOD_ACCOUNT)
        return hf__refuse(draft->detail, HF_E_UNSUPPORTED, "payment %u: provider %s", no,
                          args->provider != NULL ? args->provider : "");
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
    char what[HF__PART_TEXT + 8];
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
                    const hf__operation *op)
{
    int error = check_new(draft, order, args);
    if (error != 0)
        return error;
    hf_id id;
    int missing = choose_id(draft, order, args, op, &id);
    hf_payment *row = NULL;
    /* While something is missing it has its place all the same: the next one has another number. */
    error = missing < 0 ? missing : hf__order_payment_add(draft, order, &id, &row);
    if (error != 0)
        return error;
    content hashed = {.amount = args->amount, .method = args->method, .settle_on = args->settle_on};
    hf__account_ref_set(&hashed.account, &args->account);
    row->account = hashed.account;
    row->method = args->method;
    row->settle_on = args->settle_on;
    row->amount = args->amount;
    if (op->type == HF_OP_PAYMENT_ADD)
        memcpy(row->fingerprint, op->fingerprint, sizeof row->fingerprint);
    else
        hf__hash128(&hashed, sizeof hashed, row->fingerprint);
    error = hf__payment_apply(draft, row, HF__PAY_ADD);
    return error != 0 ? error : missing;
}

int hf__payments_within(hf__draft *draft, const hf__order *order, int64_t needed)
{
    int64_t rest = needed;
    for (uint32_t i = 0; i < order->row->payment_count; i++) {
        const hf_payment *payment = order->payments[i].row;
        bool asked = payment->state != HF_PAYMENT_NEW;
        int64_t amount = asked ? payment->authorized - payment->voided : payment->amount;
        if (amount > rest)
            return hf__refuse(draft->detail, HF_E_OVER_PAID,
                              "payment %u: %lld, but only %lld of %lld are not covered yet", i + 1,
                              (long long)amount, (long long)(rest < 0 ? 0 : rest),
                              (long long)needed);
        rest -= amount;
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
    int (*move)(hf__draft *draft, const hf__movement *m);
    int64_t amount;
    hf_change change;
} step;

static int move_money(hf__draft *draft, const hf__order *order, const hf_payment *payment,
                      int (*move)(hf__draft *, const hf__movement *), int64_t amount)
{
    static const hf_account_ref world;
    char text[HF__PART_TEXT];
    const hf__movement m = {
        .from = &payment->account,
        .to = &world,
        .amount = amount,
        .place_seq = order->row->placed_seq,
        .what = hf__part_text(text, "payment ", payment->no),
    };
    return amount == 0 ? 0 : move(draft, &m);
}

/* CLOSED when nothing is left to capture; the event gets counters and state. */
static int end_step(hf__draft *draft, hf_payment *payment, uint32_t before,
                    const hf_change *counters)
{
    int error = 0;
    if (payment->state == HF_PAYMENT_AUTHORIZED && hf__payment_open(payment) == 0) {
        error = hf__payment_apply(draft, payment, HF__PAY_SPENT);
        payment->deadline_ms = 0;
    }
    if (!hf_invariant(error == 0 && hf__payment_row_holds(payment)))
        return HF_E_POISONED;
    hf_change change = *counters;
    change.type = HF_CHANGE_PAYMENT;
    change.id = payment->id;
    error = hf__body_add(draft, &change);
    return error != 0 || payment->state == before ? error
                                                  : hf__payment_state_changed(draft, payment);
}

int hf__payment_authorize(hf__draft *draft, hf__order *order, uint32_t payment, int64_t captured)
{
    hf_payment *row = NULL;
    int error = hf__order_payment_edit(draft, order, payment, &row);
    if (error == 0)
        error = hf__payment_apply(draft, row, HF__PAY_ASK);
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
    const hf_change counters = {.a = row->authorized, .b = captured};
    return end_step(draft, row, HF_PAYMENT_NONE, &counters);
}

static int run_step(hf__draft *draft, hf__order *order, uint32_t payment, const step *by)
{
    hf_payment *row = NULL;
    int error = hf__order_payment_edit(draft, order, payment, &row);
    if (error != 0)
        return error;
    if (row->method != HF_METHOD_ACCOUNT)
        return hf__refuse(draft->detail, HF_E_UNSUPPORTED, "payment %u: provider %s", row->no,
                          row->provider.text);
    uint32_t before = row->state;
    error = hf__payment_apply(draft, row, by->event);
    if (error == 0)
        error = move_money(draft, order, row, by->move, by->amount);
    if (error != 0)
        return error;
    row->captured += by->change.b;
    row->voided += by->change.c;
    row->refunded += by->change.d;
    return end_step(draft, row, before, &by->change);
}

int hf__payment_take(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount)
{
    const step capture = {HF__PAY_CAPTURE, hf__post, amount, {.b = amount}};
    return run_step(draft, order, payment, &capture);
}

int hf__payment_free(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount)
{
    const step voids = {HF__PAY_VOID, hf__release, amount, {.c = amount}};
    return run_step(draft, order, payment, &voids);
}

int hf__payment_give_back(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount)
{
    const step refund = {HF__PAY_REFUND, hf__reverse, amount, {.d = amount}};
    return run_step(draft, order, payment, &refund);
}

int hf__payment_fail(hf__draft *draft, hf__order *order, uint32_t payment)
{
    hf_payment *row = NULL;
    int error = hf__order_payment_edit(draft, order, payment, &row);
    if (error == 0)
        error = hf__payment_apply(draft, row, HF__PAY_DROP);
    return error != 0 ? error : hf__payment_state_changed(draft, row);
}

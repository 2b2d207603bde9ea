/*
 * payment.c - the host's commands on payments: add, capture, void, refund.
 *
 * Why the whole order is loaded for each: a capture may not lift the order above what it owes, a
 * refund of what is owed counts as given away, and the last MANUAL capture or void closes the
 * order.
 *
 * Happy path, which is also the order of the checks: the payment exists and its state allows the
 * command; the order allows it; the amount is available; the account moves, or the provider is
 * asked.
 *
 * Failure modes: HF_E_NOT_FOUND, HF_E_PAYMENT_STATE, HF_E_ORDER_STATE, HF_E_EXPIRED, HF_E_OVER_*,
 * HF_E_OVER_PAID, the refusals of movement.h.
 */
#include "base/id.h"
#include "domain/core/common.h"
#include "domain/core/handlers.h"
#include "domain/core/load.h"
#include "domain/ledger/rows.h"
#include "domain/lifecycle/end.h"
#include "domain/lifecycle/load.h"
#include "domain/lifecycle/order_money.h"
#include "domain/order/payment_state.h"
#include "domain/order/state.h"
#include "domain/order/stock.h"
#include "domain/order/view.h"
#include "domain/payment/fact.h"
#include "domain/payment/rows.h"
#include "model/column.h"

/* A payment with its order. */
typedef struct subject {
    hf__order *order;
    uint32_t at; /* index among the order's payments */
    hf__owed before;
} subject;

/* What a command may do with an amount. */
typedef struct command {
    hf__payment_event event;
    int over;
    const char *left;
    int64_t (*possible)(const hf_payment *payment);
    int (*check)(hf__draft *draft, const subject *s, int64_t *most);
    int (*apply)(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount);
    int (*count)(hf__draft *draft, const subject *s, int64_t amount); /* as kept or given away */
} command;

static const hf_payment *row_of(const subject *s)
{
    return s->order->payments[s->at].row;
}

/* The payment, then its account with the order, which may end or be paid with it. */
void hf__load_payment_amount(const hf__operation *op, hf__draft *draft)
{
    const hf_id *id = &HF__ARGS(op, hf_payment_amount_args)->payment;
    draft->loaded[HF__ROW_PAYMENT] = hf__draft_load(draft, HF__PAYMENTS, id);
    const hf_payment *payment = hf__row(draft, HF__ROW_PAYMENT);
    if (payment == NULL)
        return;
    (void)hf__load_payment(draft, payment);
    (void)hf__load_order(draft, &payment->order, NULL, HF__LINES_NAMED);
}

static int refuse_unknown(const hf__draft *draft, const hf_id *id)
{
    char text[37];
    return hf__refuse(draft->detail, HF_E_NOT_FOUND, "payment %s", hf_id_format(id, text));
}

/* What the order owes before the command. */
static int read_money(hf__draft *draft, subject *s)
{
    if (s->at < s->order->row->payment_count)
        return hf__order_owed(draft, s->order, &s->before);
    return hf__refuse(draft->detail, HF_E_CORRUPT, "payment %u of an order with %u", s->at + 1,
                      s->order->row->payment_count);
}

static const char *state_name(const hf_order *order)
{
    return order->state < HF__ORDER_STATES ? hf__order_state_names[order->state] : "?";
}

/*
 * A capture needs a CONFIRMED order, or a CLOSED one that lost money that it owes; net may at most
 * become what the order owes.
 */
static int check_capture(hf__draft *draft, const subject *s, int64_t *most)
{
    const hf_order *order = s->order->row;
    bool lost = order->state == HF_ORDER_CLOSED && s->before.owed > s->before.net;
    if (order->state != HF_ORDER_CONFIRMED && !lost)
        return hf__refuse(draft->detail, HF_E_ORDER_STATE,
                          "the order is %s: nothing can be captured", state_name(order));
    *most = hf__beyond(s->before.owed, s->before.net);
    return 0;
}

/* What was refused is asked for first: the host has removed the reason. */
static int ask_again(hf__draft *draft, hf__order *order, uint32_t payment, uint32_t refused_at,
                     int64_t amount)
{
    hf_payment *row = NULL;
    int error = hf__order_payment_edit(draft, order, payment, &row);
    if (error != 0)
        return error;
    int64_t *refused = hf__payment_counter(row, refused_at);
    *refused -= amount < *refused ? amount : *refused;
    return 0;
}

static int capture(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount)
{
    int error = ask_again(draft, order, payment, offsetof(hf_payment, capture_refused), amount);
    return error != 0 ? error : hf__payment_capture(draft, order, payment, amount);
}

static int void_money(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount)
{
    int error = ask_again(draft, order, payment, offsetof(hf_payment, void_refused), amount);
    return error != 0 ? error : hf__payment_void(draft, order, payment, amount);
}

static int refund(hf__draft *draft, hf__order *order, uint32_t payment, int64_t amount)
{
    int error = ask_again(draft, order, payment, offsetof(hf_payment, refund_refused), amount);
    return error != 0 ? error : hf__payment_refund(draft, order, payment, amount);
}

static int check_void(hf__draft *draft, const subject *s, int64_t *most)
{
    (void)most;
    if (s->order->row->state == HF_ORDER_EXPIRED) /* it owes nothing: late money may be voided */
        return 0;
    return hf__order_in_time(draft, s->order->row);
}

static int check_refund(hf__draft *draft, const subject *s, int64_t *most)
{
    (void)draft;
    (void)s;
    (void)most;
    return 0;
}

static int count_nothing(hf__draft *draft, const subject *s, int64_t amount)
{
    (void)draft;
    (void)s;
    (void)amount;
    return 0;
}

/* What a void leaves uncovered is given away when no unit is open: the order can close then. */
static int count_void(hf__draft *draft, const subject *s, int64_t amount)
{
    hf__owed now;
    int error = hf__order_owed(draft, s->order, &now);
    bool all_moved = s->order->row->state == HF_ORDER_CONFIRMED && !hf__order_units_open(s->order);
    int64_t missing = hf__beyond(now.owed, now.covered);
    if (error != 0 || !all_moved || missing == 0)
        return error;
    return hf__order_count(draft, s->order, 0, missing < amount ? missing : amount);
}

/* What a refund takes of the money that the order owes is given away. */
static int count_refund(hf__draft *draft, const subject *s, int64_t amount)
{
    int64_t excess = hf__beyond(s->before.net, s->before.owed);
    return amount > excess ? hf__order_count(draft, s->order, 0, amount - excess) : 0;
}

static const command captures = {.event = HF__PAY_CAPTURE,
                                 .over = HF_E_OVER_CAPTURE,
                                 .left = "open",
                                 .possible = hf__payment_capturable,
                                 .check = check_capture,
                                 .apply = capture,
                                 .count = count_nothing};
static const command voids = {.event = HF__PAY_VOID,
                              .over = HF_E_OVER_VOID,
                              .left = "open",
                              .possible = hf__payment_capturable,
                              .check = check_void,
                              .apply = void_money,
                              .count = count_void};
static const command refunds = {.event = HF__PAY_REFUND,
                                .over = HF_E_OVER_REFUND,
                                .left = "captured and not refunded",
                                .possible = hf__payment_refundable,
                                .check = check_refund,
                                .apply = refund,
                                .count = count_refund};

/*
 * Refuses HF_ALL when there is nothing, and names what became of the money: what the order owes
 * leaves nothing of `possible`, or everything was captured, refunded or charged back.
 */
static int refuse_all(const hf__draft *draft, const subject *s, const command *by, int64_t possible)
{
    const hf_payment *row = row_of(s);
    if (possible > 0)
        return hf__refuse(draft->detail, HF_E_OVER_PAID,
                          "payment %u: %lld %s, but what the order owes leaves nothing", row->no,
                          (long long)possible, by->left);
    return hf__refuse(draft->detail, by->over,
                      "payment %u: %lld captured, %lld refunded, %lld charged back: nothing is "
                      "left",
                      row->no, (long long)row->captured, (long long)row->refunded,
                      (long long)row->charged_back);
}

/* The amount to move: named, or all that is possible. */
static int choose_amount(hf__draft *draft, const subject *s, const command *by, int64_t named,
                         int64_t *amount)
{
    int64_t most = INT64_MAX;
    int error = by->check(draft, s, &most);
    if (error != 0)
        return error;
    int64_t possible = by->possible(row_of(s));
    *amount = named;
    if (named == HF_ALL)
        *amount = possible < most ? possible : most;
    if (*amount <= 0)
        return refuse_all(draft, s, by, possible);
    if (*amount > possible)
        return hf__refuse(draft->detail, by->over, "payment %u: %lld wanted, %lld %s",
                          row_of(s)->no, (long long)*amount, (long long)possible, by->left);
    if (*amount > most)
        return hf__refuse(draft->detail, HF_E_OVER_PAID,
                          "payment %u: %lld wanted, what the order owes leaves %lld", row_of(s)->no,
                          (long long)*amount, (long long)most);
    return 0;
}

/* Ends the order when nothing is open or can be paid, and updates MONEY_HELD and UNPAID. */
static int finish(hf__draft *draft, const subject *s)
{
    bool live = hf__payment_is_live(s->order, row_of(s));
    int error = live ? hf__payment_release_barred(draft, s->order, s->at) : 0;
    if (error == 0)
        error = hf__order_end_unpaid(draft, s->order);
    if (error == 0)
        error = hf__order_close_if_done(draft, s->order);
    return error != 0 ? error : hf__order_mark_held(draft, s->order);
}

static int run(const hf__operation *op, hf__draft *draft, const command *by)
{
    const hf_payment_amount_args *args = (const hf_payment_amount_args *)op->args;
    const hf_payment *payment = hf__row(draft, HF__ROW_PAYMENT);
    hf__order *order = NULL;
    int64_t amount = 0;
    if (payment == NULL)
        return refuse_unknown(draft, &args->payment);
    int error = hf__order_loaded(draft, &order);
    if (error != 0)
        return error;
    subject s = {.order = order, .at = payment->no - 1};
    error = read_money(draft, &s);
    if (error == 0)
        error = hf__payment_can(draft, row_of(&s), by->event);
    if (error == 0)
        error = choose_amount(draft, &s, by, args->amount, &amount);
    if (error == 0)
        error = by->apply(draft, s.order, s.at, amount);
    if (error == 0)
        error = by->count(draft, &s, amount);
    if (error == 0)
        error = finish(draft, &s);
    if (error == 0)
        error = hf__order_end(draft, s.order);
    if (error != 0)
        return error;
    draft->subject_kind = HF_SUBJECT_PAYMENT;
    draft->subject = row_of(&s)->id;
    draft->subject_version = row_of(&s)->version;
    draft->result = row_of(&s);
    return 0;
}

int hf__decide_payment_capture(const hf__operation *op, hf__draft *draft)
{
    return run(op, draft, &captures);
}

int hf__decide_payment_void(const hf__operation *op, hf__draft *draft)
{
    return run(op, draft, &voids);
}

int hf__decide_payment_refund(const hf__operation *op, hf__draft *draft)
{
    return run(op, draft, &refunds);
}

/*
 * A payment is added while the order is PENDING, or CONFIRMED or CLOSED and not covered. With
 * PAY_LATER a CONFIRMED order takes one in any case.
 */
static int check_add(hf__draft *draft, hf__order *order)
{
    const hf_order *row = order->row;
    hf__owed now;
    int error = hf__order_in_time(draft, row);
    if (error == 0)
        error = hf__order_owed(draft, order, &now);
    if (error != 0)
        return error;
    bool later = row->state == HF_ORDER_CONFIRMED && (row->policy & HF_ORDER_PAY_LATER) != 0;
    bool possible = hf__order_next(row->state, HF__ON_PAY) != HF_ORDER_NONE;
    bool owes = row->state == HF_ORDER_PENDING || later || now.owed > now.covered;
    if (!possible || !owes)
        return hf__refuse(draft->detail, HF_E_ORDER_STATE, "the order is %s: it takes no payment%s",
                          state_name(row), possible ? ", it is covered" : "");
    if (row->payment_count >= HF_PAYMENTS_MAX)
        return hf__refuse(draft->detail, HF_E_TOO_MANY, "the order has %u payments",
                          row->payment_count);
    return 0;
}

/* Authorizes the new payment; the order is confirmed, or captures what is due. */
static int settle(hf__draft *draft, hf__order *order)
{
    hf__owed now;
    uint32_t added = order->row->payment_count - 1;
    int error = hf__order_owed(draft, order, &now);
    if (error == 0)
        error = hf__payments_within(draft, order, added, now.owed);
    if (error == 0)
        error = hf__payment_authorize(draft, order, added, 0);
    if (error == 0)
        error = hf__order_await_providers(draft, order);
    if (error != 0)
        return error;
    if (order->row->state == HF_ORDER_PENDING)
        return hf__order_confirm_if_paid(draft, order);
    error = hf__order_capture(draft, order);
    if (error == 0)
        error = hf__order_mark_held(draft, order);
    return error != 0 ? error : hf__order_close_if_done(draft, order);
}

/* Whether more than the new payment moves: the order is confirmed by it, or was before. */
static bool moves_more(hf__draft *draft, hf__order *order, const hf_payment_args *added)
{
    const bool anyway = (order->row->policy & (HF_ORDER_PAY_LATER | HF_ORDER_IMPORT)) != 0;
    hf__owed now;
    if (anyway || order->row->state != HF_ORDER_PENDING || hf__order_owed(draft, order, &now) != 0)
        return true;
    const int64_t missing = hf__beyond(now.owed, now.secured);
    return missing == 0 || (added->method == HF_METHOD_ACCOUNT && added->amount >= missing);
}

void hf__load_payment_add(const hf__operation *op, hf__draft *draft)
{
    const hf_payment_add_args *args = HF__ARGS(op, hf_payment_add_args);
    const hf__order_added added = {.payments = 1};
    const hf_id *id = hf__id_zero(&args->payment.id) ? &op->id : &args->payment.id;
    const uint32_t from = hf__load_new_payment(draft, &args->payment, id);
    hf__order *order = hf__load_parts(draft, &args->order, &added);
    if (order == NULL)
        return;
    if (moves_more(draft, order, &args->payment))
        hf__load_accounts(draft, order, HF__LINES_NAMED);
    hf__load_taken(draft, from, args->payment.amount, order->row->placed_seq);
}

int hf__decide_payment_add(const hf__operation *op, hf__draft *draft)
{
    const hf_payment_add_args *args = (const hf_payment_add_args *)op->args;
    hf__order *order = NULL;
    int error = hf__order_loaded(draft, &order);
    if (error == 0)
        error = check_add(draft, order);
    if (error == 0)
        error = hf__order_edit(draft, order);
    if (error == 0)
        error = hf__order_apply(draft, order->edit, HF__ON_PAY);
    if (error == 0)
        error = hf__payment_new(draft, order, &args->payment, op, 0);
    if (error == 0)
        error = settle(draft, order);
    return error != 0 ? error : hf__order_finish(draft, order, op->args);
}

/*
 * order_money.h - what happens to the payments of an order when its units or payments change.
 *
 * Every function returns 0 or a refusal that names the payment and its account. What an
 * order owes and what covers it is computed in order/owed.h alone.
 */
#ifndef HF_DOMAIN_LIFECYCLE_ORDER_MONEY_H
#define HF_DOMAIN_LIFECYCLE_ORDER_MONEY_H

#include "domain/order/owed.h"
#include "domain/payment/money.h"

/* ---- capture.c ---- */

/* Sets the deadline of every authorized payment from an account. */
int hf__order_money_deadline(hf__draft *draft, hf__order *order, int64_t deadline_ms);

/*
 * A PENDING order with a deadline is kept at least until the last of its providers must have
 * answered: its deadline, and that of what it holds, is extended.
 */
int hf__order_await_providers(hf__draft *draft, hf__order *order);

/* Computes what is to be captured of each payment; `amounts` must be 0 before. 0, HF_E_NOMEM. */
int hf__order_plan_captures(hf__draft *draft, hf__order *order, int64_t *amounts);

/*
 * Captures what is owed out of payments that settle on CONFIRM, and what is due out of those that
 * settle on FULFIL, in order of their no. The order must be CONFIRMED.
 */
int hf__order_capture(hf__draft *draft, hf__order *order);

/* ---- refund.c ---- */

/*
 * Refunds `amount`, the last payment first, at most what can be refunded. HF_E_PAYMENT_STATE when
 * a part of it waits for the answer to a capture.
 */
int hf__order_refund(hf__draft *draft, hf__order *order, int64_t amount);

/*
 * Refunds by the mode of the request where the units' share is `share`: what a host keeps of it, or
 * gives away beyond it, is counted. HF_E_NOT_FOUND, HF_E_OVER_REFUND, HF_E_PAYMENT_STATE.
 */
int hf__order_refund_by(hf__draft *draft, hf__order *order, const hf_order_units_args *args,
                        int64_t share);

/*
 * The order may owe again what a provider refused to refund, and need what it refused to void. Then
 * it is not refused any more: it is asked for when it is not owed again.
 */
int hf__order_forget_refused(hf__draft *draft, hf__order *order);

/* Voids open money that the order does not owe any more, the last payments first. */
int hf__order_void_excess(hf__draft *draft, hf__order *order);

/*
 * The same without that by which an authorization was raised beyond the amount of its payment: this
 * is done before the order is amended.
 */
int hf__order_void_unneeded(hf__draft *draft, hf__order *order);

/* ---- close.c ---- */

/*
 * Confirms a PENDING order: removes its deadlines, fulfils the lines that settle on CONFIRM,
 * captures what is owed and due, and closes the order when nothing is open.
 */
int hf__order_confirm(hf__draft *draft, hf__order *order);

/* The same when its payments secure it, or with PAY_LATER or IMPORT; else changes nothing. */
int hf__order_confirm_if_paid(hf__draft *draft, hf__order *order);

/* Ends a CONFIRMED order: CLOSED when nothing is open, CANCELLED when every unit is cancelled. */
int hf__order_close_if_done(hf__draft *draft, hf__order *order);

/*
 * Settles the money of an order that has ended: payments that wait become FAILED, open money is
 * voided, and money in hand that is not owed is refunded, each amount once. While such money is in
 * hand, the order has HF_ATTENTION_MONEY_HELD. No account refuses this.
 */
int hf__order_settle_over(hf__draft *draft, hf__order *order);

/*
 * UNPAID when an imported order is CONFIRMED and not covered, without PAY_LATER: what was imported
 * is recorded as it was; that it is not paid is for a person.
 */
int hf__order_mark_import(hf__draft *draft, hf__order *order);

/* MONEY_HELD is set exactly while an ended order has more than it owes; UNPAID ends when covered.
 */
int hf__order_mark_held(hf__draft *draft, hf__order *order);

#endif

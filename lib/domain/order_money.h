/*
 * order_money.h - what happens to the payments of an order as its units come and go.
 *
 * Every function answers 0, HF__NEED or a named refusal with the payment and its account.
 */
#ifndef HF_DOMAIN_ORDER_MONEY_H
#define HF_DOMAIN_ORDER_MONEY_H

#include "domain/payment_money.h"

/* Sets the deadline of every payment that is authorized. */
int hf__order_money_deadline(hf__draft *draft, hf__order *order, int64_t deadline_ms);

/* What is to be captured of each payment now; `amounts` are zeroed. 0, HF_E_NOMEM. */
int hf__order_plan_captures(hf__draft *draft, hf__order *order, int64_t *amounts);

/* Captures what is due: payments that settle on CONFIRM whole, those on FULFIL up to what is due,
 * in order of no. For a confirmed order. */
int hf__order_capture(hf__draft *draft, hf__order *order);

/* Refunds `amount` in reverse order of payments, at most what was captured. */
int hf__order_refund(hf__draft *draft, hf__order *order, int64_t amount);

/* Refunds exactly what is named. HF_E_NOT_FOUND, HF_E_OVER_REFUND. */
int hf__order_refund_named(hf__draft *draft, hf__order *order, const hf_order_units_args *args);

/* Voids what no unit needs any more, the last payments first; MANUAL ones are the host's. */
int hf__order_void_excess(hf__draft *draft, hf__order *order);

/* Voids everything that is open and drops what was never asked: the order has ended. */
int hf__order_void_all(hf__draft *draft, hf__order *order);

/*
 * Confirms a PENDING order: deadlines dropped, lines and payments that settle on CONFIRM made
 * final, what is due captured; closes it when nothing is open.
 */
int hf__order_confirm(hf__draft *draft, hf__order *order);

/* The same when the payments cover the total or it pays later; else nothing. */
int hf__order_confirm_if_paid(hf__draft *draft, hf__order *order);

/* Ends a CONFIRMED order when nothing is open: CLOSED, or CANCELLED when no unit is left. */
int hf__order_close_if_done(hf__draft *draft, hf__order *order);

#endif

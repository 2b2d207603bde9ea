/*
 * handlers.h - one function per operation type, all of the same form; decide.c has their table.
 *
 * Each answers as hf__decide does. What all have in common (repeated ids, expected version, the
 * event, waiting orders that supply may promote) is done by decide.c around them.
 */
#ifndef HF_DOMAIN_CORE_HANDLERS_H
#define HF_DOMAIN_CORE_HANDLERS_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

int hf__decide_account_put(const hf__operation *op, hf__draft *draft);
int hf__decide_move(const hf__operation *op, hf__draft *draft);
int hf__decide_account_adjust(const hf__operation *op, hf__draft *draft);
int hf__decide_hold_place(const hf__operation *op, hf__draft *draft);
int hf__decide_hold_post(const hf__operation *op, hf__draft *draft);
int hf__decide_hold_release(const hf__operation *op, hf__draft *draft);
int hf__decide_hold_adjust(const hf__operation *op, hf__draft *draft);
int hf__decide_hold_reverse(const hf__operation *op, hf__draft *draft);
int hf__decide_order_place(const hf__operation *op, hf__draft *draft);
int hf__decide_order_amend(const hf__operation *op, hf__draft *draft);
int hf__decide_order_cancel(const hf__operation *op, hf__draft *draft);
int hf__decide_order_fulfil(const hf__operation *op, hf__draft *draft);
int hf__decide_order_return(const hf__operation *op, hf__draft *draft);
int hf__decide_payment_add(const hf__operation *op, hf__draft *draft);
int hf__decide_payment_capture(const hf__operation *op, hf__draft *draft);
int hf__decide_payment_void(const hf__operation *op, hf__draft *draft);
int hf__decide_payment_refund(const hf__operation *op, hf__draft *draft);
int hf__decide_payment_report(const hf__operation *op, hf__draft *draft);
int hf__decide_attention_clear(const hf__operation *op, hf__draft *draft);
int hf__decide_expect(const hf__operation *op, hf__draft *draft);
int hf__decide_cursor_put(const hf__operation *op, hf__draft *draft);
int hf__decide_cursor_reset(const hf__operation *op, hf__draft *draft);
int hf__decide_cursor_remove(const hf__operation *op, hf__draft *draft);
int hf__decide_unit_put(const hf__operation *op, hf__draft *draft);
int hf__decide_retention(const hf__operation *op, hf__draft *draft);
int hf__decide_erase(const hf__operation *op, hf__draft *draft);

/* The result of a repeated erasure: nothing is changed, and whether there is something to erase. */
int hf__erase_again(const hf__operation *op, hf__draft *draft);

#endif

/*
 * coupon.h - lines that only count against limits follow the other lines of their order.
 *
 * A line whose legs are all on LIMIT accounts (a coupon, uses per customer) is held when the order
 * is confirmed, whatever its settle_on, posted as a whole with the first unit fulfilled of another
 * line, and released when every unit of the other lines is cancelled. In an order that has no other
 * line it settles as it says.
 */
#ifndef HF_DOMAIN_ORDER_COUPON_H
#define HF_DOMAIN_ORDER_COUPON_H

#include "domain/order/load.h"

/* Whether all legs of a line are on LIMIT accounts. */
bool hf__line_is_coupon(const hf__order *order, uint32_t line);

/*
 * Whether a line of a confirmed order is posted without a hold: it settles on CONFIRM, and there is
 * no other line that it might follow. The lines of the order are there, their legs need not be.
 */
bool hf__line_is_final(const hf__order *order, uint32_t line);

/* Whether a line follows others. */
bool hf__line_follows(const hf__order *order, uint32_t line);

/*
 * Posts or releases lines that follow, as the other lines are now; in an order without another
 * line posts those that settle on CONFIRM. Of a WAITING order they are only cancelled; nothing in
 * any other state but CONFIRMED. 0, the refusals of movement.h.
 */
int hf__order_settle_coupons(hf__draft *draft, hf__order *order);

#endif

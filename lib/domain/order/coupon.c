/*
 * coupon.c - coupons are used up with the first goods that leave, and come back when none do.
 *
 * Why by the kind of the accounts: a limit is neither goods nor money, so a line on limits alone
 * has nothing to hand over. Used up at confirmation, a coupon would be lost when every unit of the
 * goods is cancelled; fulfilled by the host, it would be forgotten.
 *
 * Happy path: the operation that moved units of other lines calls hf__order_settle_coupons; one
 * look over the lines says whether anything follows, and what.
 *
 * Failure modes: those of movement.h. A host may also fulfil or cancel such a line by its number.
 */
#include "domain/order/coupon.h"
#include "domain/order/stock.h"

static bool on_limits(uint32_t from, uint32_t to)
{
    return (from == HF_KIND_LIMIT || from == HF_KIND_WORLD) &&
           (to == HF_KIND_LIMIT || to == HF_KIND_WORLD);
}

bool hf__line_is_coupon(const hf__order *order, uint32_t line)
{
    uint32_t legs = order->lines[line].row->leg_count;
    bool all = legs > 0;
    for (uint32_t i = 0; all && i < legs; i++) {
        const hf_leg *leg = hf__order_leg(order, line, i);
        all = on_limits(leg->from.kind, leg->to.kind);
    }
    return all;
}

/* How far the lines are that coupons follow. */
typedef struct others {
    bool exist;
    bool fulfilled; /* a unit of one is */
    bool open;      /* a unit of one was not cancelled */
    bool coupons;   /* there is a line that follows them */
} others;

static others look(const hf__order *order)
{
    others o = {.exist = false};
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        const hf_order_line *line = order->lines[i].row;
        bool coupon = hf__line_is_coupon(order, i);
        o.coupons = o.coupons || coupon;
        o.exist = o.exist || !coupon;
        o.fulfilled = o.fulfilled || (!coupon && line->fulfilled > 0);
        o.open = o.open || (!coupon && line->cancelled < line->quantity);
    }
    return o;
}

bool hf__line_is_final(const hf__order *order, uint32_t line)
{
    return order->lines[line].row->settle_on == HF_SETTLE_CONFIRM &&
           (order->row->line_count == 1 || !hf__line_is_coupon(order, line));
}

bool hf__line_follows(const hf__order *order, uint32_t line)
{
    bool others_exist = false;
    for (uint32_t i = 0; !others_exist && i < order->row->line_count; i++)
        others_exist = !hf__line_is_coupon(order, i);
    return others_exist && hf__line_is_coupon(order, line);
}

static int settle_one(hf__draft *draft, hf__order *order, uint32_t line, const others *o)
{
    const hf_order_line *row = order->lines[line].row;
    bool waits = order->row->state == HF_ORDER_WAITING; /* nothing of it can be fulfilled */
    bool post = !waits && (o->exist ? o->fulfilled : row->settle_on == HF_SETTLE_CONFIRM);
    bool release = o->exist && !o->open;
    if (!hf__line_is_coupon(order, line) || !(post || release))
        return 0;
    return post ? hf__line_fulfil(draft, order, line, hf__line_open(row))
                : hf__line_cancel(draft, order, line, hf__line_open(row));
}

int hf__order_settle_coupons(hf__draft *draft, hf__order *order)
{
    const others o = look(order);
    bool follows = order->row->state == HF_ORDER_CONFIRMED || order->row->state == HF_ORDER_WAITING;
    if (!follows || !o.coupons)
        return 0;
    for (uint32_t i = 0; i < order->row->line_count; i++) {
        int error = settle_one(draft, order, i, &o);
        if (error != 0)
            return error;
    }
    return 0;
}

/*
 * backlog.c - state and functions of backlog.h, one of each test program.
 */
#include "support/backlog.h"

const kind *now_kind;
uint64_t scanned;
int64_t scan_ms;
uint64_t passed;

void add_hold(const char *sku, int64_t deadline)
{
    static hf_hold_place_args args[TASKS];
    hf_hold_place_args *hold = &args[batch.count];
    hf_hold_place_init(hold);
    hold->from = (hf_account_key){HF_KIND_ITEM, 0, sku, "", "pcs"};
    hold->to.name = hold->to.place = hold->to.unit = "";
    hold->amount = 1;
    hold->deadline_ms = deadline;
    (void)add(HF_OP_HOLD_PLACE, &hold->head);
}

void add_order(const char *const *skus, uint32_t count)
{
    static hf_order_place_args args[TASKS];
    static hf_line_args lines[TASKS][2];
    hf_order_place_args *order = &args[batch.count];
    for (uint32_t i = 0; i < count; i++) {
        hf_line_init(&lines[batch.count][i], skus[i], 1, 0);
        lines[batch.count][i].settle_on = HF_SETTLE_FULFIL;
    }
    hf_order_place_init(order, "pcs");
    order->customer = order->series = order->external_ref = "";
    order->lines = lines[batch.count];
    order->line_count = count;
    order->policy = HF_ORDER_QUEUE;
    (void)add(HF_OP_ORDER_PLACE, &order->head);
}

void add_supply(const char *sku, int64_t quantity)
{
    static hf_move_args args;
    hf_move_init(&args);
    args.to = (hf_account_key){HF_KIND_ITEM, 0, sku, "", "pcs"};
    args.amount = quantity;
    (void)add(HF_OP_ACCOUNT_DEPOSIT, &args.head);
}

/*
 * An order placement of two lines and a payment that passes the check, for tests to break.
 */
#ifndef HF_TESTS_SUPPORT_ORDERS_H
#define HF_TESTS_SUPPORT_ORDERS_H

#include <holdfast.h>
#include <string.h>

typedef struct hf_test_order {
    hf_order_place_args args;
    hf_line_args lines[2];
    hf_leg_args legs[2];
    hf_payment_args payment;
    hf_adjustment_args adjustment;
    const char *places[2];
} hf_test_order;

/* A valid id with `number` in its last bytes. */
static inline hf_id hf_test_id(uint32_t number)
{
    hf_id id = {.bytes = {1, 0x90, 0, 0, 0, 1, 0x70, 0, 0x80}};
    memcpy(id.bytes + 12, &number, sizeof number);
    return id;
}

static inline hf_account_key hf_test_key(uint32_t kind, const char *name, const char *unit)
{
    return (hf_account_key){.kind = kind, .name = name, .place = "", .unit = unit};
}

/* Line 0 comes from two legs, line 1 from two places; it costs 2 * 1000 + 500 - 100. */
static inline void hf_test_order_init(hf_test_order *order)
{
    *order = (hf_test_order){.places = {"north", "south"}};
    hf_order_place_init(&order->args, "EUR");
    order->args.head.id = hf_test_id(1);
    order->args.customer = "customer-17";
    order->args.total = 2400;
    hf_line_init(&order->lines[0], "kit", 2, 1000);
    order->legs[0] =
        (hf_leg_args){.from = hf_test_key(HF_KIND_ITEM, "frame", "pcs"), .per_unit = 1};
    order->legs[1] =
        (hf_leg_args){.from = hf_test_key(HF_KIND_ITEM, "wheel", "pcs"), .per_unit = 2};
    order->lines[0].legs = order->legs;
    order->lines[0].leg_count = 2;
    hf_line_init(&order->lines[1], "bell", 1, 500);
    order->lines[1].places = order->places;
    order->lines[1].place_count = 2;
    order->adjustment = (hf_adjustment_args){.amount = -100, .kind = HF_ADJUSTMENT_DISCOUNT};
    hf_payment_init(&order->payment, "wallet-17", "EUR", 2400);
    order->args.lines = order->lines;
    order->args.line_count = 2;
    order->args.adjustments = &order->adjustment;
    order->args.adjustment_count = 1;
    order->args.payments = &order->payment;
    order->args.payment_count = 1;
}

#endif

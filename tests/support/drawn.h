/*
 * Random operations of a small shop for two engines that do the same: items, wallets, holds, orders
 * and their payments, transactions of moves alone, reports of a provider, erasure, retention. Each
 * is made from the state of one sequence of random numbers, so a seed repeats all of them.
 */
#ifndef HF_TESTS_SUPPORT_DRAWN_H
#define HF_TESTS_SUPPORT_DRAWN_H

#include "support/check_main.h"
#include "support/random.h"

#include <holdfast.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define START_MS INT64_C(1800000000000)
#define ITEMS    6u
#define WALLETS  4u
#define ORDERS   24u
#define HOLDS    8u
#define TXNS     6u
#define LATEST   64u /* more than are used of any kind */

/*
 * The things of a kind have numbers, of which the latest are used. The id of each has the time at
 * which its number was given: an engine refuses ids from before what it has purged.
 */
typedef struct hf_test_numbers {
    const char *what;
    uint32_t last;
    int64_t given_ms[LATEST];
} hf_test_numbers;

/* What operations are drawn from. */
typedef struct hf_test_drawn_state {
    hf_test_random random;
    int64_t now_ms;
    hf_test_numbers orders;
    hf_test_numbers holds;
    hf_test_numbers txns;
} hf_test_drawn_state;

extern hf_test_drawn_state drawn;

/* One operation, for both sides. */
typedef union args {
    hf_op_head head;
    hf_account_put_args put;
    hf_move_args move;
    hf_account_adjust_args adjust;
    hf_account_get_args account;
    hf_hold_place_args hold;
    hf_hold_post_args post;
    hf_hold_amount_args release;
    hf_hold_get_args hold_get;
    hf_order_place_args place;
    hf_order_units_args units;
    hf_order_amend_args amend;
    hf_order_get_args order;
    hf_payment_add_args pay;
    hf_payment_get_args payment;
    hf_payment_report_args report;
    hf_txn_args txn;
    hf_txn_seal_args seal;
    hf_txn_act_args act;
    hf_erase_args erase;
    hf_retention_args retention;
} args;

typedef struct operation {
    hf_req req[2];
    uint32_t type;
    args args;
    hf_line_args lines[3];
    hf_line_quantity quantity;
    hf_payment_args payment;
    hf_txn_move_args moves[2];
    char meta[80];
    int status[2];
    bool ended[2];
} operation;

static inline uint32_t below(uint32_t limit)
{
    return hf_test_below(&drawn.random, limit);
}

static inline hf_id id_at(int64_t ms, const char *what, uint32_t number)
{
    char text[32];
    hf_id id;
    (void)snprintf(text, sizeof text, "%s %u", what, number);
    ck_assert_int_eq(hf_id_from_key(ms, text, &id), 0);
    return id;
}

static inline hf_id id_of(const hf_test_numbers *of, uint32_t number)
{
    return id_at(of->given_ms[number % LATEST], of->what, number);
}

/* The payment that an order is placed with. */
static inline hf_id payment_of(uint32_t order)
{
    return id_at(drawn.orders.given_ms[order % LATEST], "payment", order);
}

static inline uint32_t give_number(hf_test_numbers *of)
{
    of->given_ms[++of->last % LATEST] = drawn.now_ms;
    return of->last;
}

static inline uint32_t latest(const hf_test_numbers *of, uint32_t count)
{
    return of->last - below(count);
}

/* Begins anew: none of the numbers that may be drawn at first has been given to anything. */
void hf_test_drawn_start(void);

const char *name_of(const char *what, uint32_t number);

/* ---- Operations ------------------------------------------------------------------------------ */

static inline void of_item(operation *o)
{
    const char *sku = name_of("item", below(ITEMS));
    uint32_t kind = below(4);
    o->type = HF_OP_ITEM_RECEIVE;
    hf_item_receive_init(&o->args.move, sku, 1 + below(5));
    if (kind == 1) {
        o->type = HF_OP_ITEM_ADJUST;
        hf_item_adjust_init(&o->args.adjust, sku);
        o->args.adjust.quantity = (int64_t)below(5) + 1;
    } else if (kind == 2) {
        o->type = HF_OP_ITEM_PUT;
        hf_item_put_init(&o->args.put, sku);
        o->args.head.meta = o->meta;
        o->args.head.meta_bytes = below(sizeof o->meta);
    }
}

static inline hf_account_key wallet_of(uint32_t number)
{
    return (hf_account_key){
        .kind = HF_KIND_MONEY, .name = name_of("wallet", number % WALLETS), .unit = "EUR"};
}

static inline void of_wallet(operation *o)
{
    hf_account_key wallet = wallet_of(below(WALLETS));
    bool in = below(3) != 0;
    o->type = in ? HF_OP_ACCOUNT_DEPOSIT : HF_OP_ACCOUNT_WITHDRAW;
    hf_move_init(&o->args.move);
    *(in ? &o->args.move.to : &o->args.move.from) = wallet;
    o->args.move.amount = 1 + below(3000);
}

static inline void of_hold(operation *o)
{
    hf_id id = id_of(&drawn.holds, latest(&drawn.holds, HOLDS));
    uint32_t kind = below(3);
    if (kind == 0) {
        o->type = HF_OP_HOLD_PLACE;
        hf_hold_place_init(&o->args.hold);
        o->args.head.id = id_of(&drawn.holds, give_number(&drawn.holds));
        o->args.hold.from = (hf_account_key){
            .kind = HF_KIND_ITEM, .name = name_of("item", below(ITEMS)), .unit = "pcs"};
        o->args.hold.amount = 1 + below(3);
        o->args.hold.deadline_ms = below(2) == 0 ? drawn.now_ms + 1000 + below(9000) : 0;
        o->args.head.meta = o->meta;
        o->args.head.meta_bytes = below(2) == 0 ? 0 : below(sizeof o->meta);
    } else if (kind == 1) {
        o->type = HF_OP_HOLD_POST;
        hf_hold_post_init(&o->args.post, &id);
        o->args.post.post = 1;
    } else {
        o->type = HF_OP_HOLD_RELEASE;
        hf_hold_amount_init(&o->args.release, &id);
        o->args.release.amount = HF_ALL;
    }
}

static inline void of_place(operation *o)
{
    hf_order_place_args *place = &o->args.place;
    uint32_t number = give_number(&drawn.orders);
    o->type = HF_OP_ORDER_PLACE;
    hf_order_place_init(place, "EUR");
    place->head.id = id_of(&drawn.orders, number);
    place->head.meta = o->meta;
    place->head.meta_bytes = below(2) == 0 ? 0 : below(sizeof o->meta);
    place->customer = name_of("wallet", below(WALLETS));
    place->line_count = 1 + below(3);
    place->lines = o->lines;
    for (uint32_t i = 0; i < place->line_count; i++) {
        uint32_t quantity = 1 + below(3);
        hf_line_init(&o->lines[i], name_of("item", below(ITEMS)), quantity, 100);
        place->total += 100 * (int64_t)quantity;
        o->lines[i].settle_on = below(2) == 0 ? HF_SETTLE_FULFIL : HF_SETTLE_CONFIRM;
    }
    place->deadline_ms = below(2) == 0 ? drawn.now_ms + 1000 + below(9000) : 0;
    place->policy = (below(3) == 0 ? HF_ORDER_QUEUE : 0) | (below(3) == 0 ? HF_ORDER_PAY_LATER : 0);
    if (below(3) == 0)
        return;
    if (below(3) == 0)
        hf_payment_provider_init(&o->payment, "card", place->total);
    else
        hf_payment_init(&o->payment, name_of("wallet", below(WALLETS)), "EUR", place->total);
    o->payment.id = payment_of(number);
    place->payments = &o->payment;
    place->payment_count = 1;
}

static inline void of_order(operation *o)
{
    static const uint32_t types[] = {HF_OP_ORDER_CANCEL, HF_OP_ORDER_FULFIL, HF_OP_ORDER_RETURN};
    uint32_t number = latest(&drawn.orders, ORDERS);
    hf_id id = id_of(&drawn.orders, number);
    uint32_t kind = below(6);
    if (kind < 3) {
        o->type = types[kind];
        hf_order_units_init(&o->args.units, &id);
        o->quantity = (hf_line_quantity){.line = 1, .quantity = below(2) == 0 ? 1 : HF_ALL};
        o->args.units.lines = &o->quantity;
        o->args.units.line_count = kind == 0 ? below(2) : 1;
    } else if (kind == 3) {
        o->type = HF_OP_PAYMENT_ADD;
        hf_payment_add_init(&o->args.pay, &id);
        hf_payment_init(&o->args.pay.payment, name_of("wallet", below(WALLETS)), "EUR",
                        100 * (1 + (int64_t)below(6)));
    } else if (kind == 4) {
        o->type = HF_OP_PAYMENT_REPORT;
        hf_payment_report_init(&o->args.report);
        o->args.report.provider = "card";
        o->args.report.fact_ref = name_of("fact", below(1000));
        o->args.report.unit = "EUR";
        o->args.report.payment = payment_of(number);
        o->args.report.amount = 100 * (1 + (int64_t)below(6));
        o->args.report.kind = below(2) == 0 ? HF_FACT_AUTHORIZED : HF_FACT_CAPTURED;
    } else {
        o->type = HF_OP_ERASE;
        hf_erase_init(&o->args.erase, &id);
        o->args.erase.by = HF_ERASE_BY_ORDER;
        o->args.erase.what = HF_ERASE_META | HF_ERASE_CUSTOMER;
    }
}

static inline void of_new_txn(operation *o)
{
    o->type = below(3) == 0 ? HF_OP_TXN_SUBMIT : HF_OP_TXN_BEGIN;
    hf_txn_init(&o->args.txn);
    o->args.head.id = id_of(&drawn.txns, give_number(&drawn.txns));
    o->args.txn.moves = o->moves;
    o->args.txn.move_count = 1 + below(2);
    for (uint32_t i = 0; i < o->args.txn.move_count; i++) {
        const uint32_t from = below(WALLETS);
        o->moves[i] = (hf_txn_move_args){.from = wallet_of(from),
                                         .to = wallet_of(from + 1 + below(WALLETS - 1)),
                                         .amount = 1 + below(900)};
    }
    o->args.txn.deadline_ms = below(2) == 0 ? drawn.now_ms + 1000 + below(9000) : 0;
}

static inline void of_txn(operation *o)
{
    static const uint32_t acts[] = {HF_OP_TXN_ABORT, HF_OP_TXN_PARK, HF_OP_TXN_UNPARK,
                                    HF_OP_TXN_RETRY_NOW};
    const hf_id id = id_of(&drawn.txns, latest(&drawn.txns, TXNS));
    const uint32_t kind = below(5);
    if (kind < 2) {
        of_new_txn(o);
    } else if (kind < 4) {
        o->type = HF_OP_TXN_SEAL;
        hf_txn_seal_init(&o->args.seal, &id);
        o->args.seal.keep = below(2);
        o->args.seal.wait = HF_TXN_ACCEPTED; /* while it is parked it is not decided */
    } else {
        o->type = acts[below(4)];
        hf_txn_act_init(&o->args.act, &id);
        o->args.act.reason = "an operator";
    }
}

static inline void make(operation *o)
{
    memset(o, 0, sizeof *o);
    memset(o->meta, 'a' + (int)below(26), sizeof o->meta);
    uint32_t kind = below(24);
    if (kind >= 20)
        of_txn(o);
    else if (kind < 4)
        of_item(o);
    else if (kind < 6)
        of_wallet(o);
    else if (kind < 8)
        of_hold(o);
    else if (kind < 14)
        of_place(o);
    else if (kind < 19)
        of_order(o);
    else {
        o->type = HF_OP_RETENTION;
        hf_retention_init(&o->args.retention);
        o->args.retention.before_ms = drawn.now_ms - 60000;
    }
}

#endif

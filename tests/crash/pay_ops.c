/* pay_ops.c - see pay.h. */
#include "pay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ID_MS INT64_C(1700000000000)
enum { SKUS = 5, WALLETS = 4, RECENT = 40, DIGITS = 16 };
enum kind { PLACE, SUBMIT, ACT };

void pay_check(load *l, const char *what, int code)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, hf_error_name(code),
            l->engine != NULL ? hf_engine_detail(l->engine) : "");
    exit(EXIT_FAILURE);
}

/* SplitMix64: a number from 0 to `below` - 1. */
static uint32_t pick(uint64_t *random, uint32_t below)
{
    uint64_t z = *random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) % below);
}

static uint64_t seed_of(uint32_t cycle, uint32_t number)
{
    return ((uint64_t)cycle << 32) + number;
}

static enum kind kind_of(uint32_t cycle, uint32_t number)
{
    uint64_t random = ~seed_of(cycle, number);
    uint32_t roll = pick(&random, 10);
    return roll < 5 ? PLACE : roll < 7 ? SUBMIT : ACT;
}

static hf_id id_of(uint32_t cycle, uint32_t number, const char *what)
{
    char text[64];
    hf_id id;
    (void)snprintf(text, sizeof text, "%u/%u/%s", cycle, number, what);
    (void)hf_id_from_key(ID_MS, text, &id);
    return id;
}

void pay_submit(load *l, uint32_t type, const void *args)
{
    const hf_op op = {.type = type, .args = args};
    pay_check(l, hf_op_name(type), hf_submit(l->engine, &op, 1, NULL));
    l->in_flight++;
}

static int64_t soon(uint64_t *random)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000 + 20 + pick(random, 600);
}

static hf_account_key money(uint32_t no)
{
    static const char *const wallets[] = {"wallet-0", "wallet-1", "wallet-2", "wallet-3"};
    return (hf_account_key){.kind = HF_KIND_MONEY, .name = wallets[no % WALLETS], .unit = "EUR"};
}

static const char *sku_of(uint32_t no)
{
    static const char *const skus[SKUS] = {"sku-0", "sku-1", "sku-2", "sku-3", "rare"};
    return skus[no % SKUS];
}

/* An order by card: one or two lines, perhaps a part from a wallet, perhaps a short deadline. */
static void place(load *l, uint32_t cycle, uint32_t number)
{
    uint64_t random = seed_of(cycle, number);
    hf_line_args lines[2];
    hf_payment_args payments[2];
    hf_order_place_args args;
    hf_order_place_init(&args, "EUR");
    args.head.id = id_of(cycle, number, "op");
    args.lines = lines;
    args.line_count = 1 + pick(&random, 2);
    for (uint32_t i = 0; i < args.line_count; i++) {
        hf_line_init(&lines[i], sku_of(pick(&random, SKUS)), 1 + pick(&random, 3),
                     100 + pick(&random, 400));
        lines[i].settle_on = pick(&random, 2);
        args.total += lines[i].quantity * lines[i].unit_price;
    }
    int64_t part = pick(&random, 3) == 0 ? args.total / 3 : 0;
    hf_payment_provider_init(&payments[0], "card", args.total - part);
    payments[0].id = id_of(cycle, number, "card");
    payments[0].settle_on = pick(&random, 3);
    hf_account_key wallet = money(pick(&random, WALLETS));
    hf_payment_init(&payments[1], wallet.name, wallet.unit, part);
    payments[1].settle_on = pick(&random, 2);
    args.payments = payments;
    args.payment_count = part > 0 ? 2 : 1;
    if (pick(&random, 2) == 0)
        args.deadline_ms = soon(&random);
    args.policy = pick(&random, 2) == 0 ? HF_ORDER_REVIVE : 0;
    args.policy |= pick(&random, 8) == 0 ? HF_ORDER_PAY_LATER : 0;
    pay_submit(l, HF_OP_ORDER_PLACE, &args);
}

/* A transaction: one to three amounts go to the till, each is booked outside. */
static void transact(load *l, uint32_t cycle, uint32_t number)
{
    uint64_t random = seed_of(cycle, number);
    static const hf_account_key till = {.kind = HF_KIND_MONEY, .name = "till", .unit = "EUR"};
    hf_txn_move_args moves[3];
    hf_branch_args branches[3];
    char payloads[3][DIGITS];
    hf_txn_args args;
    hf_txn_init(&args);
    args.head.id = id_of(cycle, number, "op");
    args.moves = moves;
    args.branches = branches;
    args.branch_count = args.move_count = 1 + pick(&random, 3);
    args.wait = pick(&random, 3);
    for (uint32_t i = 0; i < args.branch_count; i++) {
        moves[i] = (hf_txn_move_args){
            .from = money(pick(&random, WALLETS)), .to = till, .amount = 1 + pick(&random, 900)};
        hf_branch_init(&branches[i], "booking");
        branches[i].group = pick(&random, 2);
        branches[i].payload = payloads[i];
        branches[i].payload_bytes =
            (uint64_t)snprintf(payloads[i], DIGITS, "%" PRId64, moves[i].amount);
    }
    pay_submit(l, HF_OP_TXN_SUBMIT, &args);
}

/* Something about a recent order or transaction, mostly while its participants are asked. */
static void act(load *l, uint32_t cycle, uint32_t number)
{
    static const uint32_t units[] = {HF_OP_ORDER_CANCEL, HF_OP_ORDER_RETURN, HF_OP_ORDER_FULFIL};
    static const uint32_t amounts[] = {HF_OP_PAYMENT_CAPTURE, HF_OP_PAYMENT_VOID,
                                       HF_OP_PAYMENT_REFUND};
    uint64_t random = seed_of(cycle, number);
    uint32_t recent = number < RECENT ? number : RECENT;
    uint32_t other = number - pick(&random, recent + 1);
    hf_id subject = id_of(cycle, other, "op");
    hf_id payment = id_of(cycle, other, "card");
    hf_id id = id_of(cycle, number, "op");
    if (kind_of(cycle, other) == SUBMIT) {
        hf_txn_act_args args;
        hf_txn_act_init(&args, &subject);
        args.head.id = id;
        args.reason = "the load says so";
        pay_submit(l, HF_OP_TXN_ABORT, &args);
    } else if (pick(&random, 2) == 0) {
        hf_order_units_args args;
        hf_order_units_init(&args, &subject);
        args.head.id = id;
        pay_submit(l, units[pick(&random, 3)], &args);
    } else {
        hf_payment_amount_args args;
        hf_payment_amount_init(&args, &payment);
        args.head.id = id;
        args.amount = pick(&random, 2) == 0 ? HF_ALL : 1 + pick(&random, 200);
        pay_submit(l, amounts[pick(&random, 3)], &args);
    }
}

static void open_account(load *l, uint32_t kind, const char *name, int64_t opening)
{
    hf_account_put_args args;
    if (kind == HF_KIND_ITEM)
        hf_item_put_init(&args, name);
    else
        hf_account_put_init(&args, kind, name, "EUR");
    args.mode = HF_PUT_OPEN_IF_ABSENT;
    args.unit_scale = kind == HF_KIND_ITEM ? 0 : 2;
    args.opening = opening;
    pay_submit(l, HF_OP_ACCOUNT_PUT, &args);
}

void pay_open_accounts(load *l)
{
    for (uint32_t i = 0; i < SKUS; i++)
        open_account(l, HF_KIND_ITEM, sku_of(i), strcmp(sku_of(i), "rare") == 0 ? 60 : 1000000000);
    for (uint32_t i = 0; i < WALLETS; i++)
        open_account(l, HF_KIND_MONEY, money(i).name, INT64_C(1000000000000));
    open_account(l, HF_KIND_MONEY, "till", 0);
}

void pay_ask(load *l, uint32_t cycle, uint32_t number)
{
    static void (*const kinds[])(load *, uint32_t, uint32_t) = {place, transact, act};
    kinds[kind_of(cycle, number)](l, cycle, number);
}

void pay_repeat(load *l, uint32_t cycle, uint32_t number)
{
    if (kind_of(cycle, number) == SUBMIT)
        transact(l, cycle, number);
}

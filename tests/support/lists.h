/*
 * A store with something of everything that can be listed: orders and payments in every state,
 * accounts of every kind, records with attention, transactions, events and movements. Ids of the
 * orders are a second apart for each three of them, which have the same time.
 */
#ifndef HF_TESTS_SUPPORT_LISTS_H
#define HF_TESTS_SUPPORT_LISTS_H

#include "support/one_shop.h"

#include <unistd.h>

#define LISTS_MS       INT64_C(1800000000000)
#define LISTS_LATE_MS  (INT64_C(40) * 1000) /* after LISTS_MS: what had a deadline has expired */
#define LISTS_ORDERS   48u
#define LISTS_ACCOUNTS 16u
#define LISTS_FACTS    6u

/* With a journal, rows that the store does not have yet are read from memory, over those it has. */
static const struct {
    const char *url;
    uint32_t durability;
} lists_stores[] = {
    {"memory:", HF_DURABILITY_NONE},
#if HF_HAVE_LMDB
    {"lmdb:lists.mdb", HF_DURABILITY_NONE},  {"lmdb:journaled.mdb", HF_DURABILITY_JOURNAL},
#endif
#if HF_HAVE_SQLITE
    {"sqlite:lists.db", HF_DURABILITY_NONE}, {"sqlite:journaled.db", HF_DURABILITY_JOURNAL},
#endif
};
#define LISTS_STORES ((int)(sizeof lists_stores / sizeof lists_stores[0]))

static inline hf_id lists_id(int64_t at_ms, const char *what, uint32_t i)
{
    hf_id id;
    char text[32];
    (void)snprintf(text, sizeof text, "%s %u", what, i);
    ck_assert_int_eq(hf_id_from_key(at_ms, text, &id), 0);
    return id;
}

static inline hf_id lists_order_id(uint32_t i)
{
    return lists_id(LISTS_MS + (int64_t)(i / 3) * 1000, "order", i);
}

static inline hf_id lists_payment_id(uint32_t i, uint32_t no)
{
    return lists_id(LISTS_MS + (int64_t)(i * 7919 % 13) * 1000, no == 1 ? "first" : "second", i);
}

static inline void lists_do(uint32_t type, const void *args)
{
    int status = shop_run(type, args);
    ck_assert_msg(status == 0, "%s: %s: %s", hf_op_name(type), hf_error_name(status), shop.detail);
}

/* ---- Accounts -------------------------------------------------------------------------------- */

static inline void lists_put(hf_account_key key, int64_t opening)
{
    hf_account_put_args args;
    hf_account_put_init(&args, key.kind, key.name, key.unit);
    args.key = key;
    args.opening = opening;
    args.unit_scale = key.kind == HF_KIND_MONEY ? 2 : 0;
    args.head.meta = key.name;
    args.head.meta_bytes = strlen(key.name);
    lists_do(HF_OP_ACCOUNT_PUT, &args);
}

static inline void lists_unit(const char *code, uint32_t scale)
{
    hf_unit_put_args args;
    hf_unit_put_init(&args, code, scale);
    lists_do(HF_OP_UNIT_PUT, &args);
}

/* Accounts whose names begin with each other's; a fact takes every third below zero. */
static inline void lists_accounts(void)
{
    static const hf_account_key keys[LISTS_ACCOUNTS] = {
        {HF_KIND_ITEM, 0, "tea", "", "pcs"},      {HF_KIND_ITEM, 0, "tea", "shop", "pcs"},
        {HF_KIND_ITEM, 0, "teapot", "", "pcs"},   {HF_KIND_ITEM, 0, "rare", "", "pcs"},
        {HF_KIND_ITEM, 0, "te", "", "pcs"},       {HF_KIND_ITEM, 0, "te", "a", "pcs"},
        {HF_KIND_MONEY, 0, "ada", "", "EUR"},     {HF_KIND_MONEY, 0, "ada", "", "USD"},
        {HF_KIND_MONEY, 0, "ad", "", "EUR"},      {HF_KIND_MONEY, 0, "adam", "", "EUR"},
        {HF_KIND_MONEY, 0, "bob", "", "EUR"},     {HF_KIND_MONEY, 0, "eve", "", "EUR"},
        {HF_KIND_LIMIT, 0, "coupon", "", "pcs"},  {HF_KIND_LIMIT, 0, "coupons", "", "pcs"},
        {HF_KIND_LIMIT, 0, "coupon", "x", "pcs"}, {HF_KIND_LIMIT, 0, "zone", "", "pcs"},
    };
    for (uint32_t i = 0; i < LISTS_ACCOUNTS; i++)
        lists_put(keys[i], strcmp(keys[i].name, "rare") == 0 ? 0 : 100000);
    for (uint32_t i = 2; i < LISTS_ACCOUNTS; i += 3) {
        hf_account_adjust_args args;
        hf_account_adjust_init(&args, keys[i].kind, keys[i].name, keys[i].unit);
        args.quantity = -200000;
        args.key = keys[i];
        lists_do(HF_OP_ACCOUNT_ADJUST, &args);
    }
}

/* ---- Orders and payments --------------------------------------------------------------------- */

static inline const char *lists_provider(uint32_t i)
{
    return i / 6 % 2 == 0 ? "psp" : "bank";
}

/* What becomes of the order: its number modulo 6. */
enum { LISTS_OPEN, LISTS_CLOSED, LISTS_PENDING, LISTS_CANCELLED, LISTS_WAITING, LISTS_EXPIRED };

static inline void lists_place(uint32_t i)
{
    static const char *const customers[] = {"ada", "ad", "adam", NULL};
    static const char *const references[] = {"web-1", NULL, "web-12"};
    const uint32_t kind = i % 6;
    hf_order_place_args args;
    hf_line_args lines[2];
    hf_payment_args pays[2];
    hf_order_place_init(&args, "EUR");
    hf_line_init(&lines[0], kind == LISTS_WAITING ? "rare" : "tea", 1 + i % 3, 100);
    hf_line_init(&lines[1], "tea", 2, 50);
    args.total = 100 * (1 + (int64_t)i % 3) + 100;
    args.head.id = lists_order_id(i);
    args.head.meta = "an order of a test, with text";
    args.head.meta_bytes = 10 + i % 15;
    args.customer = customers[i % 4];
    args.external_ref = references[i / 2 % 3];
    args.lines = lines;
    args.line_count = 2;
    args.payments = pays;
    args.payment_count = 2;
    args.policy = kind == LISTS_WAITING ? HF_ORDER_QUEUE : 0;
    args.deadline_ms = LISTS_MS + (kind == LISTS_EXPIRED ? 20000 : 86400000);
    hf_payment_init(&pays[0], "ada", "EUR", 100);
    hf_payment_init(&pays[1], "ada", "EUR", args.total - 100);
    if (kind >= LISTS_PENDING && kind != LISTS_EXPIRED)
        hf_payment_provider_init(&pays[1], lists_provider(i), args.total - 100);
    if (kind == LISTS_OPEN)
        lines[0].settle_on = lines[1].settle_on = HF_SETTLE_FULFIL;
    if (kind == LISTS_EXPIRED)
        args.payment_count = 1;
    pays[0].id = lists_payment_id(i, 1);
    pays[1].id = lists_payment_id(i, 2);
    lists_do(HF_OP_ORDER_PLACE, &args);
}

static inline void lists_report(uint32_t i, uint32_t fact, int64_t amount)
{
    hf_payment_report_args args;
    char text[32];
    char reference[32];
    (void)snprintf(text, sizeof text, "%s %u", i < LISTS_ORDERS ? "fact" : "lost", i);
    (void)snprintf(reference, sizeof reference, "payment %u", i);
    hf_payment_report_init(&args);
    args.provider = i < LISTS_ORDERS ? lists_provider(i) : (i % 2 ? "psp" : "ps");
    args.fact_ref = text;
    args.unit = "EUR";
    args.kind = fact;
    args.amount = amount;
    if (i < LISTS_ORDERS) {
        args.payment = lists_payment_id(i, 2);
        args.payment_ref = reference;
    }
    lists_do(HF_OP_PAYMENT_REPORT, &args);
}

/* Facts that move the payments of pending orders on, by the order's number divided by 12. */
static inline void lists_report_facts(uint32_t i)
{
    const int64_t amount = 100 * (1 + (int64_t)i % 3);
    if (i / 12 == 1)
        lists_report(i, HF_FACT_FAILED, 0);
    if (i / 12 == 0)
        lists_report(i, HF_FACT_AUTHORIZED, amount);
    if (i / 12 == 2)
        lists_report(i, HF_FACT_CAPTURED, amount);
}

/* An order is cancelled, and then its payment succeeds after all. */
static inline void lists_cancel(uint32_t i)
{
    hf_order_units_args args;
    const hf_id order = lists_order_id(i);
    hf_order_units_init(&args, &order);
    lists_do(HF_OP_ORDER_CANCEL, &args);
    if (i / 6 % 4 <= 1)
        lists_report(i, HF_FACT_CAPTURED, 100 * (1 + (int64_t)i % 3));
}

static inline void lists_place_all(void)
{
    for (uint32_t i = 0; i < LISTS_ORDERS; i++)
        lists_place(LISTS_ORDERS - 1 - i);
}

/* What becomes of the orders, and facts that match no payment. */
static inline void lists_move_on(void)
{
    for (uint32_t i = 0; i < LISTS_ORDERS; i++) {
        if (i % 6 == LISTS_CANCELLED)
            lists_cancel(i);
        if (i % 6 == LISTS_PENDING)
            lists_report_facts(i);
    }
    for (uint32_t i = 0; i < LISTS_FACTS; i++)
        lists_report(LISTS_ORDERS + i, i % 3, 10);
}

static inline void lists_open_store(int store)
{
    char path[64];
    const char *url = lists_stores[store].url;
    (void)snprintf(path, sizeof path, "%s%d", url, (int)getpid());
    ck_assert_int_eq(shop_open_durable(store == 0 ? url : path, LISTS_MS, HF_CHECK_QUICK,
                                       lists_stores[store].durability),
                     0);
}

/* A new store, filled; it is closed by shop_close. On disk, what was placed is stored for good. */
static inline void lists_open(int store)
{
    hf_account_get_args get;
    if (shop.loop == NULL)
        ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    lists_open_store(store);
    lists_unit("kg", 3);
    lists_unit("h", 1);
    lists_accounts();
    lists_place_all();
    if (store != 0) {
        shop_close();
        lists_open_store(store);
    }
    lists_move_on();
    ck_assert_int_eq(hf_clock_advance(shop.engine, LISTS_LATE_MS), 0);
    hf_item_get_init(&get, "tea");
    lists_do(HF_OP_ITEM_GET, &get); /* comes after what is due */
    shop_verify();
}

#endif

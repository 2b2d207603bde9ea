/*
 * A bug in the library: the linker lets bug.c answer for some functions (--wrap), and they break an
 * invariant when they are asked about the record that is marked. And a shop on any store, used
 * through the public API.
 */
#ifndef HF_TESTS_SUPPORT_BUG_H
#define HF_TESTS_SUPPORT_BUG_H

#include "base/env.h"
#include "store/builtin.h"
#include "support/check_main.h"
#include "support/one_shop.h"

#define START_MS INT64_C(1800000000000)
#define STORES   3

/* ---- The bug --------------------------------------------------------------------------------- */

typedef struct hf_test_bug_state {
    hf_id id;           /* of the record that it meets */
    bool on;            /* else everything is as it should be */
    bool ignored;       /* the invariant breaks, and the code continues as if it had not */
    bool shared;        /* what breaks is shared by all operations */
    bool reading;       /* it is met by reads too */
    uint32_t no_memory; /* records set aside that find no memory */
} hf_test_bug_state;

extern hf_test_bug_state bug;

/* ---- The shop -------------------------------------------------------------------------------- */

static const char *const urls[STORES] = {"memory:", "lmdb:aside.db", "sqlite:aside.db"};
extern int store;

static inline hf_id id_of(const char *text)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(START_MS, text, &id), 0);
    return id;
}

static inline void start_bug(const char *name, bool ignored)
{
    shop.has_bug = true;
    bug.id = id_of(name);
    bug.on = true;
    bug.ignored = ignored;
}

static inline void stop_bug(void)
{
    bug.on = false;
}

static inline hf_health_info health(void)
{
    hf_health_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_health(shop.engine, &info), 0);
    return info;
}

static inline void done(uint32_t type, const void *args)
{
    int status = shop_run(type, args);
    ck_assert_msg(status == 0, "%s: %s", hf_error_name(status), shop.detail);
}

static inline void put(const char *sku, int64_t opening)
{
    hf_account_put_args args;
    hf_item_put_init(&args, sku);
    args.opening = opening;
    done(HF_OP_ITEM_PUT, &args);
}

static inline void remove_files(void)
{
    static const char *const names[] = {"aside.db", "aside.db-lock", "aside.db.lock",
                                        "aside.db-wal", "aside.db-shm"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        (void)remove(names[i]);
}

static inline void open_as(int which, bool uncached)
{
    memset(&shop, 0, sizeof shop);
    shop.uncached = uncached;
    memset(&bug, 0, sizeof bug);
    store = which;
    remove_files();
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_msg(shop_open(urls[store], START_MS, HF_CHECK_QUICK) == 0, "%s", shop.detail);
    const hf_unit_put_args euro = {.head = {.size = sizeof euro}, .code = "EUR", .scale = 2};
    done(HF_OP_UNIT_PUT, &euro);
    put("tea", 10);
}

static inline void open_shop(int which)
{
    open_as(which, false);
}

/* Without a read cache. */
static inline void open_uncached(int which)
{
    open_as(which, true);
}

static inline void close_shop(void)
{
    ck_assert_uint_eq(health().state, HF_HEALTH_OK);
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
    remove_files();
}

static inline void pass_time(int64_t ms)
{
    ck_assert_int_eq(hf_clock_advance(shop.engine, ms), 0);
    hf_account_get_args get;
    hf_item_get_init(&get, "tea");
    done(HF_OP_ITEM_GET, &get); /* comes after what is due */
}

const void *read_one(uint32_t type, const void *args, int *status);

static inline hf_account account(const char *sku)
{
    int status;
    hf_account_get_args get;
    hf_item_get_init(&get, sku);
    const hf_account *found = read_one(HF_OP_ITEM_GET, &get, &status);
    ck_assert_int_eq(status, 0);
    return *found;
}

static inline hf_hold hold_row(const char *name)
{
    int status;
    hf_hold_get_args get;
    const hf_id id = id_of(name);
    hf_hold_get_init(&get, &id);
    const hf_hold *found = read_one(HF_OP_HOLD_GET, &get, &status);
    ck_assert_int_eq(status, 0);
    return *found;
}

static inline hf_order order_row(const char *name)
{
    int status;
    hf_order_get_args get;
    const hf_id id = id_of(name);
    hf_order_get_init(&get, &id);
    const hf_order_view *found = read_one(HF_OP_ORDER_GET, &get, &status);
    ck_assert_int_eq(status, 0);
    return *found->order;
}

static inline hf_payment payment_row(const char *name)
{
    int status;
    hf_payment_get_args get;
    const hf_id id = id_of(name);
    hf_payment_get_init(&get, &id);
    const hf_payment *found = read_one(HF_OP_PAYMENT_GET, &get, &status);
    ck_assert_int_eq(status, 0);
    return *found;
}

static inline hf_hold_place_args hold_of(const char *name, const char *sku, int64_t amount,
                                         int64_t ms)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.head.id = id_of(name);
    args.from = hf_key_of(HF_KIND_ITEM, sku, "", "pcs");
    args.amount = amount;
    args.deadline_ms = ms == 0 ? 0 : START_MS + ms;
    return args;
}

static inline void hold(const char *name, const char *sku, int64_t amount, int64_t ms)
{
    const hf_hold_place_args args = hold_of(name, sku, amount, ms);
    done(HF_OP_HOLD_PLACE, &args);
}

static inline hf_hold_amount_args release_of(const char *name)
{
    hf_hold_amount_args args;
    const hf_id id = id_of(name);
    hf_hold_amount_init(&args, &id);
    args.amount = HF_ALL;
    args.head.id = id_of("release");
    return args;
}

static inline hf_move_args withdrawal(int64_t amount)
{
    hf_move_args args;
    hf_move_init(&args);
    args.from = hf_key_of(HF_KIND_ITEM, "tea", "", "pcs");
    args.amount = amount;
    return args;
}

/* An order of one line; the pointers live until the next one. */
hf_order_place_args order_of(const char *name, const char *sku, int64_t quantity, uint32_t policy);

/* Submits three operations in one batch. */
static inline void submit(const hf_op ops[3], int statuses[3])
{
    ck_assert_int_eq(hf_submit(shop.engine, ops, 3, NULL), 3);
    for (uint32_t at = 0; at < 3;) {
        hf_completion completion;
        if (hf_completions(shop.engine, &completion, 1) == 0)
            (void)hf_loop_run_once(shop.loop, 1);
        else
            statuses[at++] = completion.status;
    }
}

/* How many records of a subject have attention INVARIANT, read in pages; ids come in order. */
static inline uint32_t listed_by(uint32_t subject, uint32_t limit)
{
    hf_attention_list_args args;
    hf_attention_list_init(&args);
    args.subject = subject;
    args.limit = limit;
    uint32_t count = 0;
    for (;;) {
        int status;
        const hf_attention_page *page = read_one(HF_OP_ATTENTION_LIST, &args, &status);
        ck_assert_int_eq(status, 0);
        ck_assert_uint_le(page->count, limit);
        for (uint32_t i = 0; i < page->count; i++) {
            uint32_t bits = subject == HF_ATTENTION_ON_HOLD    ? page->holds[i]->attention
                            : subject == HF_ATTENTION_ON_ORDER ? page->orders[i]->attention
                                                               : page->payments[i]->attention;
            const hf_id *id = subject == HF_ATTENTION_ON_HOLD    ? &page->holds[i]->id
                              : subject == HF_ATTENTION_ON_ORDER ? &page->orders[i]->id
                                                                 : &page->payments[i]->id;
            ck_assert_int_gt(memcmp(id, &args.after_id, sizeof *id), 0);
            args.after_id = *id;
            count += (bits & HF_ATTENTION_INVARIANT) != 0 ? 1 : 0;
        }
        if (page->count < limit)
            return count;
    }
}

static inline uint32_t listed(uint32_t subject)
{
    return listed_by(subject, 1);
}

static inline int clear(uint32_t subject, const char *name)
{
    hf_attention_clear_args args;
    hf_attention_clear_init(&args);
    args.subject = subject;
    args.id = id_of(name);
    args.bits = HF_ATTENTION_INVARIANT;
    args.reason = "a new version is here";
    return shop_run(HF_OP_ATTENTION_CLEAR, &args);
}

/* An order whose payment a provider is asked for; nobody answers. */
static inline void place_paid(const char *name, const char *payment, int64_t order_ms,
                              int64_t payment_ms)
{
    hf_line_args line;
    hf_payment_args pay;
    hf_order_place_args args;
    hf_line_init(&line, "tea", 1, 100);
    line.settle_on = HF_SETTLE_FULFIL;
    hf_payment_init(&pay, "", "EUR", 100);
    pay.account = (hf_account_key){.kind = HF_KIND_WORLD};
    pay.id = id_of(payment);
    pay.method = HF_METHOD_PROVIDER;
    pay.provider = "bank";
    pay.settle_on = HF_SETTLE_MANUAL;
    pay.deadline_ms = payment_ms == 0 ? 0 : START_MS + payment_ms;
    hf_order_place_init(&args, "EUR");
    args.head.id = id_of(name);
    args.lines = &line;
    args.line_count = 1;
    args.payments = &pay;
    args.payment_count = 1;
    args.total = 100;
    args.deadline_ms = order_ms == 0 ? 0 : START_MS + order_ms;
    args.policy = order_ms == 0 ? HF_ORDER_PAY_LATER : 0;
    done(HF_OP_ORDER_PLACE, &args);
}

static inline void wait_for(const char *name, const char *sku)
{
    const hf_order_place_args args = order_of(name, sku, 1, HF_ORDER_QUEUE);
    done(HF_OP_ORDER_PLACE, &args);
    ck_assert_uint_eq(order_row(name).state, HF_ORDER_WAITING);
}

static inline void receive(const char *sku, int64_t quantity)
{
    hf_move_args args;
    hf_item_receive_init(&args, sku, quantity);
    done(HF_OP_ITEM_RECEIVE, &args);
}

#endif

/*
 * One id, one effect, through the public API on every store: whatever an id was used for, anything
 * else with it is HF_E_ID_REUSED and changes nothing, and the same request again is the first
 * answer and changes nothing either. Every use is tried against every other.
 */
#include "base/id.h"
#include "support/check_main.h"
#include "support/one_shop.h"
#include "support/orders.h"

#define START_MS INT64_C(1800000000000)

static const char *const stores[] = {
    "memory:",
#if HF_HAVE_LMDB
    "lmdb:shop.mdb",
#endif
#if HF_HAVE_SQLITE
    "sqlite:shop.db",
#endif
};
#define STORES ((int)(sizeof stores / sizeof stores[0]))

/* ---- Requests -------------------------------------------------------------------------------- */

static union {
    hf_op_head head;
    hf_account_put_args put;
    hf_move_args move;
    hf_account_adjust_args adjust;
    hf_hold_place_args hold;
    hf_hold_post_args post;
    hf_hold_amount_args part;
    hf_hold_adjust_args grow;
    hf_order_place_args place;
    hf_order_amend_args amend;
    hf_order_units_args units;
    hf_payment_add_args add;
    hf_payment_amount_args pay;
    hf_payment_report_args report;
    hf_attention_clear_args clear;
    hf_unit_put_args unit;
    hf_erase_args erase;
    hf_retention_args retention;
} any;

static hf_line_args line;
static hf_payment_args payments[2];
static hf_line_quantity wanted;

static hf_id id_of(const char *text)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(START_MS, text, &id), 0);
    return id;
}

static void put(uint32_t kind, const char *name, const char *unit)
{
    hf_account_put_init(&any.put, kind, name, unit);
    any.put.opening = 1000;
    any.put.unit_scale = kind == HF_KIND_MONEY ? 2 : 0;
}

static void move(bool from, bool to)
{
    const hf_account_key world = {.kind = HF_KIND_WORLD};
    hf_move_init(&any.move);
    any.move.from = from ? hf_test_key(HF_KIND_MONEY, "wallet", "EUR") : world;
    any.move.to = to ? hf_test_key(HF_KIND_MONEY, "purse", "EUR") : world;
    any.move.amount = 1;
}

static void hold(int64_t amount)
{
    hf_hold_place_init(&any.hold);
    any.hold.from = hf_test_key(HF_KIND_ITEM, "bell", "pcs");
    any.hold.amount = amount;
}

static void part(const char *text)
{
    const hf_id of = id_of(text);
    hf_hold_amount_init(&any.part, &of);
    any.part.amount = 1;
}

/* Bells at 10, pay-later, with a payment of 50 that is captured by hand. */
static void order(const char *text, int64_t quantity)
{
    hf_order_place_init(&any.place, "EUR");
    any.place.head.id = id_of(text);
    any.place.policy = HF_ORDER_PAY_LATER;
    any.place.total = quantity * 10;
    hf_line_init(&line, "bell", quantity, 10);
    line.settle_on = HF_SETTLE_FULFIL;
    hf_payment_init(&payments[0], "wallet", "EUR", 50);
    payments[0].settle_on = HF_SETTLE_MANUAL;
    any.place.lines = &line;
    any.place.line_count = 1;
    any.place.payments = payments;
    any.place.payment_count = 1;
}

static void units(const char *text)
{
    const hf_id of = id_of(text);
    hf_order_units_init(&any.units, &of);
    wanted = (hf_line_quantity){.line = 1, .quantity = 1};
    any.units.lines = &wanted;
    any.units.line_count = 1;
}

static void amend(void)
{
    const hf_id of = id_of("open");
    hf_order_amend_init(&any.amend, &of);
    any.amend.total = 100;
    hf_payment_init(&payments[0], "wallet", "EUR", 10);
    any.amend.payments = payments;
    any.amend.payment_count = 1;
}

static void pay(const char *text)
{
    const hf_id of = id_of(text);
    hf_payment_amount_init(&any.pay, &of);
    any.pay.amount = 1;
}

static void add(void)
{
    const hf_id of = id_of("open");
    hf_payment_add_init(&any.add, &of);
    hf_payment_init(&any.add.payment, "wallet", "EUR", 10);
}

static void report(const char *reference)
{
    hf_payment_report_init(&any.report);
    any.report.provider = "psp";
    any.report.fact_ref = reference;
    any.report.unit = "EUR";
    any.report.kind = HF_FACT_CAPTURED;
    any.report.amount = 5;
}

static void clear(void)
{
    hf_attention_clear_init(&any.clear);
    any.clear.head.actor = "anna";
    any.clear.subject = HF_ATTENTION_ON_FACT;
    any.clear.provider = "psp";
    any.clear.fact_ref = "event 1";
    any.clear.kind = HF_FACT_CAPTURED;
    any.clear.bits = HF_ATTENTION_UNMATCHED_FACT;
    any.clear.reason = "looked at";
}

/* The purse gets a meta that it does not have. */
static void erase(void)
{
    hf_erase_init(&any.erase, NULL);
    any.erase.by = HF_ERASE_BY_ACCOUNT;
    any.erase.account = hf_test_key(HF_KIND_MONEY, "purse", "EUR");
    any.erase.head.meta = "erased";
    any.erase.head.meta_bytes = 6;
}

static int run(uint32_t type)
{
    return shop_run(type, &any);
}

static void good(uint32_t type)
{
    const int error = run(type);
    ck_assert_msg(error == 0, "%s: %s: %s", hf_op_name(type), hf_error_name(error), shop.detail);
}

/* ---- What an id can be used for -------------------------------------------------------------- */

/* clang-format off */
#define USE(name, ...) static void use_##name(const hf_id *id) { __VA_ARGS__; }
#define HEAD(name, ...) USE(name, __VA_ARGS__; any.head.id = *id)

HEAD(item_put, hf_item_put_init(&any.put, "gong"))
HEAD(receive, hf_item_receive_init(&any.move, "bell", 1))
HEAD(item_adjust, hf_item_adjust_init(&any.adjust, "bell"); any.adjust.quantity = 1)
HEAD(account_adjust, hf_account_adjust_init(&any.adjust, HF_KIND_MONEY, "purse", "EUR"); any.adjust.quantity = 1)
HEAD(account_put, put(HF_KIND_MONEY, "till", "EUR"))
HEAD(deposit, move(false, true))
HEAD(withdraw, move(true, false))
HEAD(transfer, move(true, true))
HEAD(hold, hold(2))
HEAD(post, const hf_id of = id_of("held"); hf_hold_post_init(&any.post, &of); any.post.post = 1)
HEAD(release, part("held"))
HEAD(grow, const hf_id of = id_of("held"); hf_hold_adjust_init(&any.grow, &of); any.grow.grow = 1)
HEAD(reverse, part("done"))
HEAD(order, order("another", 6))
HEAD(amend, amend())
HEAD(cancel, units("open"))
HEAD(fulfil, units("open"))
HEAD(bring_back, units("sold"))
HEAD(added, add())
HEAD(capture, pay("to capture"))
HEAD(voided, pay("to capture"))
HEAD(refund, pay("captured"))
HEAD(report, report("event 2"))
HEAD(clear, clear())
HEAD(erase, erase())
HEAD(unit, hf_unit_put_init(&any.unit, "KWD", 3))
USE(added_payment, add(); any.add.payment.id = *id)
USE(added_both, add(); any.add.payment.id = id_of("its payment"); any.head.id = *id)
USE(placed_payment, order("its order", 6); payments[0].id = *id)
USE(amended_payment, amend(); any.head.id = id_of("its amendment"); payments[0].id = *id)

static const struct {
    const char *name;
    uint32_t type;
    void (*prepare)(const hf_id *id);
} uses[] = {
    {"item put", HF_OP_ITEM_PUT, use_item_put},
    {"receive", HF_OP_ITEM_RECEIVE, use_receive},
    {"item adjust", HF_OP_ITEM_ADJUST, use_item_adjust},
    {"account adjust", HF_OP_ACCOUNT_ADJUST, use_account_adjust},
    {"account put", HF_OP_ACCOUNT_PUT, use_account_put},
    {"deposit", HF_OP_ACCOUNT_DEPOSIT, use_deposit},
    {"withdraw", HF_OP_ACCOUNT_WITHDRAW, use_withdraw},
    {"transfer", HF_OP_ACCOUNT_TRANSFER, use_transfer},
    {"hold", HF_OP_HOLD_PLACE, use_hold},
    {"post", HF_OP_HOLD_POST, use_post},
    {"release", HF_OP_HOLD_RELEASE, use_release},
    {"hold adjust", HF_OP_HOLD_ADJUST, use_grow},
    {"reverse", HF_OP_HOLD_REVERSE, use_reverse},
    {"order", HF_OP_ORDER_PLACE, use_order},
    {"amend", HF_OP_ORDER_AMEND, use_amend},
    {"cancel", HF_OP_ORDER_CANCEL, use_cancel},
    {"fulfil", HF_OP_ORDER_FULFIL, use_fulfil},
    {"return", HF_OP_ORDER_RETURN, use_bring_back},
    {"added payment by head", HF_OP_PAYMENT_ADD, use_added},
    {"added payment", HF_OP_PAYMENT_ADD, use_added_payment},
    {"adding a payment with its own id", HF_OP_PAYMENT_ADD, use_added_both},
    {"payment placed with its order", HF_OP_ORDER_PLACE, use_placed_payment},
    {"payment of an amendment", HF_OP_ORDER_AMEND, use_amended_payment},
    {"capture", HF_OP_PAYMENT_CAPTURE, use_capture},
    {"void", HF_OP_PAYMENT_VOID, use_voided},
    {"refund", HF_OP_PAYMENT_REFUND, use_refund},
    {"report", HF_OP_PAYMENT_REPORT, use_report},
    {"attention clear", HF_OP_ATTENTION_CLEAR, use_clear},
    {"unit put", HF_OP_UNIT_PUT, use_unit},
    {"erase", HF_OP_ERASE, use_erase},
};
/* clang-format on */
#define USES (sizeof uses / sizeof uses[0])

/* ---- A shop in which each of them is possible ------------------------------------------------ */

static void fill_shop(void)
{
    put(HF_KIND_ITEM, "bell", "pcs");
    good(HF_OP_ACCOUNT_PUT);
    put(HF_KIND_MONEY, "wallet", "EUR");
    good(HF_OP_ACCOUNT_PUT);
    put(HF_KIND_MONEY, "purse", "EUR");
    good(HF_OP_ACCOUNT_PUT);
    hold(5);
    any.head.id = id_of("held");
    good(HF_OP_HOLD_PLACE);
    hold(5);
    any.head.id = id_of("done");
    good(HF_OP_HOLD_PLACE);
    const hf_id done = id_of("done");
    hf_hold_post_init(&any.post, &done);
    any.post.post = 5;
    good(HF_OP_HOLD_POST);
    order("open", 10);
    payments[0].id = id_of("to capture");
    good(HF_OP_ORDER_PLACE);
    order("sold", 10);
    payments[0].id = id_of("captured");
    good(HF_OP_ORDER_PLACE);
    units("sold");
    wanted.quantity = 5;
    good(HF_OP_ORDER_FULFIL);
    pay("captured");
    any.pay.amount = 40;
    good(HF_OP_PAYMENT_CAPTURE);
    report("event 1");
    good(HF_OP_PAYMENT_REPORT);
}

/* A new store for each use that comes first. */
static void open_store(const char *url, uint32_t number, int64_t now_ms)
{
    char own[32];
    (void)snprintf(own, sizeof own, "%s%u", url, number);
    ck_assert_int_eq(shop_open(strcmp(url, "memory:") == 0 ? url : own, now_ms, HF_CHECK_QUICK), 0);
}

static void open_shop(const char *url, uint32_t number)
{
    open_store(url, number, START_MS);
    fill_shop();
}

/* Runs what is prepared; it must end so, and leave the store as it is. */
static void changes_nothing(uint32_t type, int expected, const char *first, const char *then)
{
    const int error = run(type);
    ck_assert_msg(error == expected, "%s, then %s: %s instead of %s: %s", first, then,
                  hf_error_name(error), hf_error_name(expected), shop.detail);
    const hf_verify_result before = shop.verified;
    shop_verify();
    ck_assert_msg(memcmp(shop.verified.digest, before.digest, sizeof before.digest) == 0 &&
                      shop.verified.events == before.events && shop.verified.rows == before.rows,
                  "%s, then %s: the store has changed", first, then);
}

/* Makes what is prepared another request also when it is the same use; only `id` stays. */
static void be_another(uint32_t type, const hf_id *id)
{
    any.head.meta = "another";
    any.head.meta_bytes = 7;
    if (!hf__id_zero(&any.head.id) && !hf__id_equal(&any.head.id, id))
        any.head.id = id_of("fresh");
    if (type == HF_OP_PAYMENT_ADD && !hf__id_zero(&any.add.payment.id) &&
        !hf__id_equal(&any.add.payment.id, id))
        any.add.payment.id = id_of("fresh payment");
}

static void try_all_others(uint32_t first, const hf_id *id)
{
    char text[37];
    for (uint32_t i = 0; i < USES; i++) {
        uses[i].prepare(id);
        be_another(uses[i].type, id);
        changes_nothing(uses[i].type, HF_E_ID_REUSED, uses[first].name, uses[i].name);
        ck_assert_msg(strstr(shop.detail, hf_id_format(id, text)) != NULL, "%s, then %s: %s",
                      uses[first].name, uses[i].name, shop.detail);
    }
}

START_TEST(an_id_that_was_used_is_refused_for_everything_else)
{
    const hf_id id = id_of("the id");
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    for (uint32_t first = 0; first < USES; first++) {
        open_shop(stores[_i], first);
        uses[first].prepare(&id);
        good(uses[first].type);
        shop_verify();
        try_all_others(first, &id);
        uses[first].prepare(&id);
        changes_nothing(uses[first].type, 0, uses[first].name, "again");
        shop_close();
    }
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

/*
 * A retention that removed keys and did not refuse their ids would let a deposit count twice: no
 * value of the reserved field does that.
 */
START_TEST(a_deposit_counts_once_whatever_a_retention_was_given)
{
    const hf_id id = id_of("a deposit");
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    open_shop(stores[_i], USES);
    use_deposit(&id);
    good(HF_OP_ACCOUNT_DEPOSIT);
    ck_assert_int_eq(hf_clock_advance(shop.engine, 1000), 0);
    shop_verify();
    for (uint32_t reserved = 1; reserved != 0; reserved <<= 1) {
        hf_retention_init(&any.retention);
        any.retention.before_ms = START_MS + 500;
        any.retention.reserved = reserved | 7;
        changes_nothing(HF_OP_RETENTION, HF_E_ABI, "deposit", "retention");
        ck_assert_str_eq(shop.detail, "reserved: is not 0");
    }
    use_deposit(&id);
    changes_nothing(HF_OP_ACCOUNT_DEPOSIT, 0, "deposit", "again");
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

/* ---- Ids that are too old -------------------------------------------------------------------- */

static int retain(int64_t before_ms)
{
    hf_retention_init(&any.retention);
    any.retention.before_ms = before_ms;
    return shop_run(HF_OP_RETENTION, &any.retention);
}

static int deposit_at(int64_t ms)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(ms, "between", &id), 0);
    use_deposit(&id);
    return shop_run(HF_OP_ACCOUNT_DEPOSIT, &any.move);
}

static void start(int store, uint32_t number)
{
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    open_shop(stores[store], number);
    ck_assert_int_eq(hf_clock_advance(shop.engine, 1000), 0);
}

static void finish(void)
{
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

START_TEST(ids_stay_too_old_when_an_earlier_time_is_retained_later)
{
    const uint32_t number = USES + 1;
    start(_i, number);
    ck_assert_int_eq(retain(START_MS + 900), 0);
    ck_assert_int_eq(retain(START_MS + 100), 0);
    for (int opened = 0; opened < 2; opened++) {
        ck_assert_int_eq(deposit_at(START_MS + 500), HF_E_ID_TOO_OLD);
        ck_assert_int_eq(deposit_at(START_MS + 899), HF_E_ID_TOO_OLD);
        if (opened == 0 && _i != 0) { /* what is in memory is gone when it is closed */
            shop_close();
            open_store(stores[_i], number, START_MS + 1000);
        }
    }
    ck_assert_int_eq(deposit_at(START_MS + 900), 0);
    finish();
}
END_TEST

/* The chain is refused as a whole, behind the retention. */
START_TEST(a_refused_chain_with_a_retention_leaves_ids_as_good_as_they_were)
{
    hf_retention_args retention;
    hf_move_args withdraw;
    hf_completion done[2];
    start(_i, USES + 2);
    hf_retention_init(&retention);
    retention.before_ms = START_MS + 900;
    hf_move_init(&withdraw);
    withdraw.from = hf_key_of(HF_KIND_ITEM, "nothing", "", "pcs");
    withdraw.amount = 1;
    const hf_op chain[] = {
        {.type = HF_OP_RETENTION, .flags = HF_OP_LINKED, .args = &retention},
        {.type = HF_OP_ACCOUNT_WITHDRAW, .args = &withdraw},
    };
    ck_assert_int_eq(hf_submit(shop.engine, chain, 2, NULL), 2);
    for (int got = 0; got < 2;) {
        got += hf_completions(shop.engine, done + got, 2 - (uint32_t)got);
        (void)hf_loop_run_once(shop.loop, got < 2);
    }
    ck_assert_int_eq(done[0].status, HF_E_CHAIN);
    ck_assert_int_eq(done[1].status, HF_E_NOT_FOUND);
    ck_assert_int_eq(deposit_at(START_MS + 500), 0);
    finish();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("same_id");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_id_that_was_used_is_refused_for_everything_else, 0, STORES);
    tcase_add_loop_test(core, a_deposit_counts_once_whatever_a_retention_was_given, 0, STORES);
    tcase_add_loop_test(core, ids_stay_too_old_when_an_earlier_time_is_retained_later, 0, STORES);
    tcase_add_loop_test(core, a_refused_chain_with_a_retention_leaves_ids_as_good_as_they_were, 0,
                        STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

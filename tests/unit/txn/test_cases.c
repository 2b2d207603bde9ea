/*
 * Cases from real operation through the engine on every store: the books are verified, and verified
 * once more after the store was opened again.
 */
#include "support/check_main.h"
#include "support/one_shop.h"

#include <stdbool.h>

#define START_MS INT64_C(1700000000000)
#define FACTS    200

static const char *const stores[] = {
    "memory:",
#if HF_HAVE_LMDB
    "lmdb:cases.mdb",
#endif
#if HF_HAVE_SQLITE
    "sqlite:cases.db",
#endif
};
#define STORES ((int)(sizeof stores / sizeof stores[0]))

/* The provider: how often it was asked for what, and what it answers. */
static struct {
    uint32_t calls[8];   /* by hf_command */
    uint32_t answers[8]; /* hf_answer; NONE: not at all */
    const char *references[8];
} psp;

static struct {
    hf_id order;
    hf_order row;
    hf_payment payment;
    int place; /* in stores */
    int64_t now_ms;
} now;

/* ---- Provider -------------------------------------------------------------------------------- */

static void on_call(void *data, const hf_call *call)
{
    (void)data;
    hf_call_answer answer;
    psp.calls[call->command]++;
    if (psp.answers[call->command] == HF_ANSWER_NONE)
        return;
    hf_call_answer_init(&answer, psp.answers[call->command]);
    answer.reference = answer.answer == HF_ANSWER_OK ? psp.references[call->command] : NULL;
    ck_assert_int_eq(hf_call_done(shop.engine, call->ticket, &answer), 0);
}

static void enrol_provider(void)
{
    hf_provider provider;
    hf_provider_init(&provider, "psp");
    provider.authorize = provider.capture = provider.void_ = on_call;
    provider.refund = provider.query = on_call;
    ck_assert_int_eq(hf_provider_register(shop.engine, &provider), 0);
}

/* ---- Engine ---------------------------------------------------------------------------------- */

static void must(uint32_t type, const void *args)
{
    hf_completion done;
    int status = hf_run(shop.engine, type, args, &done);
    ck_assert_msg(status == 0, "%s: %s", hf_error_name(status), done.detail);
}

/* Reads the order and its first payment. */
static void look(void)
{
    hf_completion done;
    hf_order_get_args args;
    hf_order_get_init(&args, &now.order);
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_ORDER_GET, &args, &done), 0);
    const hf_order_view *view = done.result;
    now.row = *view->order;
    now.payment = *view->payments[0];
}

/* Lets so much time pass, in steps, with everything that is to be done in it. */
static void pass(int64_t ms)
{
    for (int64_t passed = 0; passed < ms; passed += 50) {
        ck_assert_int_eq(hf_clock_advance(shop.engine, 50), 0);
        now.now_ms += 50;
        for (int i = 0; i < 4; i++)
            look();
    }
}

static void open_store(void)
{
    int error = shop_open(stores[now.place], now.now_ms, HF_CHECK_FULL);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), shop.detail);
}

/* The order is in this state with this attention; the store is clean, now and when opened again. */
static void settled(uint32_t state, uint32_t attention, bool enrolled)
{
    look();
    ck_assert_str_eq(hf_order_state_name(now.row.state), hf_order_state_name(state));
    ck_assert_uint_eq(now.row.attention, attention);
    shop_verify();
    if (now.place == 0)
        return;
    shop_close();
    open_store();
    if (enrolled)
        enrol_provider();
    look();
    ck_assert_str_eq(hf_order_state_name(now.row.state), hf_order_state_name(state));
    shop_verify();
}

static void start(int place)
{
    memset(&psp, 0, sizeof psp);
    memset(&now, 0, sizeof now);
    now.place = place;
    now.now_ms = START_MS;
    static const char *const left[] = {"cases.mdb", "cases.mdb-lock", "cases.db", "cases.db-wal",
                                       "cases.db-shm"};
    for (uint32_t i = 0; i < sizeof left / sizeof left[0]; i++)
        (void)remove(left[i]);
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    open_store();
    hf_unit_put_args euro;
    hf_unit_put_init(&euro, "EUR", 2);
    must(HF_OP_UNIT_PUT, &euro);
    hf_account_put_args tea;
    hf_item_put_init(&tea, "tea");
    must(HF_OP_ITEM_PUT, &tea);
}

static void stop(void)
{
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

/* ---- Shop ------------------------------------------------------------------------------------ */

static void receive(int64_t quantity)
{
    hf_move_args args;
    hf_item_receive_init(&args, "tea", quantity);
    must(HF_OP_ITEM_RECEIVE, &args);
}

/* Two tea for 900 by card; the deadline of the payment is in `deadline_ms`, 0: never. */
static void place(uint32_t policy, uint32_t settle_on, int64_t deadline_ms)
{
    hf_line_args line;
    hf_payment_args card;
    hf_order_place_args args;
    hf_line_init(&line, "tea", 2, 450);
    line.settle_on = HF_SETTLE_FULFIL;
    hf_payment_provider_init(&card, "psp", 900);
    card.settle_on = settle_on;
    card.deadline_ms = deadline_ms == 0 ? 0 : now.now_ms + deadline_ms;
    hf_order_place_init(&args, "EUR");
    args.policy = policy;
    args.lines = &line;
    args.line_count = 1;
    args.payments = &card;
    args.payment_count = 1;
    args.total = 900;
    ck_assert_int_eq(hf_id_make(shop.engine, &args.head.id), 0);
    now.order = args.head.id;
    must(HF_OP_ORDER_PLACE, &args);
    look();
}

static void units(uint32_t type)
{
    hf_order_units_args args;
    hf_order_units_init(&args, &now.order);
    must(type, &args);
}

static hf_payment_report_args report_of(uint32_t kind, const char *message, int64_t amount)
{
    hf_payment_report_args args;
    hf_payment_report_init(&args);
    args.provider = "psp";
    args.fact_ref = message;
    args.unit = "EUR";
    args.payment = now.payment.id;
    args.amount = amount;
    args.kind = kind;
    return args;
}

static void webhook(uint32_t kind, const char *message, int64_t amount)
{
    const hf_payment_report_args args = report_of(kind, message, amount);
    must(HF_OP_PAYMENT_REPORT, &args);
    look();
}

static uint32_t open_commands(void)
{
    hf_completion done;
    hf_txn_list_args args;
    hf_txn_list_init(&args);
    args.state = HF_TXN_TRYING;
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_TXN_LIST, &args, &done), 0);
    return ((const hf_txn_page *)done.result)->count;
}

/* ---- Cases ----------------------------------------------------------------------------------- */

START_TEST(a_payment_of_an_order_that_pays_later_fails_at_its_own_deadline)
{
    start(_i);
    receive(2);
    place(HF_ORDER_PAY_LATER, HF_SETTLE_CONFIRM, 1000);
    ck_assert_uint_eq(now.row.state, HF_ORDER_CONFIRMED);
    ck_assert_int_eq(now.payment.deadline_ms, START_MS + 1000);
    settled(HF_ORDER_CONFIRMED, 0, false);
    pass(1100);
    ck_assert_uint_eq(now.payment.state, HF_PAYMENT_FAILED);
    settled(HF_ORDER_CONFIRMED, 0, false);
    stop();
}
END_TEST

START_TEST(goods_are_received_for_an_order_that_waits_pays_later_and_has_a_card)
{
    start(_i);
    place(HF_ORDER_QUEUE | HF_ORDER_PAY_LATER, HF_SETTLE_CONFIRM, 1000);
    ck_assert_uint_eq(now.row.state, HF_ORDER_WAITING);
    receive(5);
    pass(100);
    settled(HF_ORDER_CONFIRMED, 0, false);
    stop();
}
END_TEST

START_TEST(a_cancelled_order_is_revived_by_a_late_capture)
{
    start(_i);
    receive(2);
    place(HF_ORDER_REVIVE, HF_SETTLE_CONFIRM, 0);
    units(HF_OP_ORDER_CANCEL);
    settled(HF_ORDER_CANCELLED, 0, false);
    webhook(HF_FACT_CAPTURED, "cap", 900);
    settled(HF_ORDER_CONFIRMED, 0, false);
    ck_assert_int_eq(now.payment.captured, 900);
    units(HF_OP_ORDER_FULFIL);
    settled(HF_ORDER_CLOSED, 0, false);
    stop();
}
END_TEST

/* 0: captures, 1: refunds after a cancel. */
START_TEST(a_provider_that_refuses_is_called_once)
{
    uint32_t command = _i % 2 == 0 ? HF_COMMAND_CAPTURE : HF_COMMAND_REFUND;
    uint32_t attention = _i % 2 == 0 ? HF_ATTENTION_UNPAID : HF_ATTENTION_MONEY_HELD;
    start(_i / 2);
    for (uint32_t i = 0; i < 8; i++)
        psp.answers[i] = HF_ANSWER_OK;
    psp.answers[command] = HF_ANSWER_REJECTED;
    enrol_provider();
    receive(2);
    place(0, HF_SETTLE_CONFIRM, 0);
    pass(200);
    if (_i % 2 == 1)
        units(HF_OP_ORDER_CANCEL);
    uint32_t state = _i % 2 == 0 ? HF_ORDER_CONFIRMED : HF_ORDER_CANCELLED;
    pass(2000);
    ck_assert_uint_eq(psp.calls[command], 1);
    ck_assert_uint_eq(now.payment.attention, HF_ATTENTION_COMMAND_REFUSED);
    settled(state, attention, true);
    pass(2000);
    ck_assert_uint_eq(psp.calls[command], 1);
    ck_assert_uint_eq(open_commands(), 0);
    settled(state, attention, true);
    stop();
}
END_TEST

START_TEST(a_capture_while_the_order_waits_counts_and_the_card_is_not_asked)
{
    start(_i);
    enrol_provider();
    place(HF_ORDER_QUEUE, HF_SETTLE_CONFIRM, 0);
    webhook(HF_FACT_CAPTURED, "cap", 900);
    settled(HF_ORDER_WAITING, 0, true);
    ck_assert_int_eq(now.payment.captured, 900);
    receive(2);
    pass(2000);
    settled(HF_ORDER_CONFIRMED, 0, true);
    ck_assert_uint_eq(psp.calls[HF_COMMAND_AUTHORIZE] + psp.calls[HF_COMMAND_CAPTURE], 0);
    stop();
}
END_TEST

START_TEST(a_capture_counts_once_when_its_answer_and_its_webhooks_come)
{
    start(_i);
    for (uint32_t i = 0; i < 8; i++)
        psp.answers[i] = HF_ANSWER_OK;
    psp.references[HF_COMMAND_AUTHORIZE] = "pi_1";
    psp.references[HF_COMMAND_CAPTURE] = "ch_2";
    enrol_provider();
    receive(2);
    place(0, HF_SETTLE_CONFIRM, 0);
    pass(200);
    ck_assert_int_eq(now.payment.captured, 900);
    hf_payment_report_args evt = report_of(HF_FACT_CAPTURED, "evt_2", 900);
    evt.reference = "ch_2";
    must(HF_OP_PAYMENT_REPORT, &evt);
    settled(HF_ORDER_CONFIRMED, 0, true);
    ck_assert_int_eq(now.payment.captured, 900);
    memset(&evt.payment, 0, sizeof evt.payment); /* found by the provider's names */
    evt.payment_ref = "pi_1";
    evt.fact_ref = "evt_3";
    must(HF_OP_PAYMENT_REPORT, &evt);
    settled(HF_ORDER_CONFIRMED, 0, true);
    ck_assert_int_eq(now.payment.captured, 900);
    ck_assert_uint_eq(now.payment.attention, 0);
    stop();
}
END_TEST

START_TEST(nothing_stays_asked_where_a_host_only_reports)
{
    start(_i);
    receive(20);
    for (uint32_t i = 0; i < 10; i++) {
        char message[2][16];
        (void)snprintf(message[0], sizeof message[0], "auth %u", i);
        (void)snprintf(message[1], sizeof message[1], "cap %u", i);
        place(0, i % 2 == 0 ? HF_SETTLE_CONFIRM : HF_SETTLE_FULFIL, 0);
        webhook(HF_FACT_AUTHORIZED, message[0], 900);
        units(HF_OP_ORDER_FULFIL);
        webhook(HF_FACT_CAPTURED, message[1], 900);
        ck_assert_uint_eq(now.row.state, HF_ORDER_CLOSED);
        pass(50);
    }
    ck_assert_uint_eq(open_commands(), 0);
    settled(HF_ORDER_CLOSED, 0, false);
    stop();
}
END_TEST

/* ---- Bad input ------------------------------------------------------------------------------- */

START_TEST(facts_of_nothing_or_less_are_refused_and_leave_nothing)
{
    static const struct {
        uint32_t kind, flags;
        int64_t amount;
        int error;
    } facts[] = {
        {HF_FACT_CAPTURED, 0, 0, HF_E_AMOUNT},
        {HF_FACT_CAPTURED, 0, -1, HF_E_AMOUNT},
        {HF_FACT_CAPTURED, HF_REPORT_TOTAL, -1, HF_E_AMOUNT},
        {HF_FACT_CHARGEBACK_REVERSED, 0, 0, HF_E_AMOUNT},
        {HF_FACT_CHARGEBACK_REVERSED, 0, INT64_MIN, HF_E_AMOUNT},
        {HF_FACT_FAILED, 0, -1, HF_E_AMOUNT},
        {HF_FACT_REFUNDED, HF_REPORT_FINAL, 9, HF_E_ENUM},
        {HF_FACT_CAPTURED, 4, 9, HF_E_ENUM},
        {HF_FACT_CHARGEBACK_REVERSED + 1, 0, 9, HF_E_ENUM},
    };
    start(_i);
    receive(2);
    place(HF_ORDER_PAY_LATER, HF_SETTLE_CONFIRM, 0);
    const hf_payment before = now.payment;
    for (uint32_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        hf_completion done;
        hf_payment_report_args args = report_of(facts[i].kind, "e", facts[i].amount);
        args.flags = facts[i].flags;
        int status = hf_run(shop.engine, HF_OP_PAYMENT_REPORT, &args, &done);
        ck_assert_msg(status == facts[i].error, "%u: %s", i, hf_error_name(status));
    }
    look();
    ck_assert_mem_eq(&now.payment, &before, sizeof before);
    webhook(HF_FACT_CAPTURED, "e", 900); /* the message was not used up */
    ck_assert_int_eq(now.payment.captured, 900);
    settled(HF_ORDER_CONFIRMED, 0, false);
    stop();
}
END_TEST

/* A provider that reports a running total of one movement again and again. */
START_TEST(many_messages_about_one_movement_count_as_the_last)
{
    start(_i);
    receive(2);
    place(0, HF_SETTLE_CONFIRM, 0);
    webhook(HF_FACT_AUTHORIZED, "auth", 900);
    for (int64_t i = 1; i <= FACTS; i++) {
        char message[16];
        (void)snprintf(message, sizeof message, "evt_%d", (int)i);
        hf_payment_report_args args = report_of(HF_FACT_CAPTURED, message, i * 900 / FACTS);
        args.reference = "ch_1";
        args.flags = HF_REPORT_TOTAL;
        args.provider_time_ms = i;
        must(HF_OP_PAYMENT_REPORT, &args);
    }
    look();
    ck_assert_int_eq(now.payment.captured, 900);
    ck_assert_int_eq(now.payment.pending_capture, 0);
    settled(HF_ORDER_CONFIRMED, 0, false);
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_cases");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_payment_of_an_order_that_pays_later_fails_at_its_own_deadline, 0,
                        STORES);
    tcase_add_loop_test(core, goods_are_received_for_an_order_that_waits_pays_later_and_has_a_card,
                        0, STORES);
    tcase_add_loop_test(core, a_cancelled_order_is_revived_by_a_late_capture, 0, STORES);
    tcase_add_loop_test(core, a_provider_that_refuses_is_called_once, 0, 2 * STORES);
    tcase_add_loop_test(core, a_capture_while_the_order_waits_counts_and_the_card_is_not_asked, 0,
                        STORES);
    tcase_add_loop_test(core, a_capture_counts_once_when_its_answer_and_its_webhooks_come, 0,
                        STORES);
    tcase_add_loop_test(core, nothing_stays_asked_where_a_host_only_reports, 0, STORES);
    tcase_add_loop_test(core, facts_of_nothing_or_less_are_refused_and_leave_nothing, 0, STORES);
    tcase_add_loop_test(core, many_messages_about_one_movement_count_as_the_last, 0, STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

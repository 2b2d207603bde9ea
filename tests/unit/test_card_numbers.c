/*
 * Numbers that look like those of payment cards, through the public API: by default all are
 * accepted; with hf_options.refuse_card_numbers only meta is refused.
 */
#include "support/check_main.h"
#include "support/one_shop.h"

#define GIFT_CARD "6006123456789016" /* the name of an account */
#define PHONE     "4915112345678"    /* a customer */
#define REFERENCE "4000056655665556" /* of a provider */

static const char *const numbers[] = {GIFT_CARD, PHONE, REFERENCE};

static void start(uint32_t refuse_card_numbers)
{
    hf_options options;
    hf_options_init(&options);
    options.store = "memory:";
    options.threads = 0;
    options.node_name = GIFT_CARD;
    options.refuse_card_numbers = refuse_card_numbers;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_int_eq(hf_engine_open(shop.loop, &options, &shop.engine), 0);
}

static void stop(void)
{
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

static void good(uint32_t type, const void *args)
{
    const int error = shop_run(type, args);
    ck_assert_msg(error == 0, "%s: %s: %s", hf_op_name(type), hf_error_name(error), shop.detail);
}

static void open_gift_card(void)
{
    hf_account_put_args args;
    hf_account_put_init(&args, HF_KIND_MONEY, GIFT_CARD, "EUR");
    args.unit_scale = 2;
    args.opening = 5000;
    args.head.actor = PHONE;
    good(HF_OP_ACCOUNT_PUT, &args);
}

static void place_order(void)
{
    hf_line_args line;
    hf_payment_args payment;
    hf_order_place_args args;
    hf_line_init(&line, GIFT_CARD, 1, 500);
    line.untracked = 1;
    hf_payment_init(&payment, GIFT_CARD, "EUR", 500);
    hf_order_place_init(&args, "EUR");
    args.customer = PHONE;
    args.external_ref = REFERENCE;
    args.total = 500;
    args.lines = &line;
    args.line_count = 1;
    args.payments = &payment;
    args.payment_count = 1;
    good(HF_OP_ORDER_PLACE, &args);
}

static void report(void)
{
    hf_payment_report_args args;
    hf_payment_report_init(&args);
    args.provider = GIFT_CARD;
    args.fact_ref = REFERENCE;
    args.unit = "EUR";
    args.kind = HF_FACT_CAPTURED;
    args.amount = 500;
    good(HF_OP_PAYMENT_REPORT, &args);
}

static void put_cursor(void)
{
    hf_cursor_put_args args;
    hf_cursor_put_init(&args, PHONE, 1);
    good(HF_OP_CURSOR_PUT, &args);
}

static int put_with_meta(const char *meta)
{
    hf_account_put_args args;
    hf_item_put_init(&args, "tea");
    args.head.meta = meta;
    args.head.meta_bytes = strlen(meta);
    return shop_run(HF_OP_ITEM_PUT, &args);
}

START_TEST(names_and_references_may_be_any_number)
{
    start((uint32_t)_i);
    open_gift_card();
    place_order();
    report();
    put_cursor();
    shop_verify();
    stop();
}
END_TEST

START_TEST(meta_is_refused_only_when_the_engine_was_opened_so)
{
    for (uint32_t refuse = 0; refuse < 2; refuse++) {
        start(refuse);
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
            ck_assert_int_eq(put_with_meta(numbers[i]), refuse ? HF_E_CARD_NUMBER : 0);
        ck_assert_int_eq(put_with_meta("a note"), 0);
        stop();
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("card_numbers");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, names_and_references_may_be_any_number, 0, 2);
    tcase_add_test(core, meta_is_refused_only_when_the_engine_was_opened_so);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

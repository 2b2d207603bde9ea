/*
 * hf_payment_find by a further id of the provider: facts that kept the id and led to no payment are
 * passed by, however many there are.
 */
#include "support/check_main.h"
#include "support/one_shop.h"

#define START_MS INT64_C(1800000000000)
#define OTHERS   600 /* more than two pages */

static const hf_id order = {{1, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 1}};

static void put_order(void)
{
    hf_account_put_args item;
    hf_line_args line;
    hf_payment_args payment;
    hf_order_place_args args;
    hf_item_put_init(&item, "tea");
    item.opening = 10;
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &item), 0);
    hf_line_init(&line, "tea", 1, 900);
    hf_payment_provider_init(&payment, "psp", 900);
    hf_order_place_init(&args, "EUR");
    args.head.id = order;
    args.lines = &line;
    args.line_count = 1;
    args.payments = &payment;
    args.payment_count = 1;
    args.total = 900;
    args.deadline_ms = START_MS + 3600000;
    ck_assert_msg(shop_run(HF_OP_ORDER_PLACE, &args) == 0, "%s", shop.detail);
}

static void open_shop(void)
{
    static const char *const units[] = {"EUR", "USD"};
    memset(&shop, 0, sizeof shop);
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_int_eq(shop_open("memory:", START_MS, HF_CHECK_QUICK), 0);
    for (int i = 0; i < 2; i++) {
        const hf_unit_put_args unit = {.head = {.size = sizeof unit}, .code = units[i], .scale = 2};
        ck_assert_int_eq(shop_run(HF_OP_UNIT_PUT, &unit), 0);
    }
    put_order();
}

static hf_id payment_of_order(void)
{
    hf_payment_list_args list;
    hf_completion done;
    hf_payment_list_init(&list);
    list.by = HF_PAYMENTS_BY_ORDER;
    list.order = order;
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_PAYMENT_LIST, &list, &done), 0);
    const hf_payment_page *page = done.result;
    ck_assert_uint_eq(page->count, 1);
    return page->rows[0]->id;
}

/* Without an id of ours it is about the payment whose id at the provider it names. */
static void report(const char *message, const char *payment_ref, const char *unit, const hf_id *id)
{
    hf_payment_report_args args;
    hf_payment_report_init(&args);
    args.provider = "psp";
    args.fact_ref = message;
    args.payment_ref = payment_ref;
    args.unit = unit;
    args.kind = HF_FACT_AUTHORIZED;
    args.amount = 900;
    args.provider_time_ms = START_MS;
    if (id != NULL)
        args.payment = *id;
    ck_assert_msg(shop_run(HF_OP_PAYMENT_REPORT, &args) == 0, "%s", shop.detail);
}

static int find(const char *ref, hf_id *found)
{
    hf_payment_find_args args;
    hf_completion done;
    hf_payment_find_init(&args, "psp", ref);
    const int status = hf_run(shop.engine, HF_OP_PAYMENT_FIND, &args, &done);
    if (status == 0)
        *found = ((const hf_payment *)done.result)->id;
    return status;
}

START_TEST(a_payment_is_found_behind_any_number_of_facts_that_led_to_none)
{
    hf_id found;
    open_shop();
    const hf_id payment = payment_of_order();
    report("first", "AUTH", "EUR", &payment); /* its provider_ref */
    for (int i = 0; i < OTHERS; i++) {        /* in another currency they stay what they are */
        char message[32];
        (void)snprintf(message, sizeof message, "a%d", i);
        report(message, "ORDER", "USD", NULL);
    }
    ck_assert_int_eq(find("ORDER", &found), HF_E_NOT_FOUND);
    report("z", "ORDER", "EUR", &payment); /* behind them in the order of the index */
    ck_assert_int_eq(find("ORDER", &found), 0);
    ck_assert_mem_eq(&found, &payment, sizeof found);
    ck_assert_int_eq(find("AUTH", &found), 0);
    ck_assert_mem_eq(&found, &payment, sizeof found);
    ck_assert_int_eq(find("NONE", &found), HF_E_NOT_FOUND);
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("find_payment");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_payment_is_found_behind_any_number_of_facts_that_led_to_none);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/*
 * One operation that supplies two accounts, and two orders that wait on one each and need the same
 * third thing, of which there is one: whose queue goes first is a rule (hf_order_place), not luck.
 */
#include "support/check_main.h"
#include "support/one_shop.h"

#define START_MS INT64_C(1800000000000)

static hf_id id_of(const char *text)
{
    hf_id id;
    ck_assert_int_eq(hf_id_from_key(START_MS, text, &id), 0);
    return id;
}

static void put_one(const char *sku)
{
    hf_account_put_args args;
    hf_item_put_init(&args, sku);
    args.opening = 1;
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &args), 0);
}

/* Makes the currency known. */
static void open_till(void)
{
    hf_account_put_args args;
    hf_account_put_init(&args, HF_KIND_MONEY, "till", "EUR");
    args.unit_scale = 2;
    ck_assert_int_eq(shop_run(HF_OP_ACCOUNT_PUT, &args), 0);
}

/* A free order of one of each, with its name as the key. */
static void place(const char *name, const char *first, const char *second, uint32_t policy)
{
    hf_line_args lines[2];
    hf_order_place_args args;
    hf_line_init(&lines[0], first, 1, 0);
    hf_line_init(&lines[1], second, 1, 0);
    lines[0].settle_on = lines[1].settle_on = HF_SETTLE_FULFIL;
    hf_order_place_init(&args, "EUR");
    args.head.id = id_of(name);
    args.lines = lines;
    args.line_count = 2;
    args.policy = policy;
    ck_assert_msg(shop_run(HF_OP_ORDER_PLACE, &args) == 0, "%s", shop.detail);
}

static uint32_t state_of(const char *name)
{
    hf_order_get_args args;
    hf_id id = id_of(name);
    hf_order_get_init(&args, &id);
    const hf_op op = {.type = HF_OP_ORDER_GET, .args = &args};
    ck_assert_int_eq(hf_submit(shop.engine, &op, 1, NULL), 1);
    hf_completion done;
    while (hf_completions(shop.engine, &done, 1) == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_int_eq(done.status, 0);
    return ((const hf_order_view *)done.result)->order->state;
}

static void cancel(const char *name)
{
    hf_order_units_args args;
    hf_id id = id_of(name);
    hf_order_units_init(&args, &id);
    ck_assert_int_eq(shop_run(HF_OP_ORDER_CANCEL, &args), 0);
}

START_TEST(the_queue_of_the_account_that_got_something_first_goes_first)
{
    static const char *const skus[] = {"apple", "zebra"};
    memset(&shop, 0, sizeof shop);
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_int_eq(shop_open("memory:", START_MS, HF_CHECK_QUICK), 0);
    open_till();
    put_one("apple");
    put_one("zebra");
    put_one("bell");
    place("holder", skus[_i], skus[1 - _i], 0);
    place("for apple", "apple", "bell", HF_ORDER_QUEUE); /* the older one of the two */
    place("for zebra", "zebra", "bell", HF_ORDER_QUEUE);
    cancel("holder"); /* by line: `_i` is the sku of the first */
    ck_assert_uint_eq(state_of("for apple"), _i == 0 ? HF_ORDER_CONFIRMED : HF_ORDER_WAITING);
    ck_assert_uint_eq(state_of("for zebra"), _i == 1 ? HF_ORDER_CONFIRMED : HF_ORDER_WAITING);
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("queues");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, the_queue_of_the_account_that_got_something_first_goes_first, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/* One space of ids: the payments of an order against everything else, and what a look-up asks for.
 */
#include "base/id.h"
#include "support/check_main.h"
#include "support/shop.h"

#include <stdio.h>
#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart;
static char detail[160];

static void open_shop(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
    hf_test_cart_line(&cart, "tea", 2, 50, HF_SETTLE_FULFIL);
    hf_test_cart_pay(&cart, "anna", 40, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 60, HF_SETTLE_CONFIRM);
}

static void close_shop(void)
{
    hf_test_fixture_fini(&fixture);
}

/* The order is refused for the id of payment `no`. */
static void payment_refused(int error, uint32_t no, const hf_id *id, const char *why)
{
    char text[37];
    (void)snprintf(detail, sizeof detail, "payment %u: id %s: %s", no, hf_id_format(id, text), why);
    size_t rows = fixture.count;
    hf_test_refused(&fixture, hf_test_cart_place(&fixture, &cart), error, detail);
    ck_assert_uint_eq(fixture.count, rows);
}

static hf_id place_hold(void)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.head.id = hf_test_id(&fixture);
    args.from = hf_test_item("tea", "");
    args.amount = 1;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_HOLD_PLACE, &args), 0);
    return args.head.id;
}

START_TEST(a_payment_cannot_have_the_id_of_its_order)
{
    cart.payments[1].id = cart.args.head.id;
    payment_refused(HF_E_ID_REUSED, 2, &cart.args.head.id, "the operation itself has it");
}
END_TEST

START_TEST(two_payments_of_an_order_cannot_have_one_id)
{
    hf_id id = hf_test_id(&fixture);
    cart.payments[0].id = id;
    cart.payments[1].id = id;
    payment_refused(HF_E_ID_REUSED, 2, &id, "payment 1 of the order has it");
    hf__id_derive(&cart.args.head.id, 1, &id);
    cart.payments[0].id = (hf_id){.bytes = {0}};
    cart.payments[1].id = id;
    payment_refused(HF_E_ID_REUSED, 2, &id, "payment 1 of the order has it");
}
END_TEST

START_TEST(a_payment_cannot_have_an_id_that_was_used)
{
    hf_id hold = place_hold();
    cart.payments[1].id = hold;
    payment_refused(HF_E_ID_REUSED, 2, &hold, "used before by a hold");
    hf_move_args deposit;
    hf_move_init(&deposit);
    deposit.head.id = hf_test_id(&fixture);
    deposit.to = (hf_account_key){.kind = HF_KIND_MONEY, .name = "anna", .unit = "EUR"};
    deposit.amount = 1;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ACCOUNT_DEPOSIT, &deposit), 0);
    cart.payments[1].id = deposit.head.id;
    payment_refused(HF_E_ID_REUSED, 2, &deposit.head.id, "used before by an operation");
    cart.payments[1].id = hf_test_id(&fixture);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_id first = cart.args.head.id;
    cart.args.head.id = hf_test_id(&fixture);
    payment_refused(HF_E_ID_REUSED, 2, &cart.payments[1].id, "used before by a payment");
    cart.payments[1].id = first;
    payment_refused(HF_E_ID_REUSED, 2, &first, "used before by an order");
}
END_TEST

START_TEST(a_derived_id_must_be_free_too)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    hf__id_derive(&cart.args.head.id, 2, &args.head.id);
    args.from = hf_test_item("tea", "");
    args.amount = 1;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_HOLD_PLACE, &args), 0);
    payment_refused(HF_E_ID_REUSED, 2, &args.head.id, "used before by a hold");
}
END_TEST

START_TEST(a_payment_whose_id_may_have_been_purged_is_refused)
{
    cart.payments[0].id = hf_test_id(&fixture);
    fixture.now_ms += 10;
    cart.args.head.id = hf_test_id(&fixture);
    cart.payments[1].id = hf_test_id(&fixture);
    hf__purge ids = {.kind = HF__PURGE_IDS, .until_ms = fixture.now_ms};
    hf_test_put(&fixture, HF__PURGES, &ids);
    fixture.purged_until_ms = ids.until_ms;
    payment_refused(HF_E_ID_TOO_OLD, 1, &cart.payments[0].id, "older than what is kept");
    cart.payments[0].id = hf_test_id(&fixture);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
}
END_TEST

START_TEST(a_payment_that_is_added_with_two_ids_uses_up_both)
{
    cart.args.payment_count = 1;
    cart.args.policy = HF_ORDER_PAY_LATER;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    hf_payment_add_args args;
    hf_payment_add_init(&args, &cart.args.head.id);
    hf_payment_init(&args.payment, "anna", "EUR", 10);
    args.head.id = hf_test_id(&fixture);
    args.payment.id = hf_test_id(&fixture);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__OP_KEYS), 1);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), 0);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
    args.payment.id = hf_test_id(&fixture);
    char text[37];
    (void)snprintf(detail, sizeof detail, "id %s: used before with other content",
                   hf_id_format(&args.head.id, text));
    hf_test_refused(&fixture, hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), HF_E_ID_REUSED,
                    detail);
}
END_TEST

/* ---- Look-ups -------------------------------------------------------------------------------- */

static uint32_t asked; /* for rows that are named by an id */
static int (*get)(void *context, const hf__key *key, const void **row);

static int counted_get(void *context, const hf__key *key, const void **row)
{
    asked += key->table == HF__ORDERS || key->table == HF__PAYMENTS || key->table == HF__HOLDS ||
             key->table == HF__OP_KEYS;
    return get(context, key, row);
}

static bool lacks_all(void *context, const hf_id *id)
{
    (void)context;
    (void)id;
    return true;
}

/* Decides the placement of the cart once. */
static int decide(bool knows)
{
    hf__draft draft = *hf_test_draft(&fixture);
    hf__view view = fixture.view;
    get = view.get;
    view.get = counted_get;
    view.is_new_id = knows ? lacks_all : NULL;
    draft.view = &view;
    hf__operation op = {.type = HF_OP_ORDER_PLACE,
                        .id = cart.args.head.id,
                        .id_given = true,
                        .args = &cart.args.head,
                        .actor = &fixture.actor};
    asked = 0;
    return hf__decide(&op, &draft);
}

START_TEST(new_ids_cost_no_look_up_where_the_view_knows_them)
{
    cart.args.total = 100;
    ck_assert_int_eq(decide(true), 0);
    ck_assert_uint_eq(asked, 0);
    ck_assert_int_eq(decide(false), 0);
    ck_assert_uint_eq(asked, 12); /* the order and two payments, in four tables each */
}
END_TEST

START_TEST(the_ids_of_many_payments_are_looked_up_in_one_pass)
{
    static hf_payment_args payments[HF_PAYMENTS_MAX];
    for (uint32_t i = 0; i < HF_PAYMENTS_MAX; i++)
        hf_payment_init(&payments[i], "anna", "EUR", 1);
    cart.args.payments = payments;
    cart.args.payment_count = HF_PAYMENTS_MAX;
    cart.args.deadline_ms = fixture.now_ms + 1000;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    ck_assert_uint_le(fixture.passes, 8);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__PAYMENTS), HF_PAYMENTS_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ids");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, open_shop, close_shop);
    tcase_add_test(core, a_payment_cannot_have_the_id_of_its_order);
    tcase_add_test(core, two_payments_of_an_order_cannot_have_one_id);
    tcase_add_test(core, a_payment_cannot_have_an_id_that_was_used);
    tcase_add_test(core, a_derived_id_must_be_free_too);
    tcase_add_test(core, a_payment_whose_id_may_have_been_purged_is_refused);
    tcase_add_test(core, a_payment_that_is_added_with_two_ids_uses_up_both);
    tcase_add_test(core, new_ids_cost_no_look_up_where_the_view_knows_them);
    tcase_add_test(core, the_ids_of_many_payments_are_looked_up_in_one_pass);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/*
 * A bug costs the operation that meets it, and nothing else: see support/bug.h. `_i` is the store,
 * and whether the code continues after the invariant broke.
 */
#include "support/bug.h"

/* ---- Operations ------------------------------------------------------------------------------ */

static void open_with_bug(int at, const char *name)
{
    open_shop(at / 2);
    hold("good", "tea", 1, 0);
    hold(name, "tea", 2, 0);
    start_bug(name, at % 2 != 0);
}

START_TEST(an_operation_that_breaks_an_invariant_is_refused_alone)
{
    open_with_bug(_i, "bad");
    const hf_move_args one = withdrawal(1);
    const hf_hold_amount_args release = release_of("bad");
    const hf_op ops[] = {{.type = HF_OP_ACCOUNT_WITHDRAW, .args = &one},
                         {.type = HF_OP_HOLD_RELEASE, .args = &release},
                         {.type = HF_OP_ACCOUNT_WITHDRAW, .args = &one}};
    int statuses[3];
    submit(ops, statuses);
    ck_assert_int_eq(statuses[0], 0);
    ck_assert_int_eq(statuses[1], HF_E_INVARIANT);
    ck_assert_int_eq(statuses[2], 0);
    ck_assert_int_eq(account("tea").balance, 8);
    ck_assert_int_eq(account("tea").held_out, 3);
    ck_assert_uint_eq(hold_row("bad").state, HF_HOLD_HELD);
    ck_assert_uint_eq(health().state, HF_HEALTH_OK);
    ck_assert_uint_eq(health().invariants, 1);
    ck_assert_int_eq(shop_run(HF_OP_HOLD_RELEASE, &release), HF_E_INVARIANT);
    ck_assert_str_eq(shop.detail, "broken invariant: lib/domain/bug.c:17: no bug");
    ck_assert_uint_eq(health().invariants, 2);
    stop_bug();
    done(HF_OP_HOLD_RELEASE, &release); /* its id was not used up */
    ck_assert_int_eq(account("tea").held_out, 1);
    close_shop();
}
END_TEST

START_TEST(a_chain_treats_it_as_any_refusal)
{
    open_with_bug(_i, "bad");
    const hf_move_args one = withdrawal(1);
    const hf_hold_amount_args release = release_of("bad");
    const hf_op ops[] = {{.type = HF_OP_ACCOUNT_WITHDRAW, .args = &one, .flags = HF_OP_LINKED},
                         {.type = HF_OP_HOLD_RELEASE, .args = &release},
                         {.type = HF_OP_ACCOUNT_WITHDRAW, .args = &one}};
    int statuses[3];
    submit(ops, statuses);
    ck_assert_int_eq(statuses[0], HF_E_CHAIN);
    ck_assert_int_eq(statuses[1], HF_E_INVARIANT);
    ck_assert_int_eq(statuses[2], 0);
    ck_assert_int_eq(account("tea").balance, 9);
    close_shop();
}
END_TEST

START_TEST(a_read_that_breaks_an_invariant_is_refused_alone)
{
    open_uncached(_i / 2); /* else the order is read without the bug */
    const hf_order_place_args place = order_of("bad", "tea", 1, 0);
    done(HF_OP_ORDER_PLACE, &place);
    start_bug("bad", _i % 2 != 0);
    bug.reading = true;
    hf_order_get_args get;
    hf_account_get_args other;
    hf_order_get_init(&get, &bug.id);
    hf_item_get_init(&other, "tea");
    const hf_op ops[] = {{.type = HF_OP_ITEM_GET, .args = &other},
                         {.type = HF_OP_ORDER_GET, .args = &get},
                         {.type = HF_OP_ITEM_GET, .args = &other}};
    int statuses[3];
    submit(ops, statuses);
    ck_assert_int_eq(statuses[0], 0);
    ck_assert_int_eq(statuses[1], HF_E_INVARIANT);
    ck_assert_int_eq(statuses[2], 0);
    const hf_move_args one = withdrawal(1);
    done(HF_OP_ACCOUNT_WITHDRAW, &one); /* a commit is not notified of it */
    ck_assert_uint_eq(health().invariants, 1);
    stop_bug();
    close_shop();
}
END_TEST

START_TEST(what_all_operations_share_stops_the_engine)
{
    open_with_bug(_i, "bad");
    bug.shared = true;
    const hf_move_args one = withdrawal(1);
    const hf_hold_amount_args release = release_of("bad");
    const hf_op ops[] = {{.type = HF_OP_ACCOUNT_WITHDRAW, .args = &one},
                         {.type = HF_OP_HOLD_RELEASE, .args = &release},
                         {.type = HF_OP_ACCOUNT_WITHDRAW, .args = &one}};
    int statuses[3];
    submit(ops, statuses);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(statuses[i], HF_E_POISONED);
    ck_assert_uint_eq(health().state, HF_HEALTH_POISONED);
    ck_assert_int_eq(account("tea").balance, 10);
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
    remove_files();
}
END_TEST

/* ---- Reports --------------------------------------------------------------------------------- */

START_TEST(a_report_that_breaks_an_invariant_is_stored_without_effect)
{
    open_shop(_i / 2);
    place_paid("order", "bad", 0, 0);
    start_bug("bad", _i % 2 != 0);
    hf_payment_report_args report;
    hf_payment_report_init(&report);
    report.provider = "bank";
    report.fact_ref = "message 1";
    report.payment = bug.id;
    report.kind = HF_FACT_AUTHORIZED;
    report.amount = 100;
    report.unit = "EUR";
    for (int i = 0; i < 2; i++) { /* a repeat changes nothing while the bug is there */
        int status;
        const hf_fact *fact = read_one(HF_OP_PAYMENT_REPORT, &report, &status);
        ck_assert_int_eq(status, 0);
        ck_assert_uint_eq(fact->attention, HF_ATTENTION_INVARIANT);
        ck_assert_int_eq(fact->uncounted, 100);
        ck_assert_int_eq(payment_row("bad").authorized, 0);
        shop_verify();
    }
    hf_attention_list_args list;
    hf_attention_list_init(&list);
    list.subject = HF_ATTENTION_ON_FACT;
    int status;
    const hf_attention_page *page = read_one(HF_OP_ATTENTION_LIST, &list, &status);
    ck_assert_uint_eq(page->count, 1);
    stop_bug();
    const hf_fact *fact = read_one(HF_OP_PAYMENT_REPORT, &report, &status);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(fact->attention, 0);
    ck_assert_int_eq(payment_row("bad").authorized, 100);
    close_shop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bug");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_operation_that_breaks_an_invariant_is_refused_alone, 0,
                        2 * STORES);
    tcase_add_loop_test(core, a_chain_treats_it_as_any_refusal, 0, 2 * STORES);
    tcase_add_loop_test(core, a_read_that_breaks_an_invariant_is_refused_alone, 0, 2 * STORES);
    tcase_add_loop_test(core, what_all_operations_share_stops_the_engine, 0, 2 * STORES);
    tcase_add_loop_test(core, a_report_that_breaks_an_invariant_is_stored_without_effect, 0,
                        2 * STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

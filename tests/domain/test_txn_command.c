/* A provider's command as a transaction: what its answers do to payment and order, in one commit.
 */
#include "support/check_main.h"
#include "support/coordinator.h"
#include "support/shop.h"

#define COMMAND_IDS 256u

static hf_test_fixture fixture;
static hf_test_cart cart;
static hf_id payment_id;
static hf_id command_id;

static void set_up(void)
{
    hf_test_shop_init(&fixture);
    hf_test_cart_init(&fixture, &cart);
    hf_test_cart_line(&cart, "tea", 2, 10, HF_SETTLE_FULFIL);
    hf_payment_args *payment = hf_test_cart_pay(&cart, "anna", 20, HF_SETTLE_FULFIL);
    payment_id = hf_test_id(&fixture);
    payment->id = payment_id;
    payment->account = (hf_account_key){.kind = 0};
    payment->method = HF_METHOD_PROVIDER;
    payment->provider = "bank";
    cart.args.deadline_ms = fixture.now_ms + 60000;
    hf__id_derive(&payment_id, COMMAND_IDS + 1, &command_id);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static void place(void)
{
    int status = hf_test_cart_place(&fixture, &cart);
    ck_assert_msg(status == 0, "%d: %s", status, fixture.detail.text);
    hf_test_expect_states(&fixture, &command_id, "TRYING: TRYING");
}

static const hf_payment *payment(void)
{
    return hf_test_row_of(&fixture, HF__PAYMENTS, &(hf_payment){.id = payment_id});
}

static uint32_t order_state(void)
{
    const hf_order *order =
        hf_test_row_of(&fixture, HF__ORDERS, &(hf_order){.id = cart.args.head.id});
    return order->state;
}

START_TEST(an_order_asks_its_provider_in_the_commit_that_places_it)
{
    uint64_t seq = fixture.event_seq;
    place();
    ck_assert_uint_eq(fixture.event_seq, seq + 1);
    ck_assert_uint_eq(order_state(), HF_ORDER_PENDING);
    ck_assert_int_eq(payment()->pending_authorize, 20);
    hf__txn_call call;
    ck_assert_uint_eq(hf_test_next_call(&fixture, &command_id, 1, &call), HF_PHASE_TRY);
    ck_assert_mem_eq(&call.key, &command_id, sizeof call.key);
    hf_test_say(&fixture, &command_id, 1, HF_ANSWER_OK);
    ck_assert_uint_eq(fixture.event_seq, seq + 2);
    hf_test_expect_states(&fixture, &command_id, "CONFIRMED: CONFIRMED");
    ck_assert_int_eq(payment()->authorized, 20);
    ck_assert_int_eq(payment()->pending_authorize, 0);
    ck_assert_uint_eq(order_state(), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(a_refused_authorization_fails_the_payment)
{
    place();
    hf_test_say(&fixture, &command_id, 1, HF_ANSWER_ONGOING);
    ck_assert_uint_eq(payment()->flags & HF_PAYMENT_ACTION_REQUIRED, HF_PAYMENT_ACTION_REQUIRED);
    hf_test_say(&fixture, &command_id, 1, HF_ANSWER_REJECTED);
    hf_test_expect_states(&fixture, &command_id, "CANCELLED: REFUSED");
    ck_assert_uint_eq(payment()->state, HF_PAYMENT_FAILED);
    ck_assert_int_eq(payment()->pending_authorize, 0);
}
END_TEST

START_TEST(a_command_that_never_arrived_is_refused_past_its_deadline)
{
    place();
    hf_test_say(&fixture, &command_id, 1, HF_ANSWER_UNKNOWN);
    int64_t deadline = hf_test_txn(&fixture, &command_id)->deadline_ms;
    ck_assert_int_ne(deadline, 0);
    fixture.now_ms = deadline;
    hf_test_say(&fixture, &command_id, 1, HF_ANSWER_NOT_FOUND);
    hf_test_expect_states(&fixture, &command_id, "CANCELLED: REFUSED");
    ck_assert_uint_eq(payment()->state, HF_PAYMENT_FAILED);
}
END_TEST

START_TEST(an_operator_answers_for_a_provider)
{
    place();
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_PARK, &command_id), 0);
    ck_assert_int_eq(hf_test_resolve(&fixture, &command_id, 1, HF_ANSWER_OK), 0);
    hf_test_expect_states(&fixture, &command_id, "CONFIRMED: CONFIRMED");
    ck_assert_int_eq(payment()->authorized, 20);
}
END_TEST

START_TEST(an_engine_that_was_replaced_asks_no_provider)
{
    fixture.epoch = 1;
    hf_test_take_leases(&fixture, 2);
    ck_assert_int_eq(hf_test_cart_place(&fixture, &cart), HF_E_FENCED);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__ORDERS), 0);
    ck_assert_uint_eq(hf_test_rows(&fixture, HF__TXNS), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_command");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, an_order_asks_its_provider_in_the_commit_that_places_it);
    tcase_add_test(core, a_refused_authorization_fails_the_payment);
    tcase_add_test(core, a_command_that_never_arrived_is_refused_past_its_deadline);
    tcase_add_test(core, an_operator_answers_for_a_provider);
    tcase_add_test(core, an_engine_that_was_replaced_asks_no_provider);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

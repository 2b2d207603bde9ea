/* Erasure: personal texts go, in any state and page by page; everything else stays as it was. */
#include "support/check_main.h"
#include "support/coordinator.h"
#include "support/shop.h"

#include <holdfast/engine.h>
#include <holdfast/erase.h>
#include <string.h>

static hf_test_fixture fixture;
static hf_test_cart cart;

static const char secret[] = "Ada Lovelace, 12 St James's Square";

static void set_up(void)
{
    hf_test_shop_init(&fixture);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

/* ---- Records to erase ------------------------------------------------------------------------ */

/* An order of `customer` for two tea with every text that an order can have. */
static hf_id place(const char *customer, uint32_t settle_on)
{
    hf_test_cart_init(&fixture, &cart);
    cart.args.customer = customer;
    cart.args.external_ref = "W-1";
    cart.args.head.meta = secret;
    cart.args.head.meta_bytes = sizeof secret;
    hf_test_cart_line(&cart, "tea", 2, 450, settle_on);
    hf_test_cart_pay(&cart, "anna", 900, settle_on);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    return cart.args.head.id;
}

static hf_id place_hold(void)
{
    hf_hold_place_args args;
    hf_hold_place_init(&args);
    args.head.id = hf_test_id(&fixture);
    args.head.meta = secret;
    args.head.meta_bytes = sizeof secret;
    args.from = hf_test_item("tea", "");
    args.amount = 1;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_HOLD_PLACE, &args), 0);
    return args.head.id;
}

/* Two tea, paid by card: its authorization is a transaction. */
static hf_id place_by_card(const char *customer)
{
    hf_test_cart_init(&fixture, &cart);
    cart.args.customer = customer;
    hf_test_cart_line(&cart, "tea", 2, 450, HF_SETTLE_FULFIL);
    hf_payment_args *card = hf_test_cart_pay(&cart, "anna", 900, HF_SETTLE_FULFIL);
    hf_payment_provider_init(card, "card", 900);
    card->settle_on = HF_SETTLE_FULFIL;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    return cart.args.head.id;
}

/* The transaction of the first command of an order's payment. */
static hf_id command_of(const hf_id *order)
{
    hf_id id;
    hf__id_derive(&hf_test_payment(&fixture, order, 1)->id, 256 + 1, &id);
    return id;
}

static void answer(const hf_id *txn, uint32_t what, const char *detail)
{
    hf__txn_answer one = hf_test_answer(&fixture, txn, 1, what);
    hf__name_set(&one.reference, "auth-1");
    hf__name_set(&one.detail, detail);
    hf_test_is(&fixture, hf_test_drive(&fixture, txn, &one, 1), 0);
}

/* ---- Erasing --------------------------------------------------------------------------------- */

static hf_erase_args args_of(uint32_t by, const hf_id *id)
{
    hf_erase_args args;
    hf_erase_init(&args, id);
    args.by = by;
    args.head.id = hf_test_id(&fixture);
    return args;
}

static hf_erase_result erase(const hf_erase_args *args)
{
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ERASE, args), 0);
    ck_assert_ptr_nonnull(fixture.draft.result);
    return *(const hf_erase_result *)fixture.draft.result;
}

static hf_erase_result erase_customer(const char *customer, const char *replacement, uint32_t limit)
{
    hf_erase_args args = args_of(HF_ERASE_BY_CUSTOMER, NULL);
    args.customer = customer;
    args.replacement = replacement;
    args.limit = limit;
    return erase(&args);
}

static const hf_event *last_event(void)
{
    return hf_test_row_of(&fixture, HF__EVENTS, &(hf_event){.seq = fixture.event_seq});
}

/* How many records of a kind the last event lists; what it has besides must be nothing. */
static uint32_t listed(uint32_t kind)
{
    const hf_event *event = last_event();
    uint64_t position = 0;
    uint32_t count = 0;
    hf_change change;
    ck_assert_uint_eq(event->type, HF_OP_ERASE);
    while (hf_event_next(event, &position, &change) == 1) {
        ck_assert_uint_eq(change.type, HF_CHANGE_ERASED);
        ck_assert_str_eq(change.text.text, "");
        count += change.subject_kind == kind ? 1 : 0;
    }
    ck_assert_uint_eq(position, event->body_bytes);
    return count;
}

static void check_erased(const hf_order *before, const hf_id *id)
{
    hf_order expected = *before;
    memset(&expected.customer, 0, sizeof expected.customer);
    expected.version++;
    const hf_order *order = hf_test_order(&fixture, id);
    expected.meta = order->meta;
    expected.meta_bytes = 0;
    ck_assert_mem_eq(order, &expected, sizeof expected);
}

/* ---- Orders ---------------------------------------------------------------------------------- */

START_TEST(an_erased_order_loses_its_texts_and_nothing_else)
{
    const hf_id id = place("ada", HF_SETTLE_CONFIRM);
    const hf_order before = *hf_test_order(&fixture, &id);
    ck_assert_uint_eq(before.state, HF_ORDER_CLOSED);
    ck_assert_uint_eq(before.meta_bytes, sizeof secret);
    hf_erase_args args = args_of(HF_ERASE_BY_ORDER, &id);
    args.head.actor = "privacy";
    const hf_erase_result result = erase(&args);
    ck_assert_uint_eq(result.records, 1);
    ck_assert_uint_eq(result.orders, 1);
    ck_assert_uint_eq(result.more, 0);
    check_erased(&before, &id);
    ck_assert_uint_eq(listed(HF_SUBJECT_ORDER), 1);
    ck_assert_uint_eq(last_event()->subject_kind, HF_SUBJECT_ORDER);
    ck_assert_mem_eq(&last_event()->subject, &id, sizeof id);
    ck_assert_uint_eq(last_event()->subject_version, before.version + 1);
}
END_TEST

START_TEST(an_order_is_erased_in_every_state)
{
    const uint32_t states[] = {HF_ORDER_CONFIRMED, HF_ORDER_CANCELLED};
    const hf_id id = place("ada", HF_SETTLE_FULFIL);
    if (_i == 1)
        hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_CANCEL, &id, 0, 0), 0);
    const hf_order before = *hf_test_order(&fixture, &id);
    ck_assert_uint_eq(before.state, states[_i]);
    const hf_erase_args args = args_of(HF_ERASE_BY_ORDER, &id);
    (void)erase(&args);
    check_erased(&before, &id);
}
END_TEST

START_TEST(texts_are_replaced_when_something_takes_their_place)
{
    const hf_id id = place("ada", HF_SETTLE_CONFIRM);
    hf_erase_args args = args_of(HF_ERASE_BY_ORDER, &id);
    args.replacement = "anon-17";
    args.head.meta = "erased";
    args.head.meta_bytes = 6;
    ck_assert_uint_eq(erase(&args).records, 1);
    const hf_order *order = hf_test_order(&fixture, &id);
    ck_assert_str_eq(order->customer.text, "anon-17");
    ck_assert_uint_eq(order->meta_bytes, 6);
    ck_assert_mem_eq(order->meta, "erased", 6);
    ck_assert_str_eq(order->external_ref.text, "W-1");
}
END_TEST

START_TEST(only_what_is_asked_for_is_erased)
{
    const hf_id id = place("ada", HF_SETTLE_CONFIRM);
    hf_erase_args args = args_of(HF_ERASE_BY_ORDER, &id);
    args.what = HF_ERASE_REF;
    ck_assert_uint_eq(erase(&args).records, 1);
    const hf_order *order = hf_test_order(&fixture, &id);
    ck_assert_str_eq(order->external_ref.text, "");
    ck_assert_str_eq(order->customer.text, "ada");
    ck_assert_uint_eq(order->meta_bytes, sizeof secret);
}
END_TEST

START_TEST(nothing_to_erase_writes_no_event_and_leaves_the_id_unused)
{
    const hf_id id = place("ada", HF_SETTLE_CONFIRM);
    hf_erase_args args = args_of(HF_ERASE_BY_ORDER, &id);
    (void)erase(&args);
    const uint64_t seq = fixture.event_seq;
    const uint64_t version = hf_test_order(&fixture, &id)->version;
    args.head.id = hf_test_id(&fixture);
    ck_assert_uint_eq(erase(&args).records, 0);
    ck_assert_uint_eq(fixture.event_seq, seq);
    ck_assert_uint_eq(hf_test_order(&fixture, &id)->version, version);
    ck_assert_ptr_null(hf_test_row_of(&fixture, HF__OP_KEYS, &(hf__op_key){.id = args.head.id}));
}
END_TEST

START_TEST(the_request_of_an_erased_order_still_gets_its_first_answer)
{
    const hf_id id = place("ada", HF_SETTLE_CONFIRM);
    const hf_erase_args args = args_of(HF_ERASE_BY_ORDER, &id);
    (void)erase(&args);
    const uint64_t seq = fixture.event_seq;
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
    ck_assert_uint_eq(fixture.event_seq, seq);
    ck_assert_uint_eq(hf_test_view(&fixture)->order->meta_bytes, 0);
    cart.args.customer = "eve";
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), HF_E_ID_REUSED);
}
END_TEST

START_TEST(an_order_continues_after_it_was_erased)
{
    const hf_id id = place("ada", HF_SETTLE_FULFIL);
    const hf_erase_args args = args_of(HF_ERASE_BY_ORDER, &id);
    (void)erase(&args);
    hf_test_is(&fixture, hf_test_units(&fixture, HF_OP_ORDER_FULFIL, &id, 1, 2), 0);
    const hf_order *order = hf_test_order(&fixture, &id);
    ck_assert_uint_eq(order->state, HF_ORDER_CLOSED);
    ck_assert_uint_eq(order->meta_bytes, 0);
    ck_assert_str_eq(order->customer.text, "");
}
END_TEST

START_TEST(a_waiting_order_keeps_its_place_in_the_queue)
{
    const hf_account_key tea = hf_test_item("tea", "");
    hf_test_cart_init(&fixture, &cart);
    cart.args.customer = "ada";
    cart.args.policy = HF_ORDER_QUEUE;
    cart.args.deadline_ms = fixture.now_ms + 1000;
    hf_test_cart_line(&cart, "tea", 110, 10, HF_SETTLE_CONFIRM);
    hf_test_cart_pay(&cart, "anna", 1100, HF_SETTLE_CONFIRM);
    hf_test_is(&fixture, hf_test_cart_place(&fixture, &cart), 0);
    const hf_id id = cart.args.head.id;
    ck_assert_uint_eq(erase_customer("ada", "", 256).orders, 1);
    ck_assert_uint_eq(hf_test_order(&fixture, &id)->state, HF_ORDER_WAITING);
    hf_test_supply(&fixture, &tea, 10);
    ck_assert_uint_eq(hf_test_promote(&fixture, &tea, 32).count, 1);
    ck_assert_uint_eq(hf_test_order(&fixture, &id)->state, HF_ORDER_CLOSED);
}
END_TEST

/* ---- Customers ------------------------------------------------------------------------------- */

START_TEST(a_customer_is_erased_page_by_page)
{
    hf_id orders[3];
    for (int i = 0; i < 3; i++)
        orders[i] = place("ada", HF_SETTLE_CONFIRM);
    const hf_id other = place("ben", HF_SETTLE_CONFIRM);
    for (uint32_t i = 0; i < 3; i++) {
        const hf_erase_result page = erase_customer("ada", "anon", 1);
        ck_assert_uint_eq(page.orders, 1);
        ck_assert_uint_eq(page.more, i < 2 ? 1 : 0);
        ck_assert_uint_eq(listed(HF_SUBJECT_ORDER), 1);
        ck_assert_uint_eq(last_event()->subject_kind, HF_SUBJECT_NONE);
    }
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(hf_test_order(&fixture, &orders[i])->customer.text, "anon");
    ck_assert_str_eq(hf_test_order(&fixture, &other)->customer.text, "ben");
    ck_assert_uint_eq(hf_test_order(&fixture, &other)->meta_bytes, sizeof secret);
    ck_assert_uint_eq(erase_customer("ada", "anon", 256).records, 0);
}
END_TEST

START_TEST(a_page_that_holds_the_last_order_says_that_nothing_is_left)
{
    for (int i = 0; i < 3; i++)
        (void)place("ada", HF_SETTLE_CONFIRM);
    const hf_erase_result page = erase_customer("ada", NULL, 3);
    ck_assert_uint_eq(page.orders, 3);
    ck_assert_uint_eq(page.more, 0);
    ck_assert_uint_eq(listed(HF_SUBJECT_ORDER), 3);
}
END_TEST

START_TEST(a_repeated_erasure_changes_nothing_and_says_what_is_left)
{
    for (int i = 0; i < 3; i++)
        (void)place("ada", HF_SETTLE_CONFIRM);
    hf_erase_args args = args_of(HF_ERASE_BY_CUSTOMER, NULL);
    args.customer = "ada";
    args.limit = 2;
    ck_assert_uint_eq(erase(&args).more, 1);
    const uint64_t seq = fixture.event_seq;
    hf_erase_result again = erase(&args);
    ck_assert_uint_eq(again.records, 0);
    ck_assert_uint_eq(again.more, 1);
    (void)erase_customer("ada", NULL, 2);
    again = erase(&args);
    ck_assert_uint_eq(again.records, 0);
    ck_assert_uint_eq(again.more, 0);
    ck_assert_uint_eq(fixture.event_seq, seq + 1);
    args.customer = "ben";
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ERASE, &args), HF_E_ID_REUSED);
}
END_TEST

START_TEST(retention_removes_an_erased_order_when_it_would_have)
{
    (void)place("ada", HF_SETTLE_CONFIRM);
    const hf_id hold = place_hold();
    hf_hold_amount_args part;
    hf_hold_amount_init(&part, &hold);
    part.amount = 1;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_HOLD_RELEASE, &part), 0);
    const int64_t between = fixture.now_ms + 1000;
    fixture.now_ms += 2000;
    (void)erase_customer("ada", NULL, 256);
    const hf_erase_args args = args_of(HF_ERASE_BY_HOLD, &hold);
    ck_assert_uint_eq(erase(&args).records, 1);
    hf_retention_args retention;
    hf_retention_init(&retention);
    retention.before_ms = between;
    hf_test_expect(&fixture, 0, HF_OP_RETENTION, &retention);
    const hf_retention_result *result = fixture.draft.result;
    ck_assert_uint_eq(result->orders, 1);
    ck_assert_uint_eq(result->holds, 1);
}
END_TEST

/* ---- Transactions ---------------------------------------------------------------------------- */

START_TEST(what_a_provider_said_is_erased_with_the_order)
{
    const hf_id id = place_by_card("ada");
    const hf_id txn = command_of(&id);
    answer(&txn, HF_ANSWER_UNKNOWN, secret);
    fixture.now_ms += 200;
    answer(&txn, HF_ANSWER_REJECTED, secret);
    ck_assert_str_eq(hf_test_branch_of(&fixture, &txn, 1)->detail.text, secret);
    const uint64_t version = hf_test_txn(&fixture, &txn)->version;
    const hf_erase_result result = erase_customer("ada", NULL, 256);
    ck_assert_uint_eq(result.orders, 1);
    ck_assert_uint_eq(result.open, 0);
    ck_assert_uint_ge(result.records, 3);
    ck_assert_str_eq(hf_test_branch_of(&fixture, &txn, 1)->detail.text, "");
    ck_assert_str_eq(hf_test_txn(&fixture, &txn)->reason.text, "");
    ck_assert_uint_eq(hf_test_txn(&fixture, &txn)->version, version + 1);
    for (uint32_t no = 1; no <= hf_test_txn(&fixture, &txn)->attempts; no++) {
        const hf_attempt *attempt =
            hf_test_row_of(&fixture, HF__ATTEMPTS, &(hf_attempt){.txn = txn, .no = no});
        ck_assert_str_eq(attempt->detail.text, "");
    }
    ck_assert_uint_eq(listed(HF_SUBJECT_TXN), 1);
}
END_TEST

START_TEST(an_order_is_erased_after_all_that_belongs_to_it)
{
    const hf_id id = place_by_card("ada");
    const hf_id txn = command_of(&id);
    answer(&txn, HF_ANSWER_REJECTED, secret);
    const uint64_t version = hf_test_order(&fixture, &id)->version;
    hf_erase_args args = args_of(HF_ERASE_BY_ORDER, &id);
    args.limit = 1;
    uint32_t pages = 0;
    for (uint32_t more = 1; more != 0; pages++) {
        ck_assert_str_eq(hf_test_order(&fixture, &id)->customer.text, "ada");
        args.head.id = hf_test_id(&fixture);
        const hf_erase_result page = erase(&args);
        ck_assert_uint_eq(page.records, 1);
        ck_assert_uint_eq(last_event()->subject_kind, HF_SUBJECT_ORDER);
        more = page.more;
    }
    ck_assert_uint_ge(pages, 3);
    ck_assert_uint_eq(hf_test_order(&fixture, &id)->version, version + 1);
    ck_assert_str_eq(hf_test_branch_of(&fixture, &txn, 1)->detail.text, "");
}
END_TEST

START_TEST(a_transaction_that_has_not_ended_keeps_its_texts)
{
    const hf_id id = place_by_card("ada");
    const hf_id txn = command_of(&id);
    answer(&txn, HF_ANSWER_UNKNOWN, secret);
    const uint64_t version = hf_test_txn(&fixture, &txn)->version;
    const hf_erase_result result = erase_customer("ada", NULL, 256);
    ck_assert_uint_eq(result.orders, 1);
    ck_assert_uint_eq(result.open, 1);
    ck_assert_str_eq(hf_test_branch_of(&fixture, &txn, 1)->detail.text, secret);
    ck_assert_uint_eq(hf_test_txn(&fixture, &txn)->version, version);
    hf_erase_args args = args_of(HF_ERASE_BY_TXN, &txn);
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ERASE, &args), HF_E_TXN_STATE);
    fixture.now_ms += 200;
    answer(&txn, HF_ANSWER_OK, secret);
    args = args_of(HF_ERASE_BY_ORDER, &id);
    ck_assert_uint_ge(erase(&args).records, 1);
    ck_assert_str_eq(hf_test_branch_of(&fixture, &txn, 1)->detail.text, "");
}
END_TEST

START_TEST(a_transaction_loses_meta_and_payloads)
{
    const hf_branch_args branch = {
        .participant = "hotel", .version = 1, .payload = secret, .payload_bytes = sizeof secret};
    hf_txn_args submit = hf_test_txn_args(&fixture, HF_TXN_TCC, &branch, 1);
    submit.head.meta = secret;
    submit.head.meta_bytes = sizeof secret;
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &submit);
    const hf_id id = submit.head.id;
    hf_erase_args args = args_of(HF_ERASE_BY_TXN, &id);
    hf_test_expect(&fixture, HF_E_TXN_STATE, HF_OP_ERASE, &args);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
    ck_assert_uint_eq(erase(&args).records, 1);
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->meta_bytes, 0);
    ck_assert_uint_eq(hf_test_branch_of(&fixture, &id, 1)->payload_bytes, 0);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &submit);
    ck_assert_uint_eq(fixture.draft.quiet, 1);
}
END_TEST

/* ---- Accounts and holds ---------------------------------------------------------------------- */

START_TEST(an_account_loses_its_meta_and_keeps_its_books)
{
    hf_account_put_args put;
    hf_account_put_init(&put, HF_KIND_MONEY, "anna", "EUR");
    put.head.meta = secret;
    put.head.meta_bytes = sizeof secret;
    put.mode = HF_PUT_CHANGE;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ACCOUNT_PUT, &put), 0);
    hf_account expected = *hf_test_account(&fixture, HF_KIND_MONEY, "anna", "EUR");
    ck_assert_uint_eq(expected.meta_bytes, sizeof secret);
    fixture.now_ms += 1000;
    hf_erase_args args = args_of(HF_ERASE_BY_ACCOUNT, NULL);
    args.account = put.key;
    args.head.expected_version = expected.version;
    ck_assert_uint_eq(erase(&args).records, 1);
    expected.version++;
    const hf_account *account = hf_test_account(&fixture, HF_KIND_MONEY, "anna", "EUR");
    expected.meta = account->meta;
    expected.meta_bytes = 0;
    ck_assert_mem_eq(account, &expected, sizeof expected);
    ck_assert_uint_eq(last_event()->subject_version, expected.version);
    ck_assert_uint_eq(listed(HF_SUBJECT_ACCOUNT), 1);
}
END_TEST

START_TEST(a_hold_loses_its_meta_in_any_state)
{
    const hf_id id = place_hold();
    hf_hold_amount_args part;
    hf_hold_amount_init(&part, &id);
    part.amount = 1;
    if (_i == 1)
        hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_HOLD_RELEASE, &part), 0);
    hf_hold expected = *(const hf_hold *)hf_test_row_of(&fixture, HF__HOLDS, &(hf_hold){.id = id});
    fixture.now_ms += 1000;
    const hf_erase_args args = args_of(HF_ERASE_BY_HOLD, &id);
    ck_assert_uint_eq(erase(&args).records, 1);
    expected.version++;
    const hf_hold *hold = hf_test_row_of(&fixture, HF__HOLDS, &(hf_hold){.id = id});
    expected.meta = hold->meta;
    expected.meta_bytes = 0;
    ck_assert_mem_eq(hold, &expected, sizeof expected);
    ck_assert_uint_eq(listed(HF_SUBJECT_HOLD), 1);
}
END_TEST

/* ---- Bad input ------------------------------------------------------------------------------- */

START_TEST(what_is_not_there_is_not_found)
{
    static const uint32_t bys[] = {HF_ERASE_BY_ORDER, HF_ERASE_BY_HOLD, HF_ERASE_BY_TXN,
                                   HF_ERASE_BY_ACCOUNT};
    static const char *const whats[] = {"order ", "hold ", "transaction ", "account MONEY eve"};
    const hf_id id = hf_test_id(&fixture);
    hf_erase_args args = args_of(bys[_i], bys[_i] == HF_ERASE_BY_ACCOUNT ? NULL : &id);
    if (bys[_i] == HF_ERASE_BY_ACCOUNT)
        args.account = hf_key_of(HF_KIND_MONEY, "eve", "", "EUR");
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ERASE, &args), HF_E_NOT_FOUND);
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, whats[_i]));
}
END_TEST

START_TEST(a_customer_without_orders_is_erased_already)
{
    const hf_erase_result result = erase_customer("nobody", NULL, 256);
    ck_assert_uint_eq(result.records, 0);
    ck_assert_uint_eq(result.more, 0);
}
END_TEST

START_TEST(another_version_is_refused)
{
    const hf_id id = place("ada", HF_SETTLE_CONFIRM);
    hf_erase_args args = args_of(HF_ERASE_BY_ORDER, &id);
    args.head.expected_version = 99;
    hf_test_is(&fixture, hf_test_shop_run(&fixture, HF_OP_ERASE, &args), HF_E_VERSION_MOVED);
    ck_assert_str_eq(hf_test_order(&fixture, &id)->customer.text, "ada");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("erase");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, an_erased_order_loses_its_texts_and_nothing_else);
    tcase_add_loop_test(core, an_order_is_erased_in_every_state, 0, 2);
    tcase_add_test(core, texts_are_replaced_when_something_takes_their_place);
    tcase_add_test(core, only_what_is_asked_for_is_erased);
    tcase_add_test(core, nothing_to_erase_writes_no_event_and_leaves_the_id_unused);
    tcase_add_test(core, the_request_of_an_erased_order_still_gets_its_first_answer);
    tcase_add_test(core, an_order_continues_after_it_was_erased);
    tcase_add_test(core, a_waiting_order_keeps_its_place_in_the_queue);
    tcase_add_test(core, a_customer_is_erased_page_by_page);
    tcase_add_test(core, a_page_that_holds_the_last_order_says_that_nothing_is_left);
    tcase_add_test(core, a_repeated_erasure_changes_nothing_and_says_what_is_left);
    tcase_add_test(core, retention_removes_an_erased_order_when_it_would_have);
    tcase_add_test(core, what_a_provider_said_is_erased_with_the_order);
    tcase_add_test(core, an_order_is_erased_after_all_that_belongs_to_it);
    tcase_add_test(core, a_transaction_that_has_not_ended_keeps_its_texts);
    tcase_add_test(core, a_transaction_loses_meta_and_payloads);
    tcase_add_test(core, an_account_loses_its_meta_and_keeps_its_books);
    tcase_add_loop_test(core, a_hold_loses_its_meta_in_any_state, 0, 2);
    tcase_add_loop_test(core, what_is_not_there_is_not_found, 0, 4);
    tcase_add_test(core, a_customer_without_orders_is_erased_already);
    tcase_add_test(core, another_version_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

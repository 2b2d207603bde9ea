/*
 * The rows of operations on payments are named before the decision: a load that forgets some of
 * them breaks an invariant, and the steps of each load are counted.
 */
#include "base/invariant.h"
#include "domain/payment/fact.h"
#include "domain/payment/facts.h"
#include "domain/payment/rows.h"
#include "support/cases.h"
#include "support/check_main.h"

/* ---- Loads that forget rows ------------------------------------------------------------------ */

enum { NOTHING, ACCOUNTS, MOVEMENTS, ALL_FACTS, KEPT, ANSWER };

/* The linker lets this file answer for these functions (--wrap). */
static uint32_t forgotten;
static uint32_t answers_named;

uint32_t __real_hf__load_payment(hf__draft *draft, const hf_payment *payment);
uint32_t __wrap_hf__load_payment(hf__draft *draft, const hf_payment *payment);
uint32_t __wrap_hf__load_payment(hf__draft *draft, const hf_payment *payment)
{
    return forgotten == ACCOUNTS ? 0 : __real_hf__load_payment(draft, payment);
}

void __real_hf__load_movements(hf__draft *draft, const hf_fact *fact, uint32_t kinds);
void __wrap_hf__load_movements(hf__draft *draft, const hf_fact *fact, uint32_t kinds);
void __wrap_hf__load_movements(hf__draft *draft, const hf_fact *fact, uint32_t kinds)
{
    if (forgotten != MOVEMENTS)
        __real_hf__load_movements(draft, fact, kinds);
}

void __real_hf__load_payment_facts(hf__draft *draft, const hf_payment *payment, uint32_t failures);
void __wrap_hf__load_payment_facts(hf__draft *draft, const hf_payment *payment, uint32_t failures);
void __wrap_hf__load_payment_facts(hf__draft *draft, const hf_payment *payment, uint32_t failures)
{
    if (forgotten != ALL_FACTS)
        __real_hf__load_payment_facts(draft, payment, failures);
}

bool __real_hf__load_reference(hf__draft *draft, const hf_payment *payment,
                               const hf_name *provider_ref);
bool __wrap_hf__load_reference(hf__draft *draft, const hf_payment *payment,
                               const hf_name *provider_ref);
bool __wrap_hf__load_reference(hf__draft *draft, const hf_payment *payment,
                               const hf_name *provider_ref)
{
    return forgotten != KEPT && __real_hf__load_reference(draft, payment, provider_ref);
}

void __real_hf__load_answer(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer);
void __wrap_hf__load_answer(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer);
void __wrap_hf__load_answer(hf__draft *draft, const hf_txn *txn, const hf__txn_answer *answer)
{
    answers_named++;
    if (forgotten != ANSWER)
        __real_hf__load_answer(draft, txn, answer);
}

static void begin(void)
{
    forgotten = NOTHING;
    set_up();
}

static void end(void)
{
    (void)hf__invariant_taken(HF__OF_OPERATION);
    tear_down();
}

/* Decides without applying; the view has everything at once. */
static int decide(uint32_t type, const void *args)
{
    hf__operation op = {.type = type, .args = args, .id = hf_test_id(&fixture)};
    op.actor = &fixture.actor;
    hf__draft *draft = hf_test_draft(&fixture);
    return hf__decide(&op, draft);
}

/* Two tea for 900 of anna's wallet, of which nothing is captured yet. */
static void put_wallet_order(void)
{
    tea(2);
    (void)with_payment(HF_METHOD_ACCOUNT, 900, HF_SETTLE_MANUAL);
    put_order();
}

static hf_payment_amount_args amount_of(int64_t amount)
{
    hf_payment_amount_args args;
    hf_payment_amount_init(&args, &pay()->id);
    args.amount = amount;
    return args;
}

static hf_payment_report_args report_of(uint32_t kind, const char *message)
{
    hf_payment_report_args args;
    hf_payment_report_init(&args);
    args.provider = "card";
    args.fact_ref = message;
    args.unit = "EUR";
    args.payment = pay()->id;
    args.amount = 900;
    args.kind = kind;
    args.provider_time_ms = fixture.now_ms;
    return args;
}

START_TEST(a_payment_whose_account_is_forgotten_breaks_an_invariant)
{
    put_wallet_order();
    const hf_payment_amount_args args = amount_of(900);
    ck_assert_int_eq(decide(HF_OP_PAYMENT_CAPTURE, &args), 0);
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
    forgotten = ACCOUNTS;
#ifdef HF_CHECK_LOADS
    ck_assert_int_eq(decide(HF_OP_PAYMENT_CAPTURE, &args), HF_E_INVARIANT);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
#else
    ck_assert_int_eq(decide(HF_OP_PAYMENT_CAPTURE, &args), 0);
#endif
}
END_TEST

/* A void reads all facts of its payment, and the id that it brings leads to kept reports. */
START_TEST(a_report_whose_facts_are_forgotten_breaks_an_invariant)
{
    put_card_order(HF_SETTLE_FULFIL);
    hf_payment_report_args args = report_of(HF_FACT_VOIDED, "void 1");
    args.payment_ref = "charge 1";
    ck_assert_int_eq(decide(HF_OP_PAYMENT_REPORT, &args), 0);
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
    for (forgotten = MOVEMENTS; forgotten <= KEPT; forgotten++) {
#ifdef HF_CHECK_LOADS
        ck_assert_int_eq(decide(HF_OP_PAYMENT_REPORT, &args), HF_E_INVARIANT);
        ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
#else
        ck_assert_int_eq(decide(HF_OP_PAYMENT_REPORT, &args), 0);
#endif
    }
}
END_TEST

/* What deciding the first answer to the first command returns. */
static int decide_answer(uint32_t what)
{
    const hf_txn txn = command(1);
    const hf__txn_answer one = {.branch = 1,
                                .phase = HF_PHASE_TRY,
                                .attempt = 1,
                                .answer = what,
                                .epoch = fixture.epoch,
                                .amount = 900};
    const hf__txn_drive_args args = {
        .head = {.size = sizeof args}, .txn = txn.id, .answers = &one, .answer_count = 1};
    return decide(HF_EVENT_DRIVE, &args);
}

START_TEST(an_answer_whose_payment_is_forgotten_breaks_an_invariant)
{
    put_card_order(HF_SETTLE_FULFIL);
    ck_assert_int_eq(decide_answer(HF_ANSWER_OK), 0);
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
    forgotten = ANSWER;
    ck_assert_int_ne(decide_answer(HF_ANSWER_OK), 0);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
}
END_TEST

START_TEST(an_answer_names_the_payment_only_when_it_changes_it)
{
    put_card_order(HF_SETTLE_FULFIL);
    answers_named = 0;
    ck_assert_int_eq(decide_answer(HF_ANSWER_RETRY), 0);
    ck_assert_int_eq(decide_answer(HF_ANSWER_UNKNOWN), 0);
    ck_assert_uint_eq(answers_named, 0);
    ck_assert_int_eq(decide_answer(HF_ANSWER_REJECTED), 0);
    ck_assert_uint_eq(answers_named, 1);
}
END_TEST

/* ---- Steps ----------------------------------------------------------------------------------- */

/*
 * The fixture has every key loaded once: an operation is decided once more than it has steps. The
 * payment, then the order and the account of the payment, then the parts of the order.
 */
START_TEST(a_payment_is_loaded_in_one_step_its_order_in_two_others)
{
    put_wallet_order();
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_CAPTURE, &order, 1, 500));
    ck_assert_uint_eq(fixture.passes, 4);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_VOID, &order, 1, 100));
    ck_assert_uint_eq(fixture.passes, 4);
    ok(hf_test_pay(&fixture, HF_OP_PAYMENT_REFUND, &order, 1, 100));
    ck_assert_uint_eq(fixture.passes, 4);
}
END_TEST

static uint32_t steps_to_add(int64_t amount)
{
    hf_payment_add_args args;
    hf_payment_add_init(&args, &order);
    hf_payment_init(&args.payment, "anna", "EUR", amount);
    ok(hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args));
    return fixture.passes - 1;
}

/* The account of a new payment is named with the order. */
START_TEST(the_goods_of_an_order_are_named_only_for_a_payment_that_confirms_it)
{
    tea(2);
    cart.args.deadline_ms = fixture.now_ms + DAY_MS;
    put_order();
    ck_assert_uint_eq(steps_to_add(800), 2);
    stands(HF_ORDER_PENDING, 0);
    ck_assert_uint_eq(steps_to_add(100), 3);
    stands(HF_ORDER_CONFIRMED, 0);
}
END_TEST

static uint32_t steps_to_report(uint32_t kind, const char *message)
{
    const hf_payment_report_args args = report_of(kind, message);
    ok(hf_test_shop_run(&fixture, HF_OP_PAYMENT_REPORT, &args));
    return fixture.passes - 1;
}

/*
 * Message, unit and payment; what the fact reads, with the order; the parts of the order, and the
 * branch of a command that the report ends; then the goods of an order that is confirmed.
 */
START_TEST(a_report_is_loaded_in_three_steps_and_the_goods_of_a_pending_order_in_another)
{
    put_card_order(HF_SETTLE_FULFIL);
    ck_assert_uint_eq(steps_to_report(HF_FACT_AUTHORIZED, "auth 1"), 4);
    ck_assert_uint_eq(steps_to_report(HF_FACT_CAPTURED, "capture 1"), 3);
    ck_assert_uint_eq(steps_to_report(HF_FACT_REFUNDED, "refund 1"), 3);
}
END_TEST

/* What is due of the wallet of a new payment expires in an event before it. */
START_TEST(a_payment_that_is_added_lets_due_holds_of_its_wallet_expire)
{
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){HF_KIND_MONEY, 0, "anna", "", "EUR"};
    hold.amount = 9500;
    hold.deadline_ms = fixture.now_ms + 10;
    ok(hf_test_shop_run(&fixture, HF_OP_HOLD_PLACE, &hold));
    tea(2);
    cart.args.deadline_ms = fixture.now_ms + DAY_MS;
    put_order();
    hf_payment_add_args args;
    hf_payment_add_init(&args, &order);
    hf_payment_init(&args.payment, "anna", "EUR", 900);
    refused(hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args), HF_E_FUNDS_SHORT);
    fixture.now_ms += 10;
    const uint64_t before = fixture.event_seq;
    ok(hf_test_shop_run(&fixture, HF_OP_PAYMENT_ADD, &args));
    ck_assert_uint_eq(fixture.event_seq, before + 2);
    ck_assert_int_eq(pay()->authorized, 900);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load_payment");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, begin, end);
    tcase_add_test(core, a_payment_whose_account_is_forgotten_breaks_an_invariant);
    tcase_add_test(core, a_report_whose_facts_are_forgotten_breaks_an_invariant);
    tcase_add_test(core, an_answer_whose_payment_is_forgotten_breaks_an_invariant);
    tcase_add_test(core, an_answer_names_the_payment_only_when_it_changes_it);
    tcase_add_test(core, a_payment_is_loaded_in_one_step_its_order_in_two_others);
    tcase_add_test(core, the_goods_of_an_order_are_named_only_for_a_payment_that_confirms_it);
    tcase_add_test(core,
                   a_report_is_loaded_in_three_steps_and_the_goods_of_a_pending_order_in_another);
    tcase_add_test(core, a_payment_that_is_added_lets_due_holds_of_its_wallet_expire);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

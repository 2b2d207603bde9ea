/*
 * The rows of transactions are named before the decision: a load that forgets some of them breaks
 * an invariant, holds are named until the transaction is decided, and the steps of each load are
 * counted.
 */
#include "base/invariant.h"
#include "domain/core/suspect.h"
#include "domain/decide.h"
#include "domain/txn/lease.h"
#include "domain/txn/work.h"
#include "support/check_main.h"
#include "support/coordinator.h"

static hf_test_fixture fixture;

/* ---- Loads that forget rows ------------------------------------------------------------------ */

enum { NOTHING, LEASE, MOVES, ASIDE };

/* The linker lets this file answer for these functions (--wrap). */
static uint32_t forgotten;
static uint32_t moves_named;

uint32_t __real_hf__load_lease(hf__draft *draft, const hf_id *txn);
uint32_t __wrap_hf__load_lease(hf__draft *draft, const hf_id *txn);
uint32_t __wrap_hf__load_lease(hf__draft *draft, const hf_id *txn)
{
    return forgotten == LEASE ? 0 : __real_hf__load_lease(draft, txn);
}

void __real_hf__txn_name_move(hf__draft *draft, const hf_id *txn, uint32_t no,
                              hf__txn_move_rows *out);
void __wrap_hf__txn_name_move(hf__draft *draft, const hf_id *txn, uint32_t no,
                              hf__txn_move_rows *out);
void __wrap_hf__txn_name_move(hf__draft *draft, const hf_id *txn, uint32_t no,
                              hf__txn_move_rows *out)
{
    moves_named++;
    if (forgotten != MOVES)
        __real_hf__txn_name_move(draft, txn, no, out);
}

uint32_t __real_hf__aside_name(hf__draft *draft, uint32_t kind, const hf_id *id);
uint32_t __wrap_hf__aside_name(hf__draft *draft, uint32_t kind, const hf_id *id);
uint32_t __wrap_hf__aside_name(hf__draft *draft, uint32_t kind, const hf_id *id)
{
    return forgotten == ASIDE ? 0 : __real_hf__aside_name(draft, kind, id);
}

static void begin(void)
{
    forgotten = NOTHING;
    moves_named = 0;
    hf_test_txn_accounts(&fixture);
}

static void end(void)
{
    (void)hf__invariant_taken(HF__OF_OPERATION);
    hf_test_fixture_fini(&fixture);
}

/* Decides without applying; the view has everything at once. */
static int decide(uint32_t type, const void *args)
{
    hf__operation op = {.type = type, .args = args, .id = hf_test_id(&fixture)};
    op.actor = &fixture.actor;
    return hf__decide(&op, hf_test_draft(&fixture));
}

/* 30 of ann for the shop, with one branch. */
static hf_id submit(void)
{
    const hf_branch_args branch = hf_test_branch("hotel", 0, 0);
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, &branch, 1);
    const hf_txn_move_args move = hf_test_move("ann", "shop", 30);
    args.moves = &move;
    args.move_count = 1;
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &args);
    return args.head.id;
}

/* What deciding an OK of the branch returns. */
static int decide_ok(const hf_id *id)
{
    const hf__txn_answer answer = hf_test_answer(&fixture, id, 1, HF_ANSWER_OK);
    hf__txn_drive_args args = {.head = {.size = sizeof args}, .txn = *id};
    args.answers = &answer;
    args.answer_count = 1;
    return decide(HF_EVENT_DRIVE, &args);
}

START_TEST(a_transaction_whose_lease_is_forgotten_breaks_an_invariant)
{
    const hf_id id = submit();
    ck_assert_int_eq(decide_ok(&id), 0);
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
    forgotten = LEASE;
    ck_assert_int_eq(decide_ok(&id), HF_E_FENCED);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
}
END_TEST

START_TEST(a_transaction_whose_hold_is_forgotten_breaks_an_invariant)
{
    const hf_id id = submit();
    forgotten = MOVES;
    ck_assert_int_eq(decide_ok(&id), HF_E_INVARIANT);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
}
END_TEST

START_TEST(a_parked_transaction_that_is_forgotten_to_be_set_aside_breaks_an_invariant)
{
    const hf_id id = submit();
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_PARK, &id), 0);
    const hf_txn_act_args args = {.head = {.size = sizeof args}, .txn = id, .reason = "again"};
    ck_assert_int_eq(decide(HF_OP_TXN_UNPARK, &args), 0);
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
    forgotten = ASIDE;
#ifdef HF_CHECK_LOADS
    ck_assert_int_eq(decide(HF_OP_TXN_UNPARK, &args), HF_E_INVARIANT);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
#else
    ck_assert_int_eq(decide(HF_OP_TXN_UNPARK, &args), 0);
#endif
}
END_TEST

/* ---- Steps ----------------------------------------------------------------------------------- */

/*
 * The fixture has every key loaded once: an operation is decided once more than it has steps. The
 * transaction; its branch and its hold; the accounts of the hold.
 */
START_TEST(a_transaction_is_loaded_in_three_steps_and_in_two_once_it_is_decided)
{
    const hf_id first = submit(); /* with the leases, which are taken first */
    hf_test_say(&fixture, &first, 1, HF_ANSWER_OK);
    const hf_id id = submit();
    ck_assert_uint_eq(fixture.passes, 2);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert_uint_eq(fixture.passes, 4);
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert_uint_eq(fixture.passes, 3);
    hf_test_expect_states(&fixture, &id, "CONFIRMED: CONFIRMED");
}
END_TEST

START_TEST(holds_are_named_until_the_transaction_is_decided)
{
    const hf_id id = submit();
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert_uint_gt(moves_named, 0);
    moves_named = 0;
    hf_test_say(&fixture, &id, 1, HF_ANSWER_OK);
    ck_assert_uint_eq(moves_named, 0);
}
END_TEST

/* A repeat names what its answer reads: the ids, then the transaction, then its branch. */
START_TEST(a_repeated_submit_names_the_rows_of_its_answer)
{
    const hf_branch_args branch = hf_test_branch("hotel", 0, 0);
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, &branch, 1);
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &args);
    const uint64_t events = fixture.event_seq;
    hf_test_expect(&fixture, 0, HF_OP_TXN_SUBMIT, &args);
    ck_assert_uint_eq(fixture.passes, 3);
    ck_assert_uint_eq(fixture.event_seq, events);
    ck_assert_uint_eq(((const hf_txn_view *)fixture.draft.result)->branch_count, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load_txn");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, begin, end);
    tcase_add_test(core, a_transaction_whose_lease_is_forgotten_breaks_an_invariant);
    tcase_add_test(core, a_transaction_whose_hold_is_forgotten_breaks_an_invariant);
    tcase_add_test(core,
                   a_parked_transaction_that_is_forgotten_to_be_set_aside_breaks_an_invariant);
    tcase_add_test(core, a_transaction_is_loaded_in_three_steps_and_in_two_once_it_is_decided);
    tcase_add_test(core, holds_are_named_until_the_transaction_is_decided);
    tcase_add_test(core, a_repeated_submit_names_the_rows_of_its_answer);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

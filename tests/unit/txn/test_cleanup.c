/*
 * Ended transactions are removed by the engine, and the books still add up: what the events have of
 * them is taken back by the event that says that they have gone.
 */
#include "support/check_main.h"
#include "support/txn.h"

#define DAY_MS 86400000
#define TXNS   30

static hf_test_host host;
static hf_test_service stock;
static hf_test_txn txns[TXNS];

static void start(int64_t keep_ms)
{
    hf_test_place_options(&host, HF_TEST_MEMORY_INLINE);
    host.options.txn_keep_ms = keep_ms;
    hf_test_open(&host);
    hf_test_register(&stock, &host, "stock", 0);
    for (int i = 0; i < 2; i++) {
        hf_test_call call = {.calls = 0};
        hf_account_put_args args;
        hf_account_put_init(&args, HF_KIND_MONEY, i == 0 ? "anna" : "ben", "EUR");
        args.opening = 1000;
        args.unit_scale = 2;
        ck_assert_int_eq(hf_account_put(host.engine, &call.req, &args, hf_test_done), 0);
        hf_test_until(&host, &call.calls, 1);
        ck_assert_int_eq(call.status, 0);
    }
}

/* One with a move: confirmed, or cancelled when `refused`; without a branch made at once. */
static void run_one(hf_test_txn *txn, uint32_t branch_count, bool refused)
{
    const hf_txn_move_args move = {
        .from = {.kind = HF_KIND_MONEY, .name = "anna", .unit = "EUR"},
        .to = {.kind = HF_KIND_MONEY, .name = "ben", .unit = "EUR"},
        .amount = 1,
    };
    hf_branch_args branch;
    hf_txn_args args;
    hf_branch_init(&branch, "stock");
    hf_txn_init(&args);
    args.moves = &move;
    args.move_count = 1;
    args.branches = &branch;
    args.branch_count = branch_count;
    stock.answers[HF_PHASE_TRY] = refused ? HF_ANSWER_REJECTED : HF_ANSWER_OK;
    memset(txn, 0, sizeof *txn);
    ck_assert_int_eq(hf_txn_submit(host.engine, &txn->req, &args, hf_test_txn_done), 0);
    hf_test_until(&host, &txn->calls, 1);
    hf_test_status(txn, refused ? HF_E_TXN_ABORTED : 0);
}

static int verified;

static void on_verify(void *data, int status, const hf_verify_result *result)
{
    (void)data;
    ck_assert_int_eq(status, 0);
    for (uint32_t i = 0; i < result->finding_count; i++)
        (void)fprintf(stderr, "%s\n", result->findings[i].text);
    ck_assert_uint_eq(result->findings_total, 0);
    verified++;
}

static void verify(void)
{
    int before = verified;
    ck_assert_int_eq(hf_verify(host.engine, NULL, on_verify, NULL), 0);
    hf_test_run(&host, &verified, before + 1);
}

static int count_there(void)
{
    int there = 0;
    for (int i = 0; i < TXNS; i++) {
        hf_test_txn txn;
        hf_id id = txns[i].id;
        if (hf_id_time(&id) == 0)
            continue; /* refused: its id was not returned */
        hf_test_txn_get(&host, &txn, &id);
        there += txn.status == 0;
    }
    return there;
}

static void advance(int64_t ms)
{
    ck_assert_int_eq(hf_clock_advance(host.engine, ms), 0);
    hf_test_rest(&host);
}

START_TEST(the_books_add_up_when_ended_transactions_have_gone)
{
    start(_i == 0 ? 0 : 7 * (int64_t)DAY_MS);
    for (int i = 0; i < TXNS; i++)
        run_one(&txns[i], i % 3 != 0, i % 3 == 2);
    ck_assert_int_eq(count_there(), 20);
    verify();
    advance(8 * (int64_t)DAY_MS);
    for (int hour = 0; hour < 3; hour++)
        advance(3600000);
    ck_assert_int_eq(count_there(), _i == 0 ? 20 : 0);
    verify();
    run_one(&txns[0], 1, false);
    verify();
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_engine_with_nobody_registered_removes_nothing)
{
    hf_test_place_start(&host, HF_TEST_LMDB_INLINE);
    hf_test_register(&stock, &host, "stock", 0);
    hf_test_txn txn = {.calls = 0};
    static const char *const names[] = {"stock"};
    ck_assert_int_eq(hf_test_submit(&host, &txn, names, 1, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_id id = txn.id;
    ck_assert_int_eq(hf_engine_close(host.engine, hf_test_closed, &host), 0);
    hf_test_run(&host, &host.closed, 1);
    host.closed = 0;
    host.options.virtual_time_ms += 30 * (int64_t)DAY_MS;
    hf_test_open(&host);
    advance(DAY_MS);
    advance(DAY_MS);
    ck_assert_uint_eq(hf_test_txn_state(&host, &id), HF_TXN_CONFIRMED);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_cleanup");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, the_books_add_up_when_ended_transactions_have_gone, 0, 2);
    tcase_add_test(core, an_engine_with_nobody_registered_removes_nothing);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

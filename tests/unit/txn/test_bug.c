/*
 * A step of a transaction that breaks an invariant parks this transaction, and all others continue.
 * The bug is made as in support/bug.h.
 */
#include "base/invariant.h"
#include "domain/core/body.h"
#include "support/check_main.h"
#include "support/txn.h"

#include <stdatomic.h>

static atomic_bool bug; /* also read by the storage thread */
static hf_id bug_id;    /* of the transaction; set before the bug */
static hf_test_host host;
static hf_test_service stock;
static const char *const names[] = {"stock"};

int __real_hf__body_state(hf__draft *draft, uint32_t kind, const hf_id *id, uint32_t state);
int __wrap_hf__body_state(hf__draft *draft, uint32_t kind, const hf_id *id, uint32_t state);
int __wrap_hf__body_state(hf__draft *draft, uint32_t kind, const hf_id *id, uint32_t state)
{
    if (atomic_load(&bug) && memcmp(&bug_id, id, sizeof *id) == 0)
        (void)hf__invariant_broken(HF__OF_OPERATION, "no bug", "lib/bug.c", 1);
    return __real_hf__body_state(draft, kind, id, state);
}

static void unpark(const hf_id *id)
{
    hf_txn_act_args args;
    hf_txn_act_init(&args, id);
    args.reason = "a new version is here";
    hf_test_txn done = {.calls = 0};
    ck_assert_int_eq(hf_txn_unpark(host.engine, &done.req, &args, hf_test_txn_done), 0);
    hf_test_until(&host, &done.calls, 1);
    hf_test_status(&done, 0);
}

/* Its try is out, and the bug waits for the answer. */
static void submit_with_bug(hf_test_txn *txn)
{
    memset(txn, 0, sizeof *txn);
    host.has_bug = 1;
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    ck_assert_int_eq(hf_test_submit(&host, txn, names, 1, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &stock.count, 1);
    bug_id = stock.seen[0].call.txn;
    atomic_store(&bug, true);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_OK;
    ck_assert_int_eq(hf_test_reply(&stock, stock.seen[0].call.ticket, HF_ANSWER_OK), 0);
}

static hf_health_info health(void)
{
    hf_health_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_health(host.engine, &info), 0);
    return info;
}

START_TEST(a_transaction_whose_step_breaks_an_invariant_is_parked_and_the_others_continue)
{
    hf_test_txn txn;
    hf_test_place_start(&host, _i);
    hf_test_register(&stock, &host, "stock", 0);
    submit_with_bug(&txn);
    hf_test_rest(&host);
    hf_test_txn now;
    hf_test_txn_get(&host, &now, &bug_id);
    ck_assert_uint_eq(now.parked, 1);
    ck_assert_uint_eq(now.state, HF_TXN_TRYING);
    ck_assert_str_eq(now.reason, "broken invariant: lib/bug.c:1: no bug");
    ck_assert_uint_eq(health().invariants, 1);
    ck_assert_uint_eq(health().state, HF_HEALTH_OK);
    ck_assert_int_eq(hf_clock_advance(host.engine, 1000), 0);
    hf_test_rest(&host);
    ck_assert_int_eq(stock.count, 1); /* nobody is called for it */
    hf_test_txn other = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &other, names, 1, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &other.calls, 1);
    hf_test_status(&other, 0);
    ck_assert_uint_eq(other.state, HF_TXN_CONFIRMED);
    ck_assert_uint_eq(health().invariants, 1);
    int before = stock.count;
    atomic_store(&bug, false);
    unpark(&bug_id);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_uint_eq(txn.state, HF_TXN_CONFIRMED);
    ck_assert_mem_eq(&stock.seen[before].call.key, &stock.seen[0].call.key, sizeof(hf_id));
    ck_assert_uint_eq(health().invariants, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_transaction_that_is_unparked_with_the_bug_is_parked_again)
{
    hf_test_txn txn;
    hf_test_place_start(&host, _i);
    hf_test_register(&stock, &host, "stock", 0);
    submit_with_bug(&txn);
    hf_test_rest(&host);
    unpark(&bug_id);
    hf_test_rest(&host);
    hf_test_txn now;
    hf_test_txn_get(&host, &now, &bug_id);
    ck_assert_uint_eq(now.parked, 1);
    ck_assert_uint_eq(health().invariants, 2);
    atomic_store(&bug, false);
    unpark(&bug_id);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, 0);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_bug");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(
        core, a_transaction_whose_step_breaks_an_invariant_is_parked_and_the_others_continue, 0,
        HF_TEST_PLACES);
    tcase_add_loop_test(core, a_transaction_that_is_unparked_with_the_bug_is_parked_again, 0,
                        HF_TEST_PLACES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

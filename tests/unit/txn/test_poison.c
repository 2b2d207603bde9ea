/*
 * A store that fails for good while a transaction is under way: callers that wait are called back.
 */
#include "store/builtin.h"
#include "support/check_main.h"
#include "support/fault.h"
#include "support/txn.h"

static hf_test_host host;
static hf_test_service stock;
static hf__fault fault;
static const char *const names[] = {"stock"};

/* Its try is out when the store breaks; the answer is the write that finds it. */
START_TEST(callers_that_wait_for_an_engine_that_is_poisoned_get_an_unknown_outcome)
{
    hf_test_txn txn = {.calls = 0};
    hf_test_txn late = {.calls = 0};
    hf_test_place_options(&host, HF_TEST_MEMORY_INLINE + _i);
    ck_assert_int_eq(hf__fault_init(&fault, &hf__memory_driver, NULL), 0);
    host.options.driver = &fault.driver;
    hf_test_open(&host);
    hf_test_register(&stock, &host, "stock", 0);
    stock.answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    ck_assert_int_eq(hf_test_submit(&host, &txn, names, 1, HF_TXN_FINISHED), 0);
    hf_test_until(&host, &stock.count, 1);
    hf__fault_arm(&fault, &(hf__fault_plan){
                              .at = 1, .kind = HF__FAULT_FAIL, .calls = 1u << HF__FAULT_COMMIT});
    ck_assert_int_eq(hf_test_reply(&stock, stock.seen[0].call.ticket, HF_ANSWER_OK), 0);
    hf_test_run(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_UNKNOWN);
    ck_assert_uint_eq(hf__fault_hits(&fault), 1);
    ck_assert_int_eq(hf_test_submit(&host, &late, names, 1, HF_TXN_FINISHED), HF_E_POISONED);
    hf_test_stop(&host);
    ck_assert_int_eq(txn.calls, 1);
    hf__fault_fini(&fault);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_poison");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(
        core, callers_that_wait_for_an_engine_that_is_poisoned_get_an_unknown_outcome, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

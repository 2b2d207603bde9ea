/*
 * Registering participants and providers: what is refused, and what becomes of a transaction whose
 * participant nobody knows.
 */
#include "support/check_main.h"
#include "support/txn.h"

static hf_test_host host;
static hf_test_service service;
static const char *const names[] = {"stock"};

static int reg(const hf_participant *about)
{
    return hf_participant_register(host.engine, about);
}

static hf_participant good(uint32_t flags)
{
    return hf_test_service_init(&service, &host, "stock", flags);
}

START_TEST(a_participant_that_lacks_something_is_refused)
{
    hf_test_place_start(&host, 0);
    hf_participant p = good(0);
    p.attempt = NULL;
    ck_assert_int_eq(reg(&p), HF_E_ARGUMENT);
    p = good(0);
    p.confirm = NULL;
    ck_assert_int_eq(reg(&p), HF_E_ARGUMENT);
    p = good(0);
    p.cancel = NULL;
    ck_assert_int_eq(reg(&p), HF_E_ARGUMENT);
    p = good(HF_PARTICIPANT_ONE_PHASE);
    p.query = NULL;
    ck_assert_int_eq(reg(&p), HF_E_ARGUMENT);
    p = good(HF_PARTICIPANT_ONE_PHASE | HF_PARTICIPANT_READONLY);
    ck_assert_int_eq(reg(&p), HF_E_ARGUMENT);
    p = good(64);
    ck_assert_int_eq(reg(&p), HF_E_ENUM);
    p = good(0);
    p.size--;
    ck_assert_int_eq(reg(&p), HF_E_ABI);
    p = good(0);
    p.name = "";
    ck_assert_int_eq(reg(&p), HF_E_TEXT_MISSING);
    p = good(0);
    p.version = 0;
    ck_assert_int_eq(reg(&p), HF_E_ARGUMENT);
    p = good(0);
    p.in_flight_max = 0;
    ck_assert_int_eq(reg(&p), HF_E_ARGUMENT);
    p = good(0);
    p.retry[1].multiplier = 1;
    ck_assert_int_eq(reg(&p), HF_E_ARGUMENT);
    p = good(0);
    p.call_timeout_ms = 0;
    ck_assert_int_eq(reg(&p), HF_E_ARGUMENT);
    ck_assert_int_eq(reg(NULL), HF_E_ARGUMENT);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_name_and_version_is_registered_once)
{
    hf_test_place_start(&host, 0);
    hf_participant p = good(0);
    ck_assert_int_eq(reg(&p), 0);
    ck_assert_int_eq(reg(&p), HF_E_EXISTS);
    for (p.version = 2; p.version <= 64; p.version++)
        ck_assert_int_eq(reg(&p), 0);
    ck_assert_int_eq(reg(&p), HF_E_TOO_MANY);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_provider_has_a_name_of_its_own_kind)
{
    hf_test_place_start(&host, 0);
    hf_participant p = good(0);
    ck_assert_int_eq(reg(&p), 0);
    hf_provider provider;
    hf_provider_init(&provider, "stock");
    ck_assert_int_eq(hf_provider_register(host.engine, &provider), HF_E_ARGUMENT);
    provider.authorize = provider.capture = provider.void_ = hf_test_called;
    provider.refund = provider.query = hf_test_called;
    provider.reserved = 1;
    ck_assert_int_eq(hf_provider_register(host.engine, &provider), HF_E_ABI);
    provider.reserved = 0;
    ck_assert_int_eq(hf_provider_register(host.engine, &provider), 0);
    ck_assert_int_eq(hf_provider_register(host.engine, &provider), HF_E_EXISTS);
    ck_assert_int_eq(hf_provider_register(host.engine, NULL), HF_E_ARGUMENT);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_unregistered_participant_parks_and_continues_when_it_is_there)
{
    hf_test_place_start(&host, _i);
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(&host, &txn, names, 1, HF_TXN_ACCEPTED), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_rest(&host);
    hf_id id = txn.id;
    hf_test_txn_get(&host, &txn, &id);
    ck_assert_uint_eq(txn.state, HF_TXN_TRYING);
    ck_assert_uint_eq(txn.parked, 1);
    ck_assert_ptr_nonnull(strstr(txn.reason, "stock"));
    hf_participant p = good(0);
    p.version = 2; /* another version does not help */
    ck_assert_int_eq(reg(&p), 0);
    p.version = 1;
    ck_assert_int_eq(reg(&p), 0);
    ck_assert_int_eq(service.count, 0);
    hf_txn_act_args act;
    hf_txn_act_init(&act, &id);
    act.reason = "it is there now";
    hf_test_txn unparked = {.calls = 0};
    ck_assert_int_eq(hf_txn_unpark(host.engine, &unparked.req, &act, hf_test_txn_done), 0);
    hf_test_until(&host, &unparked.calls, 1);
    hf_test_status(&unparked, 0);
    hf_test_until(&host, &service.count, 2);
    hf_test_rest(&host);
    ck_assert_uint_eq(hf_test_txn_state(&host, &id), HF_TXN_CONFIRMED);
    ck_assert_uint_eq(service.seen[0].call.version, 1);
    hf_test_stop(&host);
}
END_TEST

/* Of a saga without a pivot every step may have to be undone. */
START_TEST(a_saga_with_a_step_that_has_no_cancel_is_refused_before_anybody_is_called)
{
    hf_test_place_start(&host, _i);
    hf_participant p = good(HF_PARTICIPANT_ONE_PHASE);
    p.confirm = NULL;
    p.cancel = NULL;
    ck_assert_int_eq(reg(&p), 0);
    hf_branch_args branch;
    hf_txn_args args;
    hf_branch_init(&branch, "stock");
    hf_txn_init(&args);
    args.kind = HF_TXN_SAGA;
    args.branches = &branch;
    args.branch_count = 1;
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_txn_submit(host.engine, &txn.req, &args, hf_test_txn_done), 0);
    hf_test_until(&host, &txn.calls, 1);
    hf_test_status(&txn, HF_E_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(txn.detail, "branch 1, stock: has no cancel"));
    branch.flags = HF_BRANCH_PIVOT;
    ck_assert_int_eq(hf_txn_submit(host.engine, &txn.req, &args, hf_test_txn_done), 0);
    hf_test_until(&host, &txn.calls, 2);
    hf_test_status(&txn, 0);
    ck_assert_int_eq(service.count, 1);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_register");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_participant_that_lacks_something_is_refused);
    tcase_add_test(core, a_name_and_version_is_registered_once);
    tcase_add_test(core, a_provider_has_a_name_of_its_own_kind);
    tcase_add_loop_test(core, an_unregistered_participant_parks_and_continues_when_it_is_there, 0,
                        HF_TEST_PLACES);
    tcase_add_loop_test(
        core, a_saga_with_a_step_that_has_no_cancel_is_refused_before_anybody_is_called, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/*
 * Leases and nodes: taken, renewed, shared and released by engines that see the same rows, judged
 * by the time of the batch.
 */
#include "domain/txn/txn.h"
#include "support/check_main.h"
#include "support/coordinator.h"
#include "support/random.h"

#define ENGINES  4u
#define LEASE_MS INT64_C(9000)
#define WALKS    6
#define STEPS    300

static hf_test_fixture fixture;
static hf__holding engines[ENGINES];
static hf_test_random dice;

static void open_engine(uint32_t at, const char *name)
{
    static uint64_t incarnations;
    engines[at] = (hf__holding){.lease_ms = LEASE_MS, .shared = true};
    engines[at].node.incarnation = ++incarnations;
    hf__name_set(&engines[at].node.name, name);
}

static void setup(void)
{
    static const char *const names[ENGINES] = {"one", "two", "three", "four"};
    hf_test_txn_accounts(&fixture);
    for (uint32_t i = 0; i < ENGINES; i++)
        open_engine(i, names[i]);
}

static void teardown(void)
{
    hf_test_fixture_fini(&fixture);
}

/* Lets an engine decide something; what it holds follows. */
static int act(uint32_t at, uint32_t type, const void *args)
{
    fixture.holding = engines[at];
    fixture.epoch = engines[at].held.epochs[0]; /* of a store of its own */
    int status = hf_test_run(&fixture, type, args);
    if (status == 0 && fixture.draft.held != NULL)
        engines[at].held = *fixture.draft.held;
    return status;
}

static int ask(uint32_t at, uint32_t drives)
{
    const hf__txn_lease_args args = {.head = {.size = sizeof args}, .drives = drives};
    return act(at, HF_EVENT_LEASE, &args);
}

static void renew(uint32_t at)
{
    int status = ask(at, 1);
    ck_assert_msg(status == 0, "%d: %s", status, fixture.detail.text);
}

static int leave(uint32_t at)
{
    const hf__txn_lease_args args = {.head = {.size = sizeof args}, .leaves = 1};
    return act(at, HF_EVENT_LEASE, &args);
}

static void drain(uint32_t at)
{
    const hf_node_drain_args args = {.head = {.size = sizeof args}};
    ck_assert_int_eq(act(at, HF_OP_NODE_DRAIN, &args), 0);
}

static const hf__lease *lease_of(uint32_t shard)
{
    return hf_test_row_of(&fixture, HF__LEASES, &(hf__lease){.shard = shard});
}

static const hf_node *node_of(uint32_t at)
{
    return hf_test_row_of(&fixture, HF__NODES, &engines[at].node);
}

static uint32_t held(uint32_t at)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < HF_SHARDS; i++)
        count += engines[at].held.epochs[i] != 0 ? 1 : 0;
    return count;
}

/* Submitted by one engine, and driven by any. */
static hf_id submit(uint32_t at)
{
    const hf_branch_args branch = hf_test_branch("hotel", 0, 0);
    hf_txn_args args = hf_test_txn_args(&fixture, HF_TXN_TCC, &branch, 1);
    int status = act(at, HF_OP_TXN_SUBMIT, &args);
    ck_assert_msg(status == 0, "%d: %s", status, fixture.detail.text);
    return args.head.id;
}

static int drive(uint32_t at, const hf_id *id)
{
    hf__txn_answer answer = hf_test_answer(&fixture, id, 1, HF_ANSWER_OK);
    fixture.holding = engines[at];
    return hf_test_drive(&fixture, id, &answer, 1);
}

START_TEST(an_engine_alone_takes_every_shard_under_one_new_epoch)
{
    hf_test_put(&fixture, HF__LEASES, &(hf__lease){.shard = 7, .epoch = 41});
    renew(0);
    ck_assert_uint_eq(held(0), HF_SHARDS);
    for (uint32_t i = 0; i < HF_SHARDS; i++) {
        const hf__lease *lease = lease_of(i);
        ck_assert_uint_eq(lease->epoch, 42);
        ck_assert_int_eq(lease->expires_ms, fixture.now_ms + LEASE_MS);
        ck_assert_str_eq(lease->owner.text, "one");
    }
    ck_assert_int_eq(node_of(0)->started_ms, fixture.now_ms);
    ck_assert_uint_eq(node_of(0)->drives, 1);
}
END_TEST

START_TEST(a_renewal_keeps_the_epoch_and_writes_no_event)
{
    renew(0);
    uint64_t seq = fixture.event_seq;
    fixture.now_ms += LEASE_MS / 3;
    renew(0);
    ck_assert_uint_eq(fixture.event_seq, seq);
    ck_assert_uint_eq(held(0), HF_SHARDS);
    ck_assert_uint_eq(lease_of(3)->epoch, 1);
    ck_assert_int_eq(lease_of(3)->expires_ms, fixture.now_ms + LEASE_MS);
    ck_assert_int_eq(node_of(0)->expires_ms, fixture.now_ms + LEASE_MS);
    ck_assert_int_eq(node_of(0)->started_ms, fixture.now_ms - LEASE_MS / 3);
}
END_TEST

START_TEST(a_lease_that_is_alive_is_not_taken)
{
    renew(0);
    fixture.now_ms += LEASE_MS - 1;
    renew(1);
    ck_assert_uint_eq(held(1), 0);
    ck_assert_str_eq(lease_of(0)->owner.text, "one");
    ck_assert_uint_eq(lease_of(0)->epoch, 1);
}
END_TEST

START_TEST(a_lease_that_has_expired_is_taken_under_a_higher_epoch_and_fences_who_had_it)
{
    renew(0);
    hf_id id = submit(0);
    fixture.now_ms += LEASE_MS;
    renew(1);
    ck_assert_uint_eq(held(1), HF_SHARDS);
    ck_assert_uint_eq(lease_of(0)->epoch, 2);
    ck_assert_int_eq(drive(0, &id), HF_E_FENCED);
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, "epoch 2 is the newest, this engine has 1"));
    hf_test_expect_states(&fixture, &id, "TRYING: TRYING");
    ck_assert_int_eq(drive(1, &id), 0);
    renew(0);
    ck_assert_uint_eq(held(0), 0); /* it has seen what it lost */
}
END_TEST

START_TEST(an_expired_lease_writes_nothing_until_it_was_renewed_though_nobody_took_it)
{
    renew(0);
    hf_id id = submit(0);
    fixture.now_ms += LEASE_MS;
    ck_assert_int_eq(drive(0, &id), HF_E_FENCED);
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, "expired 0 ms ago"));
    renew(0);
    ck_assert_uint_eq(lease_of(0)->epoch, 1);
    ck_assert_int_eq(drive(0, &id), 0);
}
END_TEST

START_TEST(engines_release_what_is_beyond_a_fair_part_when_they_renew)
{
    renew(0);
    renew(1);
    renew(0);
    ck_assert_uint_eq(held(0), 32);
    renew(1);
    ck_assert_uint_eq(held(1), 32);
    renew(2);
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 3; i++)
            renew(i);
    ck_assert_uint_eq(held(0), 22);
    ck_assert_uint_eq(held(1), 22);
    ck_assert_uint_eq(held(2), 20);
}
END_TEST

START_TEST(what_a_crashed_engine_had_goes_to_the_others_when_its_time_has_run_out)
{
    for (int round = 0; round < 3; round++)
        for (uint32_t i = 0; i < 2; i++)
            renew(i);
    for (int third = 0; third < 3; third++) {
        ck_assert_uint_eq(held(1), 32);
        fixture.now_ms += LEASE_MS / 3;
        renew(1);
    }
    ck_assert_uint_eq(held(1), HF_SHARDS);
}
END_TEST

START_TEST(an_engine_with_nobody_registered_takes_nothing)
{
    ck_assert_int_eq(ask(0, 0), 0);
    ck_assert_uint_eq(held(0), 0);
    ck_assert_ptr_null(node_of(0));
    engines[1].named = true;
    ck_assert_int_eq(ask(1, 0), 0);
    ck_assert_uint_eq(node_of(1)->drives, 0);
    renew(2);
    ck_assert_uint_eq(held(2), HF_SHARDS); /* the others do not count for its part */
}
END_TEST

START_TEST(a_drained_engine_releases_at_once_and_reclaims_nothing)
{
    renew(0);
    renew(1);
    uint64_t seq = fixture.event_seq;
    drain(0);
    ck_assert_uint_eq(fixture.event_seq, seq + 1);
    ck_assert_uint_eq(held(0), 0);
    ck_assert_uint_eq(node_of(0)->draining, 1);
    renew(0); /* one that was on its way */
    ck_assert_uint_eq(held(0), 0);
    ck_assert_uint_eq(node_of(0)->draining, 1);
    renew(1);
    ck_assert_uint_eq(held(1), HF_SHARDS);
    ck_assert_uint_eq(lease_of(0)->epoch, 2);
    seq = fixture.event_seq;
    drain(0);
    ck_assert_uint_eq(fixture.event_seq, seq); /* it is no error to do so twice */
    fixture.now_ms += LEASE_MS;
    renew(0);
    ck_assert_uint_eq(held(0), 0);
}
END_TEST

START_TEST(an_engine_that_leaves_releases_everything_and_removes_its_node)
{
    renew(0);
    ck_assert_int_eq(leave(0), 0);
    ck_assert_ptr_null(node_of(0));
    ck_assert_uint_eq(held(0), 0);
    renew(1);
    ck_assert_uint_eq(held(1), HF_SHARDS);
}
END_TEST

START_TEST(a_name_belongs_to_one_engine_as_long_as_that_is_alive)
{
    renew(0);
    open_engine(1, "one");
    ck_assert_int_eq(ask(1, 1), HF_E_BUSY);
    ck_assert_ptr_nonnull(strstr(fixture.detail.text, "another node one is alive"));
    fixture.now_ms += LEASE_MS;
    renew(1);
    ck_assert_uint_eq(held(1), HF_SHARDS);
    ck_assert_uint_eq(node_of(1)->incarnation, engines[1].node.incarnation);
    ck_assert_int_eq(node_of(1)->started_ms, fixture.now_ms);
}
END_TEST

START_TEST(nodes_that_went_without_a_word_are_cleared_away_after_an_hour)
{
    renew(0);
    fixture.now_ms += LEASE_MS + 3600000;
    renew(1);
    ck_assert_ptr_nonnull(node_of(0));
    fixture.now_ms += 1;
    renew(1);
    ck_assert_ptr_null(node_of(0));
    ck_assert_ptr_nonnull(node_of(1));
}
END_TEST

START_TEST(callers_may_ask_an_engine_that_holds_nothing)
{
    renew(0);
    hf_id id = submit(1);
    ck_assert_uint_eq(hf_test_txn(&fixture, &id)->epoch, 1);
    ck_assert_uint_eq(hf_test_branch_of(&fixture, &id, 1)->epoch, 1);
    ck_assert_int_eq(drive(1, &id), HF_E_FENCED);
    ck_assert_int_eq(drive(0, &id), 0);
    hf_id other = submit(1);
    fixture.holding = engines[1];
    ck_assert_int_eq(hf_test_act(&fixture, HF_OP_TXN_ABORT, &other), 0);
    ck_assert_uint_eq(hf_test_txn(&fixture, &other)->state, HF_TXN_CANCELLING);
}
END_TEST

START_TEST(a_store_of_one_engine_is_taken_at_once_from_any_engine)
{
    renew(0); /* when it was shared, and alive */
    engines[1].shared = false;
    engines[1].named = true;
    renew(1);
    ck_assert_uint_eq(held(1), HF_SHARDS);
    ck_assert_uint_eq(lease_of(0)->epoch, 2);
    ck_assert_int_eq(lease_of(0)->expires_ms, 0);
    ck_assert_ptr_null(node_of(0));
    ck_assert_int_eq(node_of(1)->expires_ms, 0);
    uint64_t seq = fixture.event_seq;
    fixture.now_ms += 1000 * LEASE_MS;
    renew(1);
    for (uint32_t i = 0; i < fixture.draft.row_count; i++)
        ck_assert_uint_eq(fixture.draft.rows[i].changed, 0);
    ck_assert_uint_eq(fixture.event_seq, seq);
    ck_assert_int_eq(leave(1), 0);
    ck_assert_ptr_null(node_of(1));
}
END_TEST

/* ---- any sequence ---- */

static hf__lease before[HF_SHARDS];

static void remember(void)
{
    for (uint32_t i = 0; i < HF_SHARDS; i++)
        before[i] = lease_of(i) == NULL ? (hf__lease){.epoch = 0} : *lease_of(i);
}

/* What one step may do to the leases of the engines that did not take it. */
static void check_step(uint32_t actor)
{
    for (uint32_t i = 0; i < HF_SHARDS; i++) {
        const hf__lease *now = lease_of(i);
        if (now == NULL)
            continue;
        bool changed = now->epoch != before[i].epoch;
        ck_assert_uint_ge(now->epoch, before[i].epoch);
        ck_assert_msg(!changed || before[i].expires_ms <= fixture.now_ms,
                      "shard %u was taken %lld ms too early", i,
                      (long long)(before[i].expires_ms - fixture.now_ms));
        ck_assert_msg(!changed || engines[actor].held.epochs[i] == now->epoch,
                      "shard %u belongs to nobody", i);
        uint32_t owners = 0;
        for (uint32_t k = 0; k < ENGINES; k++)
            owners += engines[k].held.epochs[i] == now->epoch ? 1 : 0;
        ck_assert_uint_le(owners, 1);
    }
}

static void step(void)
{
    static const char *const names[ENGINES] = {"one", "two", "three", "four"};
    uint32_t at = hf_test_below(&dice, ENGINES);
    fixture.now_ms += hf_test_below(&dice, (uint32_t)LEASE_MS / 2);
    remember();
    uint32_t what = hf_test_below(&dice, 24);
    if (what == 0) {
        int status = leave(at);
        ck_assert(status == 0 || status == HF_E_BUSY);
        open_engine(at, names[at]);
    } else if (what == 1) {
        drain(at);
    } else if (what == 2) {
        open_engine(at, names[at]); /* after a crash */
    } else {
        int status = ask(at, 1);
        ck_assert(status == 0 || status == HF_E_BUSY);
    }
    check_step(at);
}

START_TEST(no_lease_that_is_alive_changes_hands_and_all_shards_are_shared_in_the_end)
{
    dice = hf_test_seed();
    for (int i = 0; i < STEPS; i++)
        step();
    fixture.now_ms += LEASE_MS; /* who crashed is gone, who was drained starts anew */
    static const char *const names[ENGINES] = {"one", "two", "three", "four"};
    for (uint32_t i = 0; i < ENGINES; i++)
        open_engine(i, names[i]);
    for (int round = 0; round < 3; round++)
        for (uint32_t i = 0; i < ENGINES; i++)
            renew(i);
    for (uint32_t i = 0; i < ENGINES; i++)
        ck_assert_uint_eq(held(i), HF_SHARDS / ENGINES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("node");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, an_engine_alone_takes_every_shard_under_one_new_epoch);
    tcase_add_test(core, a_renewal_keeps_the_epoch_and_writes_no_event);
    tcase_add_test(core, a_lease_that_is_alive_is_not_taken);
    tcase_add_test(core,
                   a_lease_that_has_expired_is_taken_under_a_higher_epoch_and_fences_who_had_it);
    tcase_add_test(core,
                   an_expired_lease_writes_nothing_until_it_was_renewed_though_nobody_took_it);
    tcase_add_test(core, engines_release_what_is_beyond_a_fair_part_when_they_renew);
    tcase_add_test(core, what_a_crashed_engine_had_goes_to_the_others_when_its_time_has_run_out);
    tcase_add_test(core, an_engine_with_nobody_registered_takes_nothing);
    tcase_add_test(core, a_drained_engine_releases_at_once_and_reclaims_nothing);
    tcase_add_test(core, an_engine_that_leaves_releases_everything_and_removes_its_node);
    tcase_add_test(core, a_name_belongs_to_one_engine_as_long_as_that_is_alive);
    tcase_add_test(core, nodes_that_went_without_a_word_are_cleared_away_after_an_hour);
    tcase_add_test(core, callers_may_ask_an_engine_that_holds_nothing);
    tcase_add_test(core, a_store_of_one_engine_is_taken_at_once_from_any_engine);
    tcase_add_loop_test(
        core, no_lease_that_is_alive_changes_hands_and_all_shards_are_shared_in_the_end, 0, WALKS);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

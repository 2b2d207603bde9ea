/*
 * Several engines on one store: who drives what, what happens when one sleeps, fails to renew,
 * is drained or closed, and how callers are answered wherever they asked.
 */
#include "support/check_main.h"
#include "support/two_engines.h"
#include "support/txn.h"

#define ENGINES  3u
#define LEASE_MS INT64_C(9000)
#define TXNS     24u

static hf_test_host hosts[ENGINES];
static hf_test_service services[ENGINES];
static bool asleep[ENGINES];
static const char *const names[] = {"stock"};

/* ---- engines ---- */

static void open_engine(uint32_t at, const char *name, bool drives)
{
    static const char *const places[ENGINES] = {"0", "1", "2"};
    hf_test_host *host = &hosts[at];
    hf_test_place_options(host, HF_TEST_MEMORY_INLINE);
    host->options.driver = at == 0 ? hf_shared_start() : hosts[0].options.driver;
    host->options.store = places[at];
    host->options.random_seed = 7 + at;
    host->options.lease_ms = (uint32_t)LEASE_MS;
    host->options.node_name = name;
    hf_test_open(host);
    if (drives)
        hf_test_register(&services[at], host, "stock", 0);
}

static void rest(uint32_t at)
{
    do
        (void)hf_loop_run_once(hosts[at].loop, 0);
    while (hf_loop_timeout(hosts[at].loop) == 0);
}

/* Time advances for those that are awake, in small steps, so that each acts when it is due. */
static void pass(int64_t ms)
{
    for (int64_t gone = 0; gone < ms; gone += 50)
        for (uint32_t i = 0; i < ENGINES; i++) {
            if (hosts[i].engine == NULL || asleep[i])
                continue;
            (void)hf_clock_advance(hosts[i].engine, 50);
            rest(i);
        }
}

/* It slept for so long, and has run nothing of its own yet. */
static void wake(uint32_t at, int64_t ms)
{
    asleep[at] = false;
    (void)hf_clock_advance(hosts[at].engine, ms);
}

static void close_engine(uint32_t at)
{
    hf_test_stop(&hosts[at]);
    hosts[at].engine = NULL;
}

static void finish(void)
{
    for (uint32_t i = 0; i < ENGINES; i++)
        if (hosts[i].engine != NULL)
            close_engine(i);
    if (hf_shared.store != NULL)
        hf_shared_end();
}

/* ---- asking ---- */

typedef struct node_list {
    hf_req req;
    int calls;
    uint32_t count;
    uint32_t at_end;
    char next[64];
    char names[4][64];
    uint64_t shards[4];
    uint32_t alive[4];
    uint32_t draining[4];
} node_list;

static void on_nodes(hf_req *req, const hf_completion *done)
{
    node_list *list = (node_list *)(void *)req;
    const hf_node_page *page = done->result;
    list->calls++;
    ck_assert_int_eq(done->status, 0);
    list->count = page->count;
    list->at_end = page->at_end;
    (void)snprintf(list->next, sizeof list->next, "%s", page->next.text);
    for (uint32_t i = 0; i < page->count && i < 4; i++) {
        (void)snprintf(list->names[i], sizeof list->names[i], "%s", page->rows[i].node->name.text);
        list->shards[i] = page->rows[i].shards;
        list->alive[i] = page->rows[i].alive;
        list->draining[i] = page->rows[i].node->draining;
    }
}

static node_list list_page(uint32_t at, const char *role, const char *after, uint32_t limit)
{
    node_list list;
    hf_nodes_list_args args;
    memset(&list, 0, sizeof list);
    hf_nodes_list_init(&args);
    args.role = role;
    args.after = after;
    args.limit = limit;
    ck_assert_int_eq(hf_nodes_list(hosts[at].engine, &list.req, &args, on_nodes), 0);
    hf_test_run(&hosts[at], &list.calls, 1);
    return list;
}

static node_list list_nodes(uint32_t at, const char *role)
{
    return list_page(at, role, NULL, 100);
}

static uint32_t count_bits(uint64_t bits)
{
    uint32_t count = 0;
    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

/* How many shards the node `name` has, as `at` sees it. */
static uint32_t shards_of(uint32_t at, const char *name)
{
    node_list list = list_nodes(at, NULL);
    for (uint32_t i = 0; i < list.count; i++)
        if (strcmp(list.names[i], name) == 0)
            return count_bits(list.shards[i]);
    return 0;
}

static void submit(uint32_t at, hf_test_txn *txn, uint32_t wait)
{
    memset(txn, 0, sizeof *txn);
    int error = hf_test_submit(&hosts[at], txn, names, 1, wait);
    ck_assert_msg(error == 0, "%s", hf_error_name(error));
    rest(at);
}

static void drain(uint32_t at)
{
    hf_test_call call = {.calls = 0};
    hf_node_drain_args args;
    hf_node_drain_init(&args);
    args.head.actor = "ops";
    ck_assert_int_eq(hf_node_drain(hosts[at].engine, &call.req, &args, hf_test_done), 0);
    hf_test_run(&hosts[at], &call.calls, 1);
    ck_assert_int_eq(call.status, 0);
}

/* Two that share the shards evenly. */
static void open_two(void)
{
    open_engine(0, "one", true);
    pass(100);
    open_engine(1, "two", true);
    pass(LEASE_MS);
    ck_assert_uint_eq(shards_of(0, "one"), 32);
    ck_assert_uint_eq(shards_of(0, "two"), 32);
}

/* ---- tests ---- */

START_TEST(engines_share_the_shards_and_each_transaction_is_called_by_one_of_them)
{
    hf_test_txn txns[TXNS];
    open_two();
    for (uint32_t i = 0; i < TXNS; i++)
        submit(i % 2, &txns[i], HF_TXN_FINISHED);
    pass(3000);
    for (uint32_t i = 0; i < TXNS; i++) {
        ck_assert_int_eq(txns[i].calls, 1);
        hf_test_status(&txns[i], 0);
        ck_assert_uint_eq(txns[i].state, HF_TXN_CONFIRMED);
    }
    ck_assert_int_gt(services[0].by_phase[HF_PHASE_TRY], 0);
    ck_assert_int_gt(services[1].by_phase[HF_PHASE_TRY], 0);
    ck_assert_int_eq(services[0].by_phase[HF_PHASE_TRY] + services[1].by_phase[HF_PHASE_TRY], TXNS);
    ck_assert_int_eq(
        services[0].by_phase[HF_PHASE_CONFIRM] + services[1].by_phase[HF_PHASE_CONFIRM], TXNS);
    finish();
}
END_TEST

START_TEST(a_submission_is_driven_by_the_holder_and_answered_where_it_was_made)
{
    hf_test_txn txn;
    open_engine(0, NULL, true);
    pass(100);
    open_engine(1, NULL, false); /* takes no part */
    submit(1, &txn, HF_TXN_FINISHED);
    ck_assert_int_eq(txn.calls, 0);
    pass(1000);
    ck_assert_int_eq(txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_uint_eq(txn.state, HF_TXN_CONFIRMED);
    ck_assert_int_eq(services[0].by_phase[HF_PHASE_TRY], 1);
    services[0].answers[HF_PHASE_TRY] = HF_ANSWER_REJECTED;
    submit(1, &txn, HF_TXN_DECIDED);
    pass(1000);
    hf_test_status(&txn, HF_E_TXN_ABORTED);
    finish();
}
END_TEST

START_TEST(an_engine_that_could_not_renew_calls_nobody_until_it_has)
{
    hf_test_txn txns[3];
    open_engine(0, NULL, true);
    open_engine(1, NULL, false);
    pass(100);
    hf_shared.nodes[0].write_error = HF_E_BUSY;
    pass(LEASE_MS / 3);
    services[0].answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    submit(1, &txns[0], HF_TXN_ACCEPTED);
    pass(1000); /* the renewal is late, the lease is not at two thirds */
    ck_assert_int_eq(services[0].count, 1);
    pass(LEASE_MS / 3);
    submit(1, &txns[1], HF_TXN_ACCEPTED);
    pass(1500); /* the lease is alive, and may be taken before an answer comes */
    ck_assert_int_eq(services[0].count, 1);
    hf_shared.nodes[0].write_error = 0;
    pass(1000);
    ck_assert_int_eq(services[0].count, 2);
    ck_assert_uint_eq(services[0].seen[1].call.epoch, services[0].seen[0].call.epoch);
    finish();
}
END_TEST

START_TEST(a_lease_that_expires_during_slow_branches_leaves_one_driver)
{
    hf_test_txn txn;
    open_engine(0, "one", true);
    pass(100);
    services[0].answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    submit(0, &txn, HF_TXN_FINISHED);
    ck_assert_int_eq(services[0].count, 1);
    open_engine(1, "two", true);
    asleep[0] = true;
    pass(2 * LEASE_MS); /* the other one takes over */
    ck_assert_int_eq(services[1].by_phase[HF_PHASE_TRY], 1);
    ck_assert_int_eq(services[1].by_phase[HF_PHASE_CONFIRM], 1);
    ck_assert_uint_gt(services[1].seen[0].call.epoch, services[0].seen[0].call.epoch);
    wake(0, 2 * LEASE_MS);
    ck_assert_int_eq(
        hf_test_reply(&services[0], services[0].seen[0].call.ticket, HF_ANSWER_REJECTED),
        0); /* the slow answer, and another one */
    pass(3000);
    ck_assert_int_eq(services[0].count, 1); /* who woke called nobody */
    ck_assert_int_eq(txn.calls, 1);
    hf_test_status(&txn, 0);
    ck_assert_uint_eq(txn.state, HF_TXN_CONFIRMED);
    finish();
}
END_TEST

START_TEST(an_engine_that_slept_past_its_lease_calls_nobody_when_it_wakes)
{
    hf_test_txn txn;
    open_engine(0, NULL, true);
    pass(100);
    open_engine(1, NULL, false);
    asleep[0] = true;
    submit(1, &txn, HF_TXN_ACCEPTED);
    hf_shared.nodes[0].write_error = HF_E_BUSY;
    wake(0, LEASE_MS);
    rest(0);
    pass(2000);
    ck_assert_int_eq(services[0].count, 0);
    hf_shared.nodes[0].write_error = 0; /* nobody has taken it: it continues */
    pass(1000);
    ck_assert_int_eq(services[0].by_phase[HF_PHASE_TRY], 1);
    finish();
}
END_TEST

START_TEST(a_drained_engine_hands_over_at_once_and_reclaims_no_work)
{
    hf_test_txn txns[2];
    hf_test_txn refused;
    open_engine(0, "one", true);
    pass(100);
    services[0].answers[HF_PHASE_TRY] = HF_ANSWER_NONE;
    submit(0, &txns[0], HF_TXN_FINISHED);
    open_engine(1, "two", true);
    drain(0);
    memset(&refused, 0, sizeof refused);
    ck_assert_int_eq(hf_test_submit(&hosts[0], &refused, names, 1, HF_TXN_FINISHED), HF_E_DRAINING);
    ck_assert_ptr_nonnull(strstr(hf_engine_detail(hosts[0].engine), "drained"));
    pass(LEASE_MS / 3 + 500); /* at the other one's next renewal, not when the time has run out */
    ck_assert_uint_eq(shards_of(0, "two"), HF_SHARDS);
    ck_assert_uint_eq(shards_of(0, "one"), 0);
    ck_assert_int_eq(txns[0].calls, 1); /* ended there, reported here */
    hf_test_status(&txns[0], 0);
    ck_assert_int_eq(services[0].count, 1);
    close_engine(1);
    pass(3 * LEASE_MS); /* nobody else is there, and still */
    node_list list = list_nodes(0, NULL);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_uint_eq(list.alive[0], 1);
    ck_assert_uint_eq(list.draining[0], 1);
    ck_assert_uint_eq(list.shards[0], 0);
    finish();
}
END_TEST

START_TEST(an_engine_that_is_closed_hands_over_at_once)
{
    hf_test_txn txn;
    open_two();
    close_engine(0);
    ck_assert_uint_eq(list_nodes(1, NULL).count, 1);
    pass(LEASE_MS / 3 + 200);
    ck_assert_uint_eq(shards_of(1, "two"), HF_SHARDS);
    for (int i = 0; i < 4; i++) {
        submit(1, &txn, HF_TXN_FINISHED);
        pass(500);
        hf_test_status(&txn, 0);
    }
    finish();
}
END_TEST

START_TEST(what_a_crashed_engine_drove_is_continued_when_its_time_has_run_out)
{
    hf_test_txn txns[TXNS];
    open_two();
    services[0].answers[HF_PHASE_CONFIRM] = HF_ANSWER_NONE;
    for (uint32_t i = 0; i < TXNS; i++)
        submit(1, &txns[i], HF_TXN_FINISHED);
    pass(500);
    ck_assert_int_gt(services[0].by_phase[HF_PHASE_CONFIRM], 0);
    asleep[0] = true; /* for ever */
    pass(2 * LEASE_MS);
    for (uint32_t i = 0; i < TXNS; i++) {
        ck_assert_int_eq(txns[i].calls, 1);
        hf_test_status(&txns[i], 0);
    }
    ck_assert_uint_eq(list_nodes(1, NULL).alive[0], 0);
    asleep[0] = false;
    finish();
}
END_TEST

START_TEST(nodes_are_listed_with_what_they_are_there_for)
{
    open_engine(0, "one", true);
    hf_test_host *host = &hosts[1];
    hf_test_place_options(host, HF_TEST_MEMORY_INLINE);
    host->options.driver = hosts[0].options.driver;
    host->options.store = "1";
    host->options.lease_ms = (uint32_t)LEASE_MS;
    host->options.node_name = "front";
    host->options.node_address = "10.0.0.7:80";
    host->options.node_role = "api";
    hf_test_open(host);
    pass(200);
    node_list list = list_nodes(0, NULL);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.names[0], "front");
    ck_assert_str_eq(list.names[1], "one");
    ck_assert_uint_eq(list.shards[0], 0);
    ck_assert_uint_eq(count_bits(list.shards[1]), HF_SHARDS);
    list = list_nodes(0, "api");
    ck_assert_uint_eq(list.count, 1);
    ck_assert_str_eq(list.names[0], "front");
    ck_assert_uint_eq(list_nodes(0, "db").count, 0);
    finish();
}
END_TEST

/* A role that hits nothing moves on: `next` is the last node that was looked at. */
START_TEST(nodes_come_in_pages_by_name_and_role)
{
    static const char *const all[ENGINES] = {"front", "one", "two"};
    open_engine(0, "two", true);
    open_engine(1, "front", false);
    open_engine(2, "one", true);
    pass(200);
    for (uint32_t limit = 1; limit <= ENGINES + 1; limit++) {
        uint32_t count = 0;
        node_list list = {.count = 0};
        for (uint32_t turn = 0; list.at_end == 0; turn++) {
            list = list_page(1, NULL, count == 0 ? NULL : all[count - 1], limit);
            ck_assert_uint_eq(list.count, ENGINES - count < limit ? ENGINES - count : limit);
            for (uint32_t i = 0; i < list.count; i++)
                ck_assert_str_eq(list.names[i], all[count++]);
            ck_assert_uint_eq(list.at_end, list.count < limit);
            ck_assert_uint_le(turn, ENGINES);
        }
        ck_assert_uint_eq(count, ENGINES);
    }
    node_list none = list_page(0, "db", "front", 1);
    ck_assert_uint_eq(none.count, 0);
    ck_assert_uint_eq(none.at_end, 0);
    ck_assert_str_eq(none.next, "one");
    ck_assert_uint_eq(list_page(0, NULL, "two", 1).at_end, 1);
    finish();
}
END_TEST

/* ---- a store of one engine ---- */

START_TEST(a_store_of_one_engine_is_written_by_nothing_but_its_work)
{
    hf_test_host *host = &hosts[0];
    hf_test_place_options(host, HF_TEST_MEMORY_INLINE);
    hf_test_open(host);
    hf_test_register(&services[0], host, "stock", 0);
    pass(3600000 / 100);
    ck_assert_uint_eq(hf_test_health(host).batches, 0);
    hf_test_txn txn;
    submit(0, &txn, HF_TXN_FINISHED);
    pass(200);
    hf_test_status(&txn, 0);
    uint64_t batches = hf_test_health(host).batches;
    ck_assert_uint_eq(batches, 3);
    pass(3600000 / 100);
    ck_assert_uint_eq(hf_test_health(host).batches, batches);
    ck_assert_uint_eq(list_nodes(0, NULL).count, 0);
    finish();
}
END_TEST

START_TEST(a_named_engine_is_listed_by_one_commit_after_it_was_opened)
{
    hf_test_host *host = &hosts[0];
    hf_test_place_options(host, HF_TEST_LMDB_INLINE);
    host->options.node_name = "till";
    hf_test_open(host);
    pass(1000);
    ck_assert_uint_eq(hf_test_health(host).batches, 1);
    node_list list = list_nodes(0, NULL);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_uint_eq(list.alive[0], 1);
    ck_assert_uint_eq(count_bits(list.shards[0]), HF_SHARDS);
    drain(0);
    list = list_nodes(0, NULL);
    ck_assert_uint_eq(list.draining[0], 1);
    hf_test_txn txn = {.calls = 0};
    ck_assert_int_eq(hf_test_submit(host, &txn, names, 1, HF_TXN_ACCEPTED), HF_E_DRAINING);
    close_engine(0);
    host->loop = NULL;
    host->closed = 0;
    host->options.node_name = NULL;
    host->options.virtual_time_ms += 10000;
    hf_test_open(host);
    ck_assert_uint_eq(list_nodes(0, NULL).count, 0);
    finish();
}
END_TEST

START_TEST(a_drain_cannot_be_linked)
{
    open_engine(0, NULL, true);
    hf_node_drain_args args;
    hf_node_drain_init(&args);
    const hf_op ops[] = {{.type = HF_OP_NODE_DRAIN, .flags = HF_OP_LINKED, .args = &args},
                         {.type = HF_OP_NODE_DRAIN, .args = &args}};
    ck_assert_int_eq(hf_submit(hosts[0].engine, ops, 2, NULL), HF_E_UNSUPPORTED);
    finish();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_shared");
    TCase *core = tcase_create("core");
    tcase_add_test(core, engines_share_the_shards_and_each_transaction_is_called_by_one_of_them);
    tcase_add_test(core, a_submission_is_driven_by_the_holder_and_answered_where_it_was_made);
    tcase_add_test(core, an_engine_that_could_not_renew_calls_nobody_until_it_has);
    tcase_add_test(core, a_lease_that_expires_during_slow_branches_leaves_one_driver);
    tcase_add_test(core, an_engine_that_slept_past_its_lease_calls_nobody_when_it_wakes);
    tcase_add_test(core, a_drained_engine_hands_over_at_once_and_reclaims_no_work);
    tcase_add_test(core, an_engine_that_is_closed_hands_over_at_once);
    tcase_add_test(core, what_a_crashed_engine_drove_is_continued_when_its_time_has_run_out);
    tcase_add_test(core, nodes_come_in_pages_by_name_and_role);
    tcase_add_test(core, nodes_are_listed_with_what_they_are_there_for);
    tcase_add_test(core, a_store_of_one_engine_is_written_by_nothing_but_its_work);
    tcase_add_test(core, a_named_engine_is_listed_by_one_commit_after_it_was_opened);
    tcase_add_test(core, a_drain_cannot_be_linked);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

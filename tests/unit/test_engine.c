/*
 * The engine without a loop: what a failed commit reports and leaves, chains, several commits of
 * one batch, the clock, and what the engine does by itself.
 */
#include "base/os.h"
#include "support/bare.h"

#define NOW HF_BARE_NOW

static uint64_t commits(void)
{
    hf_health_info health = {.size = sizeof health};
    hf__engine_health(engine, &health);
    return health.batches;
}

static void fail_commit(uint32_t kind, int code)
{
    hf__fault_arm(&fault, &(hf__fault_plan){
                              .at = 1,
                              .kind = kind,
                              .calls = 1u << HF__FAULT_COMMIT,
                              .error = code,
                          });
}

/* ---- Failed commits -------------------------------------------------------------------------- */

START_TEST(a_full_disk_degrades_and_heals_by_itself)
{
    stock("tea", 10);
    fail_commit(HF__FAULT_FAIL, HF_E_NO_SPACE);
    hf__task *task = add_withdraw("tea", 1);
    run();
    ck_assert_int_eq(task->done.status, HF_E_NO_SPACE);
    ck_assert_uint_eq(state(), HF_HEALTH_DEGRADED);
    ck_assert_int_eq(hf__engine_accepts(engine), HF_E_DEGRADED);
    ck_assert_int_eq(balance("tea"), 10);
    ck_assert_int_ne(hf__engine_next_due(engine), 0);
    run(); /* the empty batch that next_due asks for: there is space again */
    ck_assert_uint_eq(state(), HF_HEALTH_OK);
    task = add_withdraw("tea", 1);
    run();
    ck_assert_int_eq(task->done.status, 0);
    ck_assert_int_eq(balance("tea"), 9);
}
END_TEST

START_TEST(a_failed_flush_is_an_unknown_outcome_and_stops_the_engine)
{
    stock("tea", 10);
    fail_commit(HF__FAULT_FAIL, HF_E_IO);
    hf__task *task = add_withdraw("tea", 1);
    hf__task *refused = add_withdraw("tea", 1000);
    run();
    ck_assert_int_eq(task->done.status, HF_E_UNKNOWN);
    ck_assert_int_eq(refused->done.status, HF_E_UNKNOWN);
    ck_assert_uint_eq(state(), HF_HEALTH_POISONED);
    hf__batch_reset(&batch);
    task = add_withdraw("tea", 1);
    run();
    ck_assert_int_eq(task->done.status, HF_E_POISONED);
    reopen();
    ck_assert_int_eq(balance("tea"), 10);
}
END_TEST

/* Before the commit, whatever fails is undone: the outcome is known, and the engine heals. */
START_TEST(what_fails_before_the_commit_is_undone_and_may_be_tried_again)
{
    static const uint32_t calls[] = {HF__FAULT_BEGIN, HF__FAULT_PUT};
    static const int errors[] = {HF_E_IO, HF_E_PATH, HF_E_UNKNOWN, HF_E_TOO_MANY};
    stock("tea", 10);
    hf__fault_arm(&fault, &(hf__fault_plan){.at = 1,
                                            .kind = HF__FAULT_FAIL,
                                            .calls = 1u << calls[_i % 2],
                                            .error = errors[_i / 2]});
    hf__task *task = add_withdraw("tea", 1);
    hf__task *refused = add_withdraw("tea", 1000);
    run();
    ck_assert_uint_eq(hf__fault_hits(&fault), 1);
    ck_assert_int_eq(task->done.status, HF_E_DEGRADED);
    ck_assert_int_eq(refused->done.status, HF_E_DEGRADED);
    ck_assert_ptr_nonnull(strstr(task->done.detail, "on purpose"));
    ck_assert_uint_eq(state(), HF_HEALTH_DEGRADED);
    ck_assert_int_eq(balance("tea"), 10);
    run(); /* the probe */
    ck_assert_uint_eq(state(), HF_HEALTH_OK);
    task = add_withdraw("tea", 1);
    run();
    ck_assert_int_eq(task->done.status, 0);
    ck_assert_int_eq(balance("tea"), 9);
}
END_TEST

START_TEST(after_a_lost_answer_the_same_id_returns_the_outcome)
{
    stock("tea", 10);
    fail_commit(HF__FAULT_LOSE_ACK, HF_E_UNKNOWN);
    hf__task *task = add_withdraw("tea", 1);
    hf__operation again = task->op;
    run();
    ck_assert_int_eq(task->done.status, HF_E_UNKNOWN);
    reopen();
    hf__batch_reset(&batch);
    task = add_withdraw("tea", 1);
    task->op.id = again.id;
    run();
    ck_assert_int_eq(task->done.status, 0);
    ck_assert_uint_eq(task->done.event_seq, 2);
    ck_assert_int_eq(balance("tea"), 9);
}
END_TEST

START_TEST(a_batch_of_refusals_commits_nothing)
{
    stock("tea", 10);
    uint64_t before = commits();
    hf__task *task = add_withdraw("tea", 11);
    run();
    ck_assert_int_eq(task->done.status, HF_E_STOCK_SHORT);
    ck_assert_ptr_nonnull(strstr(task->done.detail, "tea"));
    ck_assert_uint_eq(commits(), before);
}
END_TEST

/* ---- Batches and chains ---------------------------------------------------------------------- */

START_TEST(a_chain_is_all_or_nothing_and_names_its_culprit)
{
    stock("tea", 10);
    hf__task *first = add_withdraw("tea", 4);
    hf__task *culprit = add_withdraw("tea", 7);
    hf__task *last = add_withdraw("tea", 1);
    hf__task *after = add_withdraw("tea", 2);
    first->op.linked = 1;
    culprit->op.linked = 1;
    run();
    ck_assert_int_eq(first->done.status, HF_E_CHAIN);
    ck_assert_int_eq(culprit->done.status, HF_E_STOCK_SHORT);
    ck_assert_int_eq(last->done.status, HF_E_CHAIN);
    ck_assert_int_eq(after->done.status, 0);
    ck_assert_uint_eq(after->done.event_seq, 2); /* no gap */
    ck_assert_int_eq(balance("tea"), 8);
}
END_TEST

START_TEST(later_operations_see_what_earlier_ones_of_the_batch_did)
{
    hf__task *put = add_item("cup", 3);
    hf__task *all = add_withdraw("cup", 3);
    hf__task *more = add_withdraw("cup", 1);
    run();
    ck_assert_int_eq(put->done.status, 0);
    ck_assert_int_eq(all->done.status, 0);
    ck_assert_int_eq(more->done.status, HF_E_STOCK_SHORT);
    ck_assert_uint_eq(commits(), 1);
}
END_TEST

static hf__task *add_deposit(hf_move_args *move, int64_t amount)
{
    hf_move_init(move);
    move->to = (hf_account_key){HF_KIND_ITEM, 0, "tea", "", "pcs"};
    move->amount = amount;
    return add(HF_OP_ACCOUNT_DEPOSIT, &move->head);
}

/* A repeat has the number of its first event, and the account as it is when its turn comes. */
START_TEST(a_repeat_and_a_new_operation_of_one_batch_have_their_own_answers)
{
    static const int64_t balances[] = {11, 16, 16};
    hf_move_args moves[3];
    stock("tea", 10);
    hf__task *first = add_deposit(&moves[0], 1);
    const hf_id id = first->op.id;
    run();
    ck_assert_int_eq(first->done.status, 0);
    const uint64_t first_seq = first->done.event_seq;
    hf__batch_reset(&batch);
    hf__task *tasks[3];
    for (uint32_t i = 0; i < 3; i++)
        tasks[i] = add_deposit(&moves[i], i == 1 ? 5 : 1);
    tasks[0]->op.id = tasks[2]->op.id = id;
    run();
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_int_eq(tasks[i]->done.status, 0);
        ck_assert_int_eq(((const hf_account *)tasks[i]->done.result)->balance, balances[i]);
        ck_assert_uint_eq(tasks[i]->done.event_seq, i == 1 ? first_seq + 1 : first_seq);
    }
    ck_assert_int_eq(balance("tea"), 16);
}
END_TEST

START_TEST(a_batch_larger_than_a_commit_takes_several)
{
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(0, 2), 0);
    stock("tea", 10);
    uint64_t before = commits();
    hf__task *tasks[5];
    for (int i = 0; i < 5; i++)
        tasks[i] = add_withdraw("tea", 1);
    run();
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(tasks[i]->done.status, 0);
    ck_assert_uint_eq(commits(), before + 3);
    ck_assert_int_eq(balance("tea"), 5);
}
END_TEST

START_TEST(what_does_not_fit_a_batch_is_named_and_changes_nothing)
{
    stock("tea", 10);
    size_t whole = batch.work_capacity;
    batch.work_capacity = batch.work.capacity = 512;
    hf__task *task = add_withdraw("tea", 1);
    run();
    ck_assert_int_eq(task->done.status, HF_E_TOO_MANY);
    ck_assert_ptr_nonnull(strstr(task->done.detail, "batch_bytes_max"));
    batch.work_capacity = whole;
    hf__batch_reset(&batch);
    ck_assert_int_eq(balance("tea"), 10);
}
END_TEST

/* Two withdrawals in commits of their own, with so much memory for both. */
static void withdraw_two(size_t bytes, hf__task *tasks[2])
{
    hf__batch_reset(&batch);
    batch.work_capacity = batch.work.capacity = bytes;
    for (int i = 0; i < 2; i++)
        tasks[i] = add_withdraw("tea", 1);
    run();
}

START_TEST(what_lacks_memory_behind_another_commit_may_try_again)
{
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(0, 1), 0);
    stock("tea", 1000);
    size_t whole = batch.work_capacity;
    hf__task *tasks[2];
    size_t bytes = 512;
    for (withdraw_two(bytes, tasks); tasks[0]->done.status != 0; withdraw_two(bytes, tasks)) {
        ck_assert_int_eq(tasks[0]->done.status, HF_E_TOO_MANY);
        bytes += 64;
    }
    ck_assert_int_eq(tasks[1]->done.status, HF_E_OVERLOADED);
    batch.work_capacity = whole;
    hf__batch_reset(&batch);
    ck_assert_int_eq(balance("tea"), 999);
}
END_TEST

/* ---- The clock ------------------------------------------------------------------------------- */

START_TEST(a_step_of_the_clock_is_shown_and_followed_only_when_accepted)
{
    stock("tea", 10);
    wall += 3600000;
    hf__task *task = add_withdraw("tea", 1);
    run();
    ck_assert_int_eq(task->done.at_ms, NOW);
    hf_health_info health = {.size = sizeof health};
    hf__engine_health(engine, &health);
    ck_assert_int_eq(health.clock_step_ms, 3600000);
    hf__engine_time_accept(engine);
    hf__batch_reset(&batch);
    task = add_withdraw("tea", 1);
    run();
    ck_assert_int_eq(task->done.at_ms, NOW + 3600000);
}
END_TEST

START_TEST(time_never_goes_back)
{
    stock("tea", 10);
    wall -= 30000;
    hf__task *task = add_withdraw("tea", 1);
    run();
    ck_assert_int_eq(task->done.at_ms, NOW);
}
END_TEST

/* ---- What the engine does by itself ---------------------------------------------------------- */

START_TEST(a_hold_expires_at_its_deadline_by_an_empty_batch)
{
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(NOW, 1000), 0);
    stock("tea", 10);
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){HF_KIND_ITEM, 0, "tea", "", "pcs"};
    hold.amount = 10;
    hold.deadline_ms = NOW + 5000;
    hf__task *task = add(HF_OP_HOLD_PLACE, &hold.head);
    run();
    ck_assert_int_eq(task->done.status, 0);
    ck_assert_int_eq(hf__engine_next_due(engine), NOW + 5000);
    hf_hold_get_args get;
    hf_hold_get_init(&get, &task->op.id);
    for (int step = 0; step < 2; step++) {
        static const uint32_t states[] = {HF_HOLD_HELD, HF_HOLD_EXPIRED};
        ck_assert_int_eq(hf__engine_clock_advance(engine, step == 0 ? 4999 : 1), 0);
        hf__batch_reset(&batch);
        run();
        hf__task *read = add(HF_OP_HOLD_GET, &get.head);
        hf__engine_read(engine, &batch);
        ck_assert_uint_eq(((const hf_hold *)read->done.result)->state, states[step]);
    }
    ck_assert_int_eq(hf__engine_next_due(engine), 0);
}
END_TEST

static uint32_t order_state(const hf_id *id)
{
    hf_order_get_args get;
    hf_order_get_init(&get, id);
    hf__batch_reset(&batch);
    hf__task *read = add(HF_OP_ORDER_GET, &get.head);
    hf__engine_read(engine, &batch);
    ck_assert_int_eq(read->done.status, 0);
    const uint32_t found = ((const hf_order_view *)read->done.result)->order->state;
    hf__batch_reset(&batch);
    return found;
}

static hf_id place_waiting(void)
{
    hf_unit_put_args euro;
    hf_unit_put_init(&euro, "EUR", 2);
    (void)add(HF_OP_UNIT_PUT, &euro.head);
    hf_line_args line;
    hf_order_place_args order;
    hf_line_init(&line, "tea", 1, 0);
    line.settle_on = HF_SETTLE_FULFIL;
    hf_order_place_init(&order, "EUR");
    order.customer = order.series = order.external_ref = "";
    order.lines = &line;
    order.line_count = 1;
    order.policy = HF_ORDER_QUEUE;
    hf__task *task = add(HF_OP_ORDER_PLACE, &order.head);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    ck_assert_uint_eq(order_state(&task->op.id), HF_ORDER_WAITING);
    return task->op.id;
}

/* The goods are in, and the store could not say who waits for them. */
START_TEST(a_promotion_that_failed_is_made_up_for_by_a_later_batch)
{
    static const uint64_t counts[] = {1, 2, 6}; /* without memory fewer and fewer are tried */
    hf_move_args receive;
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(NOW, 1000), 0);
    stock("tea", 0);
    const hf_id order = place_waiting();
    hf__fault_arm(&fault, &(hf__fault_plan){.at = 1,
                                            .count = counts[_i],
                                            .kind = HF__FAULT_FAIL,
                                            .calls = 1u << HF__FAULT_SCAN,
                                            .error = _i == 2 ? HF_E_NOMEM : HF_E_IO});
    hf__task *task = add_deposit(&receive, 1);
    run();
    ck_assert_int_eq(task->done.status, 0);
    ck_assert_uint_gt(hf__fault_hits(&fault), 0);
    ck_assert_uint_eq(order_state(&order), HF_ORDER_WAITING);
    for (int turn = 0; turn < 4; turn++) {
        ck_assert_int_ne(hf__engine_next_due(engine), 0); /* else nobody comes back */
        ck_assert_int_eq(hf__engine_clock_advance(engine, 1000), 0);
        run();
        if (order_state(&order) == HF_ORDER_CONFIRMED)
            break;
    }
    ck_assert_uint_eq(order_state(&order), HF_ORDER_CONFIRMED);
    ck_assert_int_eq(hf__engine_next_due(engine), 0);
}
END_TEST

START_TEST(a_promotion_that_was_missed_is_made_up_for_after_a_reopen)
{
    hf_move_args receive;
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(NOW, 1000), 0);
    stock("tea", 0);
    const hf_id order = place_waiting();
    hf__fault_arm(
        &fault, &(hf__fault_plan){.at = 1, .kind = HF__FAULT_FAIL, .calls = 1u << HF__FAULT_SCAN});
    hf__task *task = add_deposit(&receive, 1);
    run();
    ck_assert_int_eq(task->done.status, 0);
    ck_assert_uint_eq(order_state(&order), HF_ORDER_WAITING);
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(NOW, 1000), 0);
    ck_assert_int_ne(hf__engine_next_due(engine), 0);
    ck_assert_int_le(hf__engine_next_due(engine), NOW);
    run();
    ck_assert_uint_eq(order_state(&order), HF_ORDER_CONFIRMED);
}
END_TEST

START_TEST(deadlines_are_known_again_after_a_reopen)
{
    stock("tea", 10);
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){HF_KIND_ITEM, 0, "tea", "", "pcs"};
    hold.amount = 1;
    hold.deadline_ms = NOW + 5000;
    hf__task *task = add(HF_OP_HOLD_PLACE, &hold.head);
    run();
    ck_assert_int_eq(task->done.status, 0);
    reopen();
    ck_assert_int_eq(hf__engine_next_due(engine), NOW + 5000);
}
END_TEST

START_TEST(a_deadline_whose_commit_failed_is_due_still)
{
    stock("tea", 10);
    hf_hold_place_args hold;
    hf_hold_place_init(&hold);
    hold.from = (hf_account_key){HF_KIND_ITEM, 0, "tea", "", "pcs"};
    hold.amount = 1;
    hold.deadline_ms = NOW + 5000;
    hf__task *task = add(HF_OP_HOLD_PLACE, &hold.head);
    run();
    ck_assert_int_eq(task->done.status, 0);
    wall += 5000;
    boot += 5000;
    for (int step = 0; step < 2; step++) {
        static const int64_t due[] = {NOW + 5000, 0};
        hf__batch_reset(&batch);
        if (step == 0)
            fail_commit(HF__FAULT_FAIL, HF_E_BUSY);
        run();
        ck_assert_int_eq(hf__engine_next_due(engine), due[step]);
    }
}
END_TEST

static TCase *cases(const char *name)
{
    TCase *made = tcase_create(name);
    tcase_add_checked_fixture(made, setup, teardown);
    return made;
}

int main(void)
{
    Suite *suite = suite_create("engine");
    TCase *commit = cases("commit");
    tcase_add_test(commit, a_full_disk_degrades_and_heals_by_itself);
    tcase_add_test(commit, a_failed_flush_is_an_unknown_outcome_and_stops_the_engine);
    tcase_add_loop_test(commit, what_fails_before_the_commit_is_undone_and_may_be_tried_again, 0,
                        8);
    tcase_add_test(commit, after_a_lost_answer_the_same_id_returns_the_outcome);
    tcase_add_test(commit, a_batch_of_refusals_commits_nothing);
    suite_add_tcase(suite, commit);
    TCase *order = cases("batches");
    tcase_add_test(order, a_repeat_and_a_new_operation_of_one_batch_have_their_own_answers);
    tcase_add_test(order, a_chain_is_all_or_nothing_and_names_its_culprit);
    tcase_add_test(order, later_operations_see_what_earlier_ones_of_the_batch_did);
    tcase_add_test(order, a_batch_larger_than_a_commit_takes_several);
    tcase_add_test(order, what_does_not_fit_a_batch_is_named_and_changes_nothing);
    tcase_add_test(order, what_lacks_memory_behind_another_commit_may_try_again);
    suite_add_tcase(suite, order);
    TCase *time = cases("time");
    tcase_add_test(time, a_step_of_the_clock_is_shown_and_followed_only_when_accepted);
    tcase_add_test(time, time_never_goes_back);
    tcase_add_test(time, a_hold_expires_at_its_deadline_by_an_empty_batch);
    tcase_add_loop_test(time, a_promotion_that_failed_is_made_up_for_by_a_later_batch, 0, 3);
    tcase_add_test(time, a_promotion_that_was_missed_is_made_up_for_after_a_reopen);
    tcase_add_test(time, deadlines_are_known_again_after_a_reopen);
    tcase_add_test(time, a_deadline_whose_commit_failed_is_due_still);
    suite_add_tcase(suite, time);
    return hf_test_main(suite);
}

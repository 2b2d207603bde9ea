/*
 * Leases at the engine: taken by the first transaction, in its own commit, one epoch above every
 * engine before; and the list of the transactions that a batch changed.
 */
#include "domain/txn/txn.h"
#include "support/bare.h"

static hf_branch_args branch = {.participant = "hotel", .payload = NULL, .version = 1};
static hf_txn_args txn_args[8];

static hf__task *add_txn(uint32_t type, uint32_t branches)
{
    hf_txn_args *args = &txn_args[batch.count % 8];
    hf_txn_init(args);
    args->branches = &branch;
    args->branch_count = branches;
    args->branch_bytes = sizeof branch;
    args->move_bytes = sizeof(hf_txn_move_args);
    return add(type, &args->head);
}

static hf__task *add_drive(const hf_id *id, uint64_t epoch)
{
    static hf__txn_answer answer = {
        .branch = 1, .phase = HF_PHASE_TRY, .attempt = 1, .answer = HF_ANSWER_OK};
    static hf__txn_drive_args args;
    answer.epoch = epoch;
    args = (hf__txn_drive_args){.head = {.size = sizeof args}, .txn = *id};
    args.answers = &answer;
    args.answer_count = 1;
    hf__task *task = add(HF_EVENT_DRIVE, &args.head);
    task->op.id_given = false;
    return task;
}

static uint32_t touched(void)
{
    uint32_t count = 0;
    for (const hf__touched *at = batch.touched; at != NULL; at = at->next)
        count++;
    return count;
}

static uint64_t commits(void)
{
    hf_health_info health = {.size = sizeof health};
    hf__engine_health(engine, &health);
    return health.batches;
}

START_TEST(the_first_transaction_takes_the_leases_in_its_own_commit)
{
    stock("tea", 1);
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), 0);
    uint64_t before = commits();
    hf__task *task = add_txn(HF_OP_TXN_SUBMIT, 1);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), 1);
    ck_assert_uint_eq(commits(), before + 1);
    ck_assert_uint_eq(touched(), 1);
    ck_assert_mem_eq(&batch.touched->txn, &task->op.id, sizeof(hf_id));
    const hf_txn_view *view = task->done.result;
    ck_assert_uint_eq(view->txn->epoch, 1);
    hf__batch_reset(&batch);
    ck_assert_uint_eq(touched(), 0);
}
END_TEST

START_TEST(each_engine_has_an_epoch_above_the_one_before)
{
    hf__task *task = add_txn(HF_OP_TXN_SUBMIT, 1);
    run();
    hf_id id = task->op.id;
    ck_assert_int_eq(task->done.status, 0);
    reopen();
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), 0);
    hf__batch_reset(&batch);
    task = add_drive(&id, 2);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), 2);
    ck_assert_uint_eq(((const hf_txn_view *)task->done.result)->txn->state, HF_TXN_CONFIRMING);
}
END_TEST

START_TEST(leases_are_not_taken_when_the_commit_fails)
{
    stock("tea", 1);
    hf__fault_arm(&fault, &(hf__fault_plan){.at = 1,
                                            .kind = HF__FAULT_FAIL,
                                            .calls = 1u << HF__FAULT_COMMIT,
                                            .error = HF_E_BUSY});
    hf__task *task = add_txn(HF_OP_TXN_SUBMIT, 1);
    run();
    ck_assert_int_eq(task->done.status, HF_E_BUSY);
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), 0);
    ck_assert_uint_eq(touched(), 0);
    hf__batch_reset(&batch);
    task = add_txn(HF_OP_TXN_SUBMIT, 1);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), 1);
}
END_TEST

START_TEST(leases_go_back_with_their_chain)
{
    stock("tea", 1);
    hf__task *first = add_txn(HF_OP_TXN_SUBMIT, 1);
    hf__task *culprit = add_withdraw("tea", 5);
    first->op.linked = 1;
    run();
    ck_assert_int_eq(first->done.status, HF_E_CHAIN);
    ck_assert_int_eq(culprit->done.status, HF_E_STOCK_SHORT);
    ck_assert_uint_eq(touched(), 0);
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), 0);
    hf__batch_reset(&batch);
    hf__task *task = add_txn(HF_OP_TXN_SUBMIT, 1);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), 1);
}
END_TEST

START_TEST(the_lease_can_be_asked_for)
{
    hf__txn_lease_args args = {.head = {.size = sizeof args}};
    hf__task *task = add(HF_EVENT_LEASE, &args.head);
    task->op.id_given = false;
    run();
    ck_assert_int_eq(task->done.status, 0);
    ck_assert_uint_eq(hf__engine_epoch(engine, HF_SHARDS - 1), 1);
    uint64_t before = commits();
    hf__batch_reset(&batch);
    task = add(HF_EVENT_LEASE, &args.head);
    task->op.id_given = false;
    run();
    ck_assert_uint_eq(hf__engine_epoch(engine, HF_SHARDS - 1), 1);
    ck_assert_uint_eq(commits(), before);
}
END_TEST

START_TEST(every_change_of_a_transaction_is_listed_newest_first)
{
    hf__task *first = add_txn(HF_OP_TXN_SUBMIT, 1);
    hf__task *second = add_txn(HF_OP_TXN_SUBMIT, 1);
    hf__task *drive = add_drive(&first->op.id, 1);
    run();
    ck_assert_int_eq(second->done.status, 0);
    ck_assert_int_eq(drive->done.status, 0);
    ck_assert_uint_eq(touched(), 3);
    ck_assert_mem_eq(&batch.touched->txn, &first->op.id, sizeof(hf_id));
    ck_assert_uint_eq(batch.touched->version, 2);
}
END_TEST

START_TEST(a_transaction_without_branches_is_one_commit)
{
    stock("tea", 10);
    hf_txn_move_args move = {.from = {HF_KIND_ITEM, 0, "tea", "", "pcs"},
                             .to = {.kind = HF_KIND_WORLD, .name = "", .place = "", .unit = ""},
                             .amount = 3};
    hf__task *task = add_txn(HF_OP_TXN_SUBMIT, 0);
    hf_txn_args *args = (hf_txn_args *)(uintptr_t)task->op.args;
    args->moves = &move;
    args->move_count = 1;
    uint64_t before = commits();
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    ck_assert_uint_eq(commits(), before + 1);
    ck_assert_int_eq(balance("tea"), 7);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lease");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, the_first_transaction_takes_the_leases_in_its_own_commit);
    tcase_add_test(core, each_engine_has_an_epoch_above_the_one_before);
    tcase_add_test(core, leases_are_not_taken_when_the_commit_fails);
    tcase_add_test(core, leases_go_back_with_their_chain);
    tcase_add_test(core, the_lease_can_be_asked_for);
    tcase_add_test(core, every_change_of_a_transaction_is_listed_newest_first);
    tcase_add_test(core, a_transaction_without_branches_is_one_commit);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/*
 * Verify over transactions: a store in which some ran is clean, and each damage of what became of
 * them is found. Each row of the table is a negative control of one check.
 */
#include "support/damage.h"

#include "base/id.h"
#include "domain/txn/txn.h"
#include "domain/txn/work.h"

static hf_id trying;    /* two branches, two moves */
static hf_id confirmed; /* the same, to its end */
static hf_id cancelled;
static hf_id at_once; /* moves only */

static hf_id submit(uint32_t branch_count)
{
    const hf_txn_move_args moves[2] = {
        {.from = {HF_KIND_ITEM, 0, "tea", "", "pcs"},
         .to = {HF_KIND_WORLD, 0, "", "", ""},
         .amount = 3},
        {.from = {HF_KIND_ITEM, 0, "tea", "", "pcs"},
         .to = {HF_KIND_ITEM, 0, "box", "", "pcs"},
         .amount = 2},
    };
    hf_branch_args branches[2];
    hf_branch_init(&branches[0], "courier");
    hf_branch_init(&branches[1], "bank");
    branches[1].payload = "pay";
    branches[1].payload_bytes = 3;
    hf_txn_args args;
    hf_txn_init(&args);
    args.head.actor = "";
    args.moves = moves;
    args.move_count = 2;
    args.branches = branches;
    args.branch_count = branch_count;
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_TXN_SUBMIT, &args.head);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
    return task->op.id;
}

static void drive(const hf_id *txn, uint32_t phase, uint32_t first, uint32_t second)
{
    const hf__txn_answer answers[2] = {
        {.branch = 1, .phase = phase, .attempt = 1, .answer = first, .epoch = 1},
        {.branch = 2, .phase = phase, .attempt = 1, .answer = second, .epoch = 1},
    };
    hf__txn_drive_args args = {.txn = *txn, .answers = answers, .answer_count = 2};
    args.head.size = sizeof args;
    args.head.actor = "";
    hf__batch_reset(&batch);
    hf__task *task = add(HF_EVENT_DRIVE, &args.head);
    run();
    ck_assert_msg(task->done.status == 0, "%s", task->done.detail);
}

static void fill(void)
{
    setup();
    stock("tea", 100);
    stock("box", 100);
    trying = submit(2);
    confirmed = submit(2);
    drive(&confirmed, HF_PHASE_TRY, HF_ANSWER_OK, HF_ANSWER_OK);
    drive(&confirmed, HF_PHASE_CONFIRM, HF_ANSWER_OK, HF_ANSWER_OK);
    cancelled = submit(2);
    drive(&cancelled, HF_PHASE_TRY, HF_ANSWER_OK, HF_ANSWER_REJECTED);
    drive(&cancelled, HF_PHASE_CANCEL, HF_ANSWER_OK, HF_ANSWER_OK);
    at_once = submit(0);
    hf__batch_reset(&batch);
}

/* ---- Changes behind the engine's back -------------------------------------------------------- */

/* clang-format off */
ROW(the_trying, row->txn.id = trying)
ROW(the_confirmed, row->txn.id = confirmed)
ROW(the_cancelled, row->txn.id = cancelled)
ROW(branch_trying, row->branch.txn = trying; row->branch.no = 1)
ROW(branch_confirmed, row->branch.txn = confirmed; row->branch.no = 2)
ROW(branch_cancelled, row->branch.txn = cancelled; row->branch.no = 1)
ROW(attempt_confirmed, row->attempt.txn = confirmed; row->attempt.no = 1)
ROW(hold_trying, hf__txn_hold_id(&trying, 2, &row->hold.id))
ROW(hold_confirmed, hf__txn_hold_id(&confirmed, 1, &row->hold.id))
ROW(lease, row->lease.shard = 5)

ROW(now_confirmed, row->txn.state = HF_TXN_CONFIRMED)
ROW(now_confirming, row->txn.state = HF_TXN_CONFIRMING)
ROW(now_unknown, row->txn.state = HF_TXN_NONE)
ROW(due, row->txn.due_ms = HF_BARE_NOW)
ROW(not_due, row->txn.due_ms = 0)
ROW(parked, row->txn.parked = 1)
ROW(more_branches, row->txn.branch_count++)
ROW(more_attempts, row->txn.attempts++)
ROW(other_deadline, row->txn.deadline_ms++; row->txn.epoch++; row->txn.updated_at_ms++)
ROW(branch_cancels, row->branch.state = HF_BRANCH_CANCELLED)
ROW(branch_confirms, row->branch.state = HF_BRANCH_CONFIRMED)
ROW(branch_refused, row->branch.state = HF_BRANCH_REFUSED)
ROW(branch_waits, row->branch.state = HF_BRANCH_WAITING; row->branch.due_ms = 0)
ROW(hold_void, row->hold.state = HF_HOLD_VOID)
ROW(hold_held, row->hold.state = HF_HOLD_HELD)
ROW(hold_of_none, row->hold.txn.bytes[15] ^= 0x55)
ROW(other_epoch, row->lease.epoch++; row->lease.expires_ms++; hf__name_set(&row->lease.owner, "one"))
/* clang-format on */

static const struct damage damages[] = {
    {"confirmed while a branch tries", HF_CLAUSE_TXNS, HF__TXNS, the_trying, now_confirmed},
    {"confirmed, with a cancelled branch", HF_CLAUSE_TXNS, HF__BRANCHES, branch_confirmed,
     branch_cancels},
    {"confirmed, with a refused branch", HF_CLAUSE_TXNS, HF__BRANCHES, branch_confirmed,
     branch_refused},
    {"cancelled, with a confirmed branch", HF_CLAUSE_TXNS, HF__BRANCHES, branch_cancelled,
     branch_confirms},
    {"trying, with a confirmed branch", HF_CLAUSE_TXNS, HF__BRANCHES, branch_trying,
     branch_confirms},
    {"on the way to confirmed after it was cancelled", HF_CLAUSE_TXNS, HF__TXNS, the_cancelled,
     now_confirming},
    {"of no known state", HF_CLAUSE_TXNS, HF__TXNS, the_trying, now_unknown},
    {"ended, and due", HF_CLAUSE_TXNS, HF__TXNS, the_confirmed, due},
    {"ended, and parked", HF_CLAUSE_TXNS, HF__TXNS, the_cancelled, parked},
    {"under way, and never due", HF_CLAUSE_TXNS, HF__TXNS, the_trying, not_due},
    {"a branch that is gone", HF_CLAUSE_TXNS, HF__BRANCHES, branch_confirmed, NULL},
    {"a branch too few", HF_CLAUSE_TXNS, HF__TXNS, the_confirmed, more_branches},
    {"an attempt that is gone", HF_CLAUSE_TXNS, HF__ATTEMPTS, attempt_confirmed, NULL},
    {"an attempt too few", HF_CLAUSE_TXNS, HF__TXNS, the_confirmed, more_attempts},
    {"branches without their transaction", HF_CLAUSE_TXNS, HF__TXNS, the_confirmed, NULL},
    {"trying, and a hold is released", HF_CLAUSE_TXNS, HF__HOLDS, hold_trying, hold_void},
    {"confirmed, and a move is only held", HF_CLAUSE_TXNS, HF__HOLDS, hold_confirmed, hold_held},
    {"a hold that is gone", HF_CLAUSE_TXNS, HF__HOLDS, hold_confirmed, NULL},
    {"a hold of no transaction", HF_CLAUSE_TXNS, HF__HOLDS, hold_trying, hold_of_none},
    {"a state that no event has", HF_CLAUSE_EVENTS, HF__TXNS, the_cancelled, now_confirmed},
    {"a branch's state that no event has", HF_CLAUSE_EVENTS, HF__BRANCHES, branch_trying,
     branch_waits},
};

#define DAMAGES ((int)(sizeof damages / sizeof damages[0]))

START_TEST(a_store_with_transactions_in_every_state_has_no_findings)
{
    verify();
    ck_assert_msg(result.findings_total == 0, "%s", findings[0].text);
    ck_assert_int_eq(balance("tea"), 100 - 5 - 5);
    ck_assert_int_eq(balance("box"), 100 + 2 + 2);
}
END_TEST

START_TEST(each_damage_of_a_transaction_is_found_and_its_clause_named)
{
    check_damage(&damages[_i]);
}
END_TEST

START_TEST(epochs_and_times_of_the_engine_are_not_in_the_digest)
{
    uint8_t before[16];
    verify();
    memcpy(before, result.digest, sizeof before);
    change_row(&(struct damage){"", 0, HF__TXNS, the_trying, other_deadline});
    change_row(&(struct damage){"", 0, HF__LEASES, lease, other_epoch});
    verify();
    ck_assert_mem_eq(before, result.digest, sizeof before);
    change_row(&(struct damage){"", 0, HF__TXNS, the_trying, more_attempts});
    verify();
    ck_assert_mem_ne(before, result.digest, sizeof before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify_txns");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, fill, teardown);
    tcase_add_test(core, a_store_with_transactions_in_every_state_has_no_findings);
    tcase_add_loop_test(core, each_damage_of_a_transaction_is_found_and_its_clause_named, 0,
                        DAMAGES);
    tcase_add_test(core, epochs_and_times_of_the_engine_are_not_in_the_digest);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

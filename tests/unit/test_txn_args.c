/*
 * The arguments of transactions: what public functions refuse, what it copies, what counts as
 * content.
 */
#include "api/check.h"
#include "api/copy.h"
#include "support/check_main.h"
#include "support/orders.h"

#include <string.h>

#define LONG64 "0123456789012345678901234567890123456789012345678901234567890123"

static hf__detail detail;
static uint8_t memory[1 << 20];
static hf__arena arena;
static hf_txn_move_args moves[HF_MOVES_MAX + 1];
static hf_branch_args branches[HF_BRANCHES_MAX + 1];
static uint8_t payload[HF_PAYLOAD_MAX + 1];

static union {
    hf_op_head head;
    hf_txn_args txn;
    hf_txn_branch_args add;
    hf_txn_seal_args seal;
    hf_txn_act_args act;
    hf_txn_get_args get;
    hf_txn_list_args list;
    hf_txn_history_args history;
} any;

static void setup(void)
{
    detail.text[0] = '\0';
    hf__arena_init(&arena, memory, sizeof memory);
    memset(payload, 0xf5, sizeof payload);
    for (uint32_t i = 0; i <= HF_MOVES_MAX; i++)
        moves[i] = (hf_txn_move_args){.from = hf_test_key(HF_KIND_MONEY, "ada", "EUR"),
                                      .to = hf_test_key(HF_KIND_MONEY, "till", "EUR"),
                                      .amount = i + 1};
    for (uint32_t i = 0; i <= HF_BRANCHES_MAX; i++) {
        hf_branch_init(&branches[i], "courier");
        branches[i].payload = payload;
        branches[i].payload_bytes = (uint64_t)i * 3;
    }
}

static void init(uint32_t type)
{
    memset(&any, 0, sizeof any);
    hf_op_shape(type)->init(&any);
}

/* ---- Good ones, for rows to break ------------------------------------------------------------ */

static void txn(void)
{
    any.txn.moves = moves;
    any.txn.move_count = 2;
    any.txn.branches = branches;
    any.txn.branch_count = 3;
}

static void saga(void)
{
    txn();
    any.txn.kind = HF_TXN_SAGA;
    branches[1].flags = HF_BRANCH_PIVOT;
}

static void add(void)
{
    any.add.txn = hf_test_id(1);
    any.add.branch = branches[1];
}

static void act(void)
{
    any.act.txn = hf_test_id(1);
    any.act.reason = "asked by phone";
}

static void resolve(void)
{
    act();
    any.act.branch = 2;
    any.act.answer = HF_ANSWER_OK;
}

/* ---- What is refused ------------------------------------------------------------------------- */

typedef struct row {
    uint32_t type;
    int error;
    void (*apply)(void);
    const char *detail; /* its beginning; "" for good ones */
} row;

#define APPLY(name, ...)                                                                           \
    static void name(void)                                                                         \
    {                                                                                              \
        __VA_ARGS__;                                                                               \
    }

/* clang-format off */
APPLY(nothing, (void)0)
APPLY(moves_only, txn(); any.txn.branch_count = 0)
APPLY(branches_only, txn(); any.txn.move_count = 0)
APPLY(most, txn(); any.txn.move_count = HF_MOVES_MAX; any.txn.branch_count = HF_BRANCHES_MAX)
APPLY(moves_many, txn(); any.txn.move_count = HF_MOVES_MAX + 1)
APPLY(moves_null, txn(); any.txn.moves = NULL)
APPLY(move_bytes, txn(); any.txn.move_bytes = 8)
APPLY(move_amount, txn(); moves[1].amount = 0)
APPLY(move_negative, txn(); moves[1].amount = -1)
APPLY(move_worlds, txn(); moves[0].from = (hf_account_key){0}; moves[0].to = moves[0].from)
APPLY(move_world, txn(); moves[0].from = (hf_account_key){0})
APPLY(move_kind, txn(); moves[0].to.kind = 4)
APPLY(move_name, txn(); moves[0].to.name = LONG64)
APPLY(branches_many, txn(); any.txn.branch_count = HF_BRANCHES_MAX + 1)
APPLY(branches_null, txn(); any.txn.branches = NULL)
APPLY(branch_bytes, txn(); any.txn.branch_bytes = 32)
APPLY(participant_null, txn(); branches[2].participant = NULL)
APPLY(participant_empty, txn(); branches[2].participant = "")
APPLY(participant_long, txn(); branches[2].participant = LONG64)
APPLY(participant_control, txn(); branches[2].participant = "a\nb")
APPLY(payload_null, txn(); branches[2].payload = NULL)
APPLY(payload_long, txn(); branches[2].payload_bytes = HF_PAYLOAD_MAX + 1)
APPLY(payload_huge, txn(); branches[2].payload_bytes = UINT64_MAX)
APPLY(payload_most, txn(); branches[2].payload_bytes = HF_PAYLOAD_MAX)
APPLY(flags, txn(); branches[0].flags = 2)
APPLY(deadline, txn(); any.txn.deadline_ms = -1)
APPLY(kind, txn(); any.txn.kind = HF_TXN_COMMAND)
APPLY(wait_, txn(); any.txn.wait = 3)
APPLY(wait_ms, txn(); any.txn.wait_ms = INT64_MAX)
APPLY(wait_ms_negative, txn(); any.txn.wait_ms = -1)
APPLY(pivot_tcc, txn(); branches[0].flags = HF_BRANCH_PIVOT)
APPLY(pivots, saga(); branches[2].flags = HF_BRANCH_PIVOT)
APPLY(actor, txn(); any.txn.head.actor = LONG64)
APPLY(id, txn(); any.txn.head.id.bytes[0] = 1)
APPLY(add_txn, add(); any.add.txn = (hf_id){{0}})
APPLY(add_participant, add(); any.add.branch.participant = NULL)
APPLY(add_payload, add(); any.add.branch.payload_bytes = HF_PAYLOAD_MAX + 1)
APPLY(add_payload_null, add(); any.add.branch.payload = NULL)
APPLY(add_flags, add(); any.add.branch.flags = 4)
APPLY(seal, any.seal.txn = hf_test_id(1))
APPLY(seal_wait, seal(); any.seal.wait = 3)
APPLY(seal_keep, seal(); any.seal.keep = 2)
APPLY(act_reason, act(); any.act.reason = NULL)
APPLY(act_reason_long, act(); any.act.reason = LONG64)
APPLY(act_branch, act(); any.act.branch = 1)
APPLY(act_answer, act(); any.act.answer = HF_ANSWER_OK)
APPLY(resolve_branch, resolve(); any.act.branch = 0)
APPLY(resolve_high, resolve(); any.act.branch = HF_BRANCHES_MAX + 1)
APPLY(resolve_none, resolve(); any.act.answer = HF_ANSWER_NONE)
APPLY(resolve_ongoing, resolve(); any.act.answer = HF_ANSWER_ONGOING)
APPLY(get, any.get.txn = hf_test_id(1))
APPLY(list_which, any.list.which = 4)
APPLY(list_state, any.list.state = 6)
APPLY(list_limit, any.list.limit = 257)
APPLY(list_none, any.list.limit = 0)
APPLY(list_after, any.list.after.bytes[0] = 1)
APPLY(list_after_ms, any.list.after_ms = 5)
APPLY(list_due, any.list.after_ms = 5; any.list.which = HF_TXN_WHICH_DUE)
APPLY(list_created, any.list.created_to_ms = -1)
APPLY(list_participant, any.list.participant = LONG64)
APPLY(history, any.history.txn = hf_test_id(1))
APPLY(history_limit, history(); any.history.limit = 257)

static const row rows[] = {
    {HF_OP_TXN_SUBMIT, 0, txn, ""},
    {HF_OP_TXN_SUBMIT, 0, moves_only, ""},
    {HF_OP_TXN_SUBMIT, 0, branches_only, ""},
    {HF_OP_TXN_SUBMIT, 0, most, ""},
    {HF_OP_TXN_SUBMIT, HF_E_ARGUMENT, nothing, "branches: neither moves nor branches"},
    {HF_OP_TXN_BEGIN, 0, nothing, ""},
    {HF_OP_TXN_SUBMIT, HF_E_TOO_MANY, moves_many, "moves: 4097 elements, at most 4096"},
    {HF_OP_TXN_SUBMIT, HF_E_ARGUMENT, moves_null, "moves: is NULL"},
    {HF_OP_TXN_SUBMIT, HF_E_ABI, move_bytes, "moves: 8 bytes"},
    {HF_OP_TXN_SUBMIT, HF_E_AMOUNT, move_amount, "moves[1].amount: 0 is not in 1.."},
    {HF_OP_TXN_SUBMIT, HF_E_AMOUNT, move_negative, "moves[1].amount: -1 is not in 1.."},
    {HF_OP_TXN_SUBMIT, HF_E_ARGUMENT, move_worlds, "moves[0].to: both sides are the world"},
    {HF_OP_TXN_SUBMIT, 0, move_world, ""},
    {HF_OP_TXN_SUBMIT, HF_E_ENUM, move_kind, "moves[0].to.kind: "},
    {HF_OP_TXN_SUBMIT, HF_E_TEXT_LONG, move_name, "moves[0].to.name: "},
    {HF_OP_TXN_SUBMIT, HF_E_TOO_MANY, branches_many, "branches: 65 elements, at most 64"},
    {HF_OP_TXN_SUBMIT, HF_E_ARGUMENT, branches_null, "branches: is NULL"},
    {HF_OP_TXN_SUBMIT, HF_E_ABI, branch_bytes, "branches: 32 bytes"},
    {HF_OP_TXN_SUBMIT, HF_E_TEXT_MISSING, participant_null, "branches[2].participant: "},
    {HF_OP_TXN_SUBMIT, HF_E_TEXT_MISSING, participant_empty, "branches[2].participant: "},
    {HF_OP_TXN_SUBMIT, HF_E_TEXT_LONG, participant_long, "branches[2].participant: "},
    {HF_OP_TXN_SUBMIT, HF_E_TEXT_CONTROL, participant_control, "branches[2].participant: "},
    {HF_OP_TXN_SUBMIT, HF_E_ARGUMENT, payload_null, "branches[2].payload: is NULL"},
    {HF_OP_TXN_SUBMIT, HF_E_TEXT_LONG, payload_long, "branches[2].payload: 16385 bytes, at most 16384"},
    {HF_OP_TXN_SUBMIT, HF_E_TEXT_LONG, payload_huge, "branches[2].payload: 18446744073709551615 bytes"},
    {HF_OP_TXN_SUBMIT, 0, payload_most, ""},
    {HF_OP_TXN_SUBMIT, HF_E_ENUM, flags, "branches[0].flags: bits 0x2 are not known"},
    {HF_OP_TXN_SUBMIT, HF_E_DEADLINE, deadline, "deadline_ms: -1 is not in "},
    {HF_OP_TXN_SUBMIT, HF_E_ENUM, kind, "kind: 2 is not in 0..1"},
    {HF_OP_TXN_SUBMIT, HF_E_ENUM, wait_, "wait: 3 is not in 0..2"},
    {HF_OP_TXN_SUBMIT, 0, wait_ms, ""},
    {HF_OP_TXN_SUBMIT, HF_E_ARGUMENT, wait_ms_negative, "wait_ms: -1 is not in 0.."},
    {HF_OP_TXN_SUBMIT, HF_E_ARGUMENT, pivot_tcc, "branches: only a saga has a PIVOT"},
    {HF_OP_TXN_BEGIN, HF_E_ARGUMENT, pivot_tcc, "branches: only a saga has a PIVOT"},
    {HF_OP_TXN_SUBMIT, 0, saga, ""},
    {HF_OP_TXN_SUBMIT, HF_E_ARGUMENT, pivots, "branches: more than one PIVOT"},
    {HF_OP_TXN_SUBMIT, HF_E_TEXT_LONG, actor, "head.actor: "},
    {HF_OP_TXN_SUBMIT, HF_E_ID, id, "head.id: "},
    {HF_OP_TXN_BRANCH, 0, add, ""},
    {HF_OP_TXN_BRANCH, HF_E_ID, add_txn, "txn: "},
    {HF_OP_TXN_BRANCH, HF_E_TEXT_MISSING, add_participant, "branch.participant: "},
    {HF_OP_TXN_BRANCH, HF_E_TEXT_LONG, add_payload, "branch.payload: 16385 bytes"},
    {HF_OP_TXN_BRANCH, HF_E_ARGUMENT, add_payload_null, "branch.payload: is NULL"},
    {HF_OP_TXN_BRANCH, HF_E_ENUM, add_flags, "branch.flags: bits 0x4"},
    {HF_OP_TXN_SEAL, 0, seal, ""},
    {HF_OP_TXN_SEAL, HF_E_ID, nothing, "txn: "},
    {HF_OP_TXN_SEAL, HF_E_ENUM, seal_wait, "wait: 3 is not in 0..2"},
    {HF_OP_TXN_SEAL, HF_E_ARGUMENT, seal_keep, "keep: 2 is not in 0..1"},
    {HF_OP_TXN_ABORT, 0, act, ""},
    {HF_OP_TXN_ABORT, HF_E_ID, nothing, "txn: "},
    {HF_OP_TXN_ABORT, HF_E_TEXT_MISSING, act_reason, "reason: "},
    {HF_OP_TXN_PARK, HF_E_TEXT_LONG, act_reason_long, "reason: "},
    {HF_OP_TXN_RETRY_NOW, HF_E_ARGUMENT, act_branch, "branch: "},
    {HF_OP_TXN_UNPARK, HF_E_ARGUMENT, act_answer, "answer: "},
    {HF_OP_TXN_RESOLVE_BRANCH, 0, resolve, ""},
    {HF_OP_TXN_RESOLVE_BRANCH, HF_E_ARGUMENT, resolve_branch, "branch: which branch"},
    {HF_OP_TXN_RESOLVE_BRANCH, HF_E_ARGUMENT, resolve_high, "branch: 65 is not in 0..64"},
    {HF_OP_TXN_RESOLVE_BRANCH, HF_E_ENUM, resolve_none, "answer: must be OK or REJECTED"},
    {HF_OP_TXN_RESOLVE_BRANCH, HF_E_ENUM, resolve_ongoing, "answer: 3 is not in 0..2"},
    {HF_OP_TXN_GET, 0, get, ""},
    {HF_OP_TXN_GET, HF_E_ID, nothing, "txn: "},
    {HF_OP_TXN_LIST, 0, nothing, ""},
    {HF_OP_TXN_LIST, 0, list_due, ""},
    {HF_OP_TXN_LIST, HF_E_ENUM, list_which, "which: 4 is not in 0..3"},
    {HF_OP_TXN_LIST, HF_E_ENUM, list_state, "state: 6 is not in 0..5"},
    {HF_OP_TXN_LIST, HF_E_ARGUMENT, list_limit, "limit: 257 is not in 1..256"},
    {HF_OP_TXN_LIST, HF_E_ARGUMENT, list_none, "limit: 0 is not in 1..256"},
    {HF_OP_TXN_LIST, HF_E_ID, list_after, "after: "},
    {HF_OP_TXN_LIST, HF_E_ARGUMENT, list_after_ms, "after_ms: only with DUE"},
    {HF_OP_TXN_LIST, HF_E_ARGUMENT, list_created, "created_to_ms: -1 is not in "},
    {HF_OP_TXN_LIST, HF_E_TEXT_LONG, list_participant, "participant: "},
    {HF_OP_TXN_HISTORY, 0, history, ""},
    {HF_OP_TXN_HISTORY, HF_E_ID, nothing, "txn: "},
    {HF_OP_TXN_HISTORY, HF_E_ARGUMENT, history_limit, "limit: 257 is not in 1..256"},
};
/* clang-format on */

#define ROWS ((int)(sizeof rows / sizeof rows[0]))

START_TEST(a_bad_argument_is_refused_and_named)
{
    const row *one = &rows[_i];
    init(one->type);
    one->apply();
    int error = hf__check_args(one->type, &any, 0, &detail);
    ck_assert_msg(error == one->error, "%s: %s: %s", hf_op_name(one->type), hf_error_name(error),
                  detail.text);
    ck_assert_msg(strncmp(detail.text, one->detail, strlen(one->detail)) == 0, "%s", detail.text);
}
END_TEST

START_TEST(a_newer_branchs_tail_must_be_empty)
{
    struct {
        hf_branch_args branch;
        uint64_t tail;
    } newer[2] = {{.branch = branches[0]}, {.branch = branches[1]}};
    init(HF_OP_TXN_SUBMIT);
    any.txn.branches = &newer[0].branch;
    any.txn.branch_count = 2;
    any.txn.branch_bytes = sizeof newer[0];
    ck_assert_msg(hf__check_args(HF_OP_TXN_SUBMIT, &any, 0, &detail) == 0, "%s", detail.text);
    newer[1].branch.flags = HF_BRANCH_PIVOT; /* rules look at the second one, where it is */
    ck_assert_int_eq(hf__check_args(HF_OP_TXN_SUBMIT, &any, 0, &detail), HF_E_ARGUMENT);
    newer[1].tail = 1;
    ck_assert_int_eq(hf__check_args(HF_OP_TXN_SUBMIT, &any, 0, &detail), HF_E_ABI);
    ck_assert_int_eq(strncmp(detail.text, "branches[1].size", 16), 0);
    any.txn.branches = NULL; /* they end here */
}
END_TEST

/* ---- What is copied, and what counts --------------------------------------------------------- */

typedef struct print {
    uint8_t bytes[16];
} print;

static print print_of(uint32_t type)
{
    print out;
    hf__arena_init(&arena, memory, sizeof memory);
    ck_assert_ptr_nonnull(hf__copy_args(type, &any, false, &arena, out.bytes));
    return out;
}

static bool same(print a, print b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

START_TEST(payloads_are_copied)
{
    init(HF_OP_TXN_SUBMIT);
    txn();
    branches[0].payload = "not used";
    branches[2].payload = "ship it";
    branches[2].payload_bytes = 7;
    const void *copied = hf__copy_args(HF_OP_TXN_SUBMIT, &any, false, &arena, NULL);
    const hf_txn_args *copy = copied;
    memset(branches, 0xff, sizeof branches);
    memset(payload, 0, sizeof payload);
    ck_assert_uint_eq(copy->branch_count, 3);
    ck_assert_uint_eq(copy->branch_bytes, sizeof(hf_branch_args));
    ck_assert_str_eq(copy->branches[1].participant, "courier");
    ck_assert_ptr_null(copy->branches[0].payload); /* of no bytes */
    ck_assert_uint_eq(copy->branches[1].payload_bytes, 3);
    ck_assert_mem_eq(copy->branches[1].payload, "\xf5\xf5\xf5", 3);
    ck_assert_mem_eq(copy->branches[2].payload, "ship it", 7);
    ck_assert_int_eq(copy->moves[1].amount, 2);
    ck_assert_str_eq(copy->moves[1].to.name, "till");
}
END_TEST

START_TEST(a_payload_that_does_not_fit_fills_the_arena)
{
    init(HF_OP_TXN_BRANCH);
    add();
    any.add.branch.payload_bytes = HF_PAYLOAD_MAX;
    hf__arena_init(&arena, memory, HF_PAYLOAD_MAX);
    ck_assert_ptr_null(hf__copy_args(HF_OP_TXN_BRANCH, &any, false, &arena, NULL));
}
END_TEST

START_TEST(until_when_is_waited_is_no_content_and_all_else_is)
{
    init(HF_OP_TXN_SUBMIT);
    txn();
    const print before = print_of(HF_OP_TXN_SUBMIT);
    any.txn.wait = HF_TXN_DECIDED;
    ck_assert(same(before, print_of(HF_OP_TXN_SUBMIT)));
    ck_assert_uint_eq(any.txn.wait, HF_TXN_DECIDED);
    any.txn.wait_ms = 500;
    ck_assert(same(before, print_of(HF_OP_TXN_SUBMIT)));
    any.txn.kind = HF_TXN_SAGA;
    ck_assert(!same(before, print_of(HF_OP_TXN_SUBMIT)));
    any.txn.kind = HF_TXN_TCC;
    payload[5] = 1;
    ck_assert(!same(before, print_of(HF_OP_TXN_SUBMIT)));
    payload[5] = 0xf5;
    ck_assert(same(before, print_of(HF_OP_TXN_SUBMIT)));
    branches[2].payload_bytes--;
    ck_assert(!same(before, print_of(HF_OP_TXN_SUBMIT)));
    branches[2].payload_bytes++;
    branches[1].group = 1;
    ck_assert(!same(before, print_of(HF_OP_TXN_SUBMIT)));
    branches[1].group = 0;
    moves[1].amount++;
    ck_assert(!same(before, print_of(HF_OP_TXN_SUBMIT)));
}
END_TEST

/* ---- Defaults -------------------------------------------------------------------------------- */

START_TEST(defaults_are_as_the_headers_say)
{
    const hf_id id = hf_test_id(3);
    hf_txn_init(&any.txn);
    ck_assert_uint_eq(any.txn.wait, HF_TXN_FINISHED);
    ck_assert_uint_eq(any.txn.kind, HF_TXN_TCC);
    ck_assert_int_eq(any.txn.deadline_ms, 0);
    hf_txn_branch_init(&any.add, &id, "courier");
    ck_assert_mem_eq(&any.add.txn, &id, sizeof id);
    ck_assert_str_eq(any.add.branch.participant, "courier");
    ck_assert_uint_eq(any.add.branch.version, 1);
    hf_txn_seal_init(&any.seal, &id);
    ck_assert_uint_eq(any.seal.wait, HF_TXN_FINISHED);
    ck_assert_uint_eq(any.seal.keep, 0);
    hf_txn_list_init(&any.list);
    ck_assert_uint_eq(any.list.which, HF_TXN_WHICH_OPEN);
    ck_assert_uint_eq(any.list.limit, 100);
    hf_txn_history_init(&any.history, &id);
    ck_assert_uint_eq(any.history.limit, 100);
    hf_branch_init(NULL, "courier");
    hf_participant_init(NULL, "courier");
    hf_provider_init(NULL, "bank");
    hf_call_answer_init(NULL, HF_ANSWER_OK);
}
END_TEST

START_TEST(participants_and_providers_have_their_defaults)
{
    hf_participant courier;
    memset(&courier, 0xa5, sizeof courier);
    hf_participant_init(&courier, "courier");
    ck_assert_uint_eq(courier.size, sizeof courier);
    ck_assert_uint_eq(courier.version, 1);
    ck_assert_str_eq(courier.name, "courier");
    ck_assert(courier.attempt == NULL && courier.confirm == NULL && courier.query == NULL);
    ck_assert_int_eq(courier.retry[HF_PHASE_TRY].cap_ms, 5000);
    ck_assert_int_eq(courier.retry[HF_PHASE_CONFIRM].cap_ms, 30000);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(courier.retry[i].size, sizeof(hf_retry_policy));
        ck_assert_uint_eq(courier.retry[i].attempts_max, 100);
        ck_assert_int_eq(courier.retry[i].initial_ms, 50);
        ck_assert_uint_eq(courier.retry[i].multiplier, 200);
    }
    ck_assert_int_eq(courier.call_timeout_ms, 10000);
    ck_assert_uint_eq(courier.flags, 0);
    hf_provider bank;
    hf_provider_init(&bank, "bank");
    ck_assert_uint_eq(bank.size, sizeof bank);
    ck_assert_int_eq(bank.retry.initial_ms, 200);
    ck_assert_uint_eq(bank.in_flight_max, 256);
    hf_call_answer answer;
    memset(&answer, 0xa5, sizeof answer);
    hf_call_answer_init(&answer, HF_ANSWER_REJECTED);
    ck_assert_uint_eq(answer.size, sizeof answer);
    ck_assert_uint_eq(answer.answer, HF_ANSWER_REJECTED);
    ck_assert_int_eq(answer.after_ms, 0);
    ck_assert_ptr_null(answer.detail);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_args");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_loop_test(core, a_bad_argument_is_refused_and_named, 0, ROWS);
    tcase_add_test(core, a_newer_branchs_tail_must_be_empty);
    tcase_add_test(core, payloads_are_copied);
    tcase_add_test(core, a_payload_that_does_not_fit_fills_the_arena);
    tcase_add_test(core, until_when_is_waited_is_no_content_and_all_else_is);
    tcase_add_test(core, defaults_are_as_the_headers_say);
    tcase_add_test(core, participants_and_providers_have_their_defaults);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

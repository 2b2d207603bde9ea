/*
 * Transactions on a fixture: submitted, called and answered, without a runtime.
 */
#ifndef HF_TESTS_SUPPORT_COORDINATOR_H
#define HF_TESTS_SUPPORT_COORDINATOR_H

#include "base/id.h"
#include "domain/txn/txn.h"
#include "support/view.h"

#include <stdio.h>
#include <string.h>

#define HF_TEST_NO_CALL UINT32_MAX

/* Money of ann, and an empty till. */
static inline void hf_test_txn_accounts(hf_test_fixture *fixture)
{
    hf_test_fixture_init(fixture);
    hf_test_open(fixture, HF_KIND_MONEY, "ann", "EUR", 100);
    hf_test_open(fixture, HF_KIND_MONEY, "shop", "EUR", 0);
}

static inline hf_txn_move_args hf_test_move(const char *from, const char *to, int64_t amount)
{
    return (hf_txn_move_args){
        .from = {.kind = HF_KIND_MONEY, .name = from, .place = "", .unit = "EUR"},
        .to = {.kind = HF_KIND_MONEY, .name = to, .place = "", .unit = "EUR"},
        .amount = amount,
    };
}

/* A branch whose participant was registered with `flags`. */
static inline hf_branch_args hf_test_branch(const char *participant, uint32_t flags, uint32_t group)
{
    return (hf_branch_args){
        .participant = participant, .version = 1, .group = group, .reserved = flags};
}

static inline hf_txn_args hf_test_txn_args(hf_test_fixture *fixture, uint32_t kind,
                                           const hf_branch_args *branches, uint32_t count)
{
    hf_txn_args args = {.head = {.size = sizeof args}, .kind = kind};
    args.head.id = hf_test_id(fixture);
    args.branches = branches;
    args.branch_count = count;
    args.branch_bytes = sizeof *branches;
    args.move_bytes = sizeof(hf_txn_move_args);
    return args;
}

static inline const hf_txn *hf_test_txn(const hf_test_fixture *fixture, const hf_id *id)
{
    const hf_txn *txn = hf_test_row_of(fixture, HF__TXNS, &(hf_txn){.id = *id});
    ck_assert_ptr_nonnull(txn);
    return txn;
}

static inline const hf_branch *hf_test_branch_of(const hf_test_fixture *fixture, const hf_id *id,
                                                 uint32_t no)
{
    const hf_branch *branch =
        hf_test_row_of(fixture, HF__BRANCHES, &(hf_branch){.txn = *id, .no = no});
    ck_assert_ptr_nonnull(branch);
    return branch;
}

/* "CONFIRMING: CONFIRMED CONFIRMING": the transaction, and its branches by their numbers. */
const char *hf_test_states(const hf_test_fixture *fixture, const hf_id *id);

/* The phase in which a branch is to be called, or HF_TEST_NO_CALL. */
static inline uint32_t hf_test_next_call(const hf_test_fixture *fixture, const hf_id *id,
                                         uint32_t no, hf__txn_call *call)
{
    bool calls = hf__txn_next_call(hf_test_txn(fixture, id), hf_test_branch_of(fixture, id, no),
                                   fixture->epoch, false, call);
    return calls ? call->phase : HF_TEST_NO_CALL;
}

static inline uint32_t hf_test_phase(const hf_test_fixture *fixture, const hf_id *id, uint32_t no)
{
    hf__txn_call call;
    return hf_test_next_call(fixture, id, no, &call);
}

static inline int hf_test_drive(hf_test_fixture *fixture, const hf_id *id,
                                const hf__txn_answer *answers, uint32_t count)
{
    hf__txn_drive_args args = {.head = {.size = sizeof args}, .txn = *id};
    args.answers = answers;
    args.answer_count = count;
    return hf_test_run(fixture, HF_EVENT_DRIVE, &args);
}

/* An answer to the call that is to be made now. */
static inline hf__txn_answer hf_test_answer(const hf_test_fixture *fixture, const hf_id *id,
                                            uint32_t no, uint32_t what)
{
    hf__txn_call call;
    ck_assert_msg(hf_test_next_call(fixture, id, no, &call) != HF_TEST_NO_CALL,
                  "branch %u is not called: %s", no, hf_test_states(fixture, id));
    return (hf__txn_answer){.branch = no,
                            .phase = call.phase,
                            .attempt = call.attempt,
                            .answer = what,
                            .epoch = fixture->epoch,
                            .due_ms = fixture->now_ms + 100};
}

/* Answers one branch; the transaction must take it. */
static inline void hf_test_say(hf_test_fixture *fixture, const hf_id *id, uint32_t no,
                               uint32_t what)
{
    hf__txn_answer answer = hf_test_answer(fixture, id, no, what);
    int status = hf_test_drive(fixture, id, &answer, 1);
    ck_assert_msg(status == 0, "%d: %s", status, fixture->detail.text);
}

static inline int hf_test_act(hf_test_fixture *fixture, uint32_t type, const hf_id *id)
{
    hf_txn_act_args args = {.head = {.size = sizeof args}, .txn = *id, .reason = "by hand"};
    return hf_test_run(fixture, type, &args);
}

static inline int hf_test_resolve(hf_test_fixture *fixture, const hf_id *id, uint32_t no,
                                  uint32_t answer)
{
    hf_txn_act_args args = {.head = {.size = sizeof args}, .txn = *id, .reason = "they answered"};
    args.branch = no;
    args.answer = answer;
    return hf_test_run(fixture, HF_OP_TXN_RESOLVE_BRANCH, &args);
}

/* The transaction and its branches are in these states. */
#define hf_test_expect_states(fixture, id, expected)                                               \
    ck_assert_str_eq(hf_test_states((fixture), (id)), (expected))

#endif

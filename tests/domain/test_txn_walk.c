/* Random transactions under random answers, doubled, late and lost, until all of them have ended.
 */
#include "domain/txn/state.h"
#include "support/check_main.h"
#include "support/coordinator.h"
#include "support/random.h"

#define WALKS    60u
#define TXNS     6u
#define STEPS    4000u
#define KEPT     64u
#define PATIENCE 400u /* steps after which participants only answer truly */

/* What a participant has done for a branch. It answers in accord with that, whatever is lost. */
typedef struct truth {
    bool done;
    bool undone;
    bool final; /* confirmed */
    bool refused;
} truth;

typedef struct walk {
    hf_test_fixture fixture;
    hf_test_random random;
    hf_id ids[TXNS];
    truth truths[TXNS][HF_BRANCHES_MAX + 1];
    uint32_t decided[TXNS];    /* CONFIRMING or CANCELLING, once it is */
    hf__txn_answer kept[KEPT]; /* answers that may come again */
    uint32_t kept_of[KEPT];
    uint32_t kept_count;
    uint32_t step;
    uint32_t ends[HF__TXN_STATES]; /* how many ended in each state */
} walk;

static uint32_t below(walk *w, uint32_t limit)
{
    return hf_test_below(&w->random, limit);
}

static hf_branch_args random_branch(walk *w, uint32_t kind, bool *last)
{
    static const char *const names[] = {"hotel", "train", "car"};
    static const uint32_t flags[] = {0, 0, HF_PARTICIPANT_READONLY, HF_PARTICIPANT_ORDERED,
                                     HF_PARTICIPANT_ONE_PHASE};
    hf_branch_args branch = hf_test_branch(names[below(w, 3)], flags[below(w, 5)], below(w, 3));
    bool one_phase = branch.reserved == HF_PARTICIPANT_ONE_PHASE;
    if (kind == HF_TXN_TCC && one_phase && *last)
        branch.reserved = 0;
    else if (kind == HF_TXN_TCC && one_phase)
        *last = true;
    if (kind == HF_TXN_SAGA && !*last && below(w, 4) == 0) {
        branch.flags = HF_BRANCH_PIVOT;
        *last = true;
    }
    return branch;
}

static void submit(walk *w, uint32_t at)
{
    hf_branch_args branches[6];
    uint32_t kind = below(w, 2) == 0 ? HF_TXN_TCC : HF_TXN_SAGA;
    uint32_t count = 1 + below(w, 6);
    bool last = false;
    for (uint32_t i = 0; i < count; i++)
        branches[i] = random_branch(w, kind, &last);
    bool begins = below(w, 3) == 0;
    hf_txn_args args = hf_test_txn_args(&w->fixture, kind, branches, count);
    const hf_txn_move_args move = hf_test_move("ann", "shop", 1 + below(w, 9));
    args.moves = &move;
    args.move_count = 1;
    args.deadline_ms = w->fixture.now_ms + 1000 + below(w, 20000);
    w->ids[at] = args.head.id;
    uint32_t type = begins ? HF_OP_TXN_BEGIN : HF_OP_TXN_SUBMIT;
    hf_test_expect(&w->fixture, 0, type, &args);
}

/* What the participant says, and what it did. */
static uint32_t ask(walk *w, uint32_t at, uint32_t no, uint32_t phase)
{
    truth *t = &w->truths[at][no];
    bool patient = w->step > PATIENCE;
    uint32_t luck = below(w, 10);
    if (phase == HF_PHASE_TRY && !t->done && !t->refused && !t->undone && luck != 0) {
        t->refused = luck == 1 && w->decided[at] == 0;
        t->done = !t->refused;
    }
    if (phase == HF_PHASE_CONFIRM && luck != 0) {
        ck_assert(t->done && !t->undone);
        t->final = true;
    }
    if (phase == HF_PHASE_CANCEL && luck != 0) {
        ck_assert(!t->final);
        t->undone = true;
    }
    if (!patient && luck < 4)
        return luck == 3 ? HF_ANSWER_ONGOING : HF_ANSWER_UNKNOWN; /* done or not: it is lost */
    if (phase == HF_PHASE_CONFIRM)
        return t->final ? HF_ANSWER_OK : HF_ANSWER_RETRY;
    if (phase == HF_PHASE_CANCEL)
        return t->undone ? HF_ANSWER_OK : HF_ANSWER_RETRY;
    if (t->refused)
        return HF_ANSWER_REJECTED;
    if (t->done)
        return HF_ANSWER_OK;
    return phase == HF_PHASE_QUERY ? HF_ANSWER_NOT_FOUND : HF_ANSWER_UNKNOWN;
}

static void drive(walk *w, uint32_t at, const hf__txn_answer *answers, uint32_t count)
{
    int status = hf_test_drive(&w->fixture, &w->ids[at], answers, count);
    ck_assert_msg(status == 0, "%d: %s", status, w->fixture.detail.text);
}

/* Makes the calls that are due, and brings some of the answers. */
static void call_all(walk *w, uint32_t at)
{
    const hf_id *id = &w->ids[at];
    hf__txn_answer answers[HF_BRANCHES_MAX];
    uint32_t count = 0;
    uint32_t branches = hf_test_txn(&w->fixture, id)->branch_count;
    for (uint32_t no = 1; no <= branches; no++) {
        uint32_t phase = hf_test_phase(&w->fixture, id, no);
        if (phase == HF_TEST_NO_CALL || below(w, 3) == 0)
            continue;
        hf__txn_answer answer = hf_test_answer(&w->fixture, id, no, HF_ANSWER_NONE);
        answer.answer = ask(w, at, no, phase);
        answer.park = answer.answer != HF_ANSWER_OK && below(w, 50) == 0;
        answers[count++] = answer;
        uint32_t place = w->kept_count < KEPT ? w->kept_count++ : below(w, KEPT);
        w->kept[place] = answer;
        w->kept_of[place] = at;
    }
    drive(w, at, answers, count);
}

/* Something that nobody waits for: an old answer, a person, another engine, time. */
static void disturb(walk *w, uint32_t at)
{
    const hf_id *id = &w->ids[at];
    uint32_t what = below(w, 8);
    if (what == 0 && w->kept_count > 0) {
        uint32_t place = below(w, w->kept_count);
        drive(w, w->kept_of[place], &w->kept[place], 1);
    } else if (what == 1 && below(w, 20) == 0) {
        (void)hf_test_act(&w->fixture, HF_OP_TXN_ABORT, id);
    } else if (what == 2 && below(w, 10) == 0) {
        (void)hf_test_act(&w->fixture, HF_OP_TXN_PARK, id);
    } else if (what == 3) {
        (void)hf_test_act(&w->fixture, HF_OP_TXN_UNPARK, id);
    } else if (what == 4 && below(w, 20) == 0) {
        w->fixture.epoch++; /* another engine continues */
        hf_test_take_leases(&w->fixture, w->fixture.epoch);
    } else if (what == 5) {
        hf_txn_seal_args args = {.head = {.size = sizeof args}, .txn = *id};
        (void)hf_test_run(&w->fixture, HF_OP_TXN_SEAL, &args);
    } else if (what == 6) {
        w->fixture.now_ms += below(w, 300);
    }
}

static void check_branch(const walk *w, uint32_t at, const hf_branch *branch)
{
    const hf_txn *txn = hf_test_txn(&w->fixture, &w->ids[at]);
    const truth *t = &w->truths[at][branch->no];
    bool confirms = txn->state == HF_TXN_CONFIRMING || txn->state == HF_TXN_CONFIRMED;
    bool cancels = txn->state == HF_TXN_CANCELLING || txn->state == HF_TXN_CANCELLED;
    ck_assert(hf__branch_row_holds(branch));
    if (cancels)
        ck_assert(branch->state != HF_BRANCH_CONFIRMING && branch->state != HF_BRANCH_CONFIRMED);
    if (confirms)
        ck_assert(branch->state != HF_BRANCH_CANCELLING && branch->state != HF_BRANCH_CANCELLED &&
                  branch->state != HF_BRANCH_REFUSED);
    if (branch->state == HF_BRANCH_CONFIRMED)
        ck_assert(t->done && !t->undone);
    if (branch->state == HF_BRANCH_CANCELLED && t->done)
        ck_assert(t->undone || branch->participant_flags == HF_PARTICIPANT_READONLY);
    if (branch->state == HF_BRANCH_REFUSED)
        ck_assert(!t->done);
}

static void check(walk *w, uint32_t at)
{
    const hf_txn *txn = hf_test_txn(&w->fixture, &w->ids[at]);
    ck_assert(hf__txn_row_holds(txn));
    bool confirms = txn->state == HF_TXN_CONFIRMING || txn->state == HF_TXN_CONFIRMED;
    uint32_t way = confirms ? HF_TXN_CONFIRMING : HF_TXN_CANCELLING;
    if (txn->state != HF_TXN_TRYING) {
        ck_assert(w->decided[at] == 0 || w->decided[at] == way);
        w->decided[at] = way;
    }
    hf_hold key = {.amount = 0};
    hf__id_derive(&txn->id, 4096 + 1, &key.id);
    const hf_hold *hold = hf_test_row_of(&w->fixture, HF__HOLDS, &key);
    uint32_t expected = txn->state == HF_TXN_TRYING ? HF_HOLD_HELD
                        : confirms                  ? HF_HOLD_DONE
                                                    : HF_HOLD_VOID;
    ck_assert_uint_eq(hold->state, expected);
    for (uint32_t no = 1; no <= txn->branch_count; no++)
        check_branch(w, at, hf_test_branch_of(&w->fixture, &txn->id, no));
}

static bool all_over(const walk *w)
{
    for (uint32_t i = 0; i < TXNS; i++) {
        if (!hf__txn_is_over(hf_test_txn(&w->fixture, &w->ids[i])->state))
            return false;
    }
    return true;
}

static void run(walk *w)
{
    hf_test_txn_accounts(&w->fixture);
    w->fixture.eager = 1;
    for (uint32_t i = 0; i < TXNS; i++)
        submit(w, i);
    for (w->step = 0; w->step < STEPS && !all_over(w); w->step++) {
        uint32_t at = below(w, TXNS);
        call_all(w, at);
        disturb(w, at);
        for (uint32_t i = 0; i < TXNS; i++)
            check(w, i);
        w->fixture.now_ms += w->step > PATIENCE ? 500 : 10;
    }
    ck_assert_msg(all_over(w), "after %u steps: %s", w->step,
                  hf_test_states(&w->fixture, &w->ids[0]));
    for (uint32_t i = 0; i < TXNS; i++)
        w->ends[hf_test_txn(&w->fixture, &w->ids[i])->state]++;
    hf_test_fixture_fini(&w->fixture);
}

START_TEST(whatever_participants_answer_every_transaction_ends_one_way)
{
    hf_test_random random = hf_test_seed();
    walk *w = malloc(sizeof *w);
    ck_assert_ptr_nonnull(w);
    uint32_t confirmed = 0;
    uint32_t cancelled = 0;
    for (uint32_t i = 0; i < WALKS; i++) {
        memset(w, 0, sizeof *w);
        w->random.state = hf_test_next(&random);
        run(w);
        confirmed += w->ends[HF_TXN_CONFIRMED];
        cancelled += w->ends[HF_TXN_CANCELLED];
    }
    ck_assert_uint_eq(confirmed + cancelled, (uint64_t)WALKS * TXNS);
    ck_assert_msg(confirmed > 0 && cancelled > 0, "%u and %u", confirmed, cancelled);
    (void)fprintf(stderr, "%u confirmed, %u cancelled\n", confirmed, cancelled);
    free(w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("txn_walk");
    TCase *core = tcase_create("core");
    tcase_add_test(core, whatever_participants_answer_every_transaction_ends_one_way);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

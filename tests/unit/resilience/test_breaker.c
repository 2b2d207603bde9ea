/* The circuit breaker: every pair of state and event, one probe at a time, and it always ends. */
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <holdfast/resilience.h>
#include <stdbool.h>
#include <string.h>

#define FAILURES 3u
#define OPEN_MS  INT64_C(100)
#define MAX_MS   INT64_C(300)

static hf_breaker make(void)
{
    hf_breaker breaker;
    ck_assert_int_eq(hf_breaker_init(&breaker, FAILURES, OPEN_MS, MAX_MS), 0);
    return breaker;
}

/* A pass that must be given. */
static uint64_t let_pass(hf_breaker *breaker, int64_t now_ms)
{
    uint64_t pass = 0;
    ck_assert_int_eq(hf_breaker_allow(breaker, now_ms, &pass), 1);
    ck_assert_uint_ne(pass, 0);
    return pass;
}

static void refuse(hf_breaker *breaker, int64_t now_ms)
{
    uint64_t pass = 0;
    ck_assert_int_eq(hf_breaker_allow(breaker, now_ms, &pass), 0);
    ck_assert_uint_eq(pass, 0);
}

static void report(hf_breaker *breaker, int64_t now_ms, uint64_t pass, uint32_t outcome)
{
    ck_assert_int_eq(hf_breaker_report(breaker, now_ms, pass, outcome), 0);
}

/* Fails until it opens, at `now_ms`. */
static void trip(hf_breaker *breaker, int64_t now_ms)
{
    while (breaker->state == HF_BREAKER_CLOSED)
        report(breaker, now_ms, let_pass(breaker, now_ms), HF_BREAKER_FAILURE);
}

/* The situations of the breaker, each made by calls alone; since_ms is 0, a pass is given. */
typedef enum situation {
    CLOSED,
    CLOSED_LAST, /* one failure more opens it */
    OPENED,
    PROBING,
    PROBE_FREE, /* half-open, the probe was not used */
    SITUATIONS
} situation;

static uint64_t arrange(hf_breaker *breaker, situation where)
{
    *breaker = make();
    uint64_t pass = let_pass(breaker, 0);
    if (where == CLOSED_LAST) {
        report(breaker, 0, pass, HF_BREAKER_FAILURE);
        report(breaker, 0, pass, HF_BREAKER_FAILURE);
    }
    if (where < OPENED)
        return pass;
    trip(breaker, -OPEN_MS);
    if (where == OPENED) {
        breaker->since_ms = 0;
        return breaker->pass; /* no pass exists: the best guess of a caller that made one up */
    }
    pass = let_pass(breaker, 0);
    if (where == PROBE_FREE)
        report(breaker, 0, pass, HF_BREAKER_UNUSED);
    return pass;
}

/* What can be done to it. */
typedef enum deed { ASK, ASK_LATE, SUCCEED, FAIL, LEAVE, STALE_SUCCESS, STALE_FAILURE, DEEDS } deed;

typedef struct pair {
    hf_breaker_state after;
    bool passes;
    uint32_t failures;
    uint32_t probing;
} pair;

/* clang-format off */
static const pair pairs[SITUATIONS][DEEDS] = {
    [CLOSED] = {
        [ASK] = {HF_BREAKER_CLOSED, true, 0, 0},
        [ASK_LATE] = {HF_BREAKER_CLOSED, true, 0, 0},
        [SUCCEED] = {HF_BREAKER_CLOSED, false, 0, 0},
        [FAIL] = {HF_BREAKER_CLOSED, false, 1, 0},
        [LEAVE] = {HF_BREAKER_CLOSED, false, 0, 0},
        [STALE_SUCCESS] = {HF_BREAKER_CLOSED, false, 0, 0},
        [STALE_FAILURE] = {HF_BREAKER_CLOSED, false, 0, 0},
    },
    [CLOSED_LAST] = {
        [ASK] = {HF_BREAKER_CLOSED, true, 2, 0},
        [ASK_LATE] = {HF_BREAKER_CLOSED, true, 2, 0},
        [SUCCEED] = {HF_BREAKER_CLOSED, false, 0, 0},
        [FAIL] = {HF_BREAKER_OPEN, false, 0, 0},
        [LEAVE] = {HF_BREAKER_CLOSED, false, 2, 0},
        [STALE_SUCCESS] = {HF_BREAKER_CLOSED, false, 2, 0},
        [STALE_FAILURE] = {HF_BREAKER_CLOSED, false, 2, 0},
    },
    [OPENED] = {
        [ASK] = {HF_BREAKER_OPEN, false, 0, 0},
        [ASK_LATE] = {HF_BREAKER_HALF_OPEN, true, 0, 1},
        [SUCCEED] = {HF_BREAKER_OPEN, false, 0, 0},
        [FAIL] = {HF_BREAKER_OPEN, false, 0, 0},
        [LEAVE] = {HF_BREAKER_OPEN, false, 0, 0},
        [STALE_SUCCESS] = {HF_BREAKER_OPEN, false, 0, 0},
        [STALE_FAILURE] = {HF_BREAKER_OPEN, false, 0, 0},
    },
    [PROBING] = {
        [ASK] = {HF_BREAKER_HALF_OPEN, false, 0, 1},
        [ASK_LATE] = {HF_BREAKER_HALF_OPEN, true, 0, 1},
        [SUCCEED] = {HF_BREAKER_CLOSED, false, 0, 0},
        [FAIL] = {HF_BREAKER_OPEN, false, 0, 0},
        [LEAVE] = {HF_BREAKER_HALF_OPEN, false, 0, 0},
        [STALE_SUCCESS] = {HF_BREAKER_HALF_OPEN, false, 0, 1},
        [STALE_FAILURE] = {HF_BREAKER_HALF_OPEN, false, 0, 1},
    },
    [PROBE_FREE] = {
        [ASK] = {HF_BREAKER_HALF_OPEN, true, 0, 1},
        [ASK_LATE] = {HF_BREAKER_HALF_OPEN, true, 0, 1},
        [SUCCEED] = {HF_BREAKER_CLOSED, false, 0, 0},
        [FAIL] = {HF_BREAKER_OPEN, false, 0, 0},
        [LEAVE] = {HF_BREAKER_HALF_OPEN, false, 0, 0},
        [STALE_SUCCESS] = {HF_BREAKER_HALF_OPEN, false, 0, 0},
        [STALE_FAILURE] = {HF_BREAKER_HALF_OPEN, false, 0, 0},
    },
};
/* clang-format on */

START_TEST(every_pair_of_situation_and_deed_is_as_the_table_says)
{
    situation where = (situation)(_i / DEEDS);
    deed what = (deed)(_i % DEEDS);
    const pair *expected = &pairs[where][what];
    hf_breaker breaker;
    uint64_t pass = arrange(&breaker, where);
    uint64_t got = 0;
    if (what == ASK || what == ASK_LATE) {
        int64_t now = what == ASK ? OPEN_MS - 1 : OPEN_MS;
        ck_assert_int_eq(hf_breaker_allow(&breaker, now, &got), expected->passes ? 1 : 0);
        ck_assert_int_eq(got != 0, expected->passes);
    } else if (what == STALE_SUCCESS || what == STALE_FAILURE) {
        uint32_t outcome = what == STALE_SUCCESS ? HF_BREAKER_SUCCESS : HF_BREAKER_FAILURE;
        report(&breaker, 10, breaker.pass_oldest - 1, outcome);
        report(&breaker, 10, breaker.pass + 1, outcome);
        report(&breaker, 10, 0, outcome);
        report(&breaker, 10, UINT64_MAX, outcome);
    } else {
        report(&breaker, 10, pass, (uint32_t)(what - SUCCEED));
    }
    ck_assert_uint_eq(breaker.state, expected->after);
    ck_assert_uint_eq(breaker.failures, expected->failures);
    ck_assert_uint_eq(breaker.probing, expected->probing);
}
END_TEST

START_TEST(failures_open_it_only_in_a_row)
{
    hf_breaker breaker = make();
    uint64_t pass = let_pass(&breaker, 0);
    for (int i = 0; i < 10; i++) {
        report(&breaker, 0, pass, HF_BREAKER_FAILURE);
        report(&breaker, 0, pass, HF_BREAKER_FAILURE);
        report(&breaker, 0, pass, HF_BREAKER_SUCCESS);
    }
    ck_assert_uint_eq(breaker.state, HF_BREAKER_CLOSED);
    trip(&breaker, 0);
    ck_assert_uint_eq(breaker.opened, 1);
}
END_TEST

START_TEST(without_a_limit_it_never_opens)
{
    hf_breaker breaker;
    ck_assert_int_eq(hf_breaker_init(&breaker, 0, 1, 1), 0);
    breaker.failures = UINT32_MAX - 2;
    for (int i = 0; i < 5; i++)
        report(&breaker, 0, let_pass(&breaker, 0), HF_BREAKER_FAILURE);
    ck_assert_uint_eq(breaker.state, HF_BREAKER_CLOSED);
    ck_assert_uint_eq(breaker.failures, UINT32_MAX);
}
END_TEST

START_TEST(failed_probes_keep_it_open_longer_up_to_the_most)
{
    static const int64_t waits[] = {100, 200, 300, 300};
    hf_breaker breaker = make();
    int64_t now = 1000;
    trip(&breaker, now);
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        refuse(&breaker, now + waits[i] - 1);
        now += waits[i];
        report(&breaker, now, let_pass(&breaker, now), HF_BREAKER_FAILURE);
        ck_assert_uint_eq(breaker.opened, i + 2);
    }
    now += MAX_MS;
    report(&breaker, now, let_pass(&breaker, now), HF_BREAKER_SUCCESS);
    trip(&breaker, now);
    ck_assert_int_eq(breaker.open_for_ms, OPEN_MS);
}
END_TEST

START_TEST(an_answer_from_before_it_opened_decides_nothing)
{
    hf_breaker breaker = make();
    uint64_t old = let_pass(&breaker, 0);
    trip(&breaker, 0);
    report(&breaker, 0, old, HF_BREAKER_SUCCESS);
    ck_assert_uint_eq(breaker.state, HF_BREAKER_OPEN);
    uint64_t probe = let_pass(&breaker, OPEN_MS);
    report(&breaker, OPEN_MS, old, HF_BREAKER_SUCCESS);
    report(&breaker, OPEN_MS, old, HF_BREAKER_FAILURE);
    report(&breaker, OPEN_MS, old, HF_BREAKER_UNUSED);
    ck_assert_uint_eq(breaker.state, HF_BREAKER_HALF_OPEN);
    refuse(&breaker, OPEN_MS);
    report(&breaker, OPEN_MS, probe, HF_BREAKER_SUCCESS);
    ck_assert_uint_eq(breaker.state, HF_BREAKER_CLOSED);
    for (uint32_t i = 0; i < 2 * FAILURES; i++) {
        report(&breaker, OPEN_MS, old, HF_BREAKER_FAILURE);
        report(&breaker, OPEN_MS, probe, HF_BREAKER_FAILURE);
    }
    ck_assert_uint_eq(breaker.state, HF_BREAKER_CLOSED);
}
END_TEST

START_TEST(a_lost_probe_blocks_no_longer_than_its_time)
{
    hf_breaker breaker = make();
    trip(&breaker, 0);
    for (int64_t now = OPEN_MS; now < 100 * OPEN_MS; now += OPEN_MS) {
        (void)let_pass(&breaker, now);
        refuse(&breaker, now);
        refuse(&breaker, now + OPEN_MS - 1);
    }
}
END_TEST

START_TEST(a_service_slower_than_the_time_of_a_probe_closes_it)
{
    hf_breaker breaker = make();
    trip(&breaker, 0);
    uint64_t first = let_pass(&breaker, OPEN_MS);
    uint64_t second = let_pass(&breaker, 2 * OPEN_MS);
    ck_assert_uint_ne(first, second);
    report(&breaker, 2 * OPEN_MS + 1, first, HF_BREAKER_SUCCESS);
    ck_assert_uint_eq(breaker.state, HF_BREAKER_CLOSED);
    report(&breaker, 2 * OPEN_MS + 2, second, HF_BREAKER_FAILURE);
    ck_assert_uint_eq(breaker.failures, 0);
}
END_TEST

START_TEST(a_late_probe_cannot_release_the_next_probe)
{
    hf_breaker breaker = make();
    trip(&breaker, 0);
    uint64_t first = let_pass(&breaker, OPEN_MS);
    uint64_t second = let_pass(&breaker, 2 * OPEN_MS);
    report(&breaker, 2 * OPEN_MS, first, HF_BREAKER_UNUSED);
    refuse(&breaker, 2 * OPEN_MS);
    report(&breaker, 2 * OPEN_MS, second, HF_BREAKER_UNUSED);
    uint64_t third = let_pass(&breaker, 2 * OPEN_MS);
    report(&breaker, 2 * OPEN_MS, second, HF_BREAKER_UNUSED);
    refuse(&breaker, 2 * OPEN_MS);
    report(&breaker, 2 * OPEN_MS, third, HF_BREAKER_FAILURE);
    ck_assert_uint_eq(breaker.state, HF_BREAKER_OPEN);
}
END_TEST

START_TEST(a_clock_that_goes_back_starts_the_wait_over)
{
    hf_breaker breaker = make();
    trip(&breaker, INT64_MAX);
    refuse(&breaker, INT64_MIN);
    refuse(&breaker, INT64_MIN + OPEN_MS - 1);
    (void)let_pass(&breaker, INT64_MIN + OPEN_MS);
    (void)let_pass(&breaker, INT64_MAX);
}
END_TEST

START_TEST(the_largest_times_do_not_overflow)
{
    hf_breaker breaker;
    ck_assert_int_eq(hf_breaker_init(&breaker, 1, INT64_MAX / 2 + 1, INT64_MAX), 0);
    trip(&breaker, INT64_MIN);
    uint64_t probe = let_pass(&breaker, 0);
    report(&breaker, 0, probe, HF_BREAKER_FAILURE);
    ck_assert_int_eq(breaker.open_for_ms, INT64_MAX);
    refuse(&breaker, INT64_MAX - 1);
    (void)let_pass(&breaker, INT64_MAX);
}
END_TEST

#define CALLS 32

/* Calls under way in the random run. */
typedef struct world {
    uint64_t pass[CALLS];
    bool probe[CALLS]; /* passed while the breaker was not closed, and the newest of those */
    bool used[CALLS];
} world;

static void forget_probes(world *w)
{
    for (int i = 0; i < CALLS; i++)
        w->probe[i] = false;
}

static int probes(const world *w)
{
    int count = 0;
    for (int i = 0; i < CALLS; i++)
        count += w->used[i] && w->probe[i] ? 1 : 0;
    return count;
}

/* Asks; a call that passed while half-open must be the only probe that is out in time. */
static void ask(world *w, hf_breaker *breaker, int slot, int64_t now)
{
    uint64_t pass = 0;
    hf_breaker before = *breaker;
    bool late = now - before.since_ms >= before.open_for_ms;
    if (hf_breaker_allow(breaker, now, &pass) == 0) {
        ck_assert_uint_ne(before.state, HF_BREAKER_CLOSED);
        ck_assert(!late);
        return;
    }
    if (before.state != HF_BREAKER_CLOSED) {
        ck_assert_uint_eq(breaker->state, HF_BREAKER_HALF_OPEN);
        ck_assert(late || (before.state == HF_BREAKER_HALF_OPEN && probes(w) == 0));
        forget_probes(w);
        w->probe[slot] = true;
    }
    w->used[slot] = true;
    w->pass[slot] = pass;
}

START_TEST(random_calls_never_have_two_probes_and_it_closes_when_all_is_well)
{
    hf_test_random random = hf_test_seed();
    for (int round = 0; round < 20; round++) {
        world w = {0};
        hf_breaker breaker = make();
        int64_t now = 0;
        bool well = false;
        for (int i = 0; i < 1500; i++) {
            well = i >= 1000 || (hf_test_below(&random, 50) == 0 ? !well : well);
            now += hf_test_below(&random, 40);
            int slot = (int)hf_test_below(&random, CALLS);
            if (!w.used[slot]) {
                ask(&w, &breaker, slot, now);
                ck_assert_int_le(probes(&w), 1);
                continue;
            }
            uint32_t outcome = well ? HF_BREAKER_SUCCESS : hf_test_below(&random, 3);
            w.used[slot] = false;
            report(&breaker, now, w.pass[slot], outcome);
            ck_assert(breaker.probing == 0 || breaker.state == HF_BREAKER_HALF_OPEN);
            ck_assert_uint_lt(breaker.failures, FAILURES);
        }
        ck_assert_uint_eq(breaker.state, HF_BREAKER_CLOSED);
    }
}
END_TEST

START_TEST(misuse_is_refused)
{
    hf_breaker breaker = {0};
    uint64_t pass = 0;
    ck_assert_int_eq(hf_breaker_init(NULL, 1, 1, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_breaker_init(&breaker, 1, 0, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_breaker_init(&breaker, 1, 2, 1), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_breaker_allow(&breaker, 0, &pass), HF_E_ABI);
    ck_assert_int_eq(hf_breaker_report(&breaker, 0, 1, HF_BREAKER_SUCCESS), HF_E_ABI);
    breaker = make();
    ck_assert_int_eq(hf_breaker_allow(NULL, 0, &pass), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_breaker_allow(&breaker, 0, NULL), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_breaker_report(NULL, 0, 1, HF_BREAKER_SUCCESS), HF_E_ARGUMENT);
    ck_assert_int_eq(hf_breaker_report(&breaker, 0, 1, HF_BREAKER_UNUSED + 1), HF_E_ENUM);
    breaker.open_max_ms = OPEN_MS - 1;
    ck_assert_int_eq(hf_breaker_allow(&breaker, 0, &pass), HF_E_ARGUMENT);
    breaker = make();
    breaker.state = HF_BREAKER_HALF_OPEN + 1;
    ck_assert_int_eq(hf_breaker_allow(&breaker, 0, &pass), HF_E_ABI);
    ck_assert_uint_eq(pass, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("breaker");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, every_pair_of_situation_and_deed_is_as_the_table_says, 0,
                        (int)SITUATIONS * (int)DEEDS);
    tcase_add_test(core, failures_open_it_only_in_a_row);
    tcase_add_test(core, without_a_limit_it_never_opens);
    tcase_add_test(core, failed_probes_keep_it_open_longer_up_to_the_most);
    tcase_add_test(core, an_answer_from_before_it_opened_decides_nothing);
    tcase_add_test(core, a_lost_probe_blocks_no_longer_than_its_time);
    tcase_add_test(core, a_service_slower_than_the_time_of_a_probe_closes_it);
    tcase_add_test(core, a_late_probe_cannot_release_the_next_probe);
    tcase_add_test(core, a_clock_that_goes_back_starts_the_wait_over);
    tcase_add_test(core, the_largest_times_do_not_overflow);
    tcase_add_test(core, random_calls_never_have_two_probes_and_it_closes_when_all_is_well);
    tcase_add_test(core, misuse_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

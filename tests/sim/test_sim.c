/*
 * The simulator: seeds of trouble, each run twice; and controls, each of which must be found out.
 *
 *     HOLDFAST_SIM_SEED=17 ./test_sim      one seed, its trace with HOLDFAST_SIM_TRACE=1
 *     HOLDFAST_SIM_CONTROL=1 with it       one that is broken on purpose, by its sim_control
 *     HOLDFAST_SIM_SEEDS=100000 ./test_sim many
 */
#include "sim.h"

#include "support/check_main.h"

#include <inttypes.h>
#include <stdio.h>

#define CI_SEEDS      40u
#define CONTROL_SEEDS 100u

static sim_world world;

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* Runs a seed; its hash. */
static uint64_t run(uint64_t seed, uint32_t control)
{
    sim_run(&world, seed, control);
    return world.hash;
}

static void add_up(uint64_t counts[SIM_COUNTS])
{
    for (uint32_t i = 0; i < SIM_COUNTS; i++)
        counts[i] += world.counts[i];
}

START_TEST(every_promise_holds_in_all_troubles)
{
    uint64_t one = number("HOLDFAST_SIM_SEED", 0);
    uint64_t count = one != 0 ? 1 : number("HOLDFAST_SIM_SEEDS", CI_SEEDS);
    uint32_t control = (uint32_t)number("HOLDFAST_SIM_CONTROL", SIM_SOUND);
    uint64_t counts[SIM_COUNTS] = {0};
    for (uint64_t i = 0; i < count; i++) {
        uint64_t seed = one != 0 ? one : i + 1;
        uint64_t hash = run(seed, control);
        ck_assert_msg(world.broken[0] == '\0',
                      "%s (HOLDFAST_SIM_SEED=%" PRIu64 " HOLDFAST_SIM_TRACE=1 replays it)",
                      world.broken, seed);
        add_up(counts);
        if (i < CI_SEEDS)
            ck_assert_msg(run(seed, control) == hash, "seed %" PRIu64 " is not repeatable", seed);
    }
    for (uint32_t i = 0; i < SIM_COUNTS; i++) {
        (void)fprintf(stderr, "%8" PRIu64 " %s\n", counts[i], sim_count_name(i));
        ck_assert_msg(counts[i] != 0 || count < CI_SEEDS, "never: %s", sim_count_name(i));
    }
}
END_TEST

START_TEST(what_is_broken_on_purpose_is_found)
{
    static const char *const names[SIM_CONTROLS] = {
        [SIM_NO_FENCE] = "no fence",
        [SIM_EXPIRED] = "expired lease still writing",
        [SIM_NO_SYNC] = "no synchronous commits",
        [SIM_NO_DECISION] = "decisions not logged",
        [SIM_NO_BARRIER] = "no barrier",
    };
    uint32_t control = (uint32_t)_i;
    uint64_t seed = 1;
    while (seed <= CONTROL_SEEDS && (run(seed, control), world.broken[0] == '\0'))
        seed++;
    ck_assert_msg(seed <= CONTROL_SEEDS, "%s: not found in %u seeds", names[control],
                  CONTROL_SEEDS);
    (void)fprintf(stderr, "%s: found with seed %" PRIu64 ": %s\n", names[control], seed,
                  world.broken);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim");
    TCase *sound = tcase_create("seeds");
    tcase_set_timeout(sound, 0);
    tcase_add_test(sound, every_promise_holds_in_all_troubles);
    suite_add_tcase(suite, sound);
    TCase *controls = tcase_create("controls");
    tcase_set_timeout(controls, 0);
    if (getenv("HOLDFAST_SIM_SEED") == NULL)
        tcase_add_loop_test(controls, what_is_broken_on_purpose_is_found, SIM_NO_FENCE,
                            SIM_CONTROLS);
    suite_add_tcase(suite, controls);
    return hf_test_main(suite);
}

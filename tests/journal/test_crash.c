/*
 * The journal under crashes: at every file operation and every call of the store, with any part of
 * what was not flushed lost, also while it is opened again; a disk that is full, a flush that
 * fails. After each crash exactly the acknowledged batches are there, or the one more that was
 * under way. What is broken on purpose must be found out.
 *
 *     HF_TEST_SEED=17 ./test_crash      one seed
 *     HF_TEST_SEEDS=100000 ./test_crash many
 */
#include "journal/journal_world.h"
#include "support/check_main.h"

#include <holdfast/error.h>
#include <inttypes.h>
#include <stdio.h>

#define CI_SEEDS      400u
#define CONTROL_SEEDS 400u
#define LIVES         12u
#define BATCHES       40u

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* Something that will break within the next steps, or nothing. */
static void prepare_trouble(void)
{
    world *w = &the_world;
    uint64_t at = 1 + hf_test_below(&w->random, 120);
    static const hf__fault_kind kinds[] = {HF__FAULT_CRASH, HF__FAULT_CRASH_DONE};
    uint32_t what = hf_test_below(&w->random, 8);
    if (what < 3 && w->control != WORLD_NO_SYNC)
        disk_fail_at(at, DISK_CRASH);
    else if (what == 3 || what == 4)
        hf__fault_arm(&w->fault, &(hf__fault_plan){.at = at, .kind = kinds[what - 3]});
    else if (what == 5 && w->control != WORLD_NO_SYNC)
        disk_fail_at(at, DISK_SYNC);
    else if (what == 6 && w->control != WORLD_NO_SYNC)
        disk_fail_at(at, DISK_FULL);
}

/* Continues until something that cannot be skipped, or long enough. */
static void live(void)
{
    world *w = &the_world;
    for (uint32_t i = 0; i < BATCHES && w->acked + 3 < WORLD_BATCHES; i++) {
        int error = world_batch();
        if (error != 0 && error != HF_E_NO_SPACE)
            return;
        if (hf_test_below(&w->random, 12) == 0)
            hf__journal_request_checkpoint(w->journal);
        if (error == 0 && hf_test_below(&w->random, 10) == 0 && !world_judge())
            return;
    }
}

/* Opens, also when that is interrupted a few times. */
static bool come_back(void)
{
    world *w = &the_world;
    for (int tries = 0; tries < 4; tries++) {
        if (hf_test_below(&w->random, 3) == 0 && tries < 3)
            prepare_trouble();
        int error = world_open();
        if (error == 0)
            return true;
        if (error != HF_E_IO && error != HF_E_NO_SPACE) {
            (void)snprintf(w->broken, sizeof w->broken, "open: %s: %.230s", hf_error_name(error),
                           w->error.text);
            return false;
        }
        world_crash(hf_test_below(&w->random, 2) == 0);
    }
    return false;
}

static void run(uint64_t seed, world_control control)
{
    world *w = &the_world;
    world_init(seed, control);
    for (uint32_t life = 0; life < LIVES && w->broken[0] == '\0'; life++) {
        if (!come_back())
            break;
        if (world_judge()) {
            prepare_trouble();
            live();
        }
        if (hf_test_below(&w->random, 4) == 0)
            world_close();
        world_crash(hf_test_below(&w->random, 2) == 0);
    }
    world_fini();
}

START_TEST(exactly_the_acknowledged_batches_are_there_after_a_crash)
{
    uint64_t one = number("HF_TEST_SEED", 0);
    uint64_t count = one != 0 ? 1 : number("HF_TEST_SEEDS", CI_SEEDS);
    uint64_t batches = 0, crashes = 0, kills = 0, checkpoints = 0, replayed = 0;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t seed = one != 0 ? one : i + 1;
        run(seed, WORLD_SOUND);
        ck_assert_msg(the_world.broken[0] == '\0', "%s (HF_TEST_SEED=%" PRIu64 " replays it)",
                      the_world.broken, seed);
        batches += the_world.batches;
        crashes += the_world.crashes;
        kills += the_world.kills;
        checkpoints += the_world.checkpoints;
        replayed += the_world.replayed;
    }
    (void)fprintf(stderr,
                  "%" PRIu64 " seeds: %" PRIu64 " batches, %" PRIu64 " losses of power, %" PRIu64
                  " kills, %" PRIu64 " checkpoints, %" PRIu64 " journals read back\n",
                  count, batches, crashes, kills, checkpoints, replayed);
    ck_assert(count < CI_SEEDS ||
              (crashes != 0 && kills != 0 && checkpoints != 0 && replayed != 0));
}
END_TEST

START_TEST(what_is_broken_on_purpose_is_found)
{
    static const char *const names[WORLD_CONTROLS] = {
        [WORLD_NO_SYNC] = "acknowledged before it is on disk",
        [WORLD_MARK_FIRST] = "the checkpoint's position before its rows",
        [WORLD_EARLY_REUSE] = "a segment used again too early",
    };
    uint64_t seed = 1;
    while (seed <= CONTROL_SEEDS && (run(seed, (world_control)_i), the_world.broken[0] == '\0'))
        seed++;
    ck_assert_msg(seed <= CONTROL_SEEDS, "%s: not found in %u seeds", names[_i], CONTROL_SEEDS);
    (void)fprintf(stderr, "%s: found with seed %" PRIu64 ": %s\n", names[_i], seed,
                  the_world.broken);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal_crash");
    TCase *sound = tcase_create("seeds");
    tcase_add_test(sound, exactly_the_acknowledged_batches_are_there_after_a_crash);
    suite_add_tcase(suite, sound);
    TCase *controls = tcase_create("controls");
    if (getenv("HF_TEST_SEED") == NULL)
        tcase_add_loop_test(controls, what_is_broken_on_purpose_is_found, WORLD_NO_SYNC,
                            WORLD_CONTROLS);
    suite_add_tcase(suite, controls);
    return hf_test_main(suite);
}

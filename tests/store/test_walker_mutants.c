/*
 * No damaged LMDB file that the page walker lets pass ends the process by a signal.
 *
 * Files made by LMDB are damaged at random. What the walker calls sound is given to a child that
 * reads and writes all of it with LMDB; the child must end by itself, and the file it leaves must
 * be sound again. The negative control gives the child refused files, and some must kill it.
 *
 * HF_WALKER_SEED and HF_WALKER_MUTANTS change the run; a failure names the mutant's own seed:
 * HF_WALKER_ONLY=seed replays it.
 */
#include "lmdb_mutate.h"
#include "lmdb_use.h"
#include "support/check_main.h"

#define SEED     20240607U
#define MUTANTS  6000U
#define CONTROLS 60U

struct tally {
    unsigned mutants;
    unsigned refused;
    unsigned survived;
    unsigned unchanged; /* damage that hit nothing */
};

static void sources_make(struct image sources[RECIPES], uint64_t seed)
{
    for (size_t i = 0; i < RECIPES; i++)
        image_make(&sources[i], &recipes[i], seed + i);
}

static void sources_free(struct image sources[RECIPES])
{
    for (size_t i = 0; i < RECIPES; i++)
        image_free(&sources[i]);
}

/* The mutant of a seed: the seed alone decides the source and the damage. */
static size_t mutant_make(struct image *mutant, const struct image sources[RECIPES], uint64_t seed,
                          char names[128])
{
    uint64_t state = seed ^ 0x5bd1e995;
    size_t source = below(&state, RECIPES);
    image_copy(mutant, &sources[source]);
    mutate(mutant, seed, names, 128);
    return source;
}

static void sound_mutant_survives(struct image *mutant, const char *what)
{
    struct hf__walk_report report;
    image_save(mutant, "mutant.mdb");
    int killed_by = file_use("mutant.mdb");
    ck_assert_msg(killed_by == 0, "signal %d:%s", killed_by, what);
    struct image after;
    image_load(&after, "mutant.mdb");
    int rc = image_walk(&after, &report);
    ck_assert_msg(rc == HF__WALK_SOUND, "after LMDB wrote to it: %s:%s", report.what, what);
    image_free(&after);
}

static void try_mutant(const struct image sources[RECIPES], uint64_t seed, struct tally *tally)
{
    struct image mutant;
    struct hf__walk_report report;
    char names[128];
    size_t source = mutant_make(&mutant, sources, seed, names);
    int rc = image_walk(&mutant, &report);
    ck_assert(rc == HF__WALK_SOUND || rc == HF__WALK_DAMAGED);
    tally->mutants++;
    tally->refused += rc == HF__WALK_DAMAGED;
    bool same = mutant.size == sources[source].size &&
                memcmp(mutant.bytes, sources[source].bytes, mutant.size) == 0;
    tally->unchanged += same;
    if (rc == HF__WALK_SOUND && !same) {
        char what[256];
        snprintf(what, sizeof what, "%s, HF_WALKER_ONLY=%llu, %s", names, (unsigned long long)seed,
                 recipes[source].name);
        sound_mutant_survives(&mutant, what);
        tally->survived++;
    }
    image_free(&mutant);
}

START_TEST(no_mutant_that_is_called_sound_kills)
{
    uint64_t seed = env_number("HF_WALKER_SEED", SEED);
    uint64_t mutants = env_number("HF_WALKER_MUTANTS", MUTANTS);
    struct tally tally = {0};
    struct image sources[RECIPES];
    sources_make(sources, seed);
    uint64_t only = env_number("HF_WALKER_ONLY", 0);
    if (only != 0)
        try_mutant(sources, only, &tally);
    uint64_t state = seed;
    for (uint64_t i = 0; only == 0 && i < mutants; i++)
        try_mutant(sources, rnd(&state), &tally);
    sources_free(sources);
    fprintf(stderr,
            "# HF_WALKER_SEED=%llu: %u mutants, %u refused, %u sound and survived, %u not "
            "damaged\n",
            (unsigned long long)seed, tally.mutants, tally.refused, tally.survived,
            tally.unchanged);
    ck_assert(only != 0 || tally.survived > 0);
}
END_TEST

START_TEST(undamaged_files_survive_the_same_use)
{
    struct image sources[RECIPES];
    sources_make(sources, env_number("HF_WALKER_SEED", SEED));
    for (size_t i = 0; i < RECIPES; i++)
        sound_mutant_survives(&sources[i], recipes[i].name);
    sources_free(sources);
}
END_TEST

START_TEST(without_the_walker_some_mutants_kill)
{
    uint64_t state = ~env_number("HF_WALKER_SEED", SEED);
    uint64_t controls = env_number("HF_WALKER_CONTROLS", CONTROLS);
    struct image sources[RECIPES];
    sources_make(sources, SEED);
    unsigned refused = 0;
    unsigned killed = 0;
    while (refused < controls) {
        struct image mutant;
        struct hf__walk_report report;
        char names[128];
        mutant_make(&mutant, sources, rnd(&state), names);
        if (image_walk(&mutant, &report) == HF__WALK_DAMAGED) {
            refused++;
            image_save(&mutant, "mutant.mdb");
            killed += file_use("mutant.mdb") != 0;
        }
        image_free(&mutant);
    }
    sources_free(sources);
    fprintf(stderr, "# control: %u refused mutants given to LMDB, %u killed it\n", refused, killed);
    ck_assert_uint_gt(killed, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walker_mutants");
    TCase *mutants = tcase_create("mutants");
    tcase_add_test(mutants, undamaged_files_survive_the_same_use);
    tcase_add_test(mutants, no_mutant_that_is_called_sound_kills);
    tcase_add_test(mutants, without_the_walker_some_mutants_kill);
    tcase_set_timeout(mutants, 36000);
    suite_add_tcase(suite, mutants);
    return hf_test_main(suite);
}

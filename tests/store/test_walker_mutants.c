/*
 * No damaged LMDB file that the page walker lets pass ends the process by a signal.
 *
 * Files made by LMDB are damaged at random. What the walker calls sound is given to a child that
 * reads and writes all of it with LMDB; the child must end by itself, and the file it leaves must
 * be sound again (files go to a child in batches). The negative control gives the child refused
 * files, and some must kill it.
 *
 * HF_WALKER_SEED and HF_WALKER_MUTANTS change the run; a failure names the mutant's own seed:
 * HF_WALKER_ONLY=seed, with the same HF_WALKER_SEED, replays it.
 */
#include "lmdb_mutate.h"
#include "lmdb_use.h"
#include "support/check_main.h"

#define SEED     20240607U
#define MUTANTS  3000U
#define CONTROLS 60U
#define BATCH    24U

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

/* Files the walker calls sound, to be used by one child. */
struct batch {
    unsigned count;
    char paths[BATCH][32];
    char what[BATCH][256];
};

/* The child must have got through all of them, and left each of them sound. */
static void batch_survives(struct batch *batch)
{
    unsigned done = 0;
    int killed_by = files_use(batch->paths, batch->count, &done);
    ck_assert_msg(done == batch->count, "signal %d: %s", killed_by, batch->what[done]);
    for (unsigned i = 0; i < batch->count; i++) {
        struct hf__walk_report report;
        struct image after;
        image_load(&after, batch->paths[i]);
        int rc = image_walk(&after, &report);
        ck_assert_msg(rc == HF__WALK_SOUND, "after LMDB wrote to it: %s: %s", report.what,
                      batch->what[i]);
        image_free(&after);
        file_remove(batch->paths[i]);
    }
    batch->count = 0;
}

static void batch_add(struct batch *batch, const struct image *image, const char *what)
{
    unsigned i = batch->count++;
    snprintf(batch->paths[i], sizeof batch->paths[i], "mutant%u.mdb", i);
    snprintf(batch->what[i], sizeof batch->what[i], "%s", what);
    image_save(image, batch->paths[i]);
    if (batch->count == BATCH)
        batch_survives(batch);
}

static void try_mutant(const struct image sources[RECIPES], uint64_t seed, struct tally *tally,
                       struct batch *batch)
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
        snprintf(what, sizeof what, "HF_WALKER_ONLY=%llu (%s,%s)", (unsigned long long)seed,
                 recipes[source].name, names);
        batch_add(batch, &mutant, what);
        tally->survived++;
    }
    image_free(&mutant);
}

START_TEST(no_mutant_that_is_called_sound_kills)
{
    static struct batch batch;
    uint64_t seed = env_number("HF_WALKER_SEED", SEED);
    uint64_t mutants = env_number("HF_WALKER_MUTANTS", MUTANTS);
    struct tally tally = {0};
    struct image sources[RECIPES];
    fprintf(stderr, "# HF_WALKER_SEED=%llu\n", (unsigned long long)seed);
    sources_make(sources, seed);
    uint64_t only = env_number("HF_WALKER_ONLY", 0);
    if (only != 0)
        try_mutant(sources, only, &tally, &batch);
    uint64_t state = seed;
    for (uint64_t i = 0; only == 0 && i < mutants; i++)
        try_mutant(sources, rnd(&state), &tally, &batch);
    batch_survives(&batch);
    sources_free(sources);
    fprintf(stderr, "# %u mutants, %u refused, %u sound and survived, %u not damaged\n",
            tally.mutants, tally.refused, tally.survived, tally.unchanged);
    ck_assert(only != 0 || tally.survived > 0);
}
END_TEST

START_TEST(undamaged_files_survive_the_same_use)
{
    static struct batch batch;
    struct image sources[RECIPES];
    sources_make(sources, env_number("HF_WALKER_SEED", SEED));
    for (size_t i = 0; i < RECIPES; i++)
        batch_add(&batch, &sources[i], recipes[i].name);
    batch_survives(&batch);
    sources_free(sources);
}
END_TEST

START_TEST(without_the_walker_some_mutants_kill)
{
    uint64_t state = ~env_number("HF_WALKER_SEED", SEED);
    uint64_t controls = env_number("HF_WALKER_CONTROLS", CONTROLS);
    struct image sources[RECIPES];
    sources_make(sources, SEED);
    char path[1][32] = {"mutant.mdb"};
    unsigned refused = 0;
    unsigned killed = 0;
    while (refused < controls) {
        struct image mutant;
        struct hf__walk_report report;
        char names[128];
        mutant_make(&mutant, sources, rnd(&state), names);
        if (image_walk(&mutant, &report) == HF__WALK_DAMAGED) {
            refused++;
            unsigned done = 0;
            image_save(&mutant, path[0]);
            killed += files_use(path, 1, &done) != 0;
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
    suite_add_tcase(suite, mutants);
    return hf_test_main(suite);
}

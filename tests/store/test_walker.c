/*
 * The LMDB page walker: files that LMDB made are sound, at each commit and in each copy; cut files
 * are refused; failing reads and allocations are reported. Damage of each kind is the matter of
 * test_walker_damage.c, damage at random that of test_walker_mutants.c.
 *
 * HF_WALKER_SEED changes the files.
 */
#include "lmdb_image.h"
#include "support/check_main.h"

#include <signal.h>
#include <sys/wait.h>

#define SEED 20240607U

enum { NAMED = 2, BIG = 3, LONG_LIST = 5 }; /* recipes */

static uint64_t seed_of_run(void)
{
    uint64_t seed = env_number("HF_WALKER_SEED", SEED);
    fprintf(stderr, "# HF_WALKER_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void assert_sound(struct image *image, const char *where)
{
    struct hf__walk_report report;
    int rc = image_walk(image, &report);
    ck_assert_msg(rc == HF__WALK_SOUND, "%s: %d: %s, page %llu, offset %llu", where, rc,
                  report.what, (unsigned long long)report.page, (unsigned long long)report.offset);
    ck_assert_uint_eq(report.reason, HF__WALK_NONE);
    /* LMDB's own promise: each page is used once or free. */
    ck_assert_uint_eq(report.pages, 2 + report.pages_used + report.pages_free);
}

/* ---- Sound files ------------------------------------------------------------------------- */

START_TEST(a_file_is_sound_after_every_commit)
{
    const struct recipe *recipe = &recipes[_i];
    uint64_t state = seed_of_run() + (uint64_t)_i;
    file_remove("live.mdb");
    MDB_env *env = env_open("live.mdb", 0);
    unsigned commits = 3 * recipe->commits + 1;
    for (unsigned i = 0; i < commits; i++) {
        if (recipe->commits != 0)
            write_txn(env, recipe, &state);
        if (recipe->drop && i % 5 == 4)
            drop_first(env);
        struct image image;
        image_load(&image, "live.mdb");
        assert_sound(&image, recipe->name);
        image_free(&image);
    }
    mdb_env_close(env);
    file_remove("live.mdb");
}
END_TEST

START_TEST(a_copy_is_sound_plain_and_compacted)
{
    uint64_t seed = seed_of_run();
    file_make("source.mdb", &recipes[_i], seed);
    MDB_env *env = env_open("source.mdb", 0);
    for (unsigned flags = 0; flags <= MDB_CP_COMPACT; flags += MDB_CP_COMPACT) {
        file_remove("copy.mdb");
        ck_assert_int_eq(mdb_env_copy2(env, "copy.mdb", flags), 0);
        struct image image;
        image_load(&image, "copy.mdb");
        assert_sound(&image, recipes[_i].name);
        image_free(&image);
    }
    mdb_env_close(env);
    file_remove("copy.mdb");
    file_remove("source.mdb");
}
END_TEST

START_TEST(an_aborted_transaction_and_a_longer_file_change_nothing)
{
    file_make("live.mdb", &recipes[NAMED], seed_of_run());
    MDB_env *env = env_open("live.mdb", 0);
    MDB_txn *txn = NULL;
    uint64_t state = 1;
    ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    for (unsigned i = 0; i < 500; i++)
        change_row(txn, open_db(txn, &recipes[NAMED], &state), &recipes[NAMED], &state);
    mdb_txn_abort(txn);
    mdb_env_close(env);
    ck_assert_int_eq(truncate("live.mdb", 5 * 1024 * 1024 + 17), 0);
    struct image image;
    image_load(&image, "live.mdb");
    assert_sound(&image, "longer");
    image_free(&image);
    file_remove("live.mdb");
}
END_TEST

/* Writes until it is killed, with a byte to the pipe for each commit. */
static void write_for_ever(const struct recipe *recipe, uint64_t seed, int pipe_end)
{
    MDB_env *env = env_open("killed.mdb", 0);
    for (;;) {
        write_txn(env, recipe, &seed);
        if (write(pipe_end, "", 1) != 1)
            _exit(1);
    }
}

START_TEST(a_file_is_sound_after_its_writer_was_killed)
{
    const struct recipe *recipe = &recipes[NAMED + _i % 3];
    uint64_t state = seed_of_run() + (uint64_t)_i;
    uint64_t commits = 1 + below(&state, 30);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    file_remove("killed.mdb");
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        write_for_ever(recipe, state, ends[1]);
    char byte;
    for (uint64_t i = 0; i < commits; i++)
        ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    /* The child is somewhere in the next transaction by now. */
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
    struct image image;
    image_load(&image, "killed.mdb");
    assert_sound(&image, "killed");
    image_free(&image);
    file_remove("killed.mdb");
}
END_TEST

START_TEST(the_totals_are_those_of_lmdb)
{
    struct image image;
    struct hf__walk_report report;
    image_make(&image, &recipes[1], seed_of_run());
    assert_sound(&image, "main_only");
    image_walk(&image, &report);
    const uint8_t *meta = meta_at(&image);
    ck_assert_uint_eq(report.entries, get(meta + AT_META_MAIN + DB_ENTRIES, 8));
    ck_assert_uint_eq(report.pages, get(meta + AT_META_LAST, 8) + 1);
    ck_assert_uint_eq(report.txnid, get(meta + AT_META_TXNID, 8));
    ck_assert_uint_eq(report.page_size, PAGE);
    image_free(&image);
}
END_TEST

/* ---- Refused files --------------------------------------------------------------------- */

START_TEST(a_cut_file_is_refused_unless_only_free_pages_are_gone)
{
    struct image image;
    struct hf__walk_report report;
    image_make(&image, &recipes[LONG_LIST], SEED);
    unsigned refused = 0;
    unsigned sound = 0;
    while (image.size > 2 * PAGE) {
        image.size -= PAGE;
        int rc = image_walk(&image, &report);
        ck_assert(rc == HF__WALK_SOUND || rc == HF__WALK_DAMAGED);
        refused += rc == HF__WALK_DAMAGED;
        sound += rc == HF__WALK_SOUND;
        ck_assert_msg(refused == 0 || rc == HF__WALK_DAMAGED, "sound again when shorter");
    }
    fprintf(stderr, "# %u cuts refused, %u took free pages alone\n", refused, sound);
    ck_assert_uint_gt(refused, 0);
    image_free(&image);
}
END_TEST

/* ---- Failures around it ------------------------------------------------------------------ */

struct failing {
    struct image *image;
    unsigned reads_left;
};

static int failing_read(void *ctx, void *buf, size_t n, uint64_t offset)
{
    struct failing *failing = ctx;
    if (failing->reads_left == 0)
        return -1;
    failing->reads_left--;
    return image_read(failing->image, buf, n, offset);
}

static void *failing_alloc(void *ctx, size_t n)
{
    (void)ctx;
    (void)n;
    return NULL;
}

START_TEST(each_failing_read_is_reported)
{
    struct image image;
    image_make(&image, &recipes[BIG], SEED);
    int rc = HF__WALK_READ_FAILED;
    unsigned reads = 0;
    for (; rc != HF__WALK_SOUND; reads++) {
        struct failing failing = {&image, reads};
        struct hf__walk_params params = {
            .read_at = failing_read,
            .read_ctx = &failing,
            .alloc = image_alloc,
            .free = image_release,
            .file_size = image.size,
        };
        struct hf__walk_report report;
        rc = hf__walk(&params, &report);
        ck_assert(rc == HF__WALK_SOUND || rc == HF__WALK_READ_FAILED);
    }
    ck_assert_uint_gt(reads, 10);
    image_free(&image);
}
END_TEST

START_TEST(a_failing_allocation_is_reported)
{
    struct image image;
    image_make(&image, &recipes[NAMED], SEED);
    struct hf__walk_params params = {
        .read_at = image_read,
        .read_ctx = &image,
        .alloc = failing_alloc,
        .free = image_release,
        .file_size = image.size,
    };
    struct hf__walk_report report;
    ck_assert_int_eq(hf__walk(&params, &report), HF__WALK_NO_MEMORY);
    image_free(&image);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("walker");
    TCase *sound = tcase_create("sound");
    tcase_add_loop_test(sound, a_file_is_sound_after_every_commit, 0, (int)RECIPES);
    tcase_add_loop_test(sound, a_copy_is_sound_plain_and_compacted, 0, (int)RECIPES);
    tcase_add_test(sound, an_aborted_transaction_and_a_longer_file_change_nothing);
    tcase_add_loop_test(sound, a_file_is_sound_after_its_writer_was_killed, 0, 30);
    tcase_add_test(sound, the_totals_are_those_of_lmdb);
    suite_add_tcase(suite, sound);
    TCase *damaged = tcase_create("refused");
    tcase_add_test(damaged, a_cut_file_is_refused_unless_only_free_pages_are_gone);
    tcase_add_test(damaged, each_failing_read_is_reported);
    tcase_add_test(damaged, a_failing_allocation_is_reported);
    suite_add_tcase(suite, damaged);
    return hf_test_main(suite);
}

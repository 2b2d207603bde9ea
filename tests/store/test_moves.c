/*
 * A store's place is resolved once: the working folder, the names of the folders above it and
 * symbolic links may change while it is open, and it finds what is its own.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): chroot */
#include "store/places.h"

#include <sys/wait.h>
#include <unistd.h>

/* ---- Places that change ---------------------------------------------------------------------- */

#define BEFORE 3u   /* batches before a place changes */
#define AFTER  200u /* and after it: a journal needs new segments for them */

static void *snapshots[3];

/* Continues after a change: writes, and reads by more snapshots at a time than were open before. */
static void continue_use(hf_test_store *store)
{
    for (uint64_t batch = BEFORE + 1; batch <= BEFORE + AFTER; batch++)
        mark(store, batch);
    for (size_t i = 0; i < 3; i++) {
        hf_scan all = {.table = hf_test_table("cursors")};
        hf_store_stat stat = {0};
        snapshots[i] = hf_test_begin(store, HF_TXN_SNAPSHOT);
        hf_test_good(store, store->driver->stat(snapshots[i], &stat));
        ck_assert_uint_eq(stat.mark.batch, BEFORE + AFTER);
        ck_assert_uint_eq(hf_test_count(store, snapshots[i], &all), BEFORE + AFTER);
    }
    for (size_t i = 0; i < 3; i++)
        store->driver->rollback(snapshots[i]);
}

/* Opens the store at a path, where everything is, and nothing is left beside it when it closes. */
static void check_all_there(hf_test_store *store, const char *path)
{
    ck_assert_uint_lt(strlen(path), sizeof store->path);
    memmove(store->path, path, strlen(path) + 1);
    ck_assert(!there(beside(store, "store-wal")));
    hf_test_store_reopen(store);
    check_marks(store, BEFORE + AFTER);
    hf_test_store_close(store);
}

/* A folder that nothing was put into goes away. */
static void check_empty(const char *path)
{
    ck_assert_msg(rmdir(path) == 0, "%s is not empty", path);
}

static void make_folder(const char *path)
{
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

/* How a place changes: it leaves the new path of the store in `path`. */
typedef struct change {
    const char *title;
    void (*open)(hf_test_store *store); /* by a path that will change */
    void (*change)(hf_test_store *store, char *path);
    void (*check)(hf_test_store *store);
} change;

static char first_path[300]; /* of the store, absolute, before anything has changed */

static void open_from_its_folder(hf_test_store *store)
{
    make_folder(beside(store, "elsewhere"));
    char folder[300];
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(store->path, '/') - store->path),
                   store->path);
    ck_assert_int_eq(chdir(folder), 0);
    (void)snprintf(store->path, sizeof store->path, "store");
    hf_test_store_reopen(store);
}

static void change_folder(hf_test_store *store, char *path)
{
    (void)store;
    ck_assert_int_eq(chdir("elsewhere"), 0);
    (void)snprintf(path, 300, "%s", first_path);
}

static void check_elsewhere(hf_test_store *store)
{
    check_empty(beside(store, "elsewhere"));
}

static void open_in_inner(hf_test_store *store)
{
    make_folder(beside(store, "inner"));
    const char *path = beside(store, "inner/store");
    memmove(store->path, path, strlen(path) + 1);
    hf_test_store_reopen(store);
}

/* The folder gets another name, and a new one gets its name. */
static void rename_inner(hf_test_store *store, char *path)
{
    char outer[300];
    char inner[320];
    char moved[320];
    (void)store;
    (void)snprintf(outer, sizeof outer, "%.*s", (int)(strrchr(first_path, '/') - first_path),
                   first_path);
    (void)snprintf(inner, sizeof inner, "%s/inner", outer);
    (void)snprintf(moved, sizeof moved, "%s/moved", outer);
    ck_assert_int_eq(rename(inner, moved), 0);
    make_folder(inner);
    ck_assert_int_lt(snprintf(path, 300, "%s/store", moved), 300);
}

static void check_inner(hf_test_store *store)
{
    check_empty(beside(store, "../inner"));
}

static void open_through_a_link(hf_test_store *store)
{
    make_folder(beside(store, "one"));
    make_folder(beside(store, "two"));
    ck_assert_int_eq(symlink("one", beside(store, "link")), 0);
    const char *path = beside(store, "link/store");
    memmove(store->path, path, strlen(path) + 1);
    hf_test_store_reopen(store);
}

static void turn_the_link(hf_test_store *store, char *path)
{
    char link[320];
    const int outer = (int)(strrchr(first_path, '/') - first_path);
    (void)store;
    (void)snprintf(link, sizeof link, "%.*s/link", outer, first_path);
    ck_assert_int_eq(remove(link), 0);
    ck_assert_int_eq(symlink("two", link), 0);
    (void)snprintf(path, 300, "%.*s/one/store", outer, first_path);
}

static void check_two(hf_test_store *store)
{
    check_empty(beside(store, "../two"));
}

static const change changes[] = {
    {"the working folder", open_from_its_folder, change_folder, check_elsewhere},
    {"the name of its folder", open_in_inner, rename_inner, check_inner},
    {"a symbolic link", open_through_a_link, turn_the_link, check_two},
};
#define CHANGES ((int)(sizeof changes / sizeof changes[0]))

/* In a place of its own, open by the path that will change, with some batches. */
static void open_to_change(hf_test_store *store, const change *c, int subject)
{
    hf_test_store_open(store, subject);
    store->driver->close(store->opened);
    (void)remove(store->path);
    memcpy(first_path, store->path, sizeof first_path);
    c->open(store);
    for (uint64_t batch = 1; batch <= BEFORE; batch++)
        mark(store, batch);
}

START_TEST(a_store_continues_when_its_place_changes)
{
    const change *c = &changes[_i % CHANGES];
    hf_test_store store;
    char path[300];
    open_to_change(&store, c, _i / CHANGES);
    c->change(&store, path);
    continue_use(&store);
    store.driver->close(store.opened);
    check_all_there(&store, path);
    c->check(&store);
}
END_TEST

START_TEST(a_store_that_was_killed_after_its_place_changed_has_everything)
{
    const change *c = &changes[_i % CHANGES];
    hf_test_store store;
    char path[300];
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    (void)fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        open_to_change(&store, c, _i / CHANGES);
        c->change(&store, path);
        continue_use(&store);
        bool reported = write(ends[1], path, sizeof path) == (ssize_t)sizeof path;
        _exit(reported ? 0 : 1); /* without closing: as if killed */
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_int_eq(read(ends[0], path, sizeof path), (ssize_t)sizeof path);
    hf_test_store_open(&store, _i / CHANGES);
    hf_test_store_close(&store);
    memcpy(store.path, path, sizeof store.path);
    hf_test_store_reopen(&store);
    check_marks(&store, BEFORE + AFTER);
    hf_test_store_close(&store);
    c->check(&store);
}
END_TEST

START_TEST(a_store_in_a_renamed_folder_does_not_touch_the_one_that_got_its_name)
{
    hf_test_store store;
    hf_test_store other;
    char path[300];
    open_to_change(&store, &changes[1], _i);
    char old_path[300];
    memcpy(old_path, store.path, sizeof old_path);
    changes[1].change(&store, path);
    other = store;
    other.caller.error = &other.error;
    hf_test_store_reopen(&other);
    for (uint64_t batch = 1; batch <= 5; batch++)
        mark(&other, batch);
    continue_use(&store);
    store.driver->close(store.opened);
    for (uint64_t batch = 6; batch <= 9; batch++)
        mark(&other, batch);
    check_marks(&other, 9);
    other.driver->close(other.opened);
    hf_test_store_reopen(&other);
    check_marks(&other, 9);
    other.driver->close(other.opened);
    check_all_there(&store, path);
}
END_TEST

START_TEST(a_data_file_that_is_renamed_while_it_is_open_has_everything_when_it_is_closed)
{
    hf_test_store store;
    char moved[400];
    hf_test_store_open(&store, _i);
    for (uint64_t batch = 1; batch <= BEFORE; batch++)
        mark(&store, batch);
    (void)snprintf(moved, sizeof moved, "%s", beside(&store, "moved"));
    ck_assert_int_eq(rename(store.path, moved), 0);
    for (uint64_t batch = BEFORE + 1; batch <= UINT64_C(3) * BEFORE; batch++)
        mark(&store, batch);
    store.driver->close(store.opened);
    ck_assert(!there(store.path));
    ck_assert_uint_lt(strlen(moved), sizeof store.path);
    memcpy(store.path, moved, strlen(moved) + 1);
    hf_test_store_reopen(&store);
    check_marks(&store, UINT64_C(3) * BEFORE);
    hf_test_store_close(&store);
}
END_TEST

/* What a process sees that has no /proc; 99: it may not have such a place. */
static int use_without_proc(hf_test_store *store)
{
    char folder[300];
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(store->path, '/') - store->path),
                   store->path);
    if (chroot(folder) != 0 || chdir("/") != 0)
        return 99;
    (void)snprintf(store->path, sizeof store->path, "store");
    hf_test_store_reopen(store);
    make_folder("elsewhere");
    ck_assert_int_eq(chdir("elsewhere"), 0);
    for (uint64_t batch = BEFORE + 1; batch <= BEFORE + AFTER; batch++)
        mark(store, batch);
    check_marks(store, BEFORE + AFTER);
    store->driver->close(store->opened);
    return rmdir("/elsewhere") == 0 ? 0 : 1;
}

START_TEST(a_process_without_proc_may_change_its_folder_too)
{
    hf_test_store store;
    hf_test_store_open(&store, _i);
    for (uint64_t batch = 1; batch <= BEFORE; batch++)
        mark(&store, batch);
    store.driver->close(store.opened);
    (void)fflush(NULL);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(use_without_proc(&store));
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == 99) {
        (void)fprintf(stderr, "# SKIPPED: no right to change the root\n");
        return;
    }
    ck_assert_int_eq(WEXITSTATUS(status), 0);
    hf_test_store_reopen(&store);
    check_marks(&store, BEFORE + AFTER);
    hf_test_store_close(&store);
}
END_TEST

int main(void)
{
    find_subjects();
    Suite *suite = suite_create("moves");
    TCase *moves = tcase_create("moves");
    tcase_add_loop_test(moves, a_store_continues_when_its_place_changes, 0,
                        subject_count * CHANGES);
    tcase_add_loop_test(moves, a_store_that_was_killed_after_its_place_changed_has_everything, 0,
                        subject_count * CHANGES);
    tcase_add_loop_test(moves, a_store_in_a_renamed_folder_does_not_touch_the_one_that_got_its_name,
                        0, subject_count);
    tcase_add_loop_test(
        moves, a_data_file_that_is_renamed_while_it_is_open_has_everything_when_it_is_closed, 0,
        subject_count);
    tcase_add_loop_test(moves, a_process_without_proc_may_change_its_folder_too, 0, subject_count);
    suite_add_tcase(suite, moves);
    return hf_test_main(suite);
}

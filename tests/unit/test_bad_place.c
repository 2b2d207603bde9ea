/*
 * Bad places through the public API: a read-only folder, a file of another program, a second open,
 * a second process, and a disk that is full until there is space again. An engine that is open
 * meanwhile continues, and its store stays as it was.
 */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier): umount2 */
#include "support/check_main.h"
#include "support/disk_schemes.h"
#include "support/one_shop.h"
#include "support/small_disk.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *url(int scheme, const char *path)
{
    static char text[64];
    (void)snprintf(text, sizeof text, "%s:%s", schemes[scheme], path);
    return text;
}

static int receive(int64_t quantity)
{
    hf_move_args args;
    hf_item_receive_init(&args, "bell", quantity);
    return shop_run(HF_OP_ITEM_RECEIVE, &args);
}

static void backed_up(void *data, int status, const char *detail)
{
    (void)data;
    (void)detail;
    shop.status = status;
    shop.ended++;
}

static void put_bell(void)
{
    hf_account_put_args args;
    hf_item_put_init(&args, "bell");
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &args), 0);
}

static void start(const char *store)
{
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    const int error = shop_open(store, 0, HF_CHECK_QUICK);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), shop.detail);
    put_bell();
}

static void stop(void)
{
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

/* The error of opening a store on a loop of its own; the detail must contain the culprit. */
static int opening(const char *store, const char *culprit)
{
    struct uv_loop_s *const loop = shop.loop;
    hf_engine *const engine = shop.engine;
    if (hf_loop_create(&shop.loop) != 0)
        return 1;
    int error = shop_open(store, 0, HF_CHECK_QUICK);
    if (error != 0 && strstr(shop.detail, culprit) == NULL)
        error = 2;
    if (shop.engine != engine && error == 0)
        return 3;
    (void)hf_loop_destroy(shop.loop);
    shop.loop = loop;
    shop.engine = engine;
    return error;
}

/* The same in a child process, without rights when `drop` is set; 99: it has them all the same. */
static int opening_elsewhere(const char *store, const char *culprit, int drop)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        if (drop && geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(99);
        if (drop && access("closed", W_OK) == 0)
            _exit(99);
        _exit(-opening(store, culprit) & 0xff);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status) == 99 ? 99 : -WEXITSTATUS(status);
}

/* Overwrites some bytes of the store's file; from 0 on with a length of 0: cuts it. */
static void damage_file(const char *path, long from, size_t bytes)
{
    char garbage[4096];
    struct stat found;
    ck_assert_int_eq(stat(path, &found), 0);
    if (bytes == 0) {
        ck_assert_int_eq(truncate(path, found.st_size / 2 + 100), 0);
        return;
    }
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    memset(garbage, '?', sizeof garbage);
    ck_assert_int_eq(fseek(file, from, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(garbage, 1, bytes, file), bytes);
    ck_assert_int_eq(fclose(file), 0);
}

static const struct {
    long from;
    size_t bytes;
} damages[] = {{0, 100}, {0, 4096}, {4096, 4096}, {0, 0}};
#define DAMAGES ((int)(sizeof damages / sizeof damages[0]))

/* Each refusal names the file, and what to do. */
START_TEST(a_damaged_store_is_refused_with_its_file_and_the_remedy)
{
    char store[64];
    const int which = _i / SCHEMES;
    (void)snprintf(store, sizeof store, "%s", url(_i % SCHEMES, "one"));
    start(store);
    stop();
    damage_file("one", damages[which].from, damages[which].bytes);
    ck_assert_int_eq(opening(store, "/one"), HF_E_CORRUPT);
    ck_assert_int_eq(opening(store, "; if this is the file of the store, restore a backup"),
                     HF_E_CORRUPT);
}
END_TEST

START_TEST(a_second_open_is_refused_and_the_first_continues)
{
    start(url(_i, "one"));
    ck_assert_int_eq(receive(5), 0);
    shop_verify();
    const hf_verify_result before = shop.verified;
    ck_assert_int_eq(opening(url(_i, "one"), "one"), HF_E_OPEN_TWICE);
    ck_assert_int_eq(opening(url(_i, "./one"), "one"), HF_E_OPEN_TWICE);
    ck_assert_int_eq(opening_elsewhere(url(_i, "./one"), "one", 0), HF_E_LOCKED);
    shop_verify();
    ck_assert_mem_eq(shop.verified.digest, before.digest, sizeof before.digest);
    ck_assert_int_eq(receive(1), 0);
    shop_verify();
    stop();
}
END_TEST

/* Restoring `path` to `store`; the detail must contain the culprit. */
static int restoring(const char *path, const char *store, const char *culprit)
{
    char detail[480] = "";
    const int error = hf_restore(path, store, detail, sizeof detail);
    ck_assert_msg(error == 0 || strstr(detail, culprit) != NULL, "%s", detail);
    return error;
}

/* The same in another process, to which the detail must name this one. */
static int restoring_elsewhere(const char *path, const char *store)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        char detail[480] = "";
        const int error = hf_restore(path, store, detail, sizeof detail);
        _exit(strstr(detail, "another process") == NULL ? 99 : -error & 0xff);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status) == 99 ? 99 : -WEXITSTATUS(status);
}

START_TEST(nothing_is_restored_over_a_store_or_from_one_that_is_open)
{
    start(url(_i, "one"));
    ck_assert_int_eq(receive(5), 0);
    ck_assert_int_eq(hf_backup(shop.engine, "copy", NULL, backed_up, NULL), 0);
    shop_wait();
    ck_assert_int_eq(shop.status, 0);
    ck_assert_int_eq(restoring("copy", url(_i, "one"), "this process"), HF_E_OPEN_TWICE);
    ck_assert_int_eq(restoring("copy", url(_i, "./one"), "this process"), HF_E_OPEN_TWICE);
    ck_assert_int_eq(restoring("one", url(_i, "two"), "this process"), HF_E_OPEN_TWICE);
    ck_assert_int_eq(restoring_elsewhere("copy", url(_i, "one")), HF_E_LOCKED);
    ck_assert_int_eq(restoring_elsewhere("one", url(_i, "three")), HF_E_LOCKED);
    ck_assert_int_eq(receive(1), 0);
    shop_verify();
    stop();
    ck_assert_int_eq(restoring("copy", url(_i, "one"), "one"), HF_E_EXISTS);
    ck_assert_int_eq(restoring("copy", url(_i, "two"), ""), 0);
    start(url(_i, "two"));
    shop_verify();
    stop();
}
END_TEST

/* Opens, reports that it is open, and stays until the pipe closes. */
static void be_the_first(const char *store, int ready, int stay)
{
    start(store);
    char end = 0;
    ssize_t bytes = write(ready, "", 1);
    bytes += read(stay, &end, 1);
    stop();
    _exit(bytes == 1 ? 0 : 1);
}

START_TEST(a_second_process_is_refused_and_the_first_continues)
{
    int ready[2];
    int held[2];
    ck_assert_int_eq(pipe(ready), 0);
    ck_assert_int_eq(pipe(held), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        (void)close(held[1]);
        be_the_first(url(_i, "one"), ready[1], held[0]);
    }
    char is_open;
    ck_assert_int_eq(read(ready[0], &is_open, 1), 1);
    ck_assert_int_eq(opening(url(_i, "one"), "one"), HF_E_LOCKED);
    (void)close(held[1]);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    start(url(_i, "one"));
    shop_verify();
    stop();
}
END_TEST

START_TEST(an_engine_and_its_backup_find_their_places_after_a_change_of_folder)
{
    char here[4096];
    ck_assert_ptr_nonnull(getcwd(here, sizeof here));
    start(url(_i, "one"));
    ck_assert_int_eq(receive(5), 0);
    ck_assert_int_eq(hf_backup(shop.engine, "copy", NULL, backed_up, NULL), 0);
    ck_assert_int_eq(mkdir("elsewhere", 0700), 0);
    ck_assert_int_eq(chdir("elsewhere"), 0);
    shop_wait();
    ck_assert_int_eq(shop.status, 0);
    ck_assert_int_eq(receive(1), 0);
    shop_verify();
    stop();
    ck_assert_int_eq(chdir(here), 0);
    ck_assert_int_eq(rmdir("elsewhere"), 0);
    ck_assert_int_eq(access("copy", F_OK), 0);
    start(url(_i, "one"));
    shop_verify();
    stop();
}
END_TEST

START_TEST(a_read_only_folder_is_refused)
{
    ck_assert_int_eq(chmod(".", 0755), 0);
    ck_assert_int_eq(mkdir("closed", 0555), 0);
    const int error = opening_elsewhere(url(_i, "closed/one"), "closed/one", 1);
    if (error == 99)
        (void)fprintf(stderr, "# skipped: no user without write permission to be had\n");
    else
        ck_assert_int_eq(error & 0xff, HF_E_READ_ONLY & 0xff);
    ck_assert_int_eq(rmdir("closed"), 0); /* it is empty */
}
END_TEST

START_TEST(a_file_of_another_program_is_refused_untouched)
{
    char text[8192];
    char back[sizeof text + 1];
    memset(text, 'x', sizeof text);
    FILE *file = fopen("other", "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, sizeof text, file), sizeof text);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(opening(url(_i, "other"), "other"), HF_E_CORRUPT);
    file = fopen("other", "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(back, 1, sizeof back, file), sizeof text);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_mem_eq(back, text, sizeof text);
}
END_TEST

/* ---- A full disk ----------------------------------------------------------------------------- */

/* Places an order of one untracked line with much meta. */
static int order(void)
{
    static char meta[8192];
    hf_line_args line;
    hf_line_init(&line, "fee", 1, 0);
    line.untracked = 1;
    hf_order_place_args args;
    hf_order_place_init(&args, "pcs");
    args.head.meta = memset(meta, 'm', sizeof meta);
    args.head.meta_bytes = sizeof meta;
    args.policy = HF_ORDER_PAY_LATER;
    args.lines = &line;
    args.line_count = 1;
    return shop_run(HF_OP_ORDER_PLACE, &args);
}

static void heal(void)
{
    hf_health_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_health(shop.engine, &info), 0);
    ck_assert_uint_eq(info.state, HF_HEALTH_DEGRADED);
    while (info.state == HF_HEALTH_DEGRADED) { /* the engine's own timer wakes the loop */
        (void)hf_loop_run_once(shop.loop, 1);
        ck_assert_int_eq(hf_health(shop.engine, &info), 0);
    }
    ck_assert_uint_eq(info.state, HF_HEALTH_OK);
}

static void fill_and_heal(const char *store)
{
    start(store);
    uint64_t orders = 0;
    int error = 0;
    while ((error = order()) == 0)
        ck_assert_uint_lt(++orders, 10000);
    ck_assert_msg(error == HF_E_NO_SPACE, "%s: %s", hf_error_name(error), shop.detail);
    ck_assert_uint_gt(orders, 3);
    error = order();
    ck_assert_msg(error == HF_E_NO_SPACE || error == HF_E_DEGRADED, "%s", hf_error_name(error));
    hf_account_get_args get;
    hf_item_get_init(&get, "bell");
    ck_assert_int_eq(shop_run(HF_OP_ITEM_GET, &get), 0); /* reads continue */
    shop_verify();
    ck_assert_uint_eq(shop.verified.orders, orders);
    ck_assert_int_eq(mount("none", "small", NULL, MS_REMOUNT, "size=32m"), 0);
    heal();
    ck_assert_int_eq(order(), 0);
    shop_verify();
    shop_close();
    ck_assert_int_eq(shop_open(store, 0, HF_CHECK_FULL), 0);
    shop_verify();
    ck_assert_uint_eq(shop.verified.orders, orders + 1);
    stop();
}

START_TEST(a_full_disk_refuses_writes_loses_nothing_and_heals)
{
    on_a_small_disk("size=2m", fill_and_heal, url(_i, "small/one"));
}
END_TEST

static int files_here(void)
{
    DIR *folder = opendir(".");
    ck_assert_ptr_nonnull(folder);
    int count = 0;
    for (const struct dirent *one; (one = readdir(folder)) != NULL;)
        count += one->d_name[0] != '.';
    ck_assert_int_eq(closedir(folder), 0);
    return count;
}

/* A name that is too long leaves nothing behind, the longest one can be opened again. */
START_TEST(a_name_that_is_too_long_for_the_files_beside_it_is_refused)
{
    char name[300];
    for (size_t bytes = 241; bytes <= 250; bytes += 9) {
        (void)snprintf(name, sizeof name, "%s:%0*d", schemes[_i], (int)bytes, 1);
        ck_assert_int_eq(opening(name, "at most 240"), HF_E_URL);
        (void)snprintf(name, sizeof name, "%s:./%0*d", schemes[_i], (int)bytes, 1);
        ck_assert_int_eq(opening(name, "at most 240"), HF_E_URL);
        ck_assert_int_eq(files_here(), 0);
    }
    (void)snprintf(name, sizeof name, "%s:./%0240d", schemes[_i], 1);
    for (int turn = 0; turn < 3; turn++) { /* with a journal and without */
        hf_options options;
        hf_options_init(&options);
        options.store = name;
        options.durability = turn == 1 ? HF_DURABILITY_STORE : HF_DURABILITY_JOURNAL;
        ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
        ck_assert_int_eq(hf_engine_open(shop.loop, &options, &shop.engine), 0);
        put_bell();
        ck_assert_int_eq(receive(5), 0);
        shop_verify();
        stop();
    }
}
END_TEST

/* SQLite itself would open something else than a file by that name. */
START_TEST(names_that_mean_something_else_are_refused_or_plain_files)
{
#if HF_HAVE_SQLITE
    ck_assert_int_eq(opening("sqlite::memory:", "sqlite:./:memory:"), HF_E_URL);
    ck_assert_int_eq(opening("sqlite:file:A.db", "sqlite:./file:A.db"), HF_E_URL);
    ck_assert_int_eq(opening("sqlite:file:A.db?mode=memory", "path of a file"), HF_E_URL);
    ck_assert_int_eq(files_here(), 0);
    ck_assert_int_eq(opening("memory:shop.db", "takes no path"), HF_E_URL);
    ck_assert_int_eq(files_here(), 0);
    start("sqlite:./:memory:");
    ck_assert_int_eq(receive(5), 0);
    stop();
    ck_assert_int_eq(access(":memory:", F_OK), 0);
#endif
}
END_TEST

/* Each test has a folder of its own. */
static void in_a_folder(void)
{
    char name[] = "place.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(name));
    ck_assert_int_eq(chdir(name), 0);
}

int main(void)
{
    Suite *suite = suite_create("bad_place");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, in_a_folder, NULL);
    tcase_add_loop_test(core, a_damaged_store_is_refused_with_its_file_and_the_remedy, 0,
                        SCHEMES * DAMAGES);
    tcase_add_loop_test(core, a_second_open_is_refused_and_the_first_continues, 0, SCHEMES);
    tcase_add_loop_test(core, nothing_is_restored_over_a_store_or_from_one_that_is_open, 0,
                        SCHEMES);
    tcase_add_loop_test(core, a_second_process_is_refused_and_the_first_continues, 0, SCHEMES);
    tcase_add_loop_test(core, an_engine_and_its_backup_find_their_places_after_a_change_of_folder,
                        0, SCHEMES);
    tcase_add_loop_test(core, a_read_only_folder_is_refused, 0, SCHEMES);
    tcase_add_loop_test(core, a_file_of_another_program_is_refused_untouched, 0, SCHEMES);
    tcase_add_loop_test(core, a_full_disk_refuses_writes_loses_nothing_and_heals, 0, SCHEMES);
    tcase_add_loop_test(core, a_name_that_is_too_long_for_the_files_beside_it_is_refused, 0,
                        SCHEMES);
    tcase_add_test(core, names_that_mean_something_else_are_refused_or_plain_files);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

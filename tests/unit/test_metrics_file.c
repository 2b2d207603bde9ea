/*
 * hf_options.metrics_file: what stands in the file, when it is replaced and removed, who may have
 * it, and that a disk which fails costs nothing but the file.
 */
#include "support/check_main.h"
#include "support/folder.h"
#include "support/host.h"

#include <holdfast/metrics.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <uv.h>

#define PATH "figures.prom"

static hf_test_host host;
static char line[600]; /* of the log */
static int lines;

static void on_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)snprintf(line, sizeof line, "%s", text);
    lines++;
}

static void options(uint32_t threads)
{
    hf_test_options(&host, threads);
    host.options.metrics_file = PATH;
    host.options.log = on_log;
    (void)remove(PATH);
    lines = 0;
}

static char *content(void)
{
    size_t bytes;
    char *text = (char *)folder_read(PATH, &bytes);
    text[bytes] = '\0';
    return text;
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Whether the writer of the file is there. */
static bool is_locked(void)
{
    int fd = open(PATH, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    bool locked = flock(fd, LOCK_SH | LOCK_NB) != 0;
    (void)close(fd);
    return locked;
}

START_TEST(the_file_has_all_figures_and_is_removed_by_closing)
{
    options((uint32_t)_i);
    hf_test_open(&host);
    ck_assert(is_locked());
    char *text = content();
    const hf_metric *metric;
    for (uint32_t i = 0; (metric = hf_metric_at(i)) != NULL; i++)
        ck_assert_msg(strstr(text, metric->name) != NULL, "%s", metric->name);
    char process[64];
    (void)snprintf(process, sizeof process, "\nholdfast_process_info{pid=\"%d\"} 1\n", getpid());
    ck_assert_ptr_nonnull(strstr(text, process));
    ck_assert_ptr_nonnull(strstr(text, "\nholdfast_recent_seconds 0.000000000\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nholdfast_recent_availability_ratio 1.000000\n"));
    free(text);
    ck_assert(!is_there(PATH ".new"));
    hf_test_stop(&host);
    ck_assert(!is_there(PATH));
}
END_TEST

/* Runs the loop until the file has this text. */
static void wait_for(const char *part)
{
    bool found = false;
    while (!found) {
        (void)hf_loop_run_once(host.loop, 1);
        char *text = content();
        found = strstr(text, part) != NULL;
        free(text);
    }
}

START_TEST(the_file_is_replaced_while_the_engine_runs)
{
    options((uint32_t)_i);
    hf_test_open(&host);
    hf_test_stock(&host);
    wait_for("\nholdfast_operations_completed_total 1\n");
    ck_assert(is_locked());
    char *text = content();
    ck_assert_ptr_nonnull(strstr(text, "\nholdfast_recent_write_latency_seconds_count 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nholdfast_recent_flush_seconds_count 1\n"));
    ck_assert_ptr_null(strstr(text, "\nholdfast_recent_operations_per_second 0.000\n"));
    free(text);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_file_that_a_killed_process_left_is_replaced)
{
    static const char stale[] = "# HELP holdfast_engine_info of an engine that is gone\n";
    options(0);
    folder_write(PATH, (const uint8_t *)stale, sizeof stale - 1);
    folder_write(PATH ".new", (const uint8_t *)stale, 10);
    ck_assert(!is_locked());
    hf_test_open(&host);
    ck_assert(is_locked());
    char *text = content();
    ck_assert_ptr_null(strstr(text, "that is gone"));
    free(text);
    hf_test_stop(&host);
}
END_TEST

/* A child that continues the loop writes nothing: the file has the figures of the parent. */
START_TEST(a_forked_child_leaves_the_file_to_its_parent)
{
    struct stat before;
    struct stat after;
    int status;
    options(0);
    hf_test_open(&host);
    ck_assert_int_eq(stat(PATH, &before), 0);
    const pid_t child = fork();
    if (child == 0) {
        if (uv_loop_fork(host.loop) != 0)
            _exit(1);
        const uint64_t end_ms = uv_now(host.loop) + 2500;
        while (uv_now(host.loop) < end_ms)
            (void)uv_run(host.loop, UV_RUN_ONCE);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    ck_assert_int_eq(stat(PATH, &after), 0);
    ck_assert_uint_eq(after.st_ino, before.st_ino);
    ck_assert(is_locked());
    hf_test_stop(&host);
}
END_TEST

static void refused(int error, const char *why)
{
    hf_engine *engine = NULL;
    ck_assert_int_eq(hf_engine_open(host.loop, &host.options, &engine), error);
    ck_assert_msg(strstr(host.error, why) != NULL, "'%s' lacks '%s'", host.error, why);
}

START_TEST(the_file_of_another_engine_is_left_to_it)
{
    hf_test_host other;
    options(1);
    hf_test_open(&host);
    other = host;
    refused(HF_E_LOCKED, "another engine writes it");
    other.options.metrics_file = "other.prom";
    hf_test_open(&other);
    ck_assert(is_there("other.prom"));
    ck_assert_int_eq(hf_engine_close(other.engine, hf_test_closed, &other), 0);
    hf_test_run(&other, &other.closed, 1);
    ck_assert(is_locked());
    hf_test_stop(&host);
}
END_TEST

START_TEST(the_file_of_another_program_is_untouched)
{
    static const char theirs[] = "# HELP node_load1 something else\n";
    static const char *const paths[] = {PATH, PATH ".new"};
    options(0);
    ck_assert_int_eq(hf_loop_create(&host.loop), 0);
    for (size_t i = 0; i < 2; i++) {
        folder_write(paths[i], (const uint8_t *)theirs, sizeof theirs - 1);
        refused(HF_E_EXISTS, "another program's file");
        size_t bytes;
        uint8_t *text = folder_read(paths[i], &bytes);
        ck_assert_uint_eq(bytes, sizeof theirs - 1);
        ck_assert_mem_eq(text, theirs, bytes);
        free(text);
        (void)remove(paths[i]);
    }
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

static const mode_t masks[] = {0022, 0077};

START_TEST(the_file_may_be_read_by_whom_the_umask_lets)
{
    struct stat found;
    options((uint32_t)(_i / 2));
    const mode_t before = umask(masks[_i % 2]);
    hf_test_open(&host);
    ck_assert_int_eq(stat(PATH, &found), 0);
    (void)umask(before);
    ck_assert_uint_eq(found.st_mode & 07777, 0644 & ~masks[_i % 2]);
    hf_test_stop(&host);
}
END_TEST

START_TEST(an_empty_file_is_replaced)
{
    options(0);
    folder_write(PATH, (const uint8_t *)"", 0);
    hf_test_open(&host);
    char *text = content();
    ck_assert_int_ne(text[0], '\0');
    free(text);
    hf_test_stop(&host);
}
END_TEST

/* A link to nothing, to a file of an engine that is gone, and one that leads nowhere. */
START_TEST(a_symbolic_link_is_refused_and_untouched)
{
    static const char stale[] = "# HELP holdfast_engine_info of an engine that is gone\n";
    static const char *const targets[] = {"none.prom", "stale.prom", PATH};
    options(0);
    folder_write("stale.prom", (const uint8_t *)stale, sizeof stale - 1);
    ck_assert_int_eq(hf_loop_create(&host.loop), 0);
    ck_assert_int_eq(symlink(targets[_i], PATH), 0);
    refused(HF_E_PATH, "a symbolic link; name the file itself");
    char target[64] = "";
    ck_assert_int_gt(readlink(PATH, target, sizeof target - 1), 0);
    ck_assert_str_eq(target, targets[_i]);
    ck_assert(!is_there("none.prom"));
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
    (void)remove(PATH);
}
END_TEST

START_TEST(a_path_without_a_folder_or_of_a_folder_is_refused)
{
    options(0);
    ck_assert_int_eq(hf_loop_create(&host.loop), 0);
    host.options.metrics_file = "none/figures.prom";
    refused(HF_E_PATH, "none/figures.prom");
    host.options.metrics_file = "";
    refused(HF_E_PATH, "metrics_file");
    host.options.metrics_file = ".";
    refused(HF_E_PATH, "metrics_file");
    ck_assert_int_eq(hf_loop_destroy(host.loop), 0);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_logged_once_and_costs_nothing_else)
{
    options((uint32_t)_i);
    ck_assert_int_eq(mkdir("gone", 0700), 0);
    host.options.metrics_file = "gone/figures.prom";
    hf_test_open(&host);
    ck_assert_int_eq(remove("gone/figures.prom"), 0);
    ck_assert_int_eq(rmdir("gone"), 0);
    while (lines == 0)
        (void)hf_loop_run_once(host.loop, 1);
    ck_assert_ptr_nonnull(strstr(line, "figures.prom cannot be written: No such file"));
    hf_test_stock(&host);
    for (int i = 0; i < 2; i++) { /* and it is not said again */
        hf_metrics_info info = {.size = sizeof info};
        uint64_t until;
        ck_assert_int_eq(hf_metrics(host.engine, &info), 0);
        until = info.open_ns + UINT64_C(1100000000);
        while (info.open_ns < until) {
            (void)hf_loop_run_once(host.loop, 1);
            ck_assert_int_eq(hf_metrics(host.engine, &info), 0);
        }
    }
    ck_assert_int_eq(lines, 1);
    hf_test_stop(&host);
}
END_TEST

START_TEST(closing_does_not_remove_a_file_that_is_not_its_own)
{
    static const char theirs[] = "theirs\n";
    options(0);
    hf_test_open(&host);
    ck_assert_int_eq(remove(PATH), 0);
    folder_write(PATH, (const uint8_t *)theirs, sizeof theirs - 1);
    hf_test_stop(&host);
    ck_assert(is_there(PATH));
    (void)remove(PATH);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("metrics_file");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, the_file_has_all_figures_and_is_removed_by_closing, 0, 2);
    tcase_add_loop_test(core, the_file_is_replaced_while_the_engine_runs, 0, 2);
    tcase_add_test(core, a_file_that_a_killed_process_left_is_replaced);
    tcase_add_test(core, the_file_of_another_engine_is_left_to_it);
    tcase_add_test(core, the_file_of_another_program_is_untouched);
    tcase_add_loop_test(core, the_file_may_be_read_by_whom_the_umask_lets, 0, 4);
    tcase_add_test(core, an_empty_file_is_replaced);
    tcase_add_loop_test(core, a_symbolic_link_is_refused_and_untouched, 0, 3);
    tcase_add_test(core, a_path_without_a_folder_or_of_a_folder_is_refused);
    tcase_add_loop_test(core, a_file_that_cannot_be_written_is_logged_once_and_costs_nothing_else,
                        0, 2);
    tcase_add_test(core, closing_does_not_remove_a_file_that_is_not_its_own);
    tcase_add_test(core, a_forked_child_leaves_the_file_to_its_parent);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/*
 * Files that are distinguished by device and inode, renamed without replacing another, locks of
 * bytes, and places.
 */
#define _GNU_SOURCE
#include "base/os.h"
#include "support/check_main.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const hf__files *const files = &hf__os_files;
static int native;
static char folder[64];

/* Each test has an empty folder, also where they share a process. */
static void setup(void)
{
    (void)snprintf(folder, sizeof folder, "os.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    native = 0;
}

static void teardown(void)
{
    ck_assert_int_eq(chdir(".."), 0);
}

static void make_file(const char *path, const char *text)
{
    int fd;
    ck_assert_int_eq(files->open(path, HF__OPEN_CREATE, &fd, &native), 0);
    ck_assert_int_eq(files->write_at(fd, text, strlen(text), 0, &native), 0);
    files->close(fd);
}

START_TEST(a_file_is_renamed_without_replacing_another)
{
    hf__file_info info;
    make_file("a", "1");
    make_file("b", "22");
    ck_assert_int_eq(symlink("nowhere", "dangling"), 0);
    ck_assert_int_eq(files->rename_new("a", "b", &native), HF_E_EXISTS);
    ck_assert_int_eq(native, EEXIST);
    ck_assert_int_eq(files->rename_new("a", "dangling", &native), HF_E_EXISTS);
    ck_assert_int_eq(files->info("b", &info, &native), 0);
    ck_assert_uint_eq(info.bytes, 2);
    ck_assert_int_eq(files->rename_new("a", "c", &native), 0);
    ck_assert_int_eq(files->info("c", &info, &native), 0);
    ck_assert_uint_eq(info.bytes, 1);
    ck_assert_int_eq(files->rename_new("a", "d", &native), HF_E_PATH);
}
END_TEST

START_TEST(an_open_file_is_known_whatever_its_name_is)
{
    hf__file_info named;
    hf__file_info of_fd;
    int fd;
    make_file("a", "123");
    ck_assert_int_eq(files->open("a", HF__OPEN_READ, &fd, &native), 0);
    ck_assert_int_eq(files->rename("a", "b", &native), 0);
    ck_assert_int_eq(files->info("b", &named, &native), 0);
    ck_assert_int_eq(files->info_of(fd, &of_fd, &native), 0);
    ck_assert_mem_eq(&named, &of_fd, sizeof named);
    ck_assert_uint_eq(of_fd.bytes, 3);
    files->close(fd);
    ck_assert_int_eq(files->info_of(fd, &of_fd, &native), HF_E_IO);
    ck_assert_int_eq(native, EBADF);
}
END_TEST

/* ---- Places ---------------------------------------------------------------------------------- */

START_TEST(a_place_leads_to_its_folder_whatever_becomes_of_the_names)
{
    hf__place place;
    hf__file_info before;
    hf__file_info after;
    char absolute[4096];
    ck_assert_int_eq(files->make_folder("here", &native), 0);
    make_file("here/a", "1");
    ck_assert_ptr_nonnull(realpath("here/a", absolute));
    ck_assert_int_eq(symlink("here", "link"), 0);
    ck_assert_int_eq(files->place("link/a", &place, &native), 0);
    ck_assert_str_eq(place.shown, absolute);
    ck_assert_int_eq(files->info(place.path, &before, &native), 0);
    ck_assert_int_eq(files->remove("link", &native), 0);
    ck_assert_int_eq(files->rename("here", "there", &native), 0);
    ck_assert_int_eq(files->make_folder("here", &native), 0);
    make_file("here/a", "22");
    ck_assert_int_eq(chdir("here"), 0);
    ck_assert_int_eq(files->info(place.path, &after, &native), 0);
    ck_assert_mem_eq(&before, &after, sizeof before);
    ck_assert_int_eq(files->sync_folder(place.path, &native), 0);
    hf__place_end(files, &place);
    ck_assert_int_eq(files->info(place.path, &after, &native), HF_E_NOT_FOUND);
    ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

START_TEST(a_file_that_is_not_there_has_a_place)
{
    hf__place place;
    char absolute[4096];
    char expected[4200];
    ck_assert_ptr_nonnull(realpath(".", absolute));
    (void)snprintf(expected, sizeof expected, "%s/none", absolute);
    ck_assert_int_eq(files->place("none", &place, &native), 0);
    ck_assert_str_eq(place.shown, expected);
    make_file(place.path, "1");
    hf__place_end(files, &place);
    ck_assert_int_eq(access("none", F_OK), 0);
    ck_assert_int_eq(files->place("/none", &place, &native), 0);
    ck_assert_str_eq(place.shown, "/none");
    hf__place_end(files, &place);
    hf__place_end(files, &place); /* twice is once */
}
END_TEST

typedef struct refusal {
    const char *path;
    int native;
} refusal;

static const refusal refusals[] = {
    {"", ENOENT}, {"none/a", ENOENT}, {"file/a", ENOTDIR}, {"here/", EISDIR}, {"loop/a", ELOOP},
};

START_TEST(a_path_without_a_folder_has_no_place)
{
    hf__place place;
    make_file("file", "1");
    ck_assert_int_eq(files->make_folder("here", &native), 0);
    ck_assert_int_eq(symlink("loop", "loop"), 0);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        ck_assert_int_eq(files->place(refusals[i].path, &place, &native), HF_E_PATH);
        ck_assert_int_eq(native, refusals[i].native);
        ck_assert_int_eq(place.folder, -1);
        ck_assert_str_eq(hf__place_absolute(files, refusals[i].path, &place), refusals[i].path);
    }
    char path[5000];
    memset(path, 'a', sizeof path);
    path[sizeof path - 1] = '\0';
    ck_assert_int_eq(files->place(path, &place, &native), HF_E_PATH);
    ck_assert_int_eq(native, ENAMETOOLONG);
    path[4500] = '/';
    ck_assert_int_eq(files->place(path, &place, &native), HF_E_PATH);
    ck_assert_int_eq(native, ENAMETOOLONG);
}
END_TEST

/* ---- Locks of bytes -------------------------------------------------------------------------- */

static uint64_t locked_byte(const char *path)
{
    uint64_t found = 0;
    int fd;
    ck_assert_int_eq(files->open(path, HF__OPEN_WRITE, &fd, &native), 0);
    ck_assert_int_eq(files->find_lock(fd, 0, UINT64_C(1) << 62, false, &found, &native), 0);
    files->close(fd);
    return found;
}

/* Lives until the other end of `ends` is closed. */
static pid_t start_child(int ends[2])
{
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        char byte;
        (void)close(ends[1]);
        _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    return child;
}

START_TEST(a_child_that_lives_on_keeps_no_lock_of_a_byte)
{
    int ends[2];
    int fd;
    int status = 0;
    make_file("a", "file a");
    ck_assert_int_eq(files->open("a", HF__OPEN_WRITE, &fd, &native), 0);
    ck_assert_int_eq(files->lock_byte(fd, 7, _i == 0, &native), 0);
    ck_assert_int_eq(files->lock_byte(fd, UINT64_C(1) << 61, _i == 0, &native), 0);
    const pid_t child = start_child(ends);
    ck_assert_uint_eq(locked_byte("a"), 7);
    files->close(fd);
    ck_assert_uint_eq(locked_byte("a"), UINT64_MAX);
    (void)close(ends[1]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("os_place");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, a_file_is_renamed_without_replacing_another);
    tcase_add_test(core, an_open_file_is_known_whatever_its_name_is);
    tcase_add_test(core, a_place_leads_to_its_folder_whatever_becomes_of_the_names);
    tcase_add_test(core, a_file_that_is_not_there_has_a_place);
    tcase_add_test(core, a_path_without_a_folder_has_no_place);
    tcase_add_loop_test(core, a_child_that_lives_on_keeps_no_lock_of_a_byte, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/* Files that are told apart by device and inode, and renamed without replacing another. */
#define _GNU_SOURCE
#include "base/os.h"
#include "support/check_main.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

int main(void)
{
    Suite *suite = suite_create("os_place");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, teardown);
    tcase_add_test(core, a_file_is_renamed_without_replacing_another);
    tcase_add_test(core, an_open_file_is_known_whatever_its_name_is);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

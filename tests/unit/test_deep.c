/*
 * A store in a deep folder: every error about its files names the file and ends with what to do,
 * whole. The control is a text that is longer than there is room for.
 */
#include "base/fail.h"
#include "base/text.h"
#include "support/bells.h"
#include "support/folder.h"

#define DEEP   "/this-folder-has-a-long-name-of-fifty-bytes-in-all-001"
#define LEVELS 4 /* of such folders */

static char deep[300];        /* the folder; absolute */
static char detail_text[600]; /* the last detail */

static void make_deep(void)
{
    in_a_folder();
    ck_assert_ptr_nonnull(getcwd(deep, 100));
    for (int i = 0; i < LEVELS; i++) {
        (void)snprintf(deep + strlen(deep), sizeof deep - strlen(deep), "%s", DEEP);
        ck_assert_int_eq(mkdir(deep, 0700), 0);
    }
    ck_assert_int_eq(chdir(deep), 0);
}

static const char *far(int scheme, const char *name)
{
    static char text[400];
    (void)snprintf(text, sizeof text, "%s:%s/%s", schemes[scheme], deep, name);
    return text;
}

static void ends_with(const char *ending)
{
    size_t bytes = strlen(detail_text);
    size_t end = strlen(ending);
    ck_assert_msg(bytes >= end && strcmp(detail_text + bytes - end, ending) == 0, "%s",
                  detail_text);
}

static int opening(int scheme, const char *name)
{
    int error = open_as(far(scheme, name), HF_DURABILITY_JOURNAL, NULL);
    (void)snprintf(detail_text, sizeof detail_text, "%s", shop.detail);
    if (error == 0)
        stop();
    return error;
}

static int opening_without(int scheme, const char *name)
{
    bells.without_journal = 1;
    int error = opening(scheme, name);
    bells.without_journal = 0;
    return error;
}

static int restoring(int scheme, const char *name)
{
    char from[400];
    (void)snprintf(from, sizeof from, "%s/%s", deep, name);
    return hf_restore(from, far(scheme, "restored"), detail_text, sizeof detail_text);
}

static int reading(int scheme, const char *name)
{
    return hf_journal_read(far(scheme, name), NULL, NULL, detail_text, sizeof detail_text);
}

static void on_backup(void *data, int status, const char *detail)
{
    (void)data;
    (void)snprintf(detail_text, sizeof detail_text, "%s", detail);
    shop.status = status;
    shop.ended++;
}

static int backing_up(int scheme, const char *name)
{
    char to[400];
    (void)snprintf(to, sizeof to, "%s/%s", deep, name);
    start(far(scheme, "other"), HF_DURABILITY_JOURNAL);
    ck_assert_int_eq(hf_backup(shop.engine, to, NULL, on_backup, NULL), 0);
    shop_wait();
    int status = shop.status;
    stop();
    return status;
}

/* ---- What happened to the files -------------------------------------------------------------- */

static void nothing(void)
{
}

static void lose_journal(void)
{
    ck_assert_int_eq(rename("one.journal", "aside"), 0);
}

static void cut_segment(void)
{
    ck_assert_int_eq(truncate("one.journal/segment-01", 5000), 0);
}

static void zero_segment(void)
{
    size_t bytes;
    uint8_t *content = folder_read("one.journal/segment-01", &bytes);
    ck_assert_uint_gt(bytes, 8192);
    memset(content, 0, bytes < 8192 ? bytes : 8192);
    folder_write("one.journal/segment-01", content, bytes);
    free(content);
}

static void double_segment(void)
{
    folder_copy_file("one.journal/segment-01", "one.journal/segment-02");
}

static void lose_store(void)
{
    ck_assert_int_eq(rename("one", "gone"), 0);
    (void)remove("one-wal");
}

static void lose_store_to_restore(void)
{
    lose_store();
    ck_assert_int_eq(rename("one.journal", "restored.journal"), 0);
    ck_assert_int_eq(rename("gone", "one"), 0);
}

static void put_a_folder(void)
{
    ck_assert_int_eq(mkdir("two", 0700), 0);
}

static void put_another_file(void)
{
    folder_write("two", (const uint8_t *)"text", 4);
}

typedef struct fault {
    const char *title;
    void (*happens)(void);
    int (*use)(int scheme, const char *name);
    const char *name;
    int error;
    const char *file; /* that is named */
    const char *ending;
} fault;

static const fault faults[] = {
    {"the journal is missing", lose_journal, opening, "one", HF_E_CORRUPT, "one.journal",
     "or open the store without it"},
    {"a segment was cut", cut_segment, opening, "one", HF_E_CORRUPT, "one.journal/segment-01",
     "or open the store without its journal"},
    {"a header was zeroed", zero_segment, opening, "one", HF_E_CORRUPT, "one.journal/segment-01",
     "or open the store without it"},
    {"a segment is there twice", double_segment, opening, "one", HF_E_CORRUPT,
     "one.journal/segment-0", "or open the store without it"},
    {"a segment is there twice, seen from outside", double_segment, reading, "one", HF_E_CORRUPT,
     "one.journal/segment-0", "or open the store without it"},
    {"the store is gone", lose_store, opening, "one", HF_E_EXISTS, "one.journal",
     "or move the folder away"},
    {"the journal is whole", nothing, opening_without, "one", HF_E_EXISTS, "one.journal",
     "open the store with it"},
    {"no journal is needed", nothing, opening_without, "other", HF_E_EXISTS, "other.journal",
     "open it without this option"},
    {"a store in use is restored", nothing, restoring, "one", HF_E_BUSY, "/one",
     "or take a backup of it"},
    {"a journal lies where one is restored", lose_store_to_restore, restoring, "one", HF_E_EXISTS,
     "restored.journal", "move it away"},
    {"a backup where a journal lies", lose_store, backing_up, "one", HF_E_EXISTS, "one.journal",
     "move it away"},
    {"a backup over a store", nothing, backing_up, "one", HF_E_EXISTS, "/one",
     "there is a file already"},
    {"a folder", put_a_folder, opening, "two", HF_E_PATH, "/two",
     "name the file that holds the store"},
    {"a file of another program", put_another_file, opening, "two", HF_E_CORRUPT, "/two",
     "restore a backup"},
};
#define FAULTS ((int)(sizeof faults / sizeof faults[0]))

START_TEST(an_error_in_a_deep_folder_names_the_file_and_ends_with_what_to_do)
{
    const fault *of = &faults[_i / SCHEMES];
    const int scheme = _i % SCHEMES;
    make_deep();
    start(far(scheme, "other"), HF_DURABILITY_JOURNAL);
    begin_bells();
    stop();
    leave_bells(far(scheme, "one"), 20);
    of->happens();
    const int error = of->use(scheme, of->name);
    ck_assert_msg(error == of->error, "%s: %s: %s", of->title, hf_error_name(error), detail_text);
    ck_assert_msg(strstr(detail_text, of->file) != NULL, "%s", detail_text);
    ends_with(of->ending);
}
END_TEST

START_TEST(a_store_in_a_deep_folder_works)
{
    make_deep();
    leave_bells(far(_i, "one"), 20);
    start(far(_i, "one"), HF_DURABILITY_JOURNAL);
    has_bells(20);
    shop_verify();
    stop();
}
END_TEST

START_TEST(a_text_that_does_not_fit_is_cut_at_its_end)
{
    hf_store_error error;
    hf__detail detail;
    (void)hf__store_fail(&error, HF_E_CORRUPT, 0, "%0470d %s", 1, "put it back");
    (void)snprintf(detail_text, sizeof detail_text, "%s", error.text);
    ends_with("put it b");
    (void)hf__refuse(&detail, HF_E_CORRUPT, "%s", error.text);
    ck_assert_str_eq(detail.text, error.text);
    (void)hf__store_fail(&error, HF_E_CORRUPT, 0, "%0478d%s", 1, "\xc3\xa4");
    ck_assert_uint_eq(strlen(error.text), 478); /* no half of a character */
}
END_TEST

#define LETTER     "\xe2\x82\xac"
#define TEN(text)  text text text text text text text text text text
#define LETTERS_40 TEN(LETTER) TEN(LETTER) TEN(LETTER) TEN(LETTER) /* 120 bytes */

START_TEST(the_end_of_a_path_begins_with_a_whole_character)
{
    const char *whole = LETTERS_40;
    ck_assert_str_eq(hf__path_end(whole), whole);
    ck_assert_str_eq(hf__path_end(LETTERS_40 LETTERS_40), whole);
    ck_assert_uint_eq(strlen(hf__path_end(LETTERS_40 "/")), 118);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deep");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_error_in_a_deep_folder_names_the_file_and_ends_with_what_to_do, 0,
                        FAULTS * SCHEMES);
    tcase_add_loop_test(core, a_store_in_a_deep_folder_works, 0, SCHEMES);
    tcase_add_test(core, a_text_that_does_not_fit_is_cut_at_its_end);
    tcase_add_test(core, the_end_of_a_path_begins_with_a_whole_character);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

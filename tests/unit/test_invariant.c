/* Invariants: the note of a broken one. */
#include "base/invariant.h"
#include "base/os.h"
#include "support/broken.h"
#include "support/check_main.h"

#include <string.h>

START_TEST(what_holds_leaves_no_note)
{
    ck_assert(hf_invariant(1 + 1 == 2));
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
}
END_TEST

START_TEST(what_breaks_is_noted_with_its_place)
{
    int quantity = -1;
    ck_assert(!hf_invariant(quantity >= 0));
    const char *note = hf__invariant_taken(HF__OF_OPERATION);
    ck_assert_ptr_nonnull(note);
    ck_assert_ptr_nonnull(strstr(note, "test_invariant.c:"));
    ck_assert_ptr_nonnull(strstr(note, ": quantity >= 0"));
    ck_assert_ptr_null(hf__invariant_taken(HF__OF_OPERATION));
}
END_TEST

START_TEST(it_stands_as_a_statement_too)
{
    int reached = 1;
    hf_invariant(reached == 0);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
}
END_TEST

START_TEST(the_first_of_several_is_kept)
{
    (void)hf__invariant_broken(HF__OF_OPERATION, "first", "a.c", 1);
    (void)hf__invariant_broken(HF__OF_OPERATION, "second", "b.c", 2);
    ck_assert_str_eq(hf__invariant_taken(HF__OF_OPERATION), "a.c:1: first");
    (void)hf__invariant_broken(HF__OF_OPERATION, "third", "c.c", 3);
    ck_assert_str_eq(hf__invariant_taken(HF__OF_OPERATION), "c.c:3: third");
}
END_TEST

START_TEST(a_long_condition_is_cut)
{
    char condition[1000];
    memset(condition, 'x', sizeof condition - 1);
    condition[sizeof condition - 1] = '\0';
    (void)hf__invariant_broken(HF__OF_OPERATION, condition, "a.c", 1);
    ck_assert_uint_eq(strlen(hf__invariant_taken(HF__OF_OPERATION)), 255);
}
END_TEST

static void look_for_a_note(void *found)
{
    *(bool *)found = hf__invariant_taken(HF__OF_OPERATION) != NULL;
}

START_TEST(another_thread_does_not_see_the_note)
{
    void *thread;
    bool found = true;
    (void)hf__invariant_broken(HF__OF_OPERATION, "mine", "a.c", 1);
    ck_assert_int_eq(hf__os_threads.start(&thread, look_for_a_note, &found), 0);
    hf__os_threads.join(thread);
    ck_assert(!found);
    ck_assert_ptr_nonnull(hf__invariant_taken(HF__OF_OPERATION));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("invariant");
    TCase *core = tcase_create("core");
    tcase_add_test(core, what_holds_leaves_no_note);
    hf_test_add_breaking(core, what_breaks_is_noted_with_its_place);
    hf_test_add_breaking(core, it_stands_as_a_statement_too);
    hf_test_add_breaking(core, the_first_of_several_is_kept);
    hf_test_add_breaking(core, a_long_condition_is_cut);
    hf_test_add_breaking(core, another_thread_does_not_see_the_note);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

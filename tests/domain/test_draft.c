/* The rows of one operation: read once, copied when edited, seen again, dropped as a whole. */
#include "domain/core/draft.h"
#include "support/broken.h"
#include "support/check_main.h"
#include "support/view.h"

#include <string.h>

static hf_test_fixture fixture;

static void set_up(void)
{
    hf_test_fixture_init(&fixture);
    hf_test_unit(&fixture, "EUR", 2);
}

static void tear_down(void)
{
    hf_test_fixture_fini(&fixture);
}

static hf_unit unit_key(const char *code)
{
    hf_unit unit = {.scale = 0};
    hf__name_set(&unit.code, code);
    return unit;
}

static const hf_unit *get_unit(hf__draft *draft, const char *code)
{
    hf_unit key = unit_key(code);
    const void *row;
    ck_assert_int_eq(hf__draft_get(draft, HF__UNITS, &key, &row), 0);
    return row;
}

START_TEST(a_row_of_the_view_is_read_as_it_is)
{
    hf__draft *draft = hf_test_draft(&fixture);
    ck_assert_uint_eq(get_unit(draft, "EUR")->scale, 2);
    ck_assert_ptr_null(get_unit(draft, "USD"));
    ck_assert_uint_eq(draft->row_count, 2);
    ck_assert_uint_eq(draft->rows[0].changed, 0);
}
END_TEST

START_TEST(an_edited_row_is_a_copy_and_is_read_from_then_on)
{
    hf__draft *draft = hf_test_draft(&fixture);
    const hf_unit *before = get_unit(draft, "EUR");
    hf_unit key = unit_key("EUR");
    void *row;
    ck_assert_int_eq(hf__draft_edit(draft, HF__UNITS, &key, &row), 0);
    ((hf_unit *)row)->scale = 3;
    ck_assert_uint_eq(before->scale, 2);
    ck_assert_ptr_eq(get_unit(draft, "EUR"), row);
    void *again;
    ck_assert_int_eq(hf__draft_edit(draft, HF__UNITS, &key, &again), 0);
    ck_assert_ptr_eq(again, row);
    ck_assert_ptr_eq(draft->rows[0].old, before);
}
END_TEST

START_TEST(an_edit_if_any_of_a_row_that_is_not_there_gives_none)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf_unit key = unit_key("USD");
    void *row = &key;
    ck_assert_int_eq(hf__draft_edit_if_any(draft, HF__UNITS, &key, &row), 0);
    ck_assert_ptr_null(row);
    ck_assert_uint_eq(draft->rows[0].changed, 0);
}
END_TEST

START_TEST(an_added_row_has_its_key_and_is_zero_elsewhere)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf_unit key = unit_key("USD");
    key.scale = 7;
    void *row;
    ck_assert_int_eq(hf__draft_add(draft, HF__UNITS, &key, &row), 0);
    ck_assert(hf__name_is(&((hf_unit *)row)->code, "USD"));
    ck_assert_uint_eq(((hf_unit *)row)->scale, 0);
    ck_assert_ptr_eq(get_unit(draft, "USD"), row);
    ck_assert_ptr_null(draft->rows[0].old);
}
END_TEST

START_TEST(a_removed_row_is_gone_and_may_be_added_again)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf_unit key = unit_key("EUR");
    void *row;
    ck_assert_int_eq(hf__draft_del(draft, HF__UNITS, &key), 0);
    ck_assert_ptr_null(get_unit(draft, "EUR"));
    ck_assert_int_eq(hf__draft_edit_if_any(draft, HF__UNITS, &key, &row), 0);
    ck_assert_ptr_null(row);
    ck_assert_int_eq(hf__draft_add(draft, HF__UNITS, &key, &row), 0);
    ck_assert_ptr_nonnull(draft->rows[0].old);
    ck_assert_uint_eq(draft->row_count, 1);
}
END_TEST

START_TEST(a_row_added_twice_breaks_an_invariant)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf_unit key = unit_key("USD");
    void *row;
    ck_assert_int_eq(hf__draft_add(draft, HF__UNITS, &key, &row), 0);
    ck_assert_int_eq(hf__draft_add(draft, HF__UNITS, &key, &row), HF_E_INVARIANT);
}
END_TEST

START_TEST(a_row_that_is_not_there_cannot_be_removed)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf_unit key = unit_key("USD");
    ck_assert_int_eq(hf__draft_del(draft, HF__UNITS, &key), HF_E_INVARIANT);
}
END_TEST

START_TEST(a_row_that_must_exist_and_does_not_breaks_an_invariant)
{
    hf__draft *draft = hf_test_draft(&fixture);
    hf_unit key = unit_key("USD");
    const void *row;
    void *copy;
    ck_assert_int_eq(hf__draft_require(draft, HF__UNITS, &key, &row), HF_E_INVARIANT);
    ck_assert_int_eq(hf__draft_edit(draft, HF__UNITS, &key, &copy), HF_E_INVARIANT);
}
END_TEST

START_TEST(a_row_is_put_whether_it_is_there_or_not)
{
    hf__draft *draft = hf_test_draft(&fixture);
    const hf_unit stored = unit_key("EUR");
    const hf_unit fresh = unit_key("USD");
    void *row;
    ck_assert_int_eq(hf__draft_put(draft, HF__UNITS, &stored, &row), 0);
    ck_assert_ptr_nonnull(draft->rows[0].old);
    ck_assert_ptr_eq(draft->rows[0].row, row);
    ck_assert_int_eq(hf__draft_put(draft, HF__UNITS, &fresh, &row), 0);
    ck_assert_ptr_null(draft->rows[1].old);
    ck_assert_str_eq(((const hf_unit *)row)->code.text, "USD");
    const uint32_t at = hf__draft_load(draft, HF__UNITS, &fresh);
    void *again;
    ck_assert_int_eq(hf__loaded_put(draft, at, HF__UNITS, &fresh, &again), 0);
    ck_assert_ptr_eq(again, row);
    ck_assert_uint_eq(draft->row_count, 2);
}
END_TEST

START_TEST(thousands_of_rows_are_found_again)
{
    hf__draft *draft = hf_test_draft(&fixture);
    void *row;
    for (uint32_t i = 0; i < 10000; i++) {
        hf_order_line key = {.no = i + 1};
        ck_assert_int_eq(hf__draft_add(draft, HF__ORDER_LINES, &key, &row), 0);
        ((hf_order_line *)row)->quantity = i;
    }
    for (uint32_t i = 0; i < 10000; i++) {
        hf_order_line key = {.no = i + 1};
        const void *found;
        ck_assert_int_eq(hf__draft_get(draft, HF__ORDER_LINES, &key, &found), 0);
        ck_assert_int_eq(((const hf_order_line *)found)->quantity, i);
    }
    ck_assert_uint_eq(draft->row_count, 10000);
    ck_assert_uint_lt(draft->arena->used, 10000 * (sizeof(hf_order_line) + 400));
}
END_TEST

static int always_needs(void *context, const hf__key *key, const void **row)
{
    (void)context;
    (void)key;
    (void)row;
    return HF__MISSING;
}

static int scan_needs(void *context, const hf_scan *scan, uint32_t limit, hf__rows *out)
{
    (void)context;
    (void)scan;
    (void)limit;
    (void)out;
    return HF__MISSING;
}

START_TEST(what_is_missing_is_counted)
{
    hf__draft *draft = hf_test_draft(&fixture);
    fixture.view.get = always_needs;
    fixture.view.scan = scan_needs;
    hf_unit key = unit_key("EUR");
    const void *row;
    hf__rows rows;
    ck_assert_int_eq(hf__draft_get(draft, HF__UNITS, &key, &row), HF__MISSING);
    ck_assert_int_eq(hf__draft_scan(draft, &(hf_scan){.table = HF__UNITS}, 8, &rows), HF__MISSING);
    ck_assert_uint_eq(draft->missing, 2);
    ck_assert_uint_eq(draft->row_count, 0);
}
END_TEST

START_TEST(a_scan_shows_changed_rows_and_leaves_removed_ones_out)
{
    hf_test_unit(&fixture, "GBP", 2);
    hf_test_unit(&fixture, "USD", 2);
    hf__draft *draft = hf_test_draft(&fixture);
    hf_unit gone = unit_key("EUR");
    hf_unit changed = unit_key("GBP");
    hf_unit added = unit_key("JPY");
    void *row;
    ck_assert_int_eq(hf__draft_del(draft, HF__UNITS, &gone), 0);
    ck_assert_int_eq(hf__draft_edit(draft, HF__UNITS, &changed, &row), 0);
    ((hf_unit *)row)->scale = 9;
    ck_assert_int_eq(hf__draft_add(draft, HF__UNITS, &added, &row), 0);
    hf__rows rows;
    ck_assert_int_eq(hf__draft_scan(draft, &(hf_scan){.table = HF__UNITS}, 8, &rows), 0);
    ck_assert_uint_eq(rows.count, 2);
    ck_assert_uint_eq(((const hf_unit *)rows.rows[0])->scale, 9);
    ck_assert(hf__name_is(&((const hf_unit *)rows.rows[1])->code, "USD"));
}
END_TEST

START_TEST(a_scan_that_was_cut_says_so)
{
    hf_test_unit(&fixture, "GBP", 2);
    hf__draft *draft = hf_test_draft(&fixture);
    hf__rows rows;
    ck_assert_int_eq(hf__draft_scan(draft, &(hf_scan){.table = HF__UNITS}, 1, &rows), 0);
    ck_assert_uint_eq(rows.count, 1);
    ck_assert_uint_eq(rows.more, 1);
}
END_TEST

/* Every size of arena: either all of it works or the answer is HF_E_NOMEM. */
START_TEST(a_full_arena_is_an_error_at_every_step)
{
    uint32_t full = 0;
    for (size_t bytes = 0; bytes < 20000; bytes += 64) {
        hf_test_draft(&fixture);
        hf__arena arena;
        hf__arena_init(&arena, fixture.memory, bytes);
        hf__draft draft;
        int error = 0;
        hf__draft_init(&draft, &fixture.view, &arena, &fixture.detail);
        for (uint32_t i = 0; i < 30 && error == 0; i++) {
            hf__purge key = {.kind = HF__PURGE_NUMBERS, .first = i};
            void *row;
            error = hf__draft_add(&draft, HF__PURGES, &key, &row);
        }
        ck_assert(error == 0 || error == HF_E_NOMEM);
        full += error != 0 ? 1 : 0;
    }
    ck_assert_uint_gt(full, 50);
    ck_assert_uint_lt(full, 310);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("draft");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, set_up, tear_down);
    tcase_add_test(core, a_row_of_the_view_is_read_as_it_is);
    tcase_add_test(core, an_edited_row_is_a_copy_and_is_read_from_then_on);
    tcase_add_test(core, an_edit_if_any_of_a_row_that_is_not_there_gives_none);
    tcase_add_test(core, a_row_is_put_whether_it_is_there_or_not);
    tcase_add_test(core, an_added_row_has_its_key_and_is_zero_elsewhere);
    tcase_add_test(core, a_removed_row_is_gone_and_may_be_added_again);
    tcase_add_test(core, thousands_of_rows_are_found_again);
    tcase_add_test(core, what_is_missing_is_counted);
    tcase_add_test(core, a_scan_shows_changed_rows_and_leaves_removed_ones_out);
    tcase_add_test(core, a_scan_that_was_cut_says_so);
    tcase_add_test(core, a_full_arena_is_an_error_at_every_step);
    hf_test_add_breaking(core, a_row_added_twice_breaks_an_invariant);
    hf_test_add_breaking(core, a_row_that_is_not_there_cannot_be_removed);
    hf_test_add_breaking(core, a_row_that_must_exist_and_does_not_breaks_an_invariant);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/* Units through the public API: declared, read, and listed page by page in order of their codes. */
#include "support/check_main.h"
#include "support/one_shop.h"

static const char *const stores[] = {
    "memory:",
#if HF_HAVE_LMDB
    "lmdb:units.mdb",
#endif
#if HF_HAVE_SQLITE
    "sqlite:units.db",
#endif
};
#define STORES ((int)(sizeof stores / sizeof stores[0]))

static const char *const codes[] = {"BHD", "CHF", "EUR", "JPY", "kg"};
enum { CODES = 5 };

static void declare(const char *code, uint32_t scale)
{
    hf_unit_put_args args;
    hf_completion done;
    hf_unit_put_init(&args, code, scale);
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_UNIT_PUT, &args, &done), 0);
    ck_assert_str_eq(((const hf_unit *)done.result)->code.text, code);
}

/* Reads the page behind `after` and checks that it has `count` units, from codes[first] on. */
static void check_page(const char *after, uint32_t first, uint32_t count)
{
    hf_unit_list_args args;
    hf_completion done;
    hf_unit_list_init(&args);
    args.after = after;
    args.limit = 2;
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_UNIT_LIST, &args, &done), 0);
    const hf_unit_page *page = done.result;
    ck_assert_uint_eq(page->count, count);
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_str_eq(page->rows[i]->code.text, codes[first + i]);
        ck_assert_uint_eq(page->rows[i]->scale, first + i);
    }
}

static void check_unit(const char *code, uint32_t scale)
{
    hf_unit_get_args args;
    hf_completion done;
    hf_unit_get_init(&args, code);
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_UNIT_GET, &args, &done), 0);
    const hf_unit *unit = done.result;
    ck_assert_str_eq(unit->code.text, code);
    ck_assert_uint_eq(unit->scale, scale);
}

START_TEST(units_are_read_and_listed_page_by_page_in_order_of_their_codes)
{
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    ck_assert_int_eq(shop_open(stores[_i], 0, HF_CHECK_QUICK), 0);
    check_page(NULL, 0, 0);
    for (uint32_t i = CODES; i-- > 0;)
        declare(codes[i], i);
    check_page(NULL, 0, 2);
    check_page("", 0, 2);
    check_page("CHF", 2, 2);
    check_page("D", 2, 2); /* a code that is not there is a place too */
    check_page("JPY", 4, 1);
    check_page("kg", 5, 0);
    for (uint32_t i = 0; i < CODES; i++)
        check_unit(codes[i], i);
    hf_unit_get_args get;
    hf_completion done;
    hf_unit_get_init(&get, "k");
    ck_assert_int_eq(hf_run(shop.engine, HF_OP_UNIT_GET, &get, &done), HF_E_NOT_FOUND);
    ck_assert_str_eq(done.detail, "no unit k");
    shop_verify();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unit_list");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, units_are_read_and_listed_page_by_page_in_order_of_their_codes, 0,
                        STORES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

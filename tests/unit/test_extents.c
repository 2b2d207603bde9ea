/* Extents of one area: random allocations never overlap, and what is freed is used again. */
#include "cache/extents.h"
#include "support/check_main.h"
#include "support/random.h"

#include <holdfast/error.h>
#include <string.h>

#define AREA  (1u << 20)
#define SLOTS 512u

typedef struct held {
    uint8_t *at;
    uint32_t bytes;
    uint8_t mark;
} held;

static hf_env env;

static void check(const held *h)
{
    uint8_t differ = 0;
    for (uint32_t i = 0; i < h->bytes; i++)
        differ |= h->at[i] ^ h->mark;
    ck_assert_uint_eq(differ, 0);
}

START_TEST(random_extents_do_not_overlap_and_come_back_whole)
{
    static held slots[SLOTS];
    hf_test_random random = hf_test_seed();
    hf__extents extents;
    hf__env_init(&env);
    ck_assert_int_eq(hf__extents_init(&extents, &env, AREA), 0);
    for (uint32_t step = 0; step < 20000; step++) {
        held *h = &slots[hf_test_below(&random, SLOTS)];
        if (h->at != NULL) {
            check(h);
            hf__extent_free(&extents, h->at);
            h->at = NULL;
            continue;
        }
        h->bytes = 1 + hf_test_below(&random, hf_test_below(&random, 8) == 0 ? 60000 : 3000);
        h->mark = (uint8_t)step;
        h->at = hf__extent_alloc(&extents, h->bytes);
        if (h->at != NULL) {
            ck_assert_uint_eq((uintptr_t)h->at % 16, 0);
            memset(h->at, h->mark, h->bytes);
        }
    }
    for (uint32_t i = 0; i < SLOTS; i++) {
        if (slots[i].at == NULL)
            continue;
        check(&slots[i]);
        hf__extent_free(&extents, slots[i].at);
    }
    void *all = hf__extent_alloc(&extents, AREA - 64);
    ck_assert_ptr_nonnull(all);
    ck_assert_ptr_null(hf__extent_alloc(&extents, 1));
    hf__extents_fini(&extents, &env);
}
END_TEST

START_TEST(what_no_free_extent_can_hold_is_refused)
{
    hf__extents extents;
    hf__env_init(&env);
    ck_assert_int_eq(hf__extents_init(&extents, &env, AREA), 0);
    ck_assert_ptr_null(hf__extent_alloc(&extents, AREA));
    ck_assert_ptr_null(hf__extent_alloc(&extents, UINT64_C(1) << 40));
    ck_assert_uint_eq(hf__extent_cost(1), 64);
    ck_assert_uint_eq(hf__extent_cost(48), 64);
    ck_assert_uint_eq(hf__extent_cost(49), 128);
    hf__extents_fini(&extents, &env);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("extents");
    TCase *core = tcase_create("core");
    tcase_add_test(core, random_extents_do_not_overlap_and_come_back_whole);
    tcase_add_test(core, what_no_free_extent_can_hold_is_refused);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/* Checked arithmetic: what fits and what does not. */
#include "base/money/checked.h"
#include "support/check_main.h"

typedef bool operation(int64_t a, int64_t b, int64_t *out);

typedef struct sample {
    operation *apply;
    int64_t a, b;
    bool fits;
    int64_t expected;
} sample;

/* clang-format off */
static const sample samples[] = {
    {hf__add, 1, 2, true, 3},
    {hf__add, INT64_MAX, INT64_MIN, true, -1},
    {hf__add, INT64_MAX, 0, true, INT64_MAX},
    {hf__add, INT64_MAX, 1, false, 0},
    {hf__add, INT64_MIN, -1, false, 0},
    {hf__sub, 1, 2, true, -1},
    {hf__sub, -1, INT64_MIN, true, INT64_MAX},
    {hf__sub, 0, INT64_MIN, false, 0},
    {hf__sub, INT64_MIN, 1, false, 0},
    {hf__sub, INT64_MAX, -1, false, 0},
    {hf__mul, -3, 4, true, -12},
    {hf__mul, 3037000499, 3037000499, true, 9223372030926249001},
    {hf__mul, 3037000500, 3037000500, false, 0},
    {hf__mul, INT64_MIN, -1, false, 0},
    {hf__mul, INT64_MIN, 1, true, INT64_MIN},
    {hf__mul, INT64_MAX, INT64_MAX, false, 0},
};
/* clang-format on */
#define SAMPLE_COUNT ((int)(sizeof samples / sizeof samples[0]))

START_TEST(a_result_says_whether_it_fits)
{
    const sample *s = &samples[_i];
    int64_t out = 0;
    ck_assert(s->apply(s->a, s->b, &out) == s->fits);
    if (s->fits)
        ck_assert_int_eq(out, s->expected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("checked");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_result_says_whether_it_fits, 0, SAMPLE_COUNT);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

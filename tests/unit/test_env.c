/* The environment: what production fills in, memory, log lines. */
#include "base/env.h"
#include "base/os.h"
#include "support/check_main.h"

#include <stdio.h>
#include <string.h>

#define THREADS 4L
#define LINES   200

/* What the log callback of these tests saw. */
typedef struct seen {
    char text[1024];
    uint32_t level;
    int64_t lines;
    int inside; /* callbacks running now; guarded by nothing but hf__log */
    bool overlapped;
} seen;

static hf_env env;
static seen log_seen;

static void keep_line(void *data, uint32_t level, const char *text)
{
    seen *kept = data;
    kept->overlapped = kept->overlapped || kept->inside != 0;
    kept->inside++;
    kept->level = level;
    kept->lines++;
    (void)snprintf(kept->text, sizeof kept->text, "%s", text);
    kept->inside--;
}

static void setup(void)
{
    hf__env_init(&env);
    log_seen = (seen){0};
}

static void listen(void)
{
    env.log = keep_line;
    env.log_data = &log_seen;
}

START_TEST(production_is_filled_in)
{
    ck_assert_ptr_eq(env.files, &hf__os_files);
    ck_assert_ptr_eq(env.threads, &hf__os_threads);
    ck_assert_int_gt(env.wall_ms(env.clock), 1600000000000);
    ck_assert_int_gt(env.boot_ms(env.clock), 0);
    uint8_t bytes[16] = {0};
    const uint8_t zeros[16] = {0};
    ck_assert_int_eq(env.random(env.random_source, bytes, sizeof bytes), 0);
    ck_assert_mem_ne(bytes, zeros, sizeof bytes);
    ck_assert_uint_eq(env.log_level, HF_LOG_WARN);
    hf__log(&env, HF_LOG_ERROR, "nobody listens");
}
END_TEST

START_TEST(memory_is_zeroed_and_counted)
{
    const uint8_t zeros[1000] = {0};
    for (unsigned i = 1; i <= 5; i++) {
        void *memory = hf__alloc(&env, sizeof zeros);
        ck_assert_mem_eq(memory, zeros, sizeof zeros);
        memset(memory, 0xa5, sizeof zeros);
        hf__free(&env, memory);
        ck_assert_uint_eq(atomic_load(&env.allocations), i);
    }
    hf__free(&env, NULL);
}
END_TEST

START_TEST(no_bytes_are_a_pointer_too)
{
    void *a = hf__alloc(&env, 0);
    void *b = hf__alloc(&env, 0);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_ne(a, b);
    hf__free(&env, a);
    hf__free(&env, b);
}
END_TEST

/* An allocator that gives dirty memory, and none when its count is used up. */
typedef struct custom {
    int left;
    int freed;
    size_t last_bytes;
} custom;

static void *dirty_alloc(void *context, size_t bytes)
{
    custom *state = context;
    state->last_bytes = bytes;
    if (state->left-- <= 0)
        return NULL;
    void *memory = malloc(bytes);
    ck_assert_ptr_nonnull(memory);
    memset(memory, 0xa5, bytes);
    return memory;
}

static void counted_free(void *context, void *memory)
{
    custom *state = context;
    state->freed++;
    free(memory);
}

START_TEST(an_allocator_of_the_host_is_used_and_its_memory_zeroed)
{
    const uint8_t zeros[100] = {0};
    custom state = {.left = 1};
    env.allocator = (hf_allocator){.alloc = dirty_alloc, .free = counted_free, .context = &state};
    void *memory = hf__alloc(&env, sizeof zeros);
    ck_assert_mem_eq(memory, zeros, sizeof zeros);
    ck_assert_uint_eq(state.last_bytes, sizeof zeros);
    ck_assert_ptr_null(hf__alloc(&env, 1));
    hf__free(&env, memory);
    hf__free(&env, NULL);
    ck_assert_int_eq(state.freed, 1);
    ck_assert_uint_eq(atomic_load(&env.allocations), 2);
}
END_TEST

START_TEST(only_wanted_levels_are_logged)
{
    listen();
    env.log_level = HF_LOG_INFO;
    hf__log(&env, HF_LOG_DEBUG, "not wanted");
    ck_assert_int_eq(log_seen.lines, 0);
    hf__log(&env, HF_LOG_INFO, "batch %d of %s", 7, "shop");
    ck_assert_int_eq(log_seen.lines, 1);
    ck_assert_uint_eq(log_seen.level, HF_LOG_INFO);
    ck_assert_str_eq(log_seen.text, "batch 7 of shop");
    hf__log(&env, HF_LOG_ERROR, "worse");
    ck_assert_str_eq(log_seen.text, "worse");
}
END_TEST

START_TEST(a_line_is_one_line)
{
    listen();
    hf__log(&env, HF_LOG_ERROR, "a\nb\x1b[31m\tc\x7f gr\xc3\xbc\xc3\x9f");
    ck_assert_str_eq(log_seen.text, "a?b?[31m?c? gr\xc3\xbc\xc3\x9f");
}
END_TEST

START_TEST(a_long_line_is_cut)
{
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    listen();
    hf__log(&env, HF_LOG_ERROR, "%s", text);
    ck_assert_uint_eq(strlen(log_seen.text), 511);
}
END_TEST

START_TEST(a_card_number_is_masked_in_a_log_line_only_on_demand)
{
    listen();
    hf__log(&env, HF_LOG_ERROR, "ref 12: %s", "4111-1111-1111-1111");
    ck_assert_str_eq(log_seen.text, "ref 12: 4111-1111-1111-1111");
    env.no_card_numbers = true;
    hf__log(&env, HF_LOG_ERROR, "ref 12: %s", "4111-1111-1111-1111");
    ck_assert_str_eq(log_seen.text, "ref **: ****-****-****-****");
    hf__log(&env, HF_LOG_ERROR, "at 1700000000004 ms");
    ck_assert_str_eq(log_seen.text, "at 1700000000004 ms");
}
END_TEST

static void log_lines(void *unused)
{
    (void)unused;
    for (int i = 0; i < LINES; i++)
        hf__log(&env, HF_LOG_ERROR, "line %d", i);
}

START_TEST(threads_log_one_at_a_time)
{
    void *threads[THREADS];
    listen();
    for (long i = 0; i < THREADS; i++)
        ck_assert_int_eq(env.threads->start(&threads[i], log_lines, NULL), 0);
    for (long i = 0; i < THREADS; i++)
        env.threads->join(threads[i]);
    ck_assert_int_eq(log_seen.lines, THREADS * LINES);
    ck_assert(!log_seen.overlapped);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("env");
    TCase *core = tcase_create("core");
    tcase_add_checked_fixture(core, setup, NULL);
    tcase_add_test(core, production_is_filled_in);
    tcase_add_test(core, memory_is_zeroed_and_counted);
    tcase_add_test(core, no_bytes_are_a_pointer_too);
    tcase_add_test(core, an_allocator_of_the_host_is_used_and_its_memory_zeroed);
    tcase_add_test(core, only_wanted_levels_are_logged);
    tcase_add_test(core, a_line_is_one_line);
    tcase_add_test(core, a_long_line_is_cut);
    tcase_add_test(core, a_card_number_is_masked_in_a_log_line_only_on_demand);
    tcase_add_test(core, threads_log_one_at_a_time);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/*
 * journal_bytes_max of any size that is allowed: its memory is taken as it is needed, by an engine
 * that writes and by one that only reads, and where there is too little the option is named.
 */
#include "support/bells.h"

#define TERABYTE ((uint64_t)1 << 40)

static size_t largest; /* bytes of one call of the allocator */

static void *take(void *context, size_t bytes)
{
    const size_t *most = context;
    largest = bytes > largest ? bytes : largest;
    return bytes > *most ? NULL : malloc(bytes);
}

static void give(void *context, void *memory)
{
    (void)context;
    free(memory);
}

/* Memory that is given is not touched here: what a large option asks for at once shows. */
static int open_large(const char *store, uint32_t read_only, size_t most)
{
    static size_t limit;
    limit = most;
    const hf_allocator allocator = {.alloc = take, .free = give, .context = &limit};
    hf_options options;
    hf_options_init(&options);
    options.store = store;
    options.threads = 0;
    options.queue_bytes_max = 4 << 20;
    options.batch_bytes_max = 16 << 20;
    options.cache_bytes_max = 1 << 20;
    options.journal_bytes_max = TERABYTE;
    options.read_only = read_only;
    options.allocator = most == 0 ? NULL : &allocator;
    options.error = shop.detail;
    options.error_bytes = sizeof shop.detail;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    const int error = hf_engine_open(shop.loop, &options, &shop.engine);
    if (error != 0)
        (void)hf_loop_destroy(shop.loop);
    return error;
}

START_TEST(a_journal_of_a_terabyte_is_opened_written_and_read)
{
    in_a_folder();
    ck_assert_msg(open_large(url(_i, "one"), 0, 0) == 0, "%s", shop.detail);
    begin_bells();
    for (int i = 0; i < 20; i++)
        receive(1);
    stop();
    ck_assert_msg(open_large(url(_i, "one"), 1, (size_t)64 << 20) == 0, "%s", shop.detail);
    has_bells(20);
    shop_verify();
    stop();
    ck_assert_uint_lt(largest, (size_t)64 << 20);
    ck_assert_msg(open_large(url(_i, "one"), 0, 0) == 0, "%s", shop.detail);
    has_bells(20);
    stop();
}
END_TEST

START_TEST(too_little_memory_for_a_journal_names_the_option)
{
    in_a_folder();
    ck_assert_int_eq(open_large(url(_i, "one"), 0, (size_t)64 << 20), HF_E_NOMEM);
    ck_assert_msg(strstr(shop.detail, "journal_bytes_max is 1099511627776; choose less") != NULL,
                  "%s", shop.detail);
    ck_assert(!is_there("one"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("large_journal");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, a_journal_of_a_terabyte_is_opened_written_and_read, 0, SCHEMES);
    tcase_add_loop_test(core, too_little_memory_for_a_journal_names_the_option, 0, SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/*
 * How often the loop looks into the read cache for reads that it answers. The linker counts the
 * look-ups: a read is looked up a few times, however many others wait beside it.
 */
#include "cache/bounded.h"
#include "support/check_main.h"
#include "support/host.h"

#include <stdatomic.h>

#define COUNT    512
#define EACH_MAX UINT64_C(4) /* look-ups of a read that is answered, at most */

static atomic_uint_fast64_t lookups;
static hf_test_host host;
static hf_test_call first[COUNT];
static hf_test_call second[COUNT];
static int answered;

uint32_t __real_hf__cached_find(const hf_cache *cache, const hf__cache_key *key);
uint32_t __wrap_hf__cached_find(const hf_cache *cache, const hf__cache_key *key);
uint32_t __wrap_hf__cached_find(const hf_cache *cache, const hf__cache_key *key)
{
    (void)atomic_fetch_add(&lookups, 1);
    return __real_hf__cached_find(cache, key);
}

static void count_answer(hf_test_call *call)
{
    ck_assert_int_eq(call->status, 0);
    answered++;
}

static void get(int i)
{
    second[i].then = count_answer;
    ck_assert_int_eq(hf_test_get(&host, &second[i]), 0);
}

/* The record "bell" is in the read cache. */
static void start(void)
{
    hf_test_call call = {.calls = 0};
    answered = 0;
    hf_test_options(&host, 1);
    host.options.queue_ops_max = 2 * COUNT;
    hf_test_open(&host);
    hf_test_stock(&host);
    ck_assert_int_eq(hf_test_get(&host, &call), 0);
    hf_test_run(&host, &call.calls, 1);
    atomic_store(&lookups, 0);
}

static void list(hf_test_call *call)
{
    hf_account_list_args args;
    hf_account_list_init(&args);
    args.limit = 1;
    ck_assert_int_eq(hf_item_list(host.engine, &call->req, &args, hf_test_done), 0);
}

static void get_in_callback(hf_test_call *call)
{
    get((int)(call - first));
}

START_TEST(callbacks_that_read_a_cached_record_look_it_up_a_few_times_each)
{
    start();
    for (int i = 0; i < COUNT; i++) {
        first[i].then = get_in_callback;
        list(&first[i]);
    }
    hf_test_run(&host, &answered, COUNT);
    ck_assert_uint_ge(atomic_load(&lookups), COUNT); /* the linker counts */
    ck_assert_uint_le(atomic_load(&lookups), EACH_MAX * COUNT);
    hf_test_stop(&host);
}
END_TEST

START_TEST(cached_reads_behind_a_slow_read_are_looked_up_a_few_times_each)
{
    start();
    hf_gate_set(HF_GATE_SNAPSHOT, true);
    list(&first[0]);
    hf_test_turn(&host, 1);
    hf_gate_wait(HF_GATE_SNAPSHOT);
    for (int i = 0; i < COUNT; i++) {
        get(i);
        hf_test_turn(&host, 1);
    }
    ck_assert_int_eq(answered, 0);
    hf_gate_set(HF_GATE_SNAPSHOT, false);
    hf_test_run(&host, &answered, COUNT);
    ck_assert_uint_ge(atomic_load(&lookups), COUNT);
    ck_assert_uint_le(atomic_load(&lookups), EACH_MAX * COUNT);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cached_reads");
    TCase *core = tcase_create("core");
    tcase_add_test(core, callbacks_that_read_a_cached_record_look_it_up_a_few_times_each);
    tcase_add_test(core, cached_reads_behind_a_slow_read_are_looked_up_a_few_times_each);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

/*
 * A file system that does not answer how much is free on it: neither the loop nor a write batch
 * asks it while the engine is open, hf_health and hf_metrics return what was known, and the answer
 * is taken when it comes. Closing waits for the answer, but not for a question that nobody has
 * asked the file system yet.
 */
#include "base/os.h"
#include "support/check_main.h"
#include "support/one_shop.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/statvfs.h>
#include <uv.h>

#define BLOCK UINT64_C(4096)

#if HF_HAVE_LMDB
#define STORE "lmdb:hangs.mdb"
#else
#define STORE "sqlite:hangs.db"
#endif

static pthread_t loop_thread;
static atomic_uint calls;         /* of statvfs */
static atomic_uint calls_on_loop; /* of these, on the thread of the loop */
static atomic_uint free_blocks;
static atomic_bool hangs;
static pthread_mutex_t answer = PTHREAD_MUTEX_INITIALIZER; /* locked: there is none */

/* In the place of the C library's. */
int statvfs(const char *path, struct statvfs *out)
{
    (void)path;
    (void)atomic_fetch_add(&calls, 1);
    const bool is_loop = pthread_equal(pthread_self(), loop_thread) != 0;
    if (is_loop)
        (void)atomic_fetch_add(&calls_on_loop, 1);
    if (atomic_load(&hangs) && !is_loop) {
        (void)pthread_mutex_lock(&answer);
        (void)pthread_mutex_unlock(&answer);
    }
    *out = (struct statvfs){.f_frsize = BLOCK, .f_blocks = 1u << 30};
    out->f_bfree = out->f_bavail = atomic_load(&free_blocks);
    return 0;
}

static void open_shop_as(uint32_t threads, uint32_t durability)
{
    loop_thread = pthread_self();
    atomic_store(&free_blocks, 1u << 20);
    shop.threads = threads;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    const int error = shop_open_durable(STORE, 0, HF_CHECK_QUICK, durability);
    ck_assert_msg(error == 0, "%s", shop.detail);
}

static void open_shop(uint32_t threads)
{
    open_shop_as(threads, HF_DURABILITY_JOURNAL);
}

static hf_health_info health(void)
{
    hf_health_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_health(shop.engine, &info), 0);
    return info;
}

static uint64_t disk_free_bytes(void)
{
    hf_metrics_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_metrics(shop.engine, &info), 0);
    return info.disk_free_bytes;
}

static void turn(void)
{
    (void)hf_loop_run_once(shop.loop, 0);
}

START_TEST(the_loop_does_not_wait_for_a_file_system_that_hangs)
{
    const uint64_t before = BLOCK << 20;
    open_shop(1);
    ck_assert_uint_eq(health().disk_free, before); /* asked when it was opened */
    (void)pthread_mutex_lock(&answer);
    atomic_store(&hangs, true);
    atomic_store(&free_blocks, 7);
    const unsigned on_loop = atomic_load(&calls_on_loop);
    const unsigned asked = atomic_load(&calls);
    while (atomic_load(&calls) == asked) { /* at most a second: then it is asked */
        ck_assert_uint_eq(health().disk_free, before);
        turn();
    }
    for (int i = 0; i < 1000; i++) {
        ck_assert_uint_eq(health().disk_free, before);
        ck_assert_uint_eq(disk_free_bytes(), before);
        ck_assert_int_gt(hf_metrics_text(shop.engine, NULL, 0), 0);
        turn();
    }
    ck_assert_uint_eq(atomic_load(&calls), asked + 1);
    ck_assert_uint_eq(atomic_load(&calls_on_loop), on_loop);
    atomic_store(&hangs, false);
    (void)pthread_mutex_unlock(&answer);
    while (health().disk_free == before)
        turn();
    ck_assert_uint_eq(health().disk_free, 7 * BLOCK);
    ck_assert_uint_eq(health().warnings, HF_WARNING_DISK);
    ck_assert_uint_eq(atomic_load(&calls_on_loop), on_loop);
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

static void write_item(void)
{
    hf_account_put_args item;
    hf_item_put_init(&item, "bell");
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &item), 0);
}

/* For more than a second, so that another question is due. */
START_TEST(writes_do_not_wait_for_a_file_system_that_hangs)
{
    open_shop_as(1, HF_DURABILITY_STORE);
    (void)pthread_mutex_lock(&answer);
    atomic_store(&hangs, true);
    const unsigned asked = atomic_load(&calls);
    while (atomic_load(&calls) == asked)
        write_item();
    const int64_t begun_ms = hf__os_boot_ms(NULL);
    while (hf__os_boot_ms(NULL) < begun_ms + 1500)
        write_item();
    ck_assert_uint_eq(atomic_load(&calls), asked + 1);
    atomic_store(&hangs, false);
    (void)pthread_mutex_unlock(&answer);
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

/* Nobody asks for the health of the engine. */
START_TEST(writes_alone_have_the_file_system_asked)
{
    open_shop(_i == 0 ? 0 : 1);
    const unsigned asked = atomic_load(&calls);
    atomic_store(&free_blocks, 7);
    while (atomic_load(&calls) == asked)
        write_item();
    while (health().disk_free != 7 * BLOCK)
        turn();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

static void on_close(void *data, int status, const char *detail)
{
    (void)detail;
    ck_assert_int_eq(status, 0);
    *(bool *)data = true;
}

START_TEST(closing_waits_for_the_answer)
{
    bool closed = false;
    open_shop(1);
    (void)pthread_mutex_lock(&answer);
    atomic_store(&hangs, true);
    const unsigned asked = atomic_load(&calls);
    while (atomic_load(&calls) == asked) {
        (void)health();
        turn();
    }
    ck_assert_int_eq(hf_engine_close(shop.engine, on_close, &closed), 0);
    for (int i = 0; i < 1000; i++)
        turn();
    ck_assert(!closed);
    (void)pthread_mutex_unlock(&answer);
    while (!closed)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

#define POOL_THREADS 4 /* of libuv, unless its user says otherwise */

static void wait_for_answer(uv_work_t *work)
{
    (void)work;
    (void)pthread_mutex_lock(&answer);
    (void)pthread_mutex_unlock(&answer);
}

static void count_end(uv_work_t *work, int status)
{
    (void)status;
    ++*(int *)work->data;
}

START_TEST(closing_does_not_wait_for_a_question_that_no_thread_has_begun)
{
    uv_work_t jobs[POOL_THREADS];
    int ended = 0;
    bool closed = false;
    open_shop(1);
    (void)pthread_mutex_lock(&answer);
    for (int i = 0; i < POOL_THREADS; i++) {
        jobs[i].data = &ended;
        ck_assert_int_eq(uv_queue_work(shop.loop, &jobs[i], wait_for_answer, count_end), 0);
    }
    const unsigned asked = atomic_load(&calls);
    while (shop.loop->active_reqs.count == POOL_THREADS) {
        (void)health();
        turn();
    }
    ck_assert_int_eq(hf_engine_close(shop.engine, on_close, &closed), 0);
    while (!closed)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_uint_eq(atomic_load(&calls), asked);
    (void)pthread_mutex_unlock(&answer);
    while (ended < POOL_THREADS)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

/* The control: without threads there is only the loop's. */
START_TEST(without_threads_the_loop_asks)
{
    open_shop(0);
    const unsigned on_loop = atomic_load(&calls_on_loop);
    while (atomic_load(&calls_on_loop) == on_loop)
        (void)health();
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("disk_hangs");
    TCase *core = tcase_create("core");
#if HF_HAVE_LMDB || HF_HAVE_SQLITE
    tcase_add_test(core, the_loop_does_not_wait_for_a_file_system_that_hangs);
    tcase_add_test(core, writes_do_not_wait_for_a_file_system_that_hangs);
    tcase_add_loop_test(core, writes_alone_have_the_file_system_asked, 0, 2);
    tcase_add_test(core, closing_waits_for_the_answer);
    tcase_add_test(core, closing_does_not_wait_for_a_question_that_no_thread_has_begun);
    tcase_add_test(core, without_threads_the_loop_asks);
#endif
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

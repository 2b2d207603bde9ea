/*
 * Handles that are not good: every function answers, none touches what is gone.
 */
#include "support/check_main.h"
#include "support/host.h"

#include <sys/wait.h>
#include <unistd.h>

static hf_test_host host;

/* All calls that take an engine; each returns its error. */
static int call_put(hf_engine *engine)
{
    static hf_req req;
    hf_account_put_args args;
    hf_item_put_init(&args, "bell");
    return hf_item_put(engine, &req, &args, hf_test_done);
}

static int call_submit(hf_engine *engine)
{
    hf_op op = {.type = HF_OP_NONE};
    return hf_submit(engine, &op, 1, NULL);
}

static int call_completions(hf_engine *engine)
{
    hf_completion done;
    return hf_completions(engine, &done, 1);
}

static int call_health(hf_engine *engine)
{
    hf_health_info info = {.size = sizeof info};
    return hf_health(engine, &info);
}

static int call_advance(hf_engine *engine)
{
    return hf_clock_advance(engine, 1);
}

static int call_id(hf_engine *engine)
{
    hf_id id;
    return hf_id_make(engine, &id);
}

static int call_close(hf_engine *engine)
{
    return hf_engine_close(engine, NULL, NULL);
}

static void on_verified(void *data, int status, const hf_verify_result *result)
{
    (void)data;
    (void)status;
    (void)result;
}

static int call_verify(hf_engine *engine)
{
    return hf_verify(engine, NULL, on_verified, NULL);
}

static int call_run(hf_engine *engine)
{
    hf_completion done;
    hf_account_get_args args;
    hf_item_get_init(&args, "bell");
    int error = hf_run(engine, HF_OP_ITEM_GET, &args, &done);
    ck_assert_int_eq(done.status, error);
    ck_assert_str_eq(done.detail, "");
    return error;
}

static int call_wait(hf_engine *engine)
{
    hf_completion done;
    return hf_wait(engine, &done, 1);
}

static int call_run_verify(hf_engine *engine)
{
    hf_verify_result result = {.size = sizeof result};
    return hf_run_verify(engine, &result);
}

static void on_ended(void *data, int status, const char *detail)
{
    (void)data;
    (void)status;
    (void)detail;
}

static int call_backup(hf_engine *engine)
{
    return hf_backup(engine, "copy", NULL, on_ended, NULL);
}

static void on_events(void *data, int status, const hf_event_page *page)
{
    (void)data;
    (void)status;
    (void)page;
}

static int call_subscribe(hf_engine *engine)
{
    hf_subscription *subscription;
    return hf_events_subscribe(engine, 0, on_events, NULL, &subscription);
}

static int (*const all[])(hf_engine *) = {
    call_put, call_submit, call_completions, hf_completions_fd, call_health,    call_advance,
    call_id,  call_close,  call_verify,      call_backup,       call_subscribe, hf_time_accept,
    call_run, call_wait,   call_run_verify,  hf_run_close,
};

static void check_all(hf_engine *engine, int error)
{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ck_assert_msg(all[i](engine) == error, "call %zu", i);
    ck_assert_str_eq(hf_engine_detail(engine), "");
    hf_events_unsubscribe(engine, NULL);
}

START_TEST(what_never_was_an_engine_is_refused)
{
    static const uintptr_t values[] = {0, 1, 64, 0x7fffffff, UINTPTR_MAX};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        check_all((hf_engine *)values[i], HF_E_CLOSED);
}
END_TEST

START_TEST(a_closed_engine_is_refused_also_when_another_took_its_place)
{
    hf_test_start(&host, (uint32_t)_i);
    hf_engine *old = host.engine;
    hf_engine_close(host.engine, hf_test_closed, &host);
    hf_test_run(&host, &host.closed, 1);
    check_all(old, HF_E_CLOSED);
    host.closed = 0;
    hf_test_open(&host);
    check_all(old, HF_E_CLOSED);
    hf_test_stock(&host);
    hf_test_stop(&host);
}
END_TEST

START_TEST(a_forked_child_is_refused)
{
    hf_test_start(&host, (uint32_t)_i);
    pid_t child = fork();
    if (child == 0) {
        bool good = true;
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
            good = good && all[i](host.engine) == HF_E_FORKED;
        _exit(good ? 0 : 1);
    }
    int status = -1;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    hf_test_stock(&host);
    hf_test_stop(&host);
}
END_TEST

static void *call_from_another_thread(void *data)
{
    check_all(data, HF_E_THREAD);
    return NULL;
}

START_TEST(another_thread_is_refused)
{
    pthread_t thread;
    hf_test_start(&host, (uint32_t)_i);
    ck_assert_int_eq(pthread_create(&thread, NULL, call_from_another_thread, host.engine), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    hf_test_stop(&host);
}
END_TEST

START_TEST(sixty_four_engines_and_no_more)
{
    enum { MOST = 64 };
    hf_engine *engines[MOST];
    int closed[MOST] = {0};
    hf_test_options(&host, 0);
    host.options.queue_ops_max = 4;
    host.options.batch_bytes_max = 65536;
    host.options.cache_bytes_max = 65536;
    ck_assert_int_eq(hf_loop_create(&host.loop), 0);
    for (int i = 0; i < MOST; i++)
        ck_assert_int_eq(hf_engine_open(host.loop, &host.options, &engines[i]), 0);
    hf_engine *one = engines[0];
    ck_assert_int_eq(hf_engine_open(host.loop, &host.options, &one), HF_E_TOO_MANY);
    ck_assert_ptr_null(one);
    for (int i = 0; i < MOST; i++)
        ck_assert_int_eq(hf_engine_close(engines[i], NULL, &closed[i]), 0);
    while (hf_loop_run_once(host.loop, 1) == 1)
        ;
    hf_test_open(&host);
    hf_test_stop(&host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("handle");
    TCase *core = tcase_create("core");
    tcase_add_test(core, what_never_was_an_engine_is_refused);
    tcase_add_loop_test(core, a_closed_engine_is_refused_also_when_another_took_its_place, 0, 2);
    tcase_add_loop_test(core, a_forked_child_is_refused, 0, 2);
    tcase_add_loop_test(core, another_thread_is_refused, 0, 2);
    tcase_add_test(core, sixty_four_engines_and_no_more);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

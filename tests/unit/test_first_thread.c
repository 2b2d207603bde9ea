/*
 * The first thread of a process may end while others continue: then /proc/self leads nowhere. An
 * engine on another thread writes, brings the journal into its store, makes backups and closes all
 * the same.
 */
#include "support/bells.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define RECEIPTS 300 /* with a large meta: the journal needs new segments */

/* How a process ends. */
enum { GOOD = 0, FAILED = 2 };

static struct {
    pthread_t first;
    const char *store;
    bool open_before; /* the engine is opened while the first thread lives */
    atomic_bool may_end;
} life;

static void on_backup(void *data, int status, const char *detail)
{
    (void)data;
    shop.status = status;
    shop.ended++;
    if (status != 0)
        (void)fprintf(stderr, "# %s\n", detail);
}

/* Ended is more than joined: the system takes its files from it a moment later. */
static void wait_for_its_end(void)
{
    (void)pthread_join(life.first, NULL);
    while (access("/proc/self/fd/0", F_OK) == 0)
        (void)sched_yield();
}

static void use(void)
{
    begin_bells();
    bells_meta_bytes = sizeof bells_meta;
    for (int i = 0; i < RECEIPTS; i++)
        receive(1);
    ck_assert_int_eq(hf_backup(shop.engine, "copy", NULL, on_backup, NULL), 0);
    shop_wait();
    ck_assert_int_eq(shop.status, 0);
    has_bells(RECEIPTS);
    shop_verify();
    stop();
}

static void *live_on_another_thread(void *unused)
{
    (void)unused;
    if (life.open_before)
        start(life.store, HF_DURABILITY_JOURNAL);
    atomic_store(&life.may_end, true);
    wait_for_its_end();
    if (!life.open_before)
        start(life.store, HF_DURABILITY_JOURNAL);
    use();
    _exit(GOOD);
}

/* The first thread of this process ends here. */
static void live(const char *store, bool open_before)
{
    pthread_t other;
    life.first = pthread_self();
    life.store = store;
    life.open_before = open_before;
    if (pthread_create(&other, NULL, live_on_another_thread, NULL) != 0)
        _exit(FAILED);
    while (!atomic_load(&life.may_end))
        (void)sched_yield();
    pthread_exit(NULL);
}

START_TEST(an_engine_continues_when_the_first_thread_of_its_process_has_ended)
{
    const int scheme = _i / 2;
    int status = 0;
    in_a_folder();
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        live(url(scheme, "one"), _i % 2 == 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == GOOD, "status %d", status);
    start(url(scheme, "one"), HF_DURABILITY_JOURNAL);
    has_bells(RECEIPTS);
    stop();
    start(url(scheme, "copy"), HF_DURABILITY_JOURNAL);
    has_bells(RECEIPTS);
    shop_verify();
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("first_thread");
    TCase *core = tcase_create("core");
    tcase_add_loop_test(core, an_engine_continues_when_the_first_thread_of_its_process_has_ended, 0,
                        2 * SCHEMES);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

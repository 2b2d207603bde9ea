/*
 * One engine that receives bells into a store with a journal, and a process that is killed while it
 * does. A store is named by its scheme's number and its path.
 */
#ifndef HF_TESTS_SUPPORT_BELLS_H
#define HF_TESTS_SUPPORT_BELLS_H

#include "support/check_main.h"
#include "support/disk_schemes.h"
#include "support/one_shop.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char *url(int scheme, const char *path);

/* ---- One engine ------------------------------------------------------------------------------ */

extern char bells_meta[4096];
extern uint32_t bells_meta_bytes; /* of each receipt: makes its record large */
extern hf_options bells;          /* members that are not 0 are used by open_as */

static inline int open_as(const char *store, uint32_t durability, const hf_store_driver *driver)
{
    hf_options options;
    hf_options_init(&options);
    options.store = store;
    options.driver = driver;
    options.threads = 0;
    options.queue_bytes_max = 4 << 20;
    options.batch_bytes_max = 16 << 20;
    options.cache_bytes_max = 1 << 20;
    options.journal_bytes_max = 1 << 20;
    options.durability = durability;
    options.without_journal = bells.without_journal;
    options.read_only = bells.read_only;
    options.log = bells.log;
    options.error = shop.detail;
    options.error_bytes = sizeof shop.detail;
    ck_assert_int_eq(hf_loop_create(&shop.loop), 0);
    int error = hf_engine_open(shop.loop, &options, &shop.engine);
    if (error != 0)
        (void)hf_loop_destroy(shop.loop);
    return error;
}

static inline void start(const char *store, uint32_t durability)
{
    const int error = open_as(store, durability, NULL);
    ck_assert_msg(error == 0, "%s: %s", hf_error_name(error), shop.detail);
}

static inline void stop(void)
{
    shop_close();
    ck_assert_int_eq(hf_loop_destroy(shop.loop), 0);
}

static inline void receive(int64_t quantity)
{
    hf_move_args args;
    hf_item_receive_init(&args, "bell", quantity);
    args.head.meta = bells_meta;
    args.head.meta_bytes = bells_meta_bytes;
    ck_assert_int_eq(shop_run(HF_OP_ITEM_RECEIVE, &args), 0);
}

static inline void begin_bells(void)
{
    hf_account_put_args args;
    hf_item_put_init(&args, "bell");
    ck_assert_int_eq(shop_run(HF_OP_ITEM_PUT, &args), 0);
}

static inline uint64_t dirty_bytes(void)
{
    hf_health_info info = {.size = sizeof info};
    ck_assert_int_eq(hf_health(shop.engine, &info), 0);
    return info.dirty_bytes;
}

/* Receives one by one until the store lacks something: an idle moment may have given it all. */
static inline int64_t receive_into_the_journal(void)
{
    int64_t received = 0;
    do {
        receive(1);
        received++;
    } while (dirty_bytes() == 0);
    return received;
}

static inline int64_t count_bells(void)
{
    hf_account_get_args get;
    hf_item_get_init(&get, "bell");
    const hf_op op = {.type = HF_OP_ITEM_GET, .args = &get};
    hf_completion done;
    ck_assert_int_eq(hf_submit(shop.engine, &op, 1, NULL), 1);
    while (hf_completions(shop.engine, &done, 1) == 0)
        (void)hf_loop_run_once(shop.loop, 1);
    ck_assert_int_eq(done.status, 0);
    return ((const hf_account *)done.result)->balance;
}

static inline void has_bells(int64_t count)
{
    ck_assert_int_eq(count_bells(), count);
}

static inline bool is_there(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0;
}

/* A process that receives so many bells, one by one, and is killed. */
static inline void leave_bells(const char *store, int count)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        start(store, HF_DURABILITY_JOURNAL);
        begin_bells();
        for (int i = 0; i < count; i++)
            receive(1);
        (void)raise(SIGKILL);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static inline void leave_journal(const char *store)
{
    leave_bells(store, 50);
}

/* Each test has a folder of its own. */
static inline void in_a_folder(void)
{
    char name[] = "bells.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(name));
    ck_assert_int_eq(chdir(name), 0);
}

#endif

/*
 * An engine without a loop: batches run when a test says so, on the thread of the test. The store
 * is the memory store behind the one that fails on purpose; it outlives the engine, as a disk
 * outlives a process. The clock is the test's.
 */
#ifndef HF_TESTS_SUPPORT_BARE_H
#define HF_TESTS_SUPPORT_BARE_H

#include "base/os.h"
#include "engine/engine.h"
#include "store/builtin.h"
#include "support/check_main.h"
#include "support/fault.h"

#include <holdfast.h>
#include <string.h>

#define HF_BARE_NOW 1700000000000

extern hf_env env;
extern hf_env store_env;
extern hf__fault fault;
extern hf__engine *engine;
extern hf__batch batch;
extern hf_store_error error;
extern int64_t wall;
extern int64_t boot;
extern uint64_t ids;

static inline int64_t read_wall(void *clock)
{
    (void)clock;
    return wall;
}

static inline int64_t read_boot(void *clock)
{
    (void)clock;
    return boot;
}

static inline int open_engine(int64_t virtual_ms, uint32_t commit_ops)
{
    hf__engine_config config = {
        .env = &env,
        .driver = &fault.driver,
        .location = "",
        .cache_bytes = 1u << 20,
        .commit_ops_max = commit_ops,
        .virtual_time_ms = virtual_ms,
        .error = &error,
    };
    engine = NULL;
    return hf__engine_open(&config, &engine);
}

static inline void reopen(void)
{
    hf__engine_close(engine);
    ck_assert_int_eq(open_engine(0, 1000), 0);
}

static inline void setup(void)
{
    hf__env_init(&env);
    hf__env_init(&store_env);
    wall = HF_BARE_NOW;
    boot = 1000;
    ids = 0;
    env.wall_ms = read_wall;
    env.boot_ms = read_boot;
    ck_assert_int_eq(hf__fault_init(&fault, &hf__memory_driver, &store_env.allocator), 0);
    ck_assert_int_eq(hf__batch_init(&batch, &env, 64, 1u << 16, 8u << 20), 0);
    ck_assert_int_eq(open_engine(0, 1000), 0);
}

static inline void teardown(void)
{
    hf__engine_close(engine);
    hf__batch_fini(&batch, &env);
    hf__fault_fini(&fault);
}

static inline hf__task *add(uint32_t type, hf_op_head *args)
{
    hf__task *task = &batch.tasks[batch.count++];
    memset(task, 0, sizeof *task);
    task->op.type = type;
    task->op.args = args;
    task->op.actor = &task->actor;
    task->op.id_given = true;
    task->op.id.bytes[0] = 1; /* later than every purge */
    task->op.id.bytes[6] = 0x70;
    task->op.id.bytes[8] = 0x80;
    task->op.id.bytes[12] = (uint8_t)(++ids >> 24);
    task->op.id.bytes[13] = (uint8_t)(ids >> 16);
    task->op.id.bytes[14] = (uint8_t)(ids >> 8);
    task->op.id.bytes[15] = (uint8_t)ids;
    return task;
}

static inline void run(void)
{
    hf__engine_run(engine, &batch);
}

hf__task *add_item(const char *sku, int64_t opening);

hf__task *add_withdraw(const char *sku, int64_t amount);

/* The balance as a snapshot has it; -1: no such item. */
static inline int64_t balance(const char *sku)
{
    hf_account_get_args get;
    hf_item_get_init(&get, sku);
    get.key.place = "";
    hf__batch_reset(&batch);
    hf__task *task = add(HF_OP_ITEM_GET, &get.head);
    hf__engine_read(engine, &batch);
    int64_t found = task->done.status == 0 ? ((const hf_account *)task->done.result)->balance : -1;
    hf__batch_reset(&batch);
    return found;
}

static inline void stock(const char *sku, int64_t opening)
{
    hf__batch_reset(&batch);
    hf__task *task = add_item(sku, opening);
    run();
    ck_assert_int_eq(task->done.status, 0);
    hf__batch_reset(&batch);
}

static inline uint32_t state(void)
{
    hf_health_info health = {.size = sizeof health};
    hf__engine_health(engine, &health);
    return health.state;
}

#endif

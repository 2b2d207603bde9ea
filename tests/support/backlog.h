/*
 * An engine whose reading is counted, on every kind of store, and many holds and orders in it: for
 * tests of what the engine does by itself. No clock but the test's.
 */
#ifndef HF_TESTS_SUPPORT_BACKLOG_H
#define HF_TESTS_SUPPORT_BACKLOG_H

#include "base/id.h"
#include "engine/state.h"
#include "support/bare.h"

#include <stdio.h>

#define TASKS    512u
#define DEADLINE (HF_BARE_NOW + 60000)
#define FEW      400u
#define MANY     1600u

/* A store, and whether a journal lies in front of it. */
typedef struct kind {
    const hf_store_driver *driver;
    uint32_t durability;
} kind;

static const kind kinds[] = {
    {&hf__memory_driver, HF_DURABILITY_NONE},
#if HF_HAVE_LMDB
    {&hf__lmdb_driver, HF_DURABILITY_JOURNAL},
#endif
};
#define KINDS ((int)(sizeof kinds / sizeof kinds[0]))

static const hf__threads no_threads; /* checkpoints are made where they are asked for */
extern const kind *now_kind;
extern uint64_t scanned; /* rows that scans of the store gave */
extern int64_t scan_ms;  /* how long a scan of the store takes */
extern uint64_t passed;  /* keys of the journal's changes before this engine */
static int (*scan_below)(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count);

/* ---- An engine whose reading is counted ------------------------------------------------------ */

static inline int count_rows(void *txn, const hf_scan *scan, void *const *rows, uint32_t *count)
{
    int status = scan_below(txn, scan, rows, count);
    scanned += status == 0 ? *count : 0;
    boot += scan_ms;
    return status;
}

static inline void open_it(int64_t now_ms)
{
    hf__engine_config config = {
        .env = &env,
        .driver = &fault.driver,
        .location = now_kind->durability == HF_DURABILITY_JOURNAL ? "backlog" : "",
        .batch_bytes = 64u << 20,
        .cache_bytes = 1u << 20,
        .commit_ops_max = 8192,
        .durability = now_kind->durability,
        .journal_bytes = 256u << 20,
        .virtual_time_ms = now_ms,
        .error = &error,
    };
    engine = NULL;
    int status = hf__engine_open(&config, &engine);
    ck_assert_msg(status == 0, "%s: %s", hf_error_name(status), error.text);
}

static inline void begin(int of)
{
    static const char *const files[] = {"backlog",
                                        "backlog-lock",
                                        "backlog.lock",
                                        "backlog.journal/segment-01",
                                        "backlog.journal/segment-02",
                                        "backlog.journal"};
    now_kind = &kinds[of];
    hf__env_init(&env);
    hf__env_init(&store_env);
    wall = HF_BARE_NOW;
    boot = 1000;
    ids = 0;
    env.wall_ms = read_wall;
    env.boot_ms = read_boot;
    env.threads = &no_threads;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        (void)remove(files[i]);
    bool memory = now_kind->driver == &hf__memory_driver;
    const hf_allocator *keep = memory ? &store_env.allocator : NULL;
    ck_assert_int_eq(hf__fault_init(&fault, now_kind->driver, keep), 0);
    scan_below = fault.driver.scan;
    fault.driver.scan = count_rows;
    ck_assert_int_eq(hf__batch_init(&batch, &env, TASKS, 4u << 20, 64u << 20), 0);
    open_it(HF_BARE_NOW);
}

static inline void end(void)
{
    hf__engine_close(engine);
    hf__batch_fini(&batch, &env);
    hf__fault_fini(&fault);
}

/* With a journal its changes go to the store. */
static inline void open_again(int64_t now_ms)
{
    if (engine->journal != NULL)
        ck_assert_int_eq(hf__journal_checkpoint(engine->journal, NULL), 0);
    hf__engine_close(engine);
    open_it(now_ms);
}

static inline uint64_t keys_passed(void)
{
    return engine->journal == NULL ? 0 : hf__journal_look(engine->journal).passed;
}

static inline void start_counting(void)
{
    scanned = 0;
    passed = keys_passed();
}

/* Rows of the store and keys of the journal since counting began. */
static inline uint64_t counted(void)
{
    return scanned + keys_passed() - passed;
}

static inline void run_well(void)
{
    run();
    for (uint32_t i = 0; i < batch.count; i++)
        ck_assert_msg(batch.tasks[i].done.status == 0, "%s", batch.tasks[i].done.detail);
    hf__batch_reset(&batch);
}

/* ---- Holds and orders ------------------------------------------------------------------------ */

void add_hold(const char *sku, int64_t deadline);

static inline void hold_many(const char *sku, uint32_t count)
{
    stock(sku, count);
    while (count > 0) {
        for (; batch.count < TASKS && count > 0; count--)
            add_hold(sku, DEADLINE);
        run_well();
    }
}

/* An order of one piece of each, which waits when it must. */
void add_order(const char *const *skus, uint32_t count);

static inline void wait_many(const char *sku, uint32_t count)
{
    stock(sku, 0);
    while (count > 0) {
        for (; batch.count < TASKS && count > 0; count--)
            add_order(&sku, 1);
        run_well();
    }
}

void add_supply(const char *sku, int64_t quantity);

static inline void supply(const char *sku, int64_t quantity)
{
    add_supply(sku, quantity);
    run_well();
}

static inline hf_account account(const char *sku)
{
    hf_account_get_args get;
    hf_item_get_init(&get, sku);
    get.key.place = "";
    hf__task *task = add(HF_OP_ITEM_GET, &get.head);
    hf__engine_read(engine, &batch);
    ck_assert_int_eq(task->done.status, 0);
    hf_account found = *(const hf_account *)task->done.result;
    hf__batch_reset(&batch);
    return found;
}

/* Batches without operations until the engine asks for none. */
static inline uint32_t run_until_done(void)
{
    uint32_t batches = 0;
    int64_t due;
    while ((due = hf__engine_next_due(engine)) != 0 && due <= hf__engine_now(engine)) {
        run_well();
        ck_assert_uint_lt(++batches, 100000);
    }
    return batches;
}

static inline void pass_deadline(void)
{
    ck_assert_int_eq(hf__engine_clock_advance(engine, DEADLINE - HF_BARE_NOW), 0);
}

#endif

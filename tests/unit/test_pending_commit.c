/*
 * Two storage threads in turns: one decides the next batch while the other one flushes, and nobody
 * hears of a batch before it is durable. Flushes wait at a gate, so that a test stands between a
 * batch that is written and the moment it is on disk.
 */
#include "engine/state.h"
#include "support/bare.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define LOCATION "pending.mdb"
#define A_WHILE  20 /* times 1 ms: for what must not happen meanwhile */

/* A batch on a thread of its own. */
typedef struct runner {
    hf__batch batch;
    pthread_t thread;
    atomic_bool ended;
} runner;

static struct gate {
    hf__lock lock;
    hf__signal moved;
    bool closed;
    bool fails; /* the flush that waits there */
    atomic_bool flushing;
    atomic_int overtaken; /* writes beside a flush */
    atomic_int decided;   /* batches that were begun */
} gate;

static hf__files files;
static runner runners[2];

static int sync_at_the_gate(int fd, int *native)
{
    hf__lock_take(&gate.lock);
    atomic_store(&gate.flushing, true);
    while (gate.closed)
        hf__signal_wait(&gate.moved, &gate.lock);
    atomic_store(&gate.flushing, false);
    bool fails = gate.fails;
    hf__lock_give(&gate.lock);
    return fails ? HF_E_IO : hf__os_files.sync(fd, native);
}

static int write_at(int fd, const void *data, size_t bytes, uint64_t offset, int *native)
{
    if (atomic_load(&gate.flushing))
        atomic_fetch_add(&gate.overtaken, 1);
    return hf__os_files.write_at(fd, data, bytes, offset, native);
}

static int64_t count_batches(void *clock)
{
    atomic_fetch_add(&gate.decided, 1);
    return read_wall(clock);
}

static void set_gate(bool closed, bool fails)
{
    hf__lock_take(&gate.lock);
    gate.closed = closed;
    gate.fails = fails;
    hf__signal_raise(&gate.moved);
    hf__lock_give(&gate.lock);
}

static int open_journaled(void)
{
    const hf__engine_config config = {
        .env = &env,
        .driver = &hf__lmdb_driver,
        .location = LOCATION,
        .cache_bytes = 1u << 20,
        .commit_ops_max = 1000,
        .durability = HF_DURABILITY_JOURNAL,
        .journal_bytes = 1u << 20,
        .error = &error,
    };
    engine = NULL;
    return hf__engine_open(&config, &engine);
}

/* An engine with ten of "tea". */
static void begin(void)
{
    (void)remove(LOCATION); /* of the test before */
    (void)remove(LOCATION "-lock");
    hf__lock_init(&gate.lock);
    hf__signal_init(&gate.moved);
    hf__env_init(&env);
    files = hf__os_files;
    files.sync = sync_at_the_gate;
    files.write_at = write_at;
    env.files = &files;
    env.wall_ms = count_batches;
    env.boot_ms = read_boot;
    wall = HF_BARE_NOW;
    boot = 1000;
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(hf__batch_init(&runners[i].batch, &env, 8, 1u << 12, 8u << 20), 0);
    ck_assert_int_eq(hf__batch_init(&batch, &env, 8, 1u << 12, 8u << 20), 0);
    ck_assert_int_eq(open_journaled(), 0);
    ck_assert_uint_eq(hf__engine_write_threads(engine), 2);
    stock("tea", 10);
}

static void finish(void)
{
    hf__engine_close(engine);
    for (int i = 0; i < 2; i++)
        hf__batch_fini(&runners[i].batch, &env);
    hf__batch_fini(&batch, &env);
}

static void *run_batch(void *data)
{
    runner *of = data;
    hf__engine_run(engine, &of->batch);
    atomic_store(&of->ended, true);
    return NULL;
}

/* What a batch does. */
typedef hf__task *(*adder)(int64_t amount);

static hf__task *add_tea(int64_t amount)
{
    return add_withdraw("tea", amount);
}

/* A transaction, of which an engine takes its leases. */
static hf__task *add_txn(int64_t amount)
{
    static const hf_branch_args branch = {.participant = "hotel", .version = 1};
    static hf_txn_args args;
    (void)amount;
    hf_txn_init(&args);
    args.branches = &branch;
    args.branch_count = 1;
    args.branch_bytes = sizeof branch;
    args.move_bytes = sizeof(hf_txn_move_args);
    return add(HF_OP_TXN_SUBMIT, &args.head);
}

/* Runs it in a batch of its own, queued now. */
static hf__task *start(runner *of, adder add_one, int64_t amount)
{
    hf__batch mine = of->batch;
    of->batch = batch;
    batch = mine;
    hf__batch_reset(&batch);
    hf__task *task = add_one(amount);
    mine = of->batch;
    of->batch = batch;
    batch = mine;
    hf__engine_queue(engine, &of->batch);
    ck_assert_int_eq(pthread_create(&of->thread, NULL, run_batch, of), 0);
    return task;
}

static void pause_ms(void)
{
    const struct timespec ms = {.tv_nsec = 1000000};
    (void)nanosleep(&ms, NULL);
}

/* The first batch waits for its flush, the second one has been begun beside it. */
static void start_both(hf__task *tasks[2], int64_t first, int64_t second)
{
    set_gate(true, false);
    tasks[0] = start(&runners[0], add_tea, first);
    while (!atomic_load(&gate.flushing))
        pause_ms();
    int before = atomic_load(&gate.decided);
    tasks[1] = start(&runners[1], add_tea, second);
    while (atomic_load(&gate.decided) == before)
        pause_ms();
    for (int i = 0; i < A_WHILE; i++)
        pause_ms();
}

static void end_both(void)
{
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_join(runners[i].thread, NULL), 0);
}

static uint64_t last_event(void)
{
    hf_health_info health = {.size = sizeof health};
    hf__engine_health(engine, &health);
    return health.event_seq;
}

START_TEST(the_next_batch_is_decided_beside_a_flush_and_nothing_is_reported_before_it)
{
    hf__task *tasks[2];
    begin();
    uint64_t event = last_event();
    start_both(tasks, 4, 6); /* all there is, together */
    ck_assert(!atomic_load(&runners[0].ended));
    ck_assert(!atomic_load(&runners[1].ended));
    ck_assert_int_eq(balance("tea"), 10);
    ck_assert_uint_eq(last_event(), event);
    set_gate(false, false);
    end_both();
    ck_assert_int_eq(tasks[0]->done.status, 0);
    ck_assert_int_eq(tasks[1]->done.status, 0);
    ck_assert_uint_eq(runners[1].batch.number, runners[0].batch.number + 1);
    ck_assert_int_eq(balance("tea"), 0);
    ck_assert_uint_eq(last_event(), event + 2);
    ck_assert_int_eq(atomic_load(&gate.overtaken), 0);
    finish();
}
END_TEST

START_TEST(a_refusal_waits_for_the_flush_that_it_stands_on)
{
    hf__task *tasks[2];
    begin();
    start_both(tasks, 4, 7);
    ck_assert(!atomic_load(&runners[1].ended));
    set_gate(false, false);
    end_both();
    ck_assert_int_eq(tasks[0]->done.status, 0);
    ck_assert_int_eq(tasks[1]->done.status, HF_E_STOCK_SHORT);
    finish();
}
END_TEST

/* 6: a change, 7: a refusal. */
START_TEST(what_was_decided_on_a_flush_that_fails_fails_too)
{
    hf__task *tasks[2];
    begin();
    uint64_t event = last_event();
    start_both(tasks, 4, _i);
    set_gate(false, true);
    end_both();
    ck_assert_int_eq(tasks[0]->done.status, HF_E_UNKNOWN);
    ck_assert_int_eq(tasks[1]->done.status, HF_E_POISONED);
    ck_assert_int_eq(hf__engine_accepts(engine), HF_E_POISONED);
    ck_assert_int_eq(balance("tea"), 10);
    ck_assert_uint_eq(last_event(), event);
    set_gate(false, false);
    hf__engine_close(engine);
    ck_assert_int_eq(open_journaled(), 0);
    ck_assert_int_eq(balance("tea"), 6); /* written, as this process can see */
    finish();
}
END_TEST

/* 0: it succeeds. 1: it fails, and the engine must not act for shards that it may not have. */
static void *read_batch(void *data)
{
    runner *of = data;
    hf__engine_read(engine, &of->batch);
    atomic_store(&of->ended, true);
    return NULL;
}

/* Else the later one could show an older state than the earlier one. */
START_TEST(a_read_batch_begins_after_those_that_were_queued_before_it)
{
    begin();
    hf__batch_reset(&runners[0].batch);
    hf__batch_reset(&runners[1].batch);
    hf__engine_queue_read(engine, &runners[0].batch);
    hf__engine_queue_read(engine, &runners[1].batch);
    ck_assert_int_eq(pthread_create(&runners[1].thread, NULL, read_batch, &runners[1]), 0);
    for (int i = 0; i < A_WHILE; i++)
        pause_ms();
    ck_assert(!atomic_load(&runners[1].ended));
    hf__batch_reset(&batch);
    (void)add_tea(1);
    run();
    hf__engine_read(engine, &runners[0].batch);
    ck_assert_int_eq(pthread_join(runners[1].thread, NULL), 0);
    ck_assert_uint_eq(runners[0].batch.number, batch.number);
    ck_assert_uint_eq(runners[1].batch.number, batch.number);
    finish();
}
END_TEST

START_TEST(leases_are_published_when_the_flush_that_took_them_has_ended)
{
    begin();
    set_gate(true, false);
    hf__task *task = start(&runners[0], add_txn, 0);
    while (!atomic_load(&gate.flushing))
        pause_ms();
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), 0);
    set_gate(false, _i == 1);
    ck_assert_int_eq(pthread_join(runners[0].thread, NULL), 0);
    ck_assert_int_eq(task->done.status, _i == 1 ? HF_E_UNKNOWN : 0);
    ck_assert_uint_eq(hf__engine_epoch(engine, 0), (uint64_t)(1 - _i));
    set_gate(false, false);
    finish();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pending_commit");
    TCase *core = tcase_create("core");
    tcase_add_test(core,
                   the_next_batch_is_decided_beside_a_flush_and_nothing_is_reported_before_it);
    tcase_add_test(core, a_refusal_waits_for_the_flush_that_it_stands_on);
    tcase_add_loop_test(core, what_was_decided_on_a_flush_that_fails_fails_too, 6, 8);
    tcase_add_test(core, a_read_batch_begins_after_those_that_were_queued_before_it);
    tcase_add_loop_test(core, leases_are_published_when_the_flush_that_took_them_has_ended, 0, 2);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

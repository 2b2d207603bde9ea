/*
 * Snapshots of LMDB beside a writer that commits as fast as it can: what a snapshot shows is what
 * its transaction committed. The control takes snapshots as the driver would without looking at the
 * commits in between, and meets some that show the roots of a later transaction.
 *
 * More threads read than there are processors, so that readers are preempted at any point.
 */
#include "store/builtin.h"
#include "store/lmdb/state.h"
#include "support/check_main.h"

#include <holdfast/store.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#define READERS     8u
#define SNAPSHOTS   5000u      /* of each reader */
#define CONTROL_MAX 500000000u /* snapshots of all, until the control has met one */
#define AT_ONCE     1024u      /* snapshots of the control in one transaction of the driver */
#define FEW_CPUS    4          /* with more, readers may never be preempted where it matters */

static void *opened;
static atomic_bool stop;
static atomic_uint_fast64_t taken;
static atomic_uint_fast64_t wrong;
static uint64_t offset; /* of the number of LMDB's transactions above that of batches */
static bool guarded;

static void *alloc_none(void *context, uint64_t bytes)
{
    (void)context;
    (void)bytes;
    return NULL;
}

/* LMDB counts its transactions, and each commit of this store has the next batch. */
static void commit_one(uint64_t batch)
{
    hf_store_error error = {.code = 0};
    const hf_store_caller caller = {.alloc = alloc_none, .error = &error};
    void *txn = NULL;
    ck_assert_int_eq(hf__lmdb_driver.begin(opened, HF_TXN_WRITE, &caller, &txn), 0);
    if (offset == 0)
        offset = mdb_txn_id(((hf__lmdb_txn *)txn)->handle) - batch;
    const hf_store_mark mark = {.batch = batch, .time_ms = (int64_t)batch};
    ck_assert_msg(hf__lmdb_driver.commit(txn, &mark) == 0, "%s", error.text);
}

static void *write_on(void *data)
{
    uint64_t batch = *(const uint64_t *)data;
    while (!atomic_load(&stop))
        commit_one(++batch);
    return NULL;
}

static bool is_right(hf__lmdb_txn *txn)
{
    hf_store_stat stat = {.tables = NULL};
    ck_assert_int_eq(hf__lmdb_driver.stat(txn, &stat), 0);
    return mdb_txn_id(txn->handle) == stat.mark.batch + offset;
}

/*
 * Without the driver: takes the snapshot of a transaction again and again in LMDB's own way, and
 * looks at one beside which two commits were under way. False when that is wrong.
 */
static bool take_unguarded(hf__lmdb_txn *txn)
{
    for (uint32_t i = 0; i < AT_ONCE; i++) {
        const uint64_t ended = atomic_load(&txn->store->commits_ended);
        mdb_txn_reset(txn->handle);
        ck_assert_int_eq(mdb_txn_renew(txn->handle), 0);
        if (atomic_load(&txn->store->commits_begun) - ended > 1 && !is_right(txn))
            return false;
    }
    return true;
}

static bool continues(uint32_t done)
{
    if (guarded)
        return done < SNAPSHOTS;
    return atomic_load(&wrong) == 0 && atomic_load(&taken) < CONTROL_MAX;
}

static void *read_on(void *data)
{
    hf_store_error error = {.code = 0};
    const hf_store_caller caller = {.alloc = alloc_none, .error = &error};
    (void)data;
    for (uint32_t done = 0; continues(done); done++) {
        void *txn = NULL;
        ck_assert_int_eq(hf__lmdb_driver.begin(opened, HF_TXN_SNAPSHOT, &caller, &txn), 0);
        if (guarded ? !is_right(txn) : !take_unguarded(txn))
            (void)atomic_fetch_add(&wrong, 1);
        (void)atomic_fetch_add(&taken, guarded ? 1 : AT_ONCE);
        hf__lmdb_driver.rollback(txn);
    }
    return NULL;
}

static void open_store(hf_store_error *error)
{
    static const char *const files[] = {"snapshots", "snapshots-lock"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        (void)remove(files[i]);
    static hf_env env;
    hf__env_init(&env);
    const hf_store_config config = {
        .size = sizeof(config),
        .durability = HF_DURABILITY_NONE,
        .location = "snapshots",
        .schema = hf_store_schema(),
        .allocator = &env.allocator,
        .error = error,
    };
    ck_assert_msg(hf__lmdb_driver.open(&config, &opened) == 0, "%s", error->text);
}

/* Readers beside a writer; how many snapshots were wrong. */
static uint64_t run_beside(bool with_guard)
{
    hf_store_error error = {.code = 0};
    pthread_t readers[READERS];
    pthread_t writer;
    uint64_t batch = 1;
    guarded = with_guard;
    offset = 0;
    atomic_store(&stop, false);
    atomic_store(&taken, 0);
    atomic_store(&wrong, 0);
    open_store(&error);
    commit_one(batch);
    ck_assert_int_eq(pthread_create(&writer, NULL, write_on, &batch), 0);
    for (uint32_t i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_create(&readers[i], NULL, read_on, NULL), 0);
    for (uint32_t i = 0; i < READERS; i++)
        ck_assert_int_eq(pthread_join(readers[i], NULL), 0);
    atomic_store(&stop, true);
    ck_assert_int_eq(pthread_join(writer, NULL), 0);
    hf__lmdb_driver.close(opened);
    (void)fprintf(stderr, "%llu of %llu snapshots are not of their transaction\n",
                  (unsigned long long)atomic_load(&wrong), (unsigned long long)atomic_load(&taken));
    return atomic_load(&wrong);
}

START_TEST(a_snapshot_shows_what_its_transaction_committed)
{
    ck_assert_uint_eq(run_beside(true), 0);
}
END_TEST

START_TEST(a_snapshot_that_is_not_taken_again_may_show_a_later_transaction)
{
    uint64_t found = run_beside(false);
    if (sysconf(_SC_NPROCESSORS_ONLN) <= FEW_CPUS)
        ck_assert_uint_gt(found, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lmdb_snapshot");
    TCase *core = tcase_create("core");
    tcase_add_test(core, a_snapshot_shows_what_its_transaction_committed);
    tcase_add_test(core, a_snapshot_that_is_not_taken_again_may_show_a_later_transaction);
    suite_add_tcase(suite, core);
    return hf_test_main(suite);
}

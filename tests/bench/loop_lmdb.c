/*
 * loop_lmdb.c - baseline: orders over LMDB: one transaction for all in flight, then one commit
 * (group commit), with the same durability.
 */
#include "baseline.h"

#include <string.h>

typedef struct loop {
    baseline *baseline;
    replay_store store;
} loop;

static int commit(void *context, uint32_t step, uint32_t count)
{
    loop *l = context;
    MDB_txn *txn;
    int error = mdb_txn_begin(l->store.env, NULL, 0, &txn);
    if (error != 0)
        return replay_failed("begin", error);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        baseline_take(l->baseline, i);
        error = replay_put(&l->store, txn, &l->baseline->steps[step], &l->baseline->now,
                           i + 1 == count);
    }
    if (error != 0) {
        mdb_txn_abort(txn);
        return -1;
    }
    error = mdb_txn_commit(txn);
    return error == 0 ? 0 : replay_failed("commit", error);
}

int bench_loop_lmdb(const bench_run *run, bench_result *out)
{
    char path[BENCH_PATH_BYTES];
    loop l = {.baseline = baseline_begin(run)};
    if (l.baseline == NULL || template_copy(run, "lmdb", template_last(run->load.form), path) != 0)
        return -1;
    int error = replay_open(&l.store, path);
    if (error == 0 && !bench_durable(run))
        error = mdb_env_set_flags(l.store.env, MDB_NOSYNC, 1);
    if (error == 0)
        error = baseline_drive(l.baseline, out, commit, &l);
    replay_close(&l.store);
    return error;
}

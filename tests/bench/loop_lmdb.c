/*
 * loop_lmdb.c - checkouts by hand over LMDB: one transaction for all in flight, then one commit
 * (group commit), with the same durability.
 */
#include "hand.h"

static int run_batch(hand *h, uint32_t count)
{
    MDB_txn *txn;
    int error = mdb_txn_begin(h->store.env, NULL, 0, &txn);
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        hand_next(h);
        error = replay_put(&h->store, txn, &h->checkout, &h->now, i + 1 == count);
    }
    if (error == 0)
        error = mdb_txn_commit(txn);
    return error == 0 ? 0 : replay_failed("commit", error);
}

static int run(hand *h, const bench_case *c)
{
    uint64_t start = bench_now();
    for (uint32_t done = 0; done < c->operations; done += c->in_flight) {
        uint64_t begun = bench_now();
        if (run_batch(h, c->in_flight) != 0)
            return -1;
        uint64_t took = bench_now() - begun;
        for (uint32_t i = 0; i < c->in_flight; i++)
            bench_add(c->sample, took);
    }
    c->sample->seconds = (double)(bench_now() - start) / 1e9;
    return 0;
}

int bench_loop_lmdb(const bench_case *c)
{
    static hand h;
    int error = hand_open(&h, c);
    if (error == 0)
        error = run(&h, c);
    hand_close(&h);
    return error;
}

/*
 * loop_lmdb.c - checkouts by hand over LMDB: one transaction for all in flight, then one commit
 * (group commit), with the same durability.
 */
#include "bench.h"
#include "replay_lmdb.h"
#include <stdio.h>
#include <string.h>

/* What differs between two checkouts. */
enum { ORDER, PAYMENT, SKU_A, SKU_B, WALLET, SEQ };

typedef struct loop {
    replay_store store;
    replay_phase checkout;
    replay_parts now;
} loop;

static void parts_of(replay_parts *all, const bench_template *one)
{
    replay_set(all, ORDER, one->order.bytes, 16);
    replay_set(all, PAYMENT, one->payment.bytes, 16);
    replay_set(all, SKU_A, one->skus[0], BENCH_NAME_BYTES);
    replay_set(all, SKU_B, one->skus[1], BENCH_NAME_BYTES);
    replay_set(all, WALLET, one->wallet, BENCH_NAME_BYTES);
    replay_set_seq(all, SEQ, one->seq);
}

static void choose(bench_choice *choice, replay_parts *now, uint64_t number)
{
    uint32_t items[2];
    uint32_t wallet;
    bench_choose(choice, items, &wallet);
    bench_name((char *)now->bytes[SKU_A], "item", items[0]);
    bench_name((char *)now->bytes[SKU_B], "item", items[1]);
    bench_name((char *)now->bytes[WALLET], "user", wallet);
    replay_set_number(now, ORDER, number);
    replay_set_number(now, PAYMENT, number);
    replay_set_seq(now, SEQ, number);
}

static int run(loop *l, const bench_case *c, uint64_t number)
{
    bench_choice choice = {.hot = c->hot};
    uint64_t start = bench_now();
    for (uint32_t done = 0; done < c->operations; done += c->in_flight) {
        MDB_txn *txn;
        uint64_t begun = bench_now();
        int error = mdb_txn_begin(l->store.env, NULL, 0, &txn);
        for (uint32_t i = 0; error == 0 && i < c->in_flight; i++) {
            choose(&choice, &l->now, number++);
            error = replay_put(&l->store, txn, &l->checkout, &l->now, i + 1 == c->in_flight);
        }
        if (error == 0)
            error = mdb_txn_commit(txn);
        if (error != 0)
            return replay_failed("commit", error);
        uint64_t took = bench_now() - begun;
        for (uint32_t i = 0; i < c->in_flight; i++)
            bench_add(c->sample, took);
    }
    c->sample->seconds = (double)(bench_now() - start) / 1e9;
    return 0;
}

/* What one checkout writes: the difference that it makes to a filled store. */
static int take(loop *l, const char *path, const char *old_path, bench_template *one)
{
    replay_store without = {.env = NULL};
    char url[600];
    (void)snprintf(url, sizeof(url), "lmdb:%s", path);
    int error = bench_fill(url);
    if (error == 0)
        error = replay_copy(path, old_path);
    if (error == 0)
        error = bench_place_one(url, one);
    if (error == 0)
        error = replay_open(&l->store, path);
    if (error == 0)
        error = replay_open(&without, old_path);
    if (error == 0)
        error = replay_capture(&l->checkout, &l->store, &without, "");
    replay_close(&without);
    return error;
}

int bench_loop_lmdb(const bench_case *c)
{
    static loop l;
    char path[512];
    char old_path[512];
    bench_template one;
    memset(&l, 0, sizeof(l));
    if (bench_path(path, c->folder, "with") != 0 || bench_path(old_path, c->folder, "old") != 0)
        return -1;
    int error = take(&l, path, old_path, &one);
    if (error == 0) {
        parts_of(&l.now, &one);
        replay_find(&l.checkout, &l.now);
        error = run(&l, c, one.seq + 1000000);
    }
    replay_close(&l.store);
    return error;
}

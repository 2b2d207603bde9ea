/*
 * loop_txn.c - baseline: transactions over LMDB: for all in flight the first phase and one commit,
 * then the second, then the third, with the same durability; nobody is called in between.
 */
#include "replay_lmdb.h"
#include "txn.h"
#include <stdio.h>
#include <string.h>

/* What differs between two transactions. */
enum { FROM, TO, SEQ, SEQ_2, TXN, HOLD };

typedef struct loop {
    replay_store store;
    replay_phase phases[TXN_PHASES_MAX];
    uint32_t events[TXN_PHASES_MAX]; /* of each phase: 1 or 2 */
    uint32_t phase_count;
    replay_parts now;
    uint64_t seq; /* the next */
    char wallets[TXN_IN_FLIGHT_MAX][2][CHOICE_NAME_BYTES + 1];
} loop;

static int take_phase(loop *l, const char *folder, uint32_t phase)
{
    replay_store after = {.env = NULL};
    replay_store before = {.env = NULL};
    char path[512];
    int error = txn_copy_path(path, folder, phase + 1);
    if (error == 0)
        error = replay_open(&after, path);
    if (error == 0)
        error = txn_copy_path(path, folder, phase);
    if (error == 0)
        error = replay_open(&before, path);
    if (error == 0)
        error = replay_capture(&l->phases[phase], &after, &before, "");
    replay_close(&after);
    replay_close(&before);
    return error;
}

static uint32_t count_events(const loop *l, uint32_t phase)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < l->phases[phase].count; i++) {
        const replay_entry *e = &l->phases[phase].entries[i];
        count += !e->replaces && !e->removes && strcmp(l->store.names[e->table], "events") == 0;
    }
    return count;
}

static void set_seqs(loop *l, uint64_t seq)
{
    replay_set_seq(&l->now, SEQ, seq);
    replay_set_seq(&l->now, SEQ_2, seq + 1);
}

/* Each phase writes the next event, or the next two. */
static int find_parts(loop *l, const txn_template *one)
{
    const replay_entry *hold = replay_added(&l->phases[0], &l->store, "holds");
    replay_set(&l->now, FROM, one->wallets[0], CHOICE_NAME_BYTES);
    replay_set(&l->now, TO, one->wallets[1], CHOICE_NAME_BYTES);
    replay_set(&l->now, TXN, one->txn.bytes, 16);
    if (hold != NULL)
        replay_set(&l->now, HOLD, hold->key, 16);
    uint64_t seq = one->seq;
    for (uint32_t p = 0; p < l->phase_count; seq += l->events[p++]) {
        l->events[p] = count_events(l, p);
        set_seqs(l, seq);
        replay_find(&l->phases[p], &l->now);
        const replay_entry *event = replay_added(&l->phases[p], &l->store, "events");
        if (event == NULL || event->key_patches == 0 || l->events[p] > 2) {
            (void)fprintf(stderr, "dump: phase %u has no event %llu\n", p + 1,
                          (unsigned long long)seq);
            return -1;
        }
    }
    return 0;
}

/* One phase of all in flight, in one commit. */
static int run_phase(loop *l, uint32_t phase, uint64_t first, uint32_t in_flight)
{
    MDB_txn *txn;
    int error = mdb_txn_begin(l->store.env, NULL, 0, &txn);
    for (uint32_t i = 0; error == 0 && i < in_flight; i++) {
        memcpy(l->now.bytes[FROM], l->wallets[i][0], CHOICE_NAME_BYTES);
        memcpy(l->now.bytes[TO], l->wallets[i][1], CHOICE_NAME_BYTES);
        replay_set_number(&l->now, TXN, first + i);
        replay_set_number(&l->now, HOLD, first + i);
        set_seqs(l, l->seq);
        l->seq += l->events[phase];
        error = replay_put(&l->store, txn, &l->phases[phase], &l->now, i + 1 == in_flight);
    }
    if (error == 0)
        error = mdb_txn_commit(txn);
    return error == 0 ? 0 : replay_failed("commit", error);
}

static int run(loop *l, const txn_case *c, txn_figures *out)
{
    choice next;
    choice_init(&next, CHOICE_UNIFORM);
    uint64_t number = l->seq;
    uint32_t commits = 0;
    uint64_t start = latency_now();
    for (uint32_t done = 0; done < c->total; done += c->in_flight) {
        for (uint32_t i = 0; i < c->in_flight; i++)
            txn_choose(&next, l->wallets[i]);
        for (uint32_t p = 0; p < l->phase_count; p++, commits++)
            if (run_phase(l, p, number, c->in_flight) != 0)
                return -1;
        number += c->in_flight;
    }
    out->rate = c->total / ((double)(latency_now() - start) / 1e9);
    out->commits_each = (double)commits / c->total;
    return 0;
}

int txn_baseline(const txn_case *c, txn_figures *out)
{
    static loop l;
    txn_template one = {.phases = 0};
    char path[512];
    memset(&l, 0, sizeof(l));
    int error = bench_path(path, c->folder, "store");
    if (error == 0)
        error = txn_run_template(c, &one);
    l.phase_count = one.phases;
    for (uint32_t p = 0; error == 0 && p < l.phase_count; p++)
        error = take_phase(&l, c->folder, p);
    if (error == 0)
        error = replay_open(&l.store, path);
    if (error == 0)
        error = find_parts(&l, &one);
    l.seq = one.seq + 1000000;
    if (error == 0)
        error = run(&l, c, out);
    replay_close(&l.store);
    return error;
}

/*
 * in_doubt.c - how long it takes until all of many transactions have ended whose participant was
 * asked by an engine that is no more, and has not answered.
 */
#include "txn.h"
#include <stdio.h>

static int leave(const char *url, uint32_t total)
{
    txn_bench b = {.branches = 1, .wait = HF_TXN_ACCEPTED};
    txn_open(&b, url, 1u << 20, HF_DURABILITY_NONE, 1);
    if (!b.failed)
        txn_run(&b, TXN_IN_FLIGHT_MAX, total);
    txn_close(&b);
    return b.failed ? -1 : 0;
}

int txn_in_doubt(const char *folder, uint32_t total)
{
    char url[600];
    (void)snprintf(url, sizeof(url), "lmdb:%s/store", folder);
    if (leave(url, total) != 0)
        return -1;
    txn_bench b = {.branches = 1, .wait = HF_TXN_ACCEPTED, .answers = true, .total = total};
    uint64_t start = latency_now();
    txn_open(&b, url, TXN_IN_FLIGHT_MAX, HF_DURABILITY_STORE, 1);
    if (!b.failed)
        (void)uv_run(&b.loop, UV_RUN_DEFAULT);
    while (!b.failed && txn_still_open(&b) != 0)
        (void)uv_run(&b.loop, UV_RUN_NOWAIT);
    double seconds = (double)(latency_now() - start) / 1e9;
    printf("\n%u in doubt at start: all ended after %.1f s, %.0f a second, %llu commits, calls "
           "%u + %u\n",
           total, seconds, total / seconds, (unsigned long long)txn_batches(&b),
           b.phases[HF_PHASE_TRY], b.phases[HF_PHASE_CONFIRM]);
    txn_close(&b);
    return b.failed ? -1 : 0;
}

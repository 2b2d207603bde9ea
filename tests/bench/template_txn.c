/*
 * template_txn.c - one transaction step by step: a copy of the store before it and after each of
 * its durable phases.
 *
 *     phase-0 .. submit .. phase-1 .. answers .. phase-2 .. until it has ended
 *
 * The participants of a TCC transaction are called together, those of a saga one after the other.
 * They answer when the program says so, so each copy is of a moment at which nothing else is
 * under way. One transaction goes before, which takes what an engine takes only once.
 */
#include "txn.h"
#include <stdio.h>
#include <string.h>

int txn_copy_path(char out[512], const char *folder, uint32_t phase)
{
    char name[32];
    (void)snprintf(name, sizeof(name), "phase-%u", phase);
    return bench_path(out, folder, name);
}

static void on_copied(void *data, int status, const char *detail)
{
    txn_bench *b = data;
    if (status != 0)
        txn_complain(b, "copy", status, detail);
    b->ended = 1;
}

static void copy(txn_bench *b, const char *folder, uint32_t phase)
{
    char path[512];
    if (b->failed || txn_copy_path(path, folder, phase) != 0)
        return;
    int error = hf_backup(b->engine, path, NULL, on_copied, b);
    if (error != 0)
        txn_complain(b, "copy", error, hf_engine_detail(b->engine));
    for (b->ended = 0; b->ended == 0 && !b->failed;)
        (void)uv_run(&b->loop, UV_RUN_ONCE);
}

/* Calls follow the commit that made them due. True: there are; else the transaction has ended. */
static bool await_calls(txn_bench *b)
{
    const uint32_t wanted = b->kind == HF_TXN_SAGA ? 1 : b->branches;
    while (!b->failed && b->ticket_count < wanted && txn_still_open(b) != 0)
        (void)uv_run(&b->loop, UV_RUN_NOWAIT);
    return !b->failed && b->ticket_count != 0;
}

static void answer_all(txn_bench *b)
{
    const uint32_t count = b->ticket_count;
    b->ticket_count = 0;
    for (uint32_t i = 0; i < count; i++)
        txn_answer(b, b->tickets[i]);
}

/* Returns how many durable phases there were. */
static uint32_t run_phases(txn_bench *b, const char *folder)
{
    uint32_t phases = 1;
    b->answers = false;
    b->wait = HF_TXN_ACCEPTED;
    b->ticket_count = 0;
    txn_run(b, 1, 1);
    bool more = await_calls(b);
    copy(b, folder, phases);
    while (more && phases < TXN_PHASES_MAX) {
        answer_all(b);
        more = await_calls(b);
        copy(b, folder, ++phases);
    }
    return phases;
}

int txn_run_template(const txn_case *c, txn_template *out)
{
    txn_bench b = {.kind = c->kind,
                   .branches = c->branches,
                   .moves = 1,
                   .wait = HF_TXN_FINISHED,
                   .answers = true};
    char url[600];
    (void)snprintf(url, sizeof(url), "lmdb:%s/store", c->folder);
    txn_open(&b, url, TXN_IN_FLIGHT_MAX, HF_DURABILITY_STORE, 1);
    if (!b.failed)
        txn_fill(&b);
    if (!b.failed)
        txn_run(&b, 1, 1);
    copy(&b, c->folder, 0);
    choice next = b.choice;
    txn_choose(&next, out->wallets);
    out->phases = b.failed ? 0 : run_phases(&b, c->folder);
    out->txn = b.txn;
    out->seq = b.seq;
    txn_close(&b);
    return b.failed ? -1 : 0;
}

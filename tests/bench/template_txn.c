/*
 * template_txn.c - one transaction step by step: a copy of the store before it and after each of
 * its durable phases.
 *
 *     phase-0 .. submit .. phase-1 .. the try's answer .. phase-2 .. the confirm's answer ..
 * phase-3
 *
 * The participant answers when it is told to, so each copy is of a moment at which nothing else is
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

/* Calls follow the commit that made them due. */
static void await_call(txn_bench *b, uint32_t phase)
{
    while (b->phases[phase] == 0 && !b->failed)
        (void)uv_run(&b->loop, UV_RUN_ONCE);
}

static void run_phases(txn_bench *b, const char *folder)
{
    b->answers = false;
    b->wait = HF_TXN_ACCEPTED;
    memset(b->phases, 0, sizeof(b->phases));
    txn_run(b, 1, 1);
    if (b->branches == 0) {
        copy(b, folder, 1);
        return;
    }
    await_call(b, HF_PHASE_TRY);
    copy(b, folder, 1);
    txn_answer(b, b->ticket);
    await_call(b, HF_PHASE_CONFIRM);
    copy(b, folder, 2);
    txn_answer(b, b->ticket);
    while (!b->failed && txn_still_open(b) != 0)
        (void)uv_run(&b->loop, UV_RUN_NOWAIT);
    copy(b, folder, 3);
}

int txn_run_template(const char *folder, uint32_t branches, txn_template *out)
{
    txn_bench b = {.branches = branches, .moves = 1, .wait = HF_TXN_FINISHED, .answers = true};
    char url[600];
    (void)snprintf(url, sizeof(url), "lmdb:%s/store", folder);
    txn_open(&b, url, TXN_IN_FLIGHT_MAX, HF_DURABILITY_STORE);
    if (!b.failed)
        txn_fill(&b);
    if (!b.failed)
        txn_run(&b, 1, 1);
    copy(&b, folder, 0);
    choice next = b.choice;
    txn_choose(&next, out->wallets);
    if (!b.failed)
        run_phases(&b, folder);
    out->txn = b.txn;
    out->seq = b.seq;
    out->phases = branches == 0 ? 1 : TXN_PHASES_MAX;
    txn_close(&b);
    return b.failed ? -1 : 0;
}

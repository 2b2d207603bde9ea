/*
 * walks.c - where walks over due records and over queues begin.
 *
 * Why: a record that has expired and an order that has been promoted leave their index, but their
 * keys stay where a scan meets them: in the store until the next checkpoint, in the journal's
 * changes as long as these, and in both for the length of a batch. A walk that began at the front
 * would pass all of them again. So the engine remembers how far walks came: over all accounts, over
 * some accounts, and along some queues.
 *
 * Happy path: an operation that is applied leaves its marks; the next walk begins behind them. A
 * record that is written with an earlier deadline, or an order that joins a queue before its head,
 * moves the mark back.
 *
 * Failure modes: none. A mark that is lost costs a longer walk. What goes back to a savepoint takes
 * the marks of accounts with it; a group that fails takes all marks with it.
 */
#include "domain/core/account_ref.h"
#include "engine/state.h"

#include <string.h>

void hf__walks_reset(hf__engine *engine)
{
    hf__walks *walks = &engine->walks;
    memset(walks, 0, sizeof *walks);
    walks->next_ms = 1;
    for (uint32_t i = 0; i < HF__DUE_SOURCES; i++)
        walks->all[i].deadline_ms = 1; /* 0 is no deadline */
}

void hf__walks_back(hf__engine *engine)
{
    hf__walks *walks = &engine->walks;
    if (walks->accounts_until_ms == 0)
        return;
    memset(walks->accounts, 0, sizeof walks->accounts);
    walks->accounts_until_ms = 0;
}

static uint32_t slot_of(const hf_account_ref *account, uint32_t slots)
{
    const uint64_t hash = hf__key_hash(HF__ACCOUNTS, (const uint8_t *)account, sizeof *account);
    return (uint32_t)(hash % slots);
}

/* ---- Due records ----------------------------------------------------------------------------- */

void hf__walks_due(hf__engine *engine, const hf_account_ref *account, hf__due *out)
{
    const hf__walks *walks = &engine->walks;
    *out = (hf__due){.next_ms = walks->next_ms};
    memcpy(out->all, walks->all, sizeof out->all);
    const hf__due_walk *walk = &walks->accounts[slot_of(account, HF__WALKS)];
    if (account->kind != HF_KIND_WORLD && hf__account_same(&walk->account, account))
        out->account = &walk->marks;
}

void hf__walks_next(hf__engine *engine, int64_t deadline_ms)
{
    engine->walks.next_ms = deadline_ms;
}

void hf__walks_written(hf__engine *engine, uint32_t source, int64_t deadline_ms)
{
    hf__walks *walks = &engine->walks;
    if (deadline_ms == 0)
        return;
    if (walks->next_ms == 0 || deadline_ms < walks->next_ms)
        walks->next_ms = deadline_ms;
    if (deadline_ms <= walks->all[source].deadline_ms)
        walks->all[source] = (hf__due_mark){.deadline_ms = deadline_ms};
    if (deadline_ms <= walks->accounts_until_ms)
        hf__walks_back(engine);
}

void hf__walks_take(hf__engine *engine, const hf__draft *draft)
{
    hf__walks *walks = &engine->walks;
    const hf__due_walk *walk = &draft->walk;
    if (!draft->walked)
        return;
    if (walk->account.kind == HF_KIND_WORLD) {
        memcpy(walks->all, walk->marks, sizeof walks->all);
        return;
    }
    walks->accounts[slot_of(&walk->account, HF__WALKS)] = *walk;
    walks->accounts_until_ms = draft->now_ms; /* no walk passes what is not due yet */
    walks->taken++;
}

/* ---- Queues ---------------------------------------------------------------------------------- */

uint64_t hf__walks_head(const hf__engine *engine, const hf_account_ref *account)
{
    const hf__queue_head *head = &engine->walks.heads[slot_of(account, HF__HEADS)];
    return hf__account_same(&head->account, account) ? head->placed_seq : 0;
}

void hf__walks_set_head(hf__engine *engine, const hf_account_ref *account, uint64_t placed_seq)
{
    hf__queue_head *head = &engine->walks.heads[slot_of(account, HF__HEADS)];
    *head = (hf__queue_head){.account = *account, .placed_seq = placed_seq};
}

void hf__walks_waits(hf__engine *engine, const hf__wait *wait)
{
    hf__queue_head *head = &engine->walks.heads[slot_of(&wait->account, HF__HEADS)];
    if (wait->placed_seq < head->placed_seq && hf__account_same(&head->account, &wait->account))
        head->placed_seq = wait->placed_seq;
}

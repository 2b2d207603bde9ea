/*
 * note.c - what the engine keeps of the rows that an operation changes: deadlines, accounts with
 * more supply, orders that wait, what retention removed, transactions.
 *
 * Nothing here fails and nothing is read: each row is noted as it is written.
 */
#include "domain/upkeep/aside.h"
#include "domain/upkeep/purge.h"
#include "engine/state.h"
#include <string.h>

void hf__note_begin(hf__engine *engine)
{
    memset(engine->leaves, 0, sizeof engine->leaves);
}

/* A record was written that is due at its deadline. */
static void note_deadline(hf__engine *engine, uint32_t source, int64_t deadline)
{
    hf__walks_written(engine, source, deadline);
    hf__due_at(engine, deadline);
    if (deadline != 0)
        engine->leaves[HF__CHORE_EXPIRY] = true;
}

static void note_order(hf__engine *engine, const hf__draft_row *row)
{
    const hf_order *order = row->row;
    if (order != NULL && !hf__is_aside(order->attention))
        note_deadline(engine, HF__DUE_ORDER, order->deadline_ms);
}

static void note_hold(hf__engine *engine, const hf__draft_row *row)
{
    const hf_hold *hold = row->row;
    if (hold != NULL && !hf__is_aside(hold->attention) &&
        (hold->state == HF_HOLD_HELD || hold->state == HF_HOLD_PARTIAL))
        note_deadline(engine, HF__DUE_HOLD, hold->deadline_ms);
}

/* A provider is waited for until the payment's own deadline. */
static void note_payment(hf__engine *engine, const hf__draft_row *row)
{
    const hf_payment *payment = row->row;
    if (payment != NULL && payment->state == HF_PAYMENT_PENDING &&
        !hf__is_aside(payment->attention))
        note_deadline(engine, HF__DUE_PAYMENT, payment->deadline_ms);
}

static void note_wait(hf__engine *engine, const hf__draft_row *row)
{
    if (row->row == NULL)
        return;
    hf__walks_waits(engine, row->row);
    engine->leaves[HF__CHORE_PROMOTION] = true;
}

static void note_purge(hf__engine *engine, const hf__draft_row *row)
{
    const hf__purge *purge = row->row;
    if (purge != NULL && hf__purge_is_for_all(purge) && purge->until_ms > engine->purged_until_ms)
        engine->purged_until_ms = purge->until_ms;
}

static void note_aside(hf__engine *engine, const hf__draft_row *row)
{
    if (row->row != NULL)
        return;
    hf__supply_search(engine); /* an order that has taken its place in a queue again */
    hf__due_soon(engine);
}

/* clang-format off */
static void (*const notes[HF__TABLE_COUNT])(hf__engine *, const hf__draft_row *) = {
    [HF__ORDERS] = note_order,
    [HF__HOLDS] = note_hold,
    [HF__PAYMENTS] = note_payment,
    [HF__ACCOUNTS] = hf__supply_note,
    [HF__WAITS] = note_wait,
    [HF__PURGES] = note_purge,
    [HF__SET_ASIDES] = note_aside,
    [HF__TXNS] = hf__lease_note_txn,
};
/* clang-format on */

void hf__note_row(hf__engine *engine, const hf__draft_row *row)
{
    if (notes[row->key.table] != NULL)
        notes[row->key.table](engine, row);
}

/*
 * active.c - the entries, one for each transaction that is being processed, and the lists of
 * entries that are to be read or written.
 *
 * A transaction without an entry is found by a scan, whose time hf__scan_at sets. When every entry
 * is in use, the transaction gets none, and the caller sets a later scan.
 */
#include "txn/state.h"

#include "base/id.h"

hf__active_txn *hf__active_txn_find(const hf__runtime *runtime, const hf_id *id)
{
    return hf__map_get(&runtime->by_id, hf__txn_hash(id), id, sizeof *id);
}

hf__active_txn *hf__active_txn_of(hf__runtime *runtime, const hf_id *id)
{
    hf__active_txn *entry = hf__active_txn_find(runtime, id);
    if (entry != NULL)
        return entry;
    entry = runtime->entries_free;
    if (entry != NULL)
        runtime->entries_free = entry->next_free;
    else if (runtime->entries_high < runtime->entries_max)
        entry = &runtime->entries[runtime->entries_high++];
    else
        return NULL;
    *entry = (hf__active_txn){
        .id = *id,
        .read = {.kind = HF__JOB_READ, .entry = entry},
        .write = {.kind = HF__JOB_WRITE, .entry = entry},
        .payment = {.kind = HF__JOB_PAYMENT, .entry = entry},
        .in_use = true,
    };
    (void)hf__map_put(&runtime->by_id, hf__txn_hash(id), &entry->id, sizeof entry->id, entry);
    runtime->entry_count++;
    return entry;
}

bool hf__active_txn_at_work(const hf__active_txn *entry)
{
    return entry->to_read || entry->to_write || entry->is_viewed || entry->read.out ||
           entry->write.out || entry->payment.out;
}

void hf__active_txn_drop_tickets(hf__runtime *runtime, hf__active_txn *entry)
{
    while (entry->tickets != NULL)
        hf__ticket_drop(runtime, entry->tickets);
}

void hf__active_txn_set_waits(hf__runtime *runtime, hf__active_txn *entry, bool waits_for_ticket)
{
    runtime->waiting_for_ticket += (uint32_t)waits_for_ticket;
    runtime->waiting_for_ticket -= (uint32_t)entry->waits_for_ticket;
    entry->waits_for_ticket = waits_for_ticket;
}

void hf__active_txn_release(hf__runtime *runtime, hf__active_txn *entry)
{
    hf__active_txn_drop_tickets(runtime, entry);
    hf__heap_clear(&runtime->heap, &entry->timer);
    if (hf__active_txn_at_work(entry))
        return; /* the end of that work releases the entry */
    hf__active_txn_set_waits(runtime, entry, false);
    (void)hf__map_del(&runtime->by_id, hf__txn_hash(&entry->id), &entry->id, sizeof entry->id);
    entry->in_use = false;
    entry->next_free = runtime->entries_free;
    runtime->entries_free = entry;
    runtime->entry_count--;
}

void hf__active_txn_queue_read(hf__runtime *runtime, hf__active_txn *entry)
{
    if (entry->read.out || entry->payment.out) {
        entry->changed = true;
        return;
    }
    if (entry->to_read || entry->write.out || entry->view != NULL)
        return; /* the transaction is seen again without another read */
    entry->to_read = true;
    entry->next_read = NULL;
    if (runtime->to_read.last != NULL)
        runtime->to_read.last->next_read = entry;
    else
        runtime->to_read.first = entry;
    runtime->to_read.last = entry;
    runtime->host.wake(runtime->host.context);
}

void hf__active_txn_queue_write(hf__runtime *runtime, hf__active_txn *entry)
{
    if (entry->to_write)
        return;
    entry->to_write = true;
    entry->next_write = NULL;
    if (runtime->to_write.last != NULL)
        runtime->to_write.last->next_write = entry;
    else
        runtime->to_write.first = entry;
    runtime->to_write.last = entry;
}

void hf__scan_at(hf__runtime *runtime, int64_t at_ms)
{
    hf__scan *scan = &runtime->scan;
    if (scan->next_ms == 0 || at_ms < scan->next_ms)
        scan->next_ms = at_ms;
}

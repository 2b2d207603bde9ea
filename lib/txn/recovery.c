/*
 * recovery.c - finds due transactions in the store's index of due times: at open, and whenever a
 * transaction that has no entry becomes due.
 *
 * Happy path: pages are read from the earliest due time on, until a transaction is not due yet; its
 * time is that of the next scan. A scan takes half of the entries at most, so that there is
 * capacity for new transactions while a hundred thousand old ones are recovered, and continues
 * where it stopped when entries are free.
 *
 * On a shared store a scan also finds transactions that were submitted to other engines: it is
 * repeated all the time, and skips transactions that other engines drive.
 *
 * Failure modes: a page that cannot be read is read again later. A transaction that was refused
 * somewhere is still in the index: a later scan finds it.
 */
#include "txn/state.h"

static bool has_free_entry(const hf__runtime *runtime)
{
    return runtime->entry_count < (runtime->entries_max + 1) / 2;
}

static void begin(hf__runtime *runtime)
{
    hf__scan *scan = &runtime->scan;
    scan->going = true;
    scan->next_ms = 0;
    scan->args = (hf_txn_list_args){
        .head = {.size = sizeof scan->args, .actor = ""},
        .participant = "",
        .which = HF_TXN_WHICH_DUE,
        .limit = HF__SCAN_PAGE,
    };
}

void hf__scan_step(hf__runtime *runtime)
{
    hf__scan *scan = &runtime->scan;
    if (scan->job.out || runtime->callee_count == 0)
        return;
    int64_t now = hf__txn_now(runtime);
    if (!scan->going && scan->next_ms != 0 && scan->next_ms <= now)
        begin(runtime);
    if (!scan->going || scan->again_ms > now || !has_free_entry(runtime))
        return;
    const hf__txn_ask ask = {
        .type = HF_OP_TXN_LIST,
        .read = true,
        .args = &scan->args.head,
        .bytes = sizeof scan->args,
        .job = &scan->job,
    };
    scan->job.out = runtime->host.submit(runtime->host.context, &ask) != NULL;
}

/*
 * Other engines add transactions without notice to this one, so a shared store is scanned again
 * soon.
 */
static void end(hf__runtime *runtime)
{
    runtime->scan.going = false;
    if (runtime->host.shared(runtime->host.context) && !runtime->lease.draining)
        hf__scan_at(runtime, hf__txn_now(runtime) + HF__LOOK_MS);
}

/* False when the scan ends here: for now, or because nothing that follows is due. */
static bool take(hf__runtime *runtime, const hf_txn *txn, int64_t now)
{
    hf__scan *scan = &runtime->scan;
    if (txn->due_ms > now) {
        hf__scan_at(runtime, txn->due_ms);
        end(runtime);
        return false;
    }
    hf__active_txn *entry = hf__active_txn_find(runtime, &txn->id);
    bool ours = hf__lease_holds(runtime, &txn->id) || !hf__lease_known(runtime);
    if (entry == NULL && ours) {
        if (!has_free_entry(runtime))
            return false;
        entry = hf__active_txn_of(runtime, &txn->id);
        hf__active_txn_queue_read(runtime, entry);
    } else if (entry != NULL && entry->txn.version < txn->version) {
        hf__active_txn_queue_read(runtime, entry); /* another engine changed it */
    }
    scan->args.after = txn->id;
    scan->args.after_ms = txn->due_ms;
    return true;
}

void hf__scan_page(hf__runtime *runtime, const hf_completion *done)
{
    hf__scan *scan = &runtime->scan;
    int64_t now = hf__txn_now(runtime);
    scan->again_ms = 0;
    if (done->status != 0) {
        scan->again_ms = now + HF__AGAIN_MS;
        return;
    }
    const hf_txn_page *page = done->result;
    for (uint32_t i = 0; i < page->count; i++) {
        if (!take(runtime, page->rows[i], now))
            return;
    }
    if (page->at_end != 0) {
        end(runtime);
        return;
    }
    scan->args.after = page->next;
    scan->args.after_ms = page->next_ms;
}

/*
 * waiters.c - callers that wait until a transaction is decided or finished.
 *
 * Happy path: the completion of a submission is deferred. It is delivered with the transaction as
 * it was read, once that is in the state that the caller waits for.
 *
 * Failure modes: the engine closes, or the caller's time is over: HF_E_UNKNOWN, and the transaction
 * continues. A full pool refuses at admission.
 */
#include "txn/state.h"

#include "base/id.h"
#include "base/money/checked.h"

#include <holdfast/order.h>

#define END_MS 60000 /* from the deadline to the end, for callers that give no wait_ms */

static hf__waiter *first_of(const hf__runtime *runtime, const hf_id *txn)
{
    return hf__map_get(&runtime->waiters_by_txn, hf__txn_hash(txn), txn, sizeof *txn);
}

bool hf__waiters_have(const hf__runtime *runtime, const hf_id *txn)
{
    return runtime->waiter_count != 0 && first_of(runtime, txn) != NULL;
}

/* ---- Admission ------------------------------------------------------------------------------- */

static uint32_t asks_providers(const hf_payment_args *payments, uint32_t count)
{
    uint32_t asked = 0;
    for (uint32_t i = 0; i < count; i++)
        asked += payments[i].method == HF_METHOD_PROVIDER;
    return asked;
}

/* How many transactions with calls an operation may start. */
static uint32_t starts(uint32_t type, const hf_op_head *args)
{
    switch (type) {
    case HF_OP_TXN_SUBMIT:
        return ((const hf_txn_args *)args)->branch_count != 0;
    case HF_OP_TXN_BEGIN:
        return 1;
    case HF_OP_ORDER_PLACE: {
        const hf_order_place_args *place = (const hf_order_place_args *)args;
        return asks_providers(place->payments, place->payment_count);
    }
    case HF_OP_PAYMENT_ADD:
        return asks_providers(&((const hf_payment_add_args *)args)->payment, 1);
    default:
        return 0;
    }
}

static uint32_t wait_of(uint32_t type, const hf_op_head *args)
{
    if (type == HF_OP_TXN_SUBMIT)
        return ((const hf_txn_args *)args)->wait;
    return type == HF_OP_TXN_SEAL ? ((const hf_txn_seal_args *)args)->wait : HF_TXN_ACCEPTED;
}

static int64_t wait_ms_of(uint32_t type, const hf_op_head *args)
{
    return type == HF_OP_TXN_SEAL ? ((const hf_txn_seal_args *)args)->wait_ms
                                  : ((const hf_txn_args *)args)->wait_ms;
}

static bool may_wait(uint32_t type, const hf_op_head *args)
{
    return wait_of(type, args) != HF_TXN_ACCEPTED;
}

bool hf__runtime_has_capacity(const hf__runtime *runtime, uint64_t count)
{
    return runtime->entry_count + (uint64_t)runtime->expected + count <= runtime->entries_max &&
           runtime->waiter_count + (uint64_t)runtime->expected_waiters < runtime->waiters_max;
}

int hf__runtime_admits(const hf__runtime *runtime, uint32_t type, const hf_op_head *args,
                       uint64_t reserved)
{
    uint32_t begun = starts(type, args);
    if (runtime->lease.draining && (begun != 0 || type == HF_OP_TXN_SUBMIT))
        return HF_E_DRAINING;
    uint64_t entries = runtime->entry_count + (uint64_t)runtime->expected;
    uint64_t waiters = runtime->waiter_count + (uint64_t)runtime->expected_waiters;
    uint64_t before = begun != 0 ? reserved : 0;
    bool full = begun != 0 && entries + before + begun > runtime->entries_max;
    bool waits = may_wait(type, args) && waiters + before >= runtime->waiters_max;
    if (full || waits)
        return HF_E_OVERLOADED;
    return 0;
}

uint32_t hf__runtime_begins(uint32_t type, const hf_op_head *args)
{
    return starts(type, args);
}

uint32_t hf__runtime_most(const hf__runtime *runtime)
{
    return runtime->entries_max;
}

void hf__runtime_reserve(hf__runtime *runtime, uint32_t type, const hf_op_head *args)
{
    runtime->expected += starts(type, args);
    runtime->expected_waiters += may_wait(type, args);
}

void hf__runtime_arrived(hf__runtime *runtime, uint32_t type, const hf_op_head *args)
{
    runtime->expected -= starts(type, args);
    runtime->expected_waiters -= may_wait(type, args);
}

/* ---- Waiting --------------------------------------------------------------------------------- */

static bool has_ended(const hf_txn *txn)
{
    return txn->state == HF_TXN_CONFIRMED || txn->state == HF_TXN_CANCELLED;
}

static bool is_reached(const hf_txn *txn, uint32_t wait)
{
    bool decided = txn->state != HF_TXN_TRYING;
    return wait == HF_TXN_ACCEPTED || has_ended(txn) || (wait == HF_TXN_DECIDED && decided);
}

/*
 * Sets the completion as the caller gets it: a transaction that is being cancelled is a refusal
 * with its reason.
 */
static void conclude(hf_completion *done, const hf_txn *txn)
{
    if (txn->state != HF_TXN_CANCELLING && txn->state != HF_TXN_CANCELLED)
        return;
    done->status = HF_E_TXN_ABORTED;
    done->detail = txn->reason.text;
    done->result = NULL;
}

static hf__waiter *new_waiter(hf__runtime *runtime)
{
    hf__waiter *waiter = runtime->waiters_free;
    if (waiter != NULL)
        runtime->waiters_free = waiter->next;
    else if (runtime->waiters_high < runtime->waiters_max)
        waiter = &runtime->waiters[runtime->waiters_high++];
    else
        return NULL;
    runtime->waiter_count++;
    return waiter;
}

/* The map's key lies in the first waiter of a transaction. */
static void set_first(hf__runtime *runtime, const hf_id *txn, hf__waiter *first)
{
    (void)hf__map_del(&runtime->waiters_by_txn, hf__txn_hash(txn), txn, sizeof *txn);
    if (first != NULL)
        (void)hf__map_put(&runtime->waiters_by_txn, hf__txn_hash(txn), &first->txn,
                          sizeof first->txn, first);
}

/* Until when a caller waits. */
static int64_t end_of(hf__runtime *runtime, const hf__operation *op, const hf_txn *txn)
{
    const int64_t wait_ms = wait_ms_of(op->type, op->args);
    int64_t end_ms;
    if (wait_ms == 0)
        return hf__add(txn->deadline_ms, END_MS, &end_ms) ? end_ms : INT64_MAX;
    hf__txn_clock_look(runtime);
    return hf__add(hf__txn_now(runtime), wait_ms, &end_ms) ? end_ms : INT64_MAX;
}

static void keep(hf__runtime *runtime, hf__waiter *waiter, int64_t end_ms)
{
    hf__heap_set(&runtime->heap, &waiter->timer, end_ms);
    waiter->next = first_of(runtime, &waiter->txn);
    set_first(runtime, &waiter->txn, waiter);
    waiter->before = NULL;
    waiter->behind = runtime->waiters_all;
    if (waiter->behind != NULL)
        waiter->behind->before = waiter;
    runtime->waiters_all = waiter;
}

bool hf__runtime_keeps(hf__runtime *runtime, const hf__operation *op, const hf__txn_caller *caller,
                       hf_completion *done)
{
    bool is_ours =
        op->type == HF_OP_TXN_SUBMIT || op->type == HF_OP_TXN_BEGIN || op->type == HF_OP_TXN_SEAL;
    if (!is_ours || done->status != 0)
        return false;
    const hf_txn *txn = ((const hf_txn_view *)done->result)->txn;
    uint32_t wait = wait_of(op->type, op->args);
    if (is_reached(txn, wait)) {
        conclude(done, txn);
        return false;
    }
    hf__waiter *waiter = new_waiter(runtime);
    if (waiter == NULL || runtime->ended) {
        done->status = HF_E_UNKNOWN;
        done->result = NULL;
        done->detail = hf_error_text(HF_E_UNKNOWN);
        return false;
    }
    *waiter = (hf__waiter){
        .timer = {.kind = HF__TIMED_WAITER},
        .txn = txn->id,
        .op = done->id,
        .caller = *caller,
        .event_seq = done->event_seq,
        .type = done->type,
        .wait = wait,
    };
    keep(runtime, waiter, end_of(runtime, op, txn));
    return true;
}

/* ---- Completing ---------------------------------------------------------------------------------
 */

static void take_out(hf__runtime *runtime, hf__waiter *waiter)
{
    hf__heap_clear(&runtime->heap, &waiter->timer);
    hf__waiter *first = first_of(runtime, &waiter->txn);
    if (first == waiter) {
        set_first(runtime, &waiter->txn, waiter->next);
    } else {
        while (first->next != waiter)
            first = first->next;
        first->next = waiter->next;
    }
    if (waiter->before != NULL)
        waiter->before->behind = waiter->behind;
    else
        runtime->waiters_all = waiter->behind;
    if (waiter->behind != NULL)
        waiter->behind->before = waiter->before;
    runtime->looked_for -= (uint32_t)waiter->looked_for;
}

/* The waiter is free before its callback runs, which may submit the next. */
static void complete(hf__runtime *runtime, hf__waiter *waiter, hf_completion *done)
{
    hf__txn_caller caller = waiter->caller;
    done->user_data = caller.user_data;
    done->type = waiter->type;
    done->id = waiter->op;
    done->event_seq = done->status == 0 ? waiter->event_seq : 0;
    take_out(runtime, waiter);
    waiter->next = runtime->waiters_free;
    runtime->waiters_free = waiter;
    runtime->waiter_count--;
    runtime->host.complete(runtime->host.context, &caller, done);
}

static hf__waiter *find_reached(const hf__runtime *runtime, const hf_txn *txn)
{
    hf__waiter *waiter = first_of(runtime, &txn->id);
    while (waiter != NULL && !is_reached(txn, waiter->wait))
        waiter = waiter->next;
    return waiter;
}

void hf__waiters_complete(hf__runtime *runtime, const hf_txn_view *view, int64_t at_ms)
{
    if (runtime->waiter_count == 0)
        return;
    const hf_txn *txn = view->txn;
    for (hf__waiter *waiter = find_reached(runtime, txn); waiter != NULL;
         waiter = find_reached(runtime, txn)) {
        hf_completion done = {.result = view, .detail = "", .at_ms = at_ms};
        conclude(&done, txn);
        complete(runtime, waiter, &done);
    }
}

/* The transaction changed while no entry was free: it is looked up when an entry is free. */
void hf__waiters_look(hf__runtime *runtime, const hf_id *txn)
{
    hf__waiter *waiter = first_of(runtime, txn);
    if (waiter == NULL || waiter->looked_for)
        return;
    waiter->looked_for = true;
    runtime->looked_for++;
}

void hf__waiters_step(hf__runtime *runtime)
{
    hf__waiter *waiter = runtime->looked_for == 0 ? NULL : runtime->waiters_all;
    for (; waiter != NULL; waiter = waiter->behind) {
        hf__active_txn *entry =
            waiter->looked_for ? hf__active_txn_of(runtime, &waiter->txn) : NULL;
        if (entry == NULL)
            continue;
        waiter->looked_for = false;
        runtime->looked_for--;
        hf__active_txn_queue_read(runtime, entry);
    }
}

static void complete_unknown(hf__runtime *runtime, hf__waiter *waiter, const char *detail)
{
    hf_completion done = {
        .status = HF_E_UNKNOWN,
        .detail = detail,
        .at_ms = hf__txn_now(runtime),
    };
    complete(runtime, waiter, &done);
}

/* The caller's wait ends, and the transaction continues. */
void hf__waiter_timed_out(hf__runtime *runtime, hf__waiter *waiter)
{
    complete_unknown(runtime, waiter,
                     "in progress when wait_ms was over: hf_txn_get reads the outcome");
}

void hf__runtime_end(hf__runtime *runtime)
{
    runtime->ended = true;
    hf__txn_clock_read(runtime);
    while (runtime->waiters_all != NULL)
        complete_unknown(runtime, runtime->waiters_all, hf_error_text(HF_E_UNKNOWN));
}

/*
 * fault.c - every call passes one gate, which counts it and says what becomes of it.
 *
 *     pass   to the inner store and back
 *     fail   not to the inner store; a commit becomes a rollback there, since it ends the
 *            transaction either way
 *     lose   to the inner store, whose success is not returned
 *
 * `open` and `restore` have no argument that names their wrapper, so each of 8 slots has functions
 * of its own.
 */
#include "support/fault.h"
#include "base/fail.h"
#include <holdfast/error.h>

#include <stdio.h>
#include <string.h>

/* What becomes of a call. */
typedef enum verdict { PASS = 0, FAIL, LOSE } verdict;

#define SLOTS 8

static _Atomic(hf__fault *) slots[SLOTS];

/* clang-format off */
static const char *const names[HF__FAULT_CALLS] = {
    [HF__FAULT_OPEN] = "open", [HF__FAULT_BEGIN] = "begin", [HF__FAULT_GET] = "get",
    [HF__FAULT_PUT] = "put", [HF__FAULT_DEL] = "del", [HF__FAULT_SCAN] = "scan",
    [HF__FAULT_COMMIT] = "commit", [HF__FAULT_STAT] = "stat", [HF__FAULT_CHECK] = "check",
    [HF__FAULT_BACKUP] = "backup", [HF__FAULT_RESTORE] = "restore",
};
/* clang-format on */

const char *hf__fault_call_name(uint32_t call)
{
    return call < HF__FAULT_CALLS ? names[call] : NULL;
}

static int refuse(hf_store_error *error, int code, uint32_t call, uint64_t number)
{
    if (error == NULL)
        return code;
    error->code = code;
    error->native = 0;
    if (number == 0)
        (void)snprintf(error->text, sizeof error->text, "fault: %s: %s", names[call],
                       hf_error_text(code));
    else
        (void)snprintf(error->text, sizeof error->text, "fault: %s, call %llu, on purpose",
                       names[call], (unsigned long long)number);
    return code;
}

/* Counts a call and decides; `error` is filled for all but PASS, *code is what to give. */
static verdict gate(hf__fault *fault, uint32_t call, hf_store_error *error, int *code)
{
    hf__lock_take(&fault->lock);
    const hf__fault_plan now = fault->plan;
    hf__lock_give(&fault->lock);
    const hf__fault_plan *plan = &now;
    *code = 0;
    uint64_t number = 0;
    if (plan->calls == 0 || (plan->calls >> call & 1) != 0)
        number = atomic_fetch_add(&fault->calls, 1) + 1;
    if (number != 0 && plan->before != NULL)
        plan->before(plan->context, call, number);
    if (atomic_load(&fault->crashed)) {
        *code = refuse(error, HF_E_IO, call, number);
        return FAIL;
    }
    uint64_t count = plan->count == 0 ? 1 : plan->count;
    if (number == 0 || plan->at == 0 || number < plan->at || number - plan->at >= count)
        return PASS;
    verdict result = PASS;
    int given = HF_E_IO;
    switch ((hf__fault_kind)plan->kind) {
    case HF__FAULT_NONE:
        return PASS;
    case HF__FAULT_FAIL:
        result = FAIL;
        given = plan->error == 0 ? HF_E_IO : plan->error;
        break;
    case HF__FAULT_LOSE_ACK:
        result = LOSE;
        given = plan->error == 0 ? HF_E_UNKNOWN : plan->error;
        break;
    case HF__FAULT_CRASH:
    case HF__FAULT_CRASH_DONE:
        atomic_store(&fault->crashed, true);
        result = plan->kind == HF__FAULT_CRASH ? FAIL : LOSE;
        break;
    }
    (void)atomic_fetch_add(&fault->hits, 1);
    *code = refuse(error, given, call, number);
    return result;
}

/* ---- Open and close ---- */

static void drop_log(void *data, uint32_t level, const char *text)
{
    (void)data;
    (void)level;
    (void)text;
}

static int open_inner(hf__fault *fault, const hf_store_config *config)
{
    if (fault->store != NULL)
        return 0; /* kept */
    hf_store_config kept = *config;
    if (fault->kept != NULL) { /* outlives the engine that opens it first */
        kept.allocator = fault->kept;
        kept.log = drop_log;
        kept.log_data = NULL;
    }
    return fault->inner->open(&kept, &fault->store);
}

static void close_inner(hf__fault *fault)
{
    fault->inner->close(fault->store);
    fault->store = NULL;
}

static int open_slot(uint32_t slot, const hf_store_config *config, void **out)
{
    hf__fault *fault = atomic_load(&slots[slot]);
    int code;
    *out = NULL;
    verdict what = gate(fault, HF__FAULT_OPEN, config->error, &code);
    if (what == FAIL)
        return code;
    if (fault->open)
        return refuse(config->error, HF_E_OPEN_TWICE, HF__FAULT_OPEN, 0);
    int error = open_inner(fault, config);
    if (error != 0)
        return error;
    if (what == LOSE) { /* it was made and is not known: as after a crash within open */
        if (fault->kept == NULL)
            close_inner(fault);
        return refuse(config->error, code, HF__FAULT_OPEN, hf__fault_calls(fault));
    }
    fault->open = true;
    *out = fault;
    return 0;
}

static int restore_slot(uint32_t slot, const char *path, const hf_store_config *config)
{
    hf__fault *fault = atomic_load(&slots[slot]);
    int code;
    verdict what = gate(fault, HF__FAULT_RESTORE, config->error, &code);
    int error = what == FAIL ? code : fault->inner->restore(path, config);
    return error == 0 ? code : error;
}

#define SLOT(number)                                                                               \
    static int open_##number(const hf_store_config *config, void **out)                            \
    {                                                                                              \
        return open_slot(number, config, out);                                                     \
    }                                                                                              \
    static int restore_##number(const char *path, const hf_store_config *config)                   \
    {                                                                                              \
        return restore_slot(number, path, config);                                                 \
    }
SLOT(0)
SLOT(1)
SLOT(2)
SLOT(3)
SLOT(4)
SLOT(5)
SLOT(6)
SLOT(7)

/* clang-format off */
static int (*const opens[SLOTS])(const hf_store_config *, void **) = {
    open_0, open_1, open_2, open_3, open_4, open_5, open_6, open_7,
};
static int (*const restores[SLOTS])(const char *, const hf_store_config *) = {
    restore_0, restore_1, restore_2, restore_3, restore_4, restore_5, restore_6, restore_7,
};
/* clang-format on */

static void close_store(void *store)
{
    hf__fault *fault = store;
    fault->open = false;
    if (fault->kept == NULL)
        close_inner(fault);
}

/* ---- Transactions ---- */

static hf__fault_txn *take_txn(hf__fault *fault)
{
    for (uint32_t i = 0; i < HF__FAULT_TXNS; i++) {
        if (!atomic_flag_test_and_set(&fault->txns[i].busy))
            return &fault->txns[i];
    }
    return NULL;
}

static int begin(void *store, uint32_t mode, const hf_store_caller *caller, void **out)
{
    hf__fault *fault = store;
    int code;
    *out = NULL;
    verdict what = gate(fault, HF__FAULT_BEGIN, caller->error, &code);
    if (what == FAIL)
        return code;
    hf__fault_txn *txn = take_txn(fault);
    if (txn == NULL)
        return refuse(caller->error, HF_E_TOO_MANY, HF__FAULT_BEGIN, 0);
    txn->fault = fault;
    txn->caller = caller;
    int error = fault->inner->begin(fault->store, mode, caller, &txn->inner);
    if (error == 0 && what == LOSE) {
        fault->inner->rollback(txn->inner);
        error = refuse(caller->error, code, HF__FAULT_BEGIN, hf__fault_calls(fault));
    }
    if (error != 0)
        atomic_flag_clear(&txn->busy);
    else
        *out = txn;
    return error;
}

static void rollback(void *begun)
{
    hf__fault_txn *txn = begun;
    txn->fault->inner->rollback(txn->inner);
    atomic_flag_clear(&txn->busy);
}

static int commit(void *begun, const hf_store_mark *mark)
{
    hf__fault_txn *txn = begun;
    hf__fault *fault = txn->fault;
    int code;
    verdict what = gate(fault, HF__FAULT_COMMIT, txn->caller->error, &code);
    int error = code;
    if (what == FAIL) {
        fault->inner->rollback(txn->inner);
    } else {
        int result = fault->inner->commit(txn->inner, mark);
        error = result != 0 ? result : code;
    }
    atomic_flag_clear(&txn->busy);
    return error;
}

/* ---- Reads and writes: `made` of what the gate says ---- */

#define GATED(txn, call, made)                                                                     \
    int code;                                                                                      \
    verdict what = gate((txn)->fault, (call), (txn)->caller->error, &code);                        \
    int error = what == FAIL ? code : (made);                                                      \
    return error == 0 ? code : error

static int get(void *begun, uint32_t table, void *const *rows, uint8_t *found, uint32_t count)
{
    hf__fault_txn *txn = begun;
    GATED(txn, HF__FAULT_GET, txn->fault->inner->get(txn->inner, table, rows, found, count));
}

static int put(void *begun, uint32_t table, const void *const *rows, const void *const *olds,
               uint32_t count)
{
    hf__fault_txn *txn = begun;
    GATED(txn, HF__FAULT_PUT, txn->fault->inner->put(txn->inner, table, rows, olds, count));
}

static int del(void *begun, uint32_t table, const void *const *olds, uint32_t count)
{
    hf__fault_txn *txn = begun;
    GATED(txn, HF__FAULT_DEL, txn->fault->inner->del(txn->inner, table, olds, count));
}

static int scan(void *begun, const hf_scan *range, void *const *rows, uint32_t *count)
{
    hf__fault_txn *txn = begun;
    GATED(txn, HF__FAULT_SCAN, txn->fault->inner->scan(txn->inner, range, rows, count));
}

static int scans(void *begun, const hf_scan *ranges, uint32_t range_count, void *const *rows,
                 uint32_t *counts)
{
    hf__fault_txn *txn = begun;
    GATED(txn, HF__FAULT_SCAN,
          hf__store_scans(txn->fault->inner, txn->inner, ranges, range_count, rows, counts));
}

static int stat(void *begun, hf_store_stat *out)
{
    hf__fault_txn *txn = begun;
    GATED(txn, HF__FAULT_STAT, txn->fault->inner->stat(txn->inner, out));
}

static int check(void *begun, hf_progress_cb progress, void *data)
{
    hf__fault_txn *txn = begun;
    GATED(txn, HF__FAULT_CHECK, txn->fault->inner->check(txn->inner, progress, data));
}

static int backup(void *store, const char *path, hf_progress_cb progress, void *data,
                  hf_store_error *reason)
{
    hf__fault *fault = store;
    int code;
    verdict what = gate(fault, HF__FAULT_BACKUP, reason, &code);
    int error =
        what == FAIL ? code : fault->inner->backup(fault->store, path, progress, data, reason);
    return error == 0 ? code : error;
}

/* ---- For tests ---- */

int hf__fault_init(hf__fault *fault, const hf_store_driver *inner, const hf_allocator *keep)
{
    memset(fault, 0, sizeof *fault);
    hf__lock_init(&fault->lock);
    for (uint32_t i = 0; i < HF__FAULT_TXNS; i++)
        atomic_flag_clear(&fault->txns[i].busy);
    fault->inner = inner;
    fault->kept = keep;
    hf__fault *none = NULL;
    while (fault->slot < SLOTS &&
           !atomic_compare_exchange_strong(&slots[fault->slot], &none, fault)) {
        fault->slot++;
        none = NULL;
    }
    if (fault->slot == SLOTS)
        return HF_E_TOO_MANY;
    fault->driver = (hf_store_driver){
        .size = sizeof(hf_store_driver),
        .capabilities = inner->capabilities | (keep == NULL ? 0 : HF_STORE_PERSISTENT),
        .scheme = "fault",
        .open = opens[fault->slot],
        .close = close_store,
        .begin = begin,
        .get = get,
        .put = put,
        .del = del,
        .scan = scan,
        .commit = commit,
        .rollback = rollback,
        .stat = stat,
        .check = check,
        .backup = backup,
        .restore = restores[fault->slot],
        .scans = scans,
    };
    return 0;
}

void hf__fault_fini(hf__fault *fault)
{
    if (fault->slot == SLOTS)
        return; /* init refused */
    if (fault->store != NULL)
        close_inner(fault);
    atomic_store(&slots[fault->slot], NULL);
}

void hf__fault_arm(hf__fault *fault, const hf__fault_plan *plan)
{
    hf__lock_take(&fault->lock);
    fault->plan = *plan;
    hf__lock_give(&fault->lock);
    atomic_store(&fault->calls, 0);
    atomic_store(&fault->hits, 0);
    atomic_store(&fault->crashed, false);
}

uint64_t hf__fault_calls(const hf__fault *fault)
{
    return atomic_load(&fault->calls);
}

uint64_t hf__fault_hits(const hf__fault *fault)
{
    return atomic_load(&fault->hits);
}

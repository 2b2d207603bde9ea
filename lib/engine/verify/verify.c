/*
 * verify.c - hf_verify from the snapshot to the result.
 *
 * Runs on the maintenance thread with memory of its own; batches continue meanwhile. Findings are
 * counted all and kept up to 64. A store that cannot be read ends it with the store's error.
 */
#include "engine/verify/verify.h"
#include "domain/upkeep/purge.h"
#include <holdfast/error.h>
#include <stdio.h>
#include <string.h>

#define WORK_MIN      (UINT64_C(8) << 20)   /* beside the scratch: pages of rows */
#define WORK_MAX      (UINT64_C(256) << 20) /* an order of the largest kind fits */
#define ROW_BYTES     UINT64_C(4096)        /* of work; rows are smaller, and copied once */
#define SERIES_MAX    4096u
#define SCRATCH_BYTES ((size_t)4 << 20) /* of one encoded row; an event body is the longest */

int hf__verify_store(hf__verify *verify)
{
    const hf_store_driver *driver = verify->engine->driver;
    hf_store_error *native = verify->engine_error;
    int error = driver->check(verify->query.txn, NULL, NULL);
    if (error == HF_E_CORRUPT) {
        hf__verify_find(verify, HF_CLAUSE_STORE, "%s", native->text);
        return 0;
    }
    return error;
}

typedef int (*pass_fn)(hf__verify *verify);

static const pass_fn passes[] = {
    hf__verify_store, hf__verify_bases, hf__verify_events, hf__verify_orders,
    hf__verify_holds, hf__verify_txns,  hf__verify_others, hf__verify_accounts,
};

/* Records whose states are in events: the existing ones, and those that the engine has removed. */
static int count_states(hf__verify *verify, uint64_t *records)
{
    const hf__purge key = hf__purge_txns_key();
    const void *row;
    int error = hf__query_get(&verify->query, HF__PURGES, &key, &row);
    *records = verify->tables[HF__ORDERS].rows + verify->tables[HF__PAYMENTS].rows +
               verify->tables[HF__HOLDS].rows + verify->tables[HF__TXNS].rows +
               verify->tables[HF__BRANCHES].rows;
    if (error == 0 && row != NULL)
        *records += ((const hf__purge *)row)->last;
    return error;
}

/* Sums for twice the accounts, for those that are named but not there. */
static int take_memory(hf__verify *verify)
{
    hf_env *env = verify->engine->env;
    uint64_t records;
    int error = count_states(verify, &records);
    if (error != 0)
        return error;
    verify->sum_max = (uint32_t)verify->tables[HF__ACCOUNTS].rows * 2 + 1024;
    verify->sum_rows = hf__alloc(env, sizeof(hf__sum) * verify->sum_max);
    verify->series_max = SERIES_MAX;
    verify->series = hf__alloc(env, sizeof(hf__series_sum) * SERIES_MAX);
    verify->seen_max = records > HF__SEEN_MAX ? 0 : (uint32_t)records;
    verify->seen_rows = hf__alloc(env, sizeof(hf__seen) * verify->seen_max);
    if (verify->sum_rows == NULL || verify->series == NULL || verify->seen_rows == NULL)
        return HF_E_NOMEM;
    error = hf__map_init(&verify->sums, env, verify->sum_max);
    return error != 0 ? error : hf__map_init(&verify->seen, env, verify->seen_max);
}

/*
 * Memory to work in: never more than the whole store takes, for allocators that clear or commit
 * what they hand out.
 */
static int take_work(hf__verify *verify, uint64_t store_bytes)
{
    uint64_t bytes = WORK_MAX;
    if (verify->total < WORK_MAX / ROW_BYTES && store_bytes < WORK_MAX)
        bytes = WORK_MIN + SCRATCH_BYTES + verify->total * ROW_BYTES + 2 * store_bytes;
    if (bytes > WORK_MAX)
        bytes = WORK_MAX;
    verify->work = hf__alloc_uncleared(verify->engine->env, bytes);
    if (verify->work == NULL)
        return HF_E_NOMEM;
    hf__arena_init(verify->query.work, verify->work, bytes);
    verify->scratch_bytes = SCRATCH_BYTES;
    verify->scratch = hf__arena_alloc(verify->query.work, verify->scratch_bytes);
    return 0;
}

static int run_passes(hf__verify *verify)
{
    hf_store_stat stat = {.tables = verify->tables, .table_count = HF__TABLE_COUNT};
    int error = verify->engine->driver->stat(verify->query.txn, &stat);
    for (uint32_t t = 0; t < HF__TABLE_COUNT; t++)
        verify->total += verify->tables[t].rows;
    verify->result->orders = verify->tables[HF__ORDERS].rows;
    verify->result->accounts = verify->tables[HF__ACCOUNTS].rows;
    verify->result->events = verify->tables[HF__EVENTS].rows;
    if (error == 0)
        error = take_work(verify, stat.bytes);
    if (error == 0)
        error = take_memory(verify);
    for (size_t i = 0; error == 0 && i < sizeof(passes) / sizeof(passes[0]); i++)
        error = passes[i](verify);
    return error;
}

static void *alloc(void *context, uint64_t bytes)
{
    return hf__arena_alloc(context, bytes);
}

static int with_snapshot(hf__verify *verify)
{
    hf__arena work = {0}; /* until the store has reported its number of rows */
    hf_store_error native = {0};
    hf_store_caller caller = {.alloc = alloc, .context = &work, .error = &native};
    const hf_store_driver *driver = verify->engine->driver;
    verify->query = (hf__query){.driver = driver, .work = &work};
    verify->engine_error = &native;
    int error = 0;
    if (verify->engine->journal != NULL) /* then nearly all of it is the store alone */
        error = hf__journal_checkpoint(verify->engine->journal, &native);
    if (error == 0)
        error = driver->begin(verify->engine->store, HF_TXN_SNAPSHOT, &caller, &verify->query.txn);
    if (error != 0)
        return error;
    error = run_passes(verify);
    if (error == HF_E_CORRUPT) {
        hf__verify_find(verify, HF_CLAUSE_STORE, "%s",
                        native.text[0] != '\0' ? native.text : verify->query.detail.text);
        error = 0;
    }
    driver->rollback(verify->query.txn);
    return error;
}

int hf__engine_verify(hf__engine *engine, hf_progress_cb progress_cb, void *progress_data,
                      hf_verify_result *result, hf_finding *findings)
{
    hf_env *env = engine->env;
    hf__verify *verify = hf__alloc(env, sizeof(*verify));
    int error = HF_E_NOMEM;
    *result = (hf_verify_result){.size = sizeof(*result), .findings = findings};
    if (verify != NULL) {
        verify->engine = engine;
        verify->result = result;
        verify->findings = findings;
        verify->progress = progress_cb;
        verify->progress_data = progress_data;
        error = with_snapshot(verify);
        hf__map_fini(&verify->sums, env);
        hf__map_fini(&verify->seen, env);
        hf__free(env, verify->seen_rows);
        hf__free(env, verify->sum_rows);
        hf__free(env, verify->series);
        hf__free(env, verify->work);
    }
    hf__free(env, verify);
    const char *place = hf__invariant_taken(HF__OF_OPERATION);
    hf__detail detail;
    return place == NULL ? error : hf__task_broke(engine, "verify", place, &detail);
}

/*
 * share.c - how much of a batch is for what the engine does by itself.
 *
 * The share is counted in rows, because rows are what operations cost. Each operation of a caller
 * gives the engine ROWS_A_TASK rows for expiry and as many for promotions, so both together take
 * about as long as the callers' operations do. A batch without operations of callers has twice the
 * rows of such a batch before it, up to as many records as a commit may have operations: a caller
 * that comes after a pause waits for a batch about as long as its pause. A share that is not used
 * up is kept, up to ROWS_SAVED, so that what is little is done at once; one that was overdrawn is
 * paid back by batches with operations of callers. A batch without them always has a share.
 *
 * One operation of the engine's own handles up to HF__SWEEP_MOST records. When a batch has no
 * memory for so many, it handles half as many, and one more each time that it succeeds.
 */
#include "domain/expire.h"
#include "engine/state.h"

#define ROWS_A_TASK  2           /* for expiry and for promotions, for each operation */
#define ROWS_A_BATCH INT64_C(32) /* and for each batch */
#define ROWS_SAVED   1024        /* that may be saved up */
#define QUIET_MAX    16u         /* doublings of the share of batches without callers' operations */

void hf__share_init(hf__engine *engine)
{
    for (uint32_t i = 0; i < HF__CHORE_COUNT; i++)
        engine->share.limit[i] = HF__SWEEP_MOST;
}

void hf__share_begin(hf__engine *engine, uint32_t tasks)
{
    hf__share *share = &engine->share;
    share->quiet = tasks != 0 ? 0 : share->quiet < QUIET_MAX ? share->quiet + 1 : QUIET_MAX;
    share->records = 0;
    share->more = false;
    share->failed = false;
    const int64_t least = tasks == 0 ? 1 : INT64_MIN;
    const int64_t gain = (ROWS_A_BATCH << share->quiet) + (int64_t)ROWS_A_TASK * tasks;
    const int64_t most = gain > ROWS_SAVED ? gain : ROWS_SAVED;
    for (uint32_t i = 0; i < HF__CHORE_COUNT; i++) {
        int64_t credit = share->credit[i] + gain;
        credit = credit < most ? credit : most;
        share->credit[i] = credit > least ? credit : least;
    }
}

/* Callers' operations need memory too: half of the batch's, and a quarter is for answers anyway. */
static bool memory_left(const hf__engine *engine)
{
    const hf__batch *batch = engine->group.batch;
    size_t left = batch->work.capacity - batch->work.used;
    return left >= batch->work_capacity / (engine->share.quiet != 0 ? 4 : 2);
}

bool hf__share_left(const hf__engine *engine, hf__chore chore)
{
    const hf__share *share = &engine->share;
    return share->credit[chore] > 0 && share->records < engine->commit_ops_max &&
           memory_left(engine) && !hf__group_full(engine);
}

void hf__share_take(hf__engine *engine, hf__chore chore, uint32_t records)
{
    hf__share *share = &engine->share;
    share->credit[chore] -= engine->draft.row_count;
    share->records += records;
    share->limit[chore] += share->limit[chore] < HF__SWEEP_MOST ? 1 : 0;
}

/*
 * share.c - how much of a batch is for what the engine does by itself.
 *
 * The share is counted in rows, because rows are what operations cost. Each operation of a caller
 * gives the engine ROWS_A_TASK rows for expiry and as many for promotions, so both together take
 * about as long as the callers' operations do. One that writes a record with a deadline gives as
 * many rows for expiry as it touched, since the record will touch no more of them when it expires;
 * so what is due never grows, however large the records are, as long as as many are placed. An
 * order that joins a queue gives its rows for promotions, and a promotion those for expiry.
 *
 * The cost of a row depends on the machine: with a slow disk an operation of a caller leaves time
 * for many rows. So the rows of each batch follow the time: they double while something is left and
 * the engine's own work takes less than a sixth of the time, and become fewer when it takes more,
 * down to ROWS_A_BATCH. A virtual clock has no such time.
 *
 * What became due while the engine is open should not be older than a second. When a record is
 * overdue by URGENT_MS, the share of expiry is multiplied, although callers then have less than
 * half of the time.
 *
 * A batch without operations of callers has twice the rows of such a batch before it, up to as many
 * records as a commit may have operations: a caller that comes after a pause waits for a batch
 * about as long as its pause. A share that is not used up is kept, up to ROWS_SAVED, so that a
 * small amount of work is done at once. A share that was overdrawn is paid back by batches with
 * operations of callers. A batch without such operations always has a share.
 */
#include "engine/run/run.h"

#define ROWS_A_TASK  2           /* for expiry and for promotions, for each operation */
#define ROWS_A_BATCH INT64_C(32) /* and for each batch */
#define ROWS_SAVED   1024        /* that may be saved up */
#define ROWS_PACED   16384       /* at most, for each batch by its time */
#define QUIET_MAX    16u         /* doublings of the share of batches without callers' operations */
#define PACE_MS      20          /* after which the time is looked at */
#define URGENT_MS    200         /* after a deadline; at twice as much its share is threefold */
#define URGENT_MAX   16

void hf__share_init(hf__engine *engine)
{
    engine->share.pace.rows = ROWS_A_BATCH;
}

static int64_t within(int64_t value, int64_t least, int64_t most)
{
    if (value < least)
        return least;
    return value > most ? most : value;
}

/* A sixth of the time is for the engine's own work, which makes commits and checkpoints slower. */
static void follow_time(hf__pace *pace)
{
    int64_t spent = pace->spent_ms > 0 ? pace->spent_ms : 1;
    int64_t rows = pace->limited ? pace->rows * pace->passed_ms / (6 * spent) : 0;
    rows = within(rows, pace->rows / 2, pace->rows * 2);
    *pace = (hf__pace){.rows = within(rows, ROWS_A_BATCH, ROWS_PACED)};
}

static void measure(hf__engine *engine, uint32_t tasks)
{
    hf__pace *pace = &engine->share.pace;
    const int64_t now = tasks == 0 || engine->clock.is_virtual ? 0 : hf__engine_uptime(engine);
    if (pace->begun_ms != 0 && now != 0)
        pace->passed_ms += now - pace->begun_ms;
    if (pace->passed_ms >= PACE_MS)
        follow_time(pace);
    pace->begun_ms = now;
}

void hf__share_swept(hf__engine *engine)
{
    hf__share *share = &engine->share;
    if (share->pace.begun_ms == 0)
        return;
    share->pace.spent_ms += hf__engine_uptime(engine) - share->pace.begun_ms;
    share->pace.limited = share->pace.limited || share->more;
}

/* What was overdue when the engine was opened is not urgent: it may take some seconds. */
static int64_t urgency(const hf__engine *engine, hf__chore chore)
{
    const int64_t due_ms = engine->walks.next_ms;
    if (chore != HF__CHORE_EXPIRY || due_ms < engine->opened_ms || due_ms > engine->clock.last_ms)
        return 1;
    return within((engine->clock.last_ms - due_ms) * 2 / URGENT_MS - 1, 1, URGENT_MAX);
}

void hf__share_begin(hf__engine *engine, uint32_t tasks)
{
    hf__share *share = &engine->share;
    measure(engine, tasks);
    share->quiet = share->quiet < QUIET_MAX ? share->quiet + 1 : QUIET_MAX;
    if (tasks != 0)
        share->quiet = 0;
    share->more = false;
    share->failed = false;
    const int64_t least = tasks == 0 ? 1 : INT64_MIN;
    const int64_t batch = tasks == 0 ? ROWS_A_BATCH << share->quiet : share->pace.rows;
    const int64_t each = batch + (int64_t)ROWS_A_TASK * tasks;
    for (uint32_t i = 0; i < HF__CHORE_COUNT; i++) {
        const int64_t gain = (each + share->earned[i]) * urgency(engine, (hf__chore)i);
        const int64_t most = gain > ROWS_SAVED ? gain : ROWS_SAVED;
        share->earned[i] = 0;
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

void hf__share_continue(hf__engine *engine)
{
    engine->share.more = true;
}

void hf__share_fail(hf__engine *engine)
{
    engine->share.failed = true;
}

void hf__share_stop(hf__engine *engine)
{
    engine->share.more = false;
}

void hf__share_commit(hf__engine *engine)
{
    engine->share.records = 0;
    engine->share.full = false;
}

bool hf__share_left(hf__engine *engine, hf__chore chore)
{
    hf__share *share = &engine->share;
    if (share->credit[chore] <= 0)
        return false;
    bool full =
        share->records >= engine->commit_ops_max || !memory_left(engine) || hf__group_full(engine);
    share->full = share->full || full;
    return !full;
}

void hf__share_spend(hf__engine *engine, hf__chore chore)
{
    engine->share.credit[chore] -= engine->draft.row_count;
}

void hf__share_take(hf__engine *engine, hf__chore chore, uint32_t records)
{
    hf__share *share = &engine->share;
    hf__share_spend(engine, chore);
    share->records += records;
    hf__figures_swept(engine, chore, records);
    if (chore == HF__CHORE_PROMOTION && engine->leaves[HF__CHORE_EXPIRY])
        share->earned[HF__CHORE_EXPIRY] += engine->draft.row_count;
}

void hf__share_earn(hf__engine *engine)
{
    hf__share *share = &engine->share;
    for (uint32_t i = 0; i < HF__CHORE_COUNT; i++)
        if (engine->leaves[i])
            share->earned[i] += engine->draft.row_count;
}

/*
 * lane.c - blocks on their way through the threads of a lane.
 *
 * Happy path: a block is given to the thread that ended last, since that one may still be awake.
 * While a batch runs, another one is given to the second thread as soon as it is worth a flush of
 * its own. They end in the order in which they were given.
 *
 * Failure mode: no thread can be started, HF_E_NOMEM.
 */
#include "loop/host.h"

int hf__lane_start(hf__lane *lane, hf__host *host, uint32_t runners, void (*run)(void *, void *))
{
    int error = 0;
    lane->runner_count = runners;
    for (uint32_t i = 0; error == 0 && i < runners; i++) {
        hf__worker *worker = &lane->runners[i].worker;
        worker->run = run;
        worker->context = host;
        error = hf__worker_start(worker, &host->env, &host->async);
    }
    return error;
}

void hf__lane_stop(hf__lane *lane)
{
    for (uint32_t i = 0; i < lane->runner_count; i++)
        hf__worker_stop(&lane->runners[i].worker);
}

/* A runner with nothing to do, the warm one before others; runner_count: there is none. */
static uint32_t idle_runner(const hf__lane *lane)
{
    uint32_t at = lane->warm;
    for (uint32_t i = 0; i < lane->runner_count; i++, at = (at + 1) % lane->runner_count)
        if (!lane->runners[at].busy)
            return at;
    return lane->runner_count;
}

bool hf__lane_idle(const hf__lane *lane)
{
    return idle_runner(lane) != lane->runner_count;
}

/*
 * Beside a batch that runs only one that is not much smaller: else a few operations that came early
 * would take the thread, and a flush, from the many that follow.
 */
bool hf__lane_waits(const hf__lane *lane)
{
    uint32_t count = lane->filling == NULL ? 0 : lane->filling->batch.count;
    if (count == 0)
        return false;
    return lane->running == NULL || (count >= lane->given / 2 && hf__lane_idle(lane));
}

static void append(hf__block **list, hf__block *block)
{
    while (*list != NULL)
        list = &(*list)->next;
    block->next = NULL;
    *list = block;
}

void hf__lane_give(hf__lane *lane)
{
    hf__block *block = lane->filling;
    block->runner = idle_runner(lane);
    hf__runner *runner = &lane->runners[block->runner];
    lane->filling = NULL;
    lane->given = block->batch.count;
    append(&lane->running, block);
    runner->busy = true;
    hf__worker_give(&runner->worker, block);
}

void hf__lane_pass(hf__lane *lane)
{
    hf__block *block = lane->filling;
    block->runner = HF__NO_RUNNER;
    lane->filling = NULL;
    append(&lane->running, block);
}

/* Whether the block has ended; then its runner is idle. */
static bool has_ended(hf__lane *lane, const hf__block *block)
{
    if (block->runner == HF__NO_RUNNER)
        return true;
    hf__runner *runner = &lane->runners[block->runner];
    if (hf__worker_take(&runner->worker) == NULL)
        return false;
    lane->warm = block->runner;
    runner->busy = false;
    return true;
}

void hf__lane_collect(hf__lane *lane)
{
    for (hf__block *block = lane->running; block != NULL && has_ended(lane, block);
         block = lane->running) {
        lane->running = block->next;
        append(&lane->finished, block);
    }
}

hf__block *hf__lane_finished(hf__lane *lane)
{
    hf__block *block = lane->finished;
    if (block != NULL)
        lane->finished = block->next;
    return block;
}

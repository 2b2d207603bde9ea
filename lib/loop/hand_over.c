/*
 * hand_over.c - hands what was submitted over to the threads, as one batch each.
 *
 * Happy path: a batch is handed over when its thread is idle, and large enough or nothing else is
 * to come. A read waits for the due deadlines after hf_clock_advance.
 */
#include "loop/host.h"

#define EARLY_TASKS 32u /* fewer are decided in less time than a flush takes */

/*
 * Reads behind others wait for them in two cases:
 * - The read cache can answer all of them then, which takes less time than a thread. Otherwise
 *   reads that are in flight all the time would never come back from the threads to the cache.
 * - No buffer would be left to fill. Batches of reads that have run keep their buffers until the
 *   write that their snapshots show is delivered, and more reads come while that write is flushed.
 */
static bool reads_wait(const hf__host *host)
{
    const hf__request_queue *requests = &host->reads;
    if (host->catching_up || !hf__request_queue_waits(requests))
        return false;
    const bool first = requests->running == NULL && requests->finished == NULL;
    if (first)
        return true;
    return hf__request_queue_has_next(requests) &&
           !hf__engine_caches(host->engine, &requests->filling->batch);
}

/*
 * A deadline is due, and no batch of operations is under way or to be delivered. The engine does
 * what is due within such a batch; a batch of its own beside it would cost a flush.
 */
static bool tick_waits(const hf__host *host)
{
    const hf__request_queue *requests = &host->writes;
    return host->tick && hf__request_queue_idle(requests) && requests->finished == NULL &&
           (requests->running == NULL || requests->given == 0);
}

/* True also when nothing was submitted and a deadline is due. */
static bool writes_wait(const hf__host *host)
{
    return hf__request_queue_waits(&host->writes) || tick_waits(host);
}

static void hand_writes_over(hf__host *host)
{
    hf__batch_buffer *buffer =
        hf__request_queue_filling(&host->writes); /* a tick may come before anything else */
    if (buffer == NULL)
        return;
    hf__disk_ask(host);
    hf__engine_queue(host->engine, &buffer->batch);
    hf__request_queue_give(&host->writes);
    if (host->tick && host->catching_up)
        host->ticking = buffer;
    host->tick = false;
}

static void give_reads(hf__host *host)
{
    hf__engine_queue_read(host->engine, &host->reads.filling->batch);
    hf__request_queue_give(&host->reads);
}

/*
 * Reads that the read cache answers all of need no thread. Behind other reads they do: those may
 * show a commit that is not delivered yet, and later reads never show an older state. The pump
 * delivers the answers before anything else, since they lie in the cache.
 */
static void hand_reads_over(hf__host *host)
{
    const hf__request_queue *reads = &host->reads;
    const bool first = reads->running == NULL && reads->finished == NULL;
    if (!first || !hf__engine_answer(host->engine, &reads->filling->batch)) {
        give_reads(host);
        return;
    }
    hf__request_queue_pass(&host->reads);
    hf__request_queue_collect(&host->reads);
}

bool hf__to_hand_over(const hf__host *host)
{
    return writes_wait(host) || reads_wait(host);
}

void hf__hand_over(hf__host *host)
{
    if (host->closing)
        return;
    if (writes_wait(host))
        hand_writes_over(host);
    if (reads_wait(host))
        hand_reads_over(host);
    if (host->threaded)
        return;
    hf__request_queue_collect(&host->writes);
    hf__request_queue_collect(&host->reads);
}

/* The threads of the request queue are idle, and half of what callbacks may submit is there. */
static bool starves(const hf__request_queue *requests, uint32_t count)
{
    return requests->worker_count > 1 && requests->running == NULL && requests->filling != NULL &&
           count >= EARLY_TASKS && requests->filling->batch.count >= count / 2;
}

/*
 * When no thread has anything to do, half of what the callbacks submit need not wait for the rest.
 * Without a second thread that half waits: commits of a store are expensive, and a large one costs
 * less than two. Reads that the read cache can answer wait for the next run of the pump, which
 * answers them.
 */
void hf__hand_over_early(hf__host *host, const hf__batch *delivered)
{
    if (host->closing)
        return;
    const hf__batch_buffer *writes = host->writes.filling;
    const hf__batch_buffer *read = host->reads.filling;
    if (starves(&host->writes, delivered->count))
        hand_writes_over(host);
    bool reads = delivered->is_read && !delivered->cached && !host->catching_up &&
                 hf__request_queue_has_next(&host->reads);
    if (reads && starves(&host->reads, delivered->count) &&
        !hf__engine_caches(host->engine, &host->reads.filling->batch))
        give_reads(host);
    if (host->writes.filling != writes || host->reads.filling != read)
        hf__admission_pump(host); /* before the next callbacks fill the batch that is begun now */
}

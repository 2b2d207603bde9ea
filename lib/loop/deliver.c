/*
 * deliver.c - the results of a batch, in the order of submission: callbacks, or the queue.
 *
 * A request is free again before its callback runs, so that the callback may use it for the next
 * call or give its memory back.
 */
#include "loop/host.h"

#include <string.h>

static void call_back(const hf__task *task)
{
    hf_done_cb cb;
    memcpy(&cb, &task->call, sizeof cb);
    hf__req_free(task->owner);
    cb(task->owner, &task->done);
}

void hf__deliver(hf__host *host, hf__block *block)
{
    for (uint32_t i = 0; i < block->batch.count; i++) {
        const hf__task *task = &block->batch.tasks[i];
        host->counts.completed++;
        if (task->done.status != 0)
            host->counts.refused++;
        if (task->owner == NULL)
            hf__queue_push(&host->queue, &task->done, block);
        else
            call_back(task);
    }
    hf__block_retire(block);
}

/*
 * request_queue.c - passes batch buffers through the threads of a request queue.
 *
 * Happy path: a buffer is given to the thread that ended last, since that one may still be awake.
 * While a batch runs, another one is given to the second thread as soon as it is worth a flush of
 * its own. They end in the order in which they were given.
 *
 * Failure mode: no thread can be started, HF_E_NOMEM.
 */
#include "loop/host.h"

int hf__request_queue_start(hf__request_queue *requests, hf__host *host, uint32_t workers,
                            void (*run)(void *, void *))
{
    int error = 0;
    requests->worker_count = workers;
    for (uint32_t i = 0; error == 0 && i < workers; i++) {
        hf__worker *worker = &requests->workers[i].thread;
        worker->run = run;
        worker->context = host;
        error = hf__worker_start(worker, &host->env, &host->async);
    }
    return error;
}

void hf__request_queue_stop(hf__request_queue *requests)
{
    for (uint32_t i = 0; i < requests->worker_count; i++)
        hf__worker_stop(&requests->workers[i].thread);
}

/* A worker with nothing to do, the warm one before others; worker_count: there is none. */
static uint32_t idle_worker(const hf__request_queue *requests)
{
    uint32_t at = requests->warm;
    for (uint32_t i = 0; i < requests->worker_count; i++, at = (at + 1) % requests->worker_count)
        if (!requests->workers[at].busy)
            return at;
    return requests->worker_count;
}

bool hf__request_queue_idle(const hf__request_queue *requests)
{
    return idle_worker(requests) != requests->worker_count;
}

/*
 * True when the filling buffer should be given to a worker. Beside a batch that runs, a buffer is
 * given only when its batch is not much smaller: otherwise a few operations that came early would
 * take the thread, and a flush, from the many that follow.
 */
bool hf__request_queue_waits(const hf__request_queue *requests)
{
    uint32_t count = requests->filling == NULL ? 0 : requests->filling->batch.count;
    if (count == 0)
        return false;
    return requests->running == NULL ||
           (count >= requests->given / 2 && hf__request_queue_idle(requests));
}

static void append(hf__batch_buffer **list, hf__batch_buffer *buffer)
{
    while (*list != NULL)
        list = &(*list)->next;
    buffer->next = NULL;
    *list = buffer;
}

void hf__request_queue_give(hf__request_queue *requests)
{
    hf__batch_buffer *buffer = requests->filling;
    buffer->worker = idle_worker(requests);
    hf__batch_worker *worker = &requests->workers[buffer->worker];
    requests->filling = NULL;
    requests->given = buffer->batch.count;
    append(&requests->running, buffer);
    worker->busy = true;
    hf__worker_give(&worker->thread, buffer);
}

void hf__request_queue_pass(hf__request_queue *requests)
{
    hf__batch_buffer *buffer = requests->filling;
    buffer->worker = HF__NO_WORKER;
    requests->filling = NULL;
    append(&requests->running, buffer);
}

/* Whether the buffer has ended; then its worker is idle. */
static bool has_ended(hf__request_queue *requests, const hf__batch_buffer *buffer)
{
    if (buffer->worker == HF__NO_WORKER)
        return true;
    hf__batch_worker *worker = &requests->workers[buffer->worker];
    if (hf__worker_take(&worker->thread) == NULL)
        return false;
    requests->warm = buffer->worker;
    worker->busy = false;
    return true;
}

void hf__request_queue_collect(hf__request_queue *requests)
{
    for (hf__batch_buffer *buffer = requests->running;
         buffer != NULL && has_ended(requests, buffer); buffer = requests->running) {
        requests->running = buffer->next;
        append(&requests->finished, buffer);
    }
}

hf__batch_buffer *hf__request_queue_finished(hf__request_queue *requests)
{
    hf__batch_buffer *buffer = requests->finished;
    if (buffer != NULL)
        requests->finished = buffer->next;
    return buffer;
}

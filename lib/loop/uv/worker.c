/*
 * worker.c - a thread, a mutex and a semaphore: two wake-ups a batch, one each way.
 *
 * Happy path: give sets the job and wakes the thread; the thread runs it unlocked, sets done and
 * notifies the loop, which takes it. Job and done never overlap: the loop gives the next job only
 * after it took the last one, so what a job points to has one owner at any time.
 *
 * Failure mode: only the start can fail (HF_E_NOMEM), and then nothing is left behind.
 */
#include "loop/uv/worker.h"

/* The next job; NULL when the thread is to end. */
static void *wait(hf__worker *worker)
{
    uv_sem_wait(&worker->wake);
    uv_mutex_lock(&worker->lock);
    void *job = worker->job;
    uv_mutex_unlock(&worker->lock);
    return job;
}

static void main_of(void *data)
{
    hf__worker *worker = data;
    for (void *job = wait(worker); job != NULL; job = wait(worker)) {
        worker->run(worker->context, job);
        uv_mutex_lock(&worker->lock);
        worker->job = NULL;
        worker->done = job;
        uv_mutex_unlock(&worker->lock);
        (void)uv_async_send(worker->async);
    }
}

int hf__worker_start(hf__worker *worker, hf_env *env, uv_async_t *async)
{
    if (env->threads->start == NULL)
        return 0;
    if (uv_mutex_init(&worker->lock) != 0)
        return HF_E_NOMEM;
    if (uv_sem_init(&worker->wake, 0) != 0)
        goto no_semaphore;
    worker->threads = env->threads;
    worker->async = async;
    if (env->threads->start(&worker->thread, main_of, worker) == 0)
        return 0;
    worker->async = NULL;
    uv_sem_destroy(&worker->wake);
no_semaphore:
    uv_mutex_destroy(&worker->lock);
    return HF_E_NOMEM;
}

void hf__worker_stop(hf__worker *worker)
{
    if (worker->async == NULL)
        return;
    uv_sem_post(&worker->wake); /* it finds no job */
    worker->threads->join(worker->thread);
    uv_sem_destroy(&worker->wake);
    uv_mutex_destroy(&worker->lock);
    worker->async = NULL;
}

void hf__worker_give(hf__worker *worker, void *job)
{
    if (worker->async == NULL) {
        worker->run(worker->context, job);
        worker->done = job;
        return;
    }
    uv_mutex_lock(&worker->lock);
    worker->job = job;
    uv_mutex_unlock(&worker->lock);
    uv_sem_post(&worker->wake); /* unlocked: else it would wake up only to wait for the lock */
}

void *hf__worker_take(hf__worker *worker)
{
    void *done;
    if (worker->async == NULL) {
        done = worker->done;
        worker->done = NULL;
        return done;
    }
    uv_mutex_lock(&worker->lock);
    done = worker->done;
    worker->done = NULL;
    uv_mutex_unlock(&worker->lock);
    return done;
}

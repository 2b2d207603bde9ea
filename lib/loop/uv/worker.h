/*
 * worker.h - one thread that does one job at a time, given by the loop and taken back by it.
 */
#ifndef HF_LOOP_UV_WORKER_H
#define HF_LOOP_UV_WORKER_H

#include "base/env.h"

#include <uv.h>

typedef struct hf__worker {
    void (*run)(void *context, void *job);
    void *context;
    uv_async_t *async; /* notified when a job is done; NULL: everything runs inline */
    const hf__threads *threads;
    void *thread;
    uv_sem_t wake;   /* raised for each job, and once without one to end the thread */
    uv_mutex_t lock; /* of the two below */
    void *job;
    void *done;
} hf__worker;

/* Starts the thread, if the environment has threads. HF_E_NOMEM. `async` may be set up later. */
int hf__worker_start(hf__worker *worker, hf_env *env, uv_async_t *async);

/* Ends the thread; it must be idle. Does nothing when it was not started. */
void hf__worker_stop(hf__worker *worker);

/* Gives a job to the idle worker. One wake-up, or inline the job itself. */
void hf__worker_give(hf__worker *worker, void *job);

/* The job that is done, once; else NULL. */
void *hf__worker_take(hf__worker *worker);

#endif

/*
 * lock.h - a mutex for short sections, for modules that share memory between their threads; and a
 * signal that something under it has changed.
 *
 * Not recursive. Nothing that can wait (a file, a callback) is done while it is locked.
 */
#ifndef HF_BASE_LOCK_H
#define HF_BASE_LOCK_H

#include <pthread.h>

typedef struct hf__lock {
    pthread_mutex_t native;
} hf__lock;

static inline void hf__lock_init(hf__lock *lock)
{
    lock->native = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

static inline void hf__lock_fini(hf__lock *lock)
{
    (void)pthread_mutex_destroy(&lock->native);
}

static inline void hf__lock_take(hf__lock *lock)
{
    (void)pthread_mutex_lock(&lock->native);
}

static inline void hf__lock_give(hf__lock *lock)
{
    (void)pthread_mutex_unlock(&lock->native);
}

typedef struct hf__signal {
    pthread_cond_t native;
} hf__signal;

static inline void hf__signal_init(hf__signal *signal)
{
    signal->native = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
}

static inline void hf__signal_fini(hf__signal *signal)
{
    (void)pthread_cond_destroy(&signal->native);
}

/* Unlocks, waits, and locks again. It may return without a signal: check the condition again. */
static inline void hf__signal_wait(hf__signal *signal, hf__lock *lock)
{
    (void)pthread_cond_wait(&signal->native, &lock->native);
}

/* Wakes everybody who waits. */
static inline void hf__signal_raise(hf__signal *signal)
{
    (void)pthread_cond_broadcast(&signal->native);
}

#endif

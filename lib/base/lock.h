/*
 * lock.h - a mutex for short sections, for rooms that share memory between their threads.
 *
 * Not recursive. Nothing that can wait (a file, a callback) is done while it is held.
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

#endif

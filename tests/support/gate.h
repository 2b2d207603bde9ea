/*
 * A memory store with gates: a test closes one, waits until a thread stands before it, and opens it
 * again. So "while a commit is being written" is a place in a test and not a matter of luck.
 */
#ifndef HF_TESTS_SUPPORT_GATE_H
#define HF_TESTS_SUPPORT_GATE_H

#include <holdfast/error.h>
#include <holdfast/store.h>
#include <pthread.h>
#include <stdbool.h>

typedef enum hf_test_gate {
    HF_GATE_BEGIN,     /* before a write transaction begins */
    HF_GATE_COMMITTED, /* after a commit, before the engine has its result */
    HF_GATE_SNAPSHOT,  /* after a snapshot was made */
    HF_GATE_GET,       /* before rows are got */
    HF_GATE_COUNT
} hf_test_gate;

typedef struct hf_gates_state {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closed[HF_GATE_COUNT];
    int waiting[HF_GATE_COUNT];
    int writes;       /* write transactions begun */
    int ended;        /* transactions rolled back, snapshots among them */
    int commit_error; /* not 0: the next commit fails with it */
} hf_gates_state;

extern hf_gates_state hf_gates;

static inline void hf_gate_pass(hf_test_gate gate)
{
    pthread_mutex_lock(&hf_gates.lock);
    hf_gates.waiting[gate]++;
    pthread_cond_broadcast(&hf_gates.changed);
    while (hf_gates.closed[gate])
        pthread_cond_wait(&hf_gates.changed, &hf_gates.lock);
    hf_gates.waiting[gate]--;
    pthread_mutex_unlock(&hf_gates.lock);
}

static inline void hf_gate_set(hf_test_gate gate, bool closed)
{
    pthread_mutex_lock(&hf_gates.lock);
    hf_gates.closed[gate] = closed;
    pthread_cond_broadcast(&hf_gates.changed);
    pthread_mutex_unlock(&hf_gates.lock);
}

/* Returns when a thread stands before the closed gate. */
static inline void hf_gate_wait(hf_test_gate gate)
{
    pthread_mutex_lock(&hf_gates.lock);
    while (hf_gates.waiting[gate] == 0)
        pthread_cond_wait(&hf_gates.changed, &hf_gates.lock);
    pthread_mutex_unlock(&hf_gates.lock);
}

static inline int hf_gate_count(const int *counter)
{
    pthread_mutex_lock(&hf_gates.lock);
    int count = *counter;
    pthread_mutex_unlock(&hf_gates.lock);
    return count;
}

static inline void hf_gate_wait_for(const int *counter, int least)
{
    pthread_mutex_lock(&hf_gates.lock);
    while (*counter < least)
        pthread_cond_wait(&hf_gates.changed, &hf_gates.lock);
    pthread_mutex_unlock(&hf_gates.lock);
}

static inline void hf_gate_add(int *counter)
{
    pthread_mutex_lock(&hf_gates.lock);
    ++*counter;
    pthread_cond_broadcast(&hf_gates.changed);
    pthread_mutex_unlock(&hf_gates.lock);
}

static inline int hf_gate_begin(void *store, uint32_t mode, const hf_store_caller *caller,
                                void **txn)
{
    const hf_store_driver *memory = hf_store_builtin("memory");
    if (mode == HF_TXN_WRITE) {
        hf_gate_pass(HF_GATE_BEGIN);
        hf_gate_add(&hf_gates.writes);
    }
    int error = memory->begin(store, mode, caller, txn);
    if (mode == HF_TXN_SNAPSHOT)
        hf_gate_pass(HF_GATE_SNAPSHOT);
    return error;
}

static inline int hf_gate_get(void *txn, uint32_t table, void *const *rows, uint8_t *found,
                              uint32_t count)
{
    hf_gate_pass(HF_GATE_GET);
    return hf_store_builtin("memory")->get(txn, table, rows, found, count);
}

static inline int hf_gate_commit(void *txn, const hf_store_mark *mark)
{
    const hf_store_driver *memory = hf_store_builtin("memory");
    pthread_mutex_lock(&hf_gates.lock);
    int error = hf_gates.commit_error;
    hf_gates.commit_error = 0;
    pthread_mutex_unlock(&hf_gates.lock);
    if (error != 0) {
        memory->rollback(txn);
        return error;
    }
    error = memory->commit(txn, mark);
    hf_gate_pass(HF_GATE_COMMITTED);
    return error;
}

static inline void hf_gate_rollback(void *txn)
{
    hf_store_builtin("memory")->rollback(txn);
    hf_gate_add(&hf_gates.ended);
}

/* The driver; one of each test program. All gates are open. */
const hf_store_driver *hf_gate_store(void);

#endif

/*
 * fault.h - a store around another one that fails on purpose: for failure sweeps and simulation.
 *
 *     hf__fault fault;
 *     hf__fault_init(&fault, inner, keep);             wraps a driver
 *     engine opens with &fault.driver ...              and a scenario runs
 *     n = hf__fault_calls(&fault);                     how many calls it made
 *     for k in 1..n: hf__fault_arm(&fault, {k, ...});  each fails once in a run of its own
 *     hf__fault_fini(&fault);
 *
 * Counted are the calls that can fail: open, begin, get, put, del, scan, commit, stat, check,
 * backup, restore. Close and rollback always reach the inner store, so that nothing leaks.
 */
#ifndef HF_TESTS_SUPPORT_FAULT_H
#define HF_TESTS_SUPPORT_FAULT_H

#include "base/lock.h"

#include <holdfast/store.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Calls that are counted; as a bit in hf__fault_plan.calls. */
typedef enum hf__fault_call {
    HF__FAULT_OPEN = 0,
    HF__FAULT_BEGIN,
    HF__FAULT_GET,
    HF__FAULT_PUT,
    HF__FAULT_DEL,
    HF__FAULT_SCAN,
    HF__FAULT_COMMIT,
    HF__FAULT_STAT,
    HF__FAULT_CHECK,
    HF__FAULT_BACKUP,
    HF__FAULT_RESTORE,
    HF__FAULT_CALLS
} hf__fault_call;

typedef enum hf__fault_kind {
    HF__FAULT_NONE = 0,
    HF__FAULT_FAIL,       /* the call does nothing and gives `error`; a commit is rolled back */
    HF__FAULT_LOSE_ACK,   /* the call is made, and gives `error` when it succeeded */
    HF__FAULT_CRASH,      /* it and all later ones do nothing and give HF_E_IO */
    HF__FAULT_CRASH_DONE, /* it is made, its answer lost: it and all later ones give HF_E_IO */
} hf__fault_kind;

/* What goes wrong. All zero: nothing. */
typedef struct hf__fault_plan {
    uint64_t at;    /* the first call it hits, from 1; 0: none */
    uint64_t count; /* how many in a row; 0 is taken as 1; a crash has no end */
    uint32_t kind;  /* hf__fault_kind */
    uint32_t calls; /* only these are counted, a bit each; 0: all */
    int error;      /* HF_E_*; 0: HF_E_IO for FAIL, HF_E_UNKNOWN for LOSE_ACK */
    /* Called before every counted call, to wait or to look; may be NULL. On the calling thread. */
    void (*before)(void *context, uint32_t call, uint64_t number);
    void *context;
} hf__fault_plan;

#define HF__FAULT_TXNS 64 /* open at the same time */

typedef struct hf__fault hf__fault;

/* A transaction as its user sees it. */
typedef struct hf__fault_txn {
    hf__fault *fault;
    void *inner;
    const hf_store_caller *caller;
    atomic_flag busy;
} hf__fault_txn;

struct hf__fault {
    hf_store_driver driver; /* what is given to the engine */
    const hf_store_driver *inner;
    const hf_allocator *kept; /* keep: the inner store's; NULL: it is closed when it is closed */
    hf__lock lock;            /* of the plan: a thread may call while another one arms it */
    hf__fault_plan plan;
    void *store;                /* the inner one */
    atomic_uint_fast64_t calls; /* since it was armed */
    atomic_uint_fast64_t hits;  /* of those, the ones that went wrong */
    hf__fault_txn txns[HF__FAULT_TXNS];
    uint32_t slot;
    bool open;
    atomic_bool crashed;
};

/*
 * Wraps a driver. With `keep` the inner store stays open when the wrapper is closed, and the next
 * open gives it again: a memory store then survives the "process"; it lives on this allocator,
 * which must outlast the fault. At most 8 at a time (HF_E_TOO_MANY). `fault` must not move.
 */
int hf__fault_init(hf__fault *fault, const hf_store_driver *inner, const hf_allocator *keep);

/* Closes a store that was kept. The wrapper must be closed. */
void hf__fault_fini(hf__fault *fault);

/* Sets what goes wrong from now on; counts from 0 again, and a crash is over. */
void hf__fault_arm(hf__fault *fault, const hf__fault_plan *plan);

/* Counted calls, and those that went wrong, since it was armed. */
uint64_t hf__fault_calls(const hf__fault *fault);
uint64_t hf__fault_hits(const hf__fault *fault);

/* "commit", for texts; NULL when there is no such call. */
const char *hf__fault_call_name(uint32_t call);

#endif

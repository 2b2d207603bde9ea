/*
 * runtime.h - the coordinator's runtime: calls participants and records their answers.
 *
 *     a transaction was changed, found at open, or is due
 *         -> read it -> call whom hf__txn_next_call names -> gather answers -> write them -> ...
 *
 * Everything durable is in the store and decided by lib/domain; the runtime's state may be lost at
 * any time. It belongs to the loop's thread and uses neither libuv nor a clock: the loop gives it a
 * table of functions, notifies it of commits, and runs one step of it in each iteration.
 */
#ifndef HF_TXN_RUNTIME_H
#define HF_TXN_RUNTIME_H

#include "base/text.h"
#include "engine/engine.h"

#include <holdfast/participant.h>
#include <holdfast/txn.h>

typedef struct hf__runtime hf__runtime;

/* An internal operation: what its completion is recognised by. */
typedef struct hf__txn_job hf__txn_job;

/* A caller that waits for a transaction: a request, or (req NULL) the completion queue. */
typedef struct hf__txn_caller {
    hf_req *req;
    hf_done_cb cb;
    uint64_t user_data;
    int64_t accepted_ns; /* when its operation was accepted */
} hf__txn_caller;

/* An internal operation to submit. */
typedef struct hf__txn_ask {
    uint32_t type; /* hf_op_type or HF_EVENT_* */
    bool read;
    const hf_op_head *args; /* copied as they are */
    size_t bytes;
    hf__txn_job *job;
} hf__txn_ask;

/* Host operations: the functions of the loop that the runtime calls. */
typedef struct hf__txn_host {
    void *context;
    /* Submits; returns the copy of the arguments, or NULL when there is no capacity now. */
    void *(*submit)(void *context, const hf__txn_ask *ask);
    /* Puts a call into the completion queue, while a batch is delivered. False: no capacity now. */
    bool (*queue)(void *context, const hf_call *call, uint64_t user_data);
    /* Completes an operation of the host whose completion was deferred. */
    void (*complete)(void *context, const hf__txn_caller *caller, const hf_completion *done);
    /* Asks for a step before the loop sleeps. */
    void (*wake)(void *context);
    int64_t (*now)(void *context);
    int64_t (*uptime)(void *context);                 /* monotonic clock, in ms */
    int64_t (*steady_ns)(void *context);              /* monotonic clock, in ns */
    uint64_t (*epoch)(void *context, uint32_t shard); /* of the shard's lease; 0: another engine has
                                                         it */
    bool (*shared)(void *context);                    /* others have the store open too */
    bool (*named)(void *context);                     /* the engine has a name of its own */
    bool (*closing)(void *context);
} hf__txn_host;

/* Of the options: txns_max, lease_ms and txn_keep_ms. HF_E_NOMEM, HF_E_IO. The table is copied. */
int hf__runtime_open(hf_env *env, const hf__txn_host *host, const hf_options *options,
                     hf__runtime **out);
void hf__runtime_close(hf__runtime *runtime); /* takes NULL */

/* registry.c: hf_participant_register, hf_provider_register. */
int hf__runtime_participant(hf__runtime *runtime, const hf_participant *participant,
                            hf__detail *detail);
int hf__runtime_provider(hf__runtime *runtime, const hf_provider *provider, hf__detail *detail);

/* HF_PARTICIPANT_* and HF__PARTICIPANT_FINAL of a participant; 0 when it is not registered. */
uint32_t hf__runtime_flags(const hf__runtime *runtime, const char *name, uint32_t version);

/* HF_PAYMENT_WHOLE_VOID and HF_PAYMENT_ONE_CAPTURE of a provider; 0 when it is not registered. */
uint32_t hf__runtime_provider_flags(const hf__runtime *runtime, const char *name);

/* Whether a registered participant or provider is called through the completion queue. */
bool hf__runtime_queues(const hf__runtime *runtime);

/* call_end.c: hf_call_done. */
int hf__runtime_answer(hf__runtime *runtime, uint64_t ticket, const hf_call_answer *answer,
                       hf__detail *detail);

/*
 * Admission: HF_E_DRAINING for what starts a transaction after a drain; HF_E_OVERLOADED when there
 * is no capacity for the transactions that an operation may start beside the `reserved` ones, or
 * for a caller that would wait for one. `args` are checked. hf__runtime_reserve reserves
 * hf__txn_weight, and hf__runtime_arrived releases it, with the same operation.
 */
int hf__runtime_admits(const hf__runtime *runtime, uint32_t type, const hf_op_head *args,
                       uint64_t reserved);
void hf__runtime_reserve(hf__runtime *runtime, uint32_t type, const hf_op_head *args);
void hf__runtime_arrived(hf__runtime *runtime, uint32_t type, const hf_op_head *args);

/* Before the completions of a batch. */
void hf__runtime_batch_begin(hf__runtime *runtime);

/*
 * The completion of a submission or seal of the host's, before it is delivered: true when it is
 * kept until the transaction is where the caller waits for it. Otherwise *done is as the caller is
 * to get it.
 */
bool hf__runtime_keeps(hf__runtime *runtime, const hf__operation *op, const hf__txn_caller *caller,
                       hf_completion *done);

/* The completion of an internal operation. */
void hf__runtime_done(hf__runtime *runtime, hf__txn_job *job, const hf_completion *done);

/*
 * After the completions of a batch of writes, in this order: what the answers of its operations
 * said of transactions, which ones its commits changed, and that this was all. `submitted`: by an
 * operation of their callers, not of operators.
 *
 * A runtime without a participant or provider drives only transactions that were submitted to it: a
 * tool that opens a store to inspect it, or to act on a transaction, must not park the transactions
 * of other engines.
 */
void hf__runtime_viewed(hf__runtime *runtime, const hf_txn_view *view, bool submitted);
void hf__runtime_noted(hf__runtime *runtime, const hf__touched *touched);
void hf__runtime_batch_end(hf__runtime *runtime);

/* Handles what is due and submits as many operations as there is capacity for. */
void hf__runtime_step(hf__runtime *runtime);

/* Whether the step had no capacity for an operation, and the time of the next step; 0: never. */
bool hf__runtime_stuck(const hf__runtime *runtime);
int64_t hf__runtime_due(const hf__runtime *runtime);

/*
 * How many transactions an operation begins; how many are worked on at once at most; and whether so
 * many more, and one more caller that waits for one, would be admitted.
 */
uint32_t hf__runtime_begins(uint32_t type, const hf_op_head *args);
uint32_t hf__runtime_most(const hf__runtime *runtime);
bool hf__runtime_has_capacity(const hf__runtime *runtime, uint64_t count);

/* Calls made so far. */
uint64_t hf__runtime_calls(const hf__runtime *runtime);

/* How many may be registered. */
#define HF__CALLEES_MAX 64u

/*
 * figures.c: what it has counted. `call_ns` are two histograms that live as long as the runtime: of
 * participants, and of providers. `callees` has capacity for HF__CALLEES_MAX; texts live likewise.
 */
typedef struct hf__runtime_figures {
    const hf_histogram *call_ns;
    uint32_t active;     /* transactions in which something happens now */
    uint32_t waited_for; /* callers that wait */
    uint32_t callees;
} hf__runtime_figures;

void hf__runtime_read_figures(const hf__runtime *runtime, hf__runtime_figures *out,
                              hf_callee_figures *callees);

/* driver.c: hf_node_drain was committed: no call is made and no lease is taken any more. */
void hf__runtime_drain(hf__runtime *runtime);

/* The engine closes: waiting callers get HF_E_UNKNOWN. No call is made any more. */
void hf__runtime_end(hf__runtime *runtime);

#endif

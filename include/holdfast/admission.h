/*
 * admission.h - how much new work an engine accepts before it refuses more with HF_E_OVERLOADED,
 * and when to try again. The cap of ADAPTIVE is an hf_gradient of resilience.h, where its source is
 * named.
 */
#ifndef HOLDFAST_ADMISSION_H
#define HOLDFAST_ADMISSION_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * When new work (hf_order_place, hf_hold_place, hf_txn_submit, hf_txn_begin) is refused with
 * HF_E_OVERLOADED. Operations that continue or end other work, reports of payments and reads are
 * refused in both modes only when their queue is full.
 */
typedef enum hf_admission {
    HF_ADMISSION_FIXED = 0,    /* when half of the queue is used, see hf_options.queue_bytes_max.
                                  The throughput is the highest, and each order waits behind that
                                  queue */
    HF_ADMISSION_ADAPTIVE = 1, /* also when the new work in flight has reached a cap. The cap begins
                                  with 256 operations, grows while the latency of new work is below
                                  three times its latency without a queue, and shrinks above that,
                                  between 64 and half of queue_ops_max. Batches that change nothing
                                  are not measured. Under overload the latency of an order is a
                                  fraction of that with FIXED, and the throughput is somewhat lower.
                                  What the loop submits and what other threads submit
                                  (hf_submit_from) have the cap each. A host that keeps thousands of
                                  operations in flight should use FIXED */
} hf_admission;

/*
 * Calls `cb` once, on the loop thread, when the engine accepts operations again after it refused
 * one with HF_E_OVERLOADED: when what was full at the last refusal before this call has capacity,
 * or in the next iteration of the loop when nothing is full. The completion has type HF_OP_NONE and
 * status 0, or HF_E_CANCELLED when the engine closes. Requests that wait for the same are called
 * back in the order of these calls. The capacity that was missing is reserved for them: until they
 * have been called back, other submissions that do not fit beside it are refused, so capacity for a
 * chain accumulates. New work that waits reserves nothing from other work. A callback that submits
 * may use what is reserved for later requests, which then wait longer. Operations of other threads
 * (hf_submit_from) and requests that wait take turns. A completion queue that was full has capacity
 * when hf_completions has taken some of its completions. HF_E_ARGUMENT, HF_E_REQ_BUSY, HF_E_CLOSED.
 * `req` is pinned until the callback. Thread: loop. Since 0.1.
 */
HF_API int hf_admission_wait(hf_engine *engine, hf_req *req, hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif

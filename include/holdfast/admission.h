/*
 * admission.h - how much new work an engine takes before it refuses more with HF_E_OVERLOADED, and
 * when to try again. The cap of ADAPTIVE is an hf_gradient of resilience.h, where its source is
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
 * HF_E_OVERLOADED. What continues or ends other work, reports of payments and reads are refused in
 * either case only when their queue is full.
 */
typedef enum hf_admission {
    HF_ADMISSION_FIXED = 0,    /* when half of the queue waits, see hf_options.queue_bytes_max: the
                                  most orders a second, each of which waits behind that queue */
    HF_ADMISSION_ADAPTIVE = 1, /* also when as much new work is under way as a cap says. The cap
                                  begins with 256 operations, grows while new work takes less than
                                  three times what it takes without a queue, and shrinks when it
                                  takes more, between 64 and half of queue_ops_max. Under overload
                                  an order takes a fraction of the time, and somewhat fewer are done
                                  a second. What other threads have submitted waits for the cap. A
                                  host that keeps thousands in flight by itself wants FIXED */
} hf_admission;

/*
 * Calls `cb` once, on the loop thread, when the engine accepts operations again after it refused
 * one with HF_E_OVERLOADED: when what was full at the last refusal before this call has capacity,
 * or at the next turn of the loop when nothing is full. The completion has type HF_OP_NONE and
 * status 0, or HF_E_CANCELLED when the engine closes. Requests are called back in the order of
 * these calls. A callback that submits may fill the engine again, then the later requests wait on.
 * What was full because completions are not taken has capacity when hf_completions takes some.
 * HF_E_ARGUMENT, HF_E_REQ_BUSY, HF_E_CLOSED. `req` is pinned until the callback.
 * Thread: loop. Since 0.1.
 */
HF_API int hf_admission_wait(hf_engine *engine, hf_req *req, hf_done_cb cb);

#ifdef __cplusplus
}
#endif

#endif

/*
 * call.h - how every operation enters an engine.
 */
#ifndef HF_API_CALL_H
#define HF_API_CALL_H

#include "loop/loop.h"

#include <holdfast/types.h>

/*
 * Checks, copies and queues one operation. 0, or what is wrong at once: then there is no callback
 * and nothing has changed.
 */
int hf__call(hf_engine *engine, uint32_t type, const void *args, hf_req *req, hf_done_cb cb);

/*
 * hf_submit in two halves, for operations of other threads. check looks at the first operation or
 * chain of an array: *length operations stand together, and on an error *culprit is the one that is
 * wrong. It may run on any thread. enter copies them into the batch being filled, on the loop's.
 */
int hf__call_check(const hf__host *host, const hf_op *ops, uint32_t count, uint32_t *length,
                   uint32_t *culprit, hf__detail *detail);
int hf__call_enter(hf__host *host, const hf_op *ops, uint32_t count);

#endif

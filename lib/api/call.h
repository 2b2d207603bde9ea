/*
 * call.h - the way every operation takes into an engine.
 */
#ifndef HF_API_CALL_H
#define HF_API_CALL_H

#include <holdfast/types.h>

/*
 * Checks, copies and queues one operation. 0, or what is wrong at once: then there is no callback
 * and nothing has changed.
 */
int hf__call(hf_engine *engine, uint32_t type, const void *args, hf_req *req, hf_done_cb cb);

#endif

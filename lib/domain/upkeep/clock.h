/*
 * clock.h - the engine's own operation that sets the stored time back.
 */
#ifndef HF_DOMAIN_UPKEEP_CLOCK_H
#define HF_DOMAIN_UPKEEP_CLOCK_H

#include "domain/core/draft.h"
#include "domain/core/operation.h"

/* Arguments of HF_EVENT_CLOCK; the new time is that of the batch. */
typedef struct hf__clock_args {
    hf_op_head head;
    int64_t stored_ms; /* the time that the store had */
} hf__clock_args;

/* HF_EVENT_CLOCK. HF_E_NOMEM. */
int hf__decide_clock(const hf__operation *op, hf__draft *draft);

#endif

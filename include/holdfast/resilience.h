/*
 * resilience.h - backoff, circuit breaker, concurrency cap and retry budget: what the coordinator
 * uses towards participants, for hosts to use towards anything else.
 *
 * Plain values in the caller's memory: no clock, no random source, no lock and no allocation of
 * their own. Times and random numbers are passed in, so a test or a simulator decides them. Each
 * value belongs to one thread at a time.
 */
#ifndef HOLDFAST_RESILIENCE_H
#define HOLDFAST_RESILIENCE_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* When to try again, and when to give up. Times in ms. */
typedef struct hf_retry_policy {
    uint32_t size;
    uint32_t attempts_max;  /* 0: no limit */
    int64_t initial_ms;     /* upper bound of the first delay; > 0 */
    int64_t cap_ms;         /* upper bound of any delay; >= initial_ms */
    int64_t elapsed_max_ms; /* since the first attempt; 0: no limit */
    uint32_t multiplier;    /* of the upper bound, in hundredths: 200 doubles; >= 100 */
    uint32_t reserved;
} hf_retry_policy;

#ifdef __cplusplus
}
#endif

#endif

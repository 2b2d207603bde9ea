/*
 * resilience.h - backoff, circuit breaker, concurrency cap (fixed, or adapted to latency), retry
 * budget, rate limit and hedging. The coordinator uses them for calls of participants, and a host
 * can use them for calls of any service. balancer.h chooses between several endpoints.
 *
 * All of them are plain values in the caller's memory, without a clock, a random source, a lock or
 * an allocation of their own. Times and random numbers are passed in, so a test or a simulator
 * controls them. Each value belongs to one thread at a time. Any clock in ms will do, one for each
 * value. When the clock goes back, a wait starts over, and lasts no longer than its time once the
 * clock advances again.
 *
 * Functions that answer a question return 1 for yes, 0 for no, and HF_E_* for a mistake of the
 * caller. A caller asks in this order and releases what it has acquired:
 *
 *     may = attempt == 1 ? hf_budget_deposit(&budget) == 0 : hf_budget_withdraw(&budget, now) == 1;
 *     if (may && hf_limiter_acquire(&limiter) == 1) {
 *         if (hf_breaker_allow(&breaker, now, &pass) == 1)
 *             call(pass);  its end: hf_breaker_report, hf_limiter_release, then hf_retry_delay
 *         else
 *             hf_limiter_release(&limiter);
 *     }
 */
#ifndef HOLDFAST_RESILIENCE_H
#define HOLDFAST_RESILIENCE_H

#include <holdfast/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* When to try again, and when to stop trying. Times in ms. */
typedef struct hf_retry_policy {
    uint32_t size;
    uint32_t attempts_max;  /* 0: no limit */
    int64_t initial_ms;     /* upper bound of the first delay; > 0 */
    int64_t cap_ms;         /* upper bound of any delay; >= initial_ms */
    int64_t elapsed_max_ms; /* since the first attempt; 0: no limit */
    uint32_t multiplier;    /* of the upper bound, in hundredths: 200 doubles; >= 100 */
    uint32_t reserved;
} hf_retry_policy;

/* States of a breaker. */
typedef enum hf_breaker_state {
    HF_BREAKER_CLOSED = 0,    /* calls pass */
    HF_BREAKER_OPEN = 1,      /* no call passes */
    HF_BREAKER_HALF_OPEN = 2, /* one call passes, the probe; its outcome decides */
} hf_breaker_state;

/* How a call ended that a breaker let pass. */
typedef enum hf_breaker_outcome {
    HF_BREAKER_SUCCESS = 0, /* the service answered, be it with a refusal */
    HF_BREAKER_FAILURE = 1, /* it did not answer, or said that it cannot work */
    HF_BREAKER_UNUSED = 2,  /* the call was not made, or its end says nothing of the service */
} hf_breaker_outcome;

/*
 * A circuit breaker, set by hf_breaker_init. For reading; the first three limits may be changed.
 *
 *               failures_max failures in a row
 *     CLOSED ----------------------------------> OPEN <------------------.
 *        ^                                         | open_for_ms passed   | the probe failed:
 *        |           the probe succeeded           v                      | open_for_ms doubles
 *        `------------------------------------ HALF_OPEN -----------------'
 */
typedef struct hf_breaker {
    uint32_t size;
    uint32_t failures_max; /* in a row, that open it; 0: it never opens */
    int64_t open_ms;       /* how long it stays open the first time; > 0 */
    int64_t open_max_ms;   /* and at most, after probes that failed; >= open_ms */
    int64_t open_for_ms;   /* how long it stays open now, and then how long a probe may take */
    int64_t since_ms;      /* when it opened; HALF_OPEN: when the probe passed */
    uint64_t pass;         /* of the next call in CLOSED; of the newest probe in HALF_OPEN */
    uint64_t pass_oldest;  /* passes below are of an earlier state: their ends do not count */
    uint64_t opened;       /* how often it opened, after probes that failed included */
    uint32_t state;        /* hf_breaker_state */
    uint32_t failures;     /* in a row */
    uint32_t probing;      /* HALF_OPEN: 1: a probe is in flight */
    uint32_t reserved;
} hf_breaker;

/* A cap on calls at once, set by hf_limiter_init. For reading; `max` may be changed. */
typedef struct hf_limiter {
    uint32_t size;
    uint32_t max;       /* >= 1 */
    uint32_t in_flight; /* above `max` only after it was lowered */
    uint32_t peak;      /* the most there were at once */
} hf_limiter;

/*
 * A retry budget, set by hf_budget_init: a bucket of tokens. Each first attempt adds
 * retries_per_hundred / 100 of one, each second min_per_s, up to tokens_max; each retry takes one.
 * So when everything fails, retries add a share of the load and no multiple of it. For reading;
 * the three limits may be changed.
 */
typedef struct hf_budget {
    uint32_t size;
    uint32_t retries_per_hundred; /* 0: first attempts add nothing */
    uint32_t tokens_max;          /* >= 1 */
    uint32_t min_per_s;           /* lets services with few calls retry; 0: time adds nothing */
    uint64_t thousandths;         /* of a token, in the bucket */
    int64_t since_ms;             /* up to when min_per_s has been added */
    uint64_t refused;             /* retries */
} hf_budget;

/*
 * Adapts hf_limiter.max to the capacity of a service; set by hf_gradient_init. As long as calls are
 * about as fast as without a queue the cap grows by the square root of itself; when they get
 * slower, it shrinks in proportion, by half at most. How fast the service is without a queue is
 * measured by probes: after fifty times as many calls as the cap or a step has, whichever is more,
 * the cap is divided by twice the tolerance for one step, which counts only calls that began since.
 * At the least cap probes come after ten steps, and the first five after four. The base is the
 * median of the last probes, so that one probe alone changes nothing. For reading; the numbers up
 * to `smoothing` may be changed.
 */
#define HF_GRADIENT_PROBES 5 /* of which the base is the median */

typedef struct hf_gradient {
    uint32_t size;
    uint32_t max_least; /* >= 1 */
    uint32_t max_most;  /* >= max_least */
    uint32_t window;    /* calls of one step; >= 1; default 100 */
    uint32_t tolerance; /* hundredths: how much slower than without a queue is still good; >= 100;
                           default 150 */
    uint32_t smoothing; /* hundredths of the way to the new cap in one step; 1..100; default 20 */
    uint32_t count;     /* calls of this step so far */
    uint32_t busiest;   /* most calls in flight in this step */
    uint32_t steps;     /* that have ended */
    uint32_t probing;   /* 1: this step is a probe */
    uint64_t sum_us;    /* latency of the calls of this step */
    uint64_t base_us;   /* mean latency without a queue; 0: not known yet */
    uint64_t max_thousandths;               /* the cap with its fraction, not divided */
    uint64_t probes_us[HF_GRADIENT_PROBES]; /* mean latencies of the last probes */
    uint32_t probes;                        /* so far; the first step counts as one */
    uint32_t skipped; /* calls that began before the probe and have not ended */
    uint64_t calls;   /* since the last probe */
} hf_gradient;

/*
 * A rate limit, set by hf_bucket_init: a bucket of tokens that fills at a fixed rate. For reading;
 * rate_per_s and burst may be changed.
 */
typedef struct hf_bucket {
    uint32_t size;
    uint32_t rate_per_s; /* tokens; >= 1 */
    uint32_t burst;      /* capacity of the bucket in tokens; >= 1 */
    uint32_t reserved;
    uint64_t thousandths; /* of a token, in the bucket */
    int64_t since_ms;     /* up to when it has been filled */
    uint64_t refused;     /* calls */
} hf_bucket;

#define HF_HEDGE_BUCKETS 128 /* of latency: four for each power of two */

/*
 * When a call is late enough to send it once more and take the first answer, set by hf_hedge_init:
 * later than `hundredths` of the recent calls. For operations that may be done twice: with one id
 * those of this library may.
 */
typedef struct hf_hedge {
    uint32_t size;
    uint32_t hundredths; /* 50..99 */
    uint32_t window;     /* when so many calls have been counted, all counts are halved */
    uint32_t counted;    /* the sum of `counts` */
    uint32_t counts[HF_HEDGE_BUCKETS]; /* of calls, by latency */
    hf_budget budget;                  /* of the second calls */
} hf_hedge;

/*
 * Defaults: from 50 ms doubling to 5 s, 100 attempts, no limit of time.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API void hf_retry_policy_init(hf_retry_policy *policy);

/*
 * Whether to try again after `attempt` attempts (>= 1, the one that just failed included), the
 * first of which began elapsed_ms ago (>= 0): 1 and *delay_ms, or 0 to stop trying, because
 * attempts_max were made or the next would start later than elapsed_max_ms after the first.
 * The delay is retry_after_ms (what the callee asked for; 0: nothing) plus full jitter: uniform
 * from 0 to initial_ms * multiplier^(attempt - 1), rounded up to whole ms at each step, at most
 * cap_ms, and at most what is left of elapsed_max_ms. So callers that failed together retry at
 * different times, also when the callee asked all of them for the same time. `random` is 64 random
 * bits. HF_E_ARGUMENT (NULL, or a field outside its range), HF_E_ABI (the policy's size or what it
 * sets behind it); then and with 0, *delay_ms is untouched. Thread: any, one at a time for each
 * value. Since 0.1. Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
HF_API int hf_retry_delay(const hf_retry_policy *policy, uint32_t attempt, uint64_t random,
                          int64_t retry_after_ms, int64_t elapsed_ms, int64_t *delay_ms);

/*
 * A closed breaker that opens for open_ms after failures_max failures in a row (0: never), then
 * twice as long after each probe that failed, up to open_max_ms (equal to open_ms: always the same
 * time). HF_E_ARGUMENT for NULL, open_ms < 1 or open_max_ms < open_ms.
 * Thread: any, one at a time for each value. Since 0.1. Source: Nygard, "Release It!".
 */
HF_API int hf_breaker_init(hf_breaker *breaker, uint32_t failures_max, int64_t open_ms,
                           int64_t open_max_ms);

/*
 * Whether a call may be made now: 1 and *pass for hf_breaker_report, or 0 (*pass is untouched). An
 * open breaker whose time has passed becomes half-open and lets one call pass, the probe; the next
 * one passes when the probe was reported, or has been in flight for open_for_ms without a report: a
 * probe that is lost blocks no longer than that. HF_E_ARGUMENT for NULL or limits outside their
 * range, HF_E_ABI for a value that was not set by hf_breaker_init. Thread: any, one at a time for
 * each value. Since 0.1. Source: Nygard, "Release It!".
 */
HF_API int hf_breaker_allow(hf_breaker *breaker, int64_t now_ms, uint64_t *pass);

/*
 * Reports how a call ended. Only calls of the present state count: what was let pass before the
 * breaker opened can neither close nor reopen it. Of several probes (the one before was late) the
 * first to be reported decides. HF_E_ENUM for an unknown hf_breaker_outcome, HF_E_ARGUMENT and
 * HF_E_ABI as hf_breaker_allow.
 * Thread: any, one at a time for each value. Since 0.1. Source: Nygard, "Release It!".
 */
HF_API int hf_breaker_report(hf_breaker *breaker, int64_t now_ms, uint64_t pass, uint32_t outcome);

/*
 * A limiter with nothing in flight. HF_E_ARGUMENT for NULL or max 0.
 * Thread: any, one at a time for each value. Since 0.1. Source: the bulkhead of Nygard, "Release
 * It!".
 */
HF_API int hf_limiter_init(hf_limiter *limiter, uint32_t max);

/*
 * 1: one more is in flight; 0: `max` are. HF_E_ARGUMENT for NULL, HF_E_ABI for a value that was not
 * set by hf_limiter_init.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_limiter_acquire(hf_limiter *limiter);

/*
 * One less is in flight. HF_E_ARGUMENT for NULL or when none is; HF_E_ABI as hf_limiter_acquire.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_limiter_release(hf_limiter *limiter);

/*
 * A full bucket, with min_per_s 10. HF_E_ARGUMENT for NULL or tokens_max 0.
 * Thread: any, one at a time for each value. Since 0.1. Source: RetryBudget of Twitter's Finagle;
 * retry throttling of gRPC.
 */
HF_API int hf_budget_init(hf_budget *budget, uint32_t retries_per_hundred, uint32_t tokens_max,
                          int64_t now_ms);

/*
 * Counts a first attempt. HF_E_ARGUMENT for NULL or tokens_max 0, HF_E_ABI for a value that was not
 * set by hf_budget_init.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_budget_deposit(hf_budget *budget);

/*
 * 1: a retry may be made, and has taken its token; 0: there is none. Errors as hf_budget_deposit.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_budget_withdraw(hf_budget *budget, int64_t now_ms);

/*
 * Begins with limiter->max, which must be within max_least..max_most; the other numbers as above.
 * HF_E_ARGUMENT for NULL and numbers outside their range; HF_E_ABI as hf_limiter_acquire.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_gradient_init(hf_gradient *gradient, const hf_limiter *limiter, uint32_t max_least,
                            uint32_t max_most);

/*
 * Counts a call that ended after latency_us, while it is still in flight: before
 * hf_limiter_release. `dropped` 1: it timed out or was refused for load; then the cap shrinks by a
 * tenth at once. At the end of a step sets limiter->max, unless less than half of it was used: the
 * latency of a service with few calls says nothing about its limit. HF_E_ARGUMENT, HF_E_ABI.
 * Thread: any, one at a time for each value. Since 0.1. Source: Gradient2 of Netflix's
 * concurrency-limits; the probe after Cardwell et al., "BBR: Congestion-Based Congestion Control",
 * 2016, and the minimum round trip time of Envoy's adaptive concurrency filter.
 */
HF_API int hf_gradient_report(hf_gradient *gradient, hf_limiter *limiter, uint64_t latency_us,
                              uint32_t dropped);

/*
 * A full bucket. HF_E_ARGUMENT for NULL, rate_per_s 0 or burst 0.
 * Thread: any, one at a time for each value. Since 0.1. Source: Turner, "New Directions in
 * Communications", 1986.
 */
HF_API int hf_bucket_init(hf_bucket *bucket, uint32_t rate_per_s, uint32_t burst, int64_t now_ms);

/*
 * Takes `tokens` (1..burst): 1, or 0 when there are fewer; then nothing was taken, and *wait_ms
 * (may be NULL) is how long until there are so many, if no other call takes any. HF_E_ARGUMENT,
 * HF_E_ABI. Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_bucket_take(hf_bucket *bucket, uint32_t tokens, int64_t now_ms, int64_t *wait_ms);

/*
 * Calls are hedged when they are later than `hundredths` of a hundred (50..99), and second calls
 * are at most `per_hundred` (1..100) of a hundred first calls. HF_E_ARGUMENT.
 * Thread: any, one at a time for each value. Since 0.1. Source: Dean and Barroso, "The Tail at
 * Scale", 2013.
 */
HF_API int hf_hedge_init(hf_hedge *hedge, uint32_t hundredths, uint32_t per_hundred,
                         int64_t now_ms);

/*
 * Counts a first call that ended after latency_us. HF_E_ARGUMENT, HF_E_ABI.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_hedge_report(hf_hedge *hedge, uint64_t latency_us);

/*
 * After which time a call that has not ended is late: 1 and *delay_us, at most a quarter more than
 * the exact quantile; or 0 when fewer than 20 calls have been counted. HF_E_ARGUMENT, HF_E_ABI.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_hedge_delay(const hf_hedge *hedge, uint64_t *delay_us);

/*
 * Whether a late call may be sent once more: 1, and it is counted; or 0: there were too many.
 * HF_E_ARGUMENT, HF_E_ABI.
 * Thread: any, one at a time for each value. Since 0.1.
 */
HF_API int hf_hedge_allow(hf_hedge *hedge, int64_t now_ms);

#ifdef __cplusplus
}
#endif

#endif

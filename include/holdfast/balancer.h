/*
 * balancer.h - chooses the endpoint of the next call among several.
 *
 * A balancer is a plain value over an array of the caller's, as in resilience.h: it has no clock,
 * no lock, no memory and no connection of its own. The caller picks an endpoint, makes the call,
 * and reports how the call ended:
 *
 *     if (hf_balancer_pick(&balancer, now_ms, hash, &index) == 1) {
 *         ... call endpoint `index` ...
 *         hf_balancer_report(&balancer, now_ms, index, outcome);
 *     }
 *
 * An endpoint is picked unless hf_balancer_health marked it down or it is ejected. After
 * failures_max failures in a row it is ejected for eject_ms, each further time for twice as long,
 * up to eject_max_ms; a success ends the doubling. At most ejected_max_hundredths of all endpoints
 * are ejected at once, so that a fault of the caller itself does not eject all (outlier detection,
 * as in Envoy). After an ejection or a down time the weight of an endpoint rises from a tenth to
 * the whole over slow_start_ms.
 */
#ifndef HOLDFAST_BALANCER_H
#define HOLDFAST_BALANCER_H

#include <holdfast/resilience.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HF_ENDPOINTS_MAX 1024 /* of one balancer */

/* How the endpoint of a call is picked. */
typedef enum hf_balance {
    HF_BALANCE_ROUND_ROBIN = 0, /* in turn, by weight, the turns of each spread evenly (smooth
                                   weighted round robin, as in nginx) */
    HF_BALANCE_LEAST = 1,       /* the fewest calls in flight for its weight; of equals in turn */
    HF_BALANCE_HASH = 2, /* the same endpoint for the same hash. When an endpoint leaves, only
                            its own hashes move, and they spread over all others (rendezvous
                            hashing: Thaler and Ravishankar, "Using Name-Based Mappings to
                            Increase Hit Rates", 1998). Endpoints that have their share of
                            the calls in flight, and load_hundredths of it, are passed over
                            (bounded loads: Mirrokni, Thorup and Zadimoghaddam, "Consistent
                            Hashing with Bounded Loads", 2018) */
} hf_balance;

/* One endpoint. The caller sets `key` and `weight`; hf_balancer_init sets the rest. */
typedef struct hf_endpoint {
    uint64_t key;       /* identity for HASH, e.g. a hash of its address; different for each */
    uint32_t weight;    /* 0 counts as 1; at most 1,000 */
    uint32_t in_flight; /* calls picked and not reported yet */
    uint32_t down;      /* 1: marked down by hf_balancer_health */
    uint32_t failures;  /* in a row */
    uint32_t ejections; /* since its last success */
    uint32_t reserved;
    int64_t ejected_until_ms; /* 0: it is not ejected */
    int64_t since_ms;         /* start of the slow start; 0: none */
    int64_t turn;             /* of ROUND_ROBIN: the largest is next */
    uint64_t picked;          /* calls since hf_balancer_init */
    uint64_t failed;          /* of those, HF_BREAKER_FAILURE */
} hf_endpoint;

/* Set by hf_balancer_init; the numbers up to slow_start_ms may be changed. */
typedef struct hf_balancer {
    uint32_t size;
    uint32_t how;                    /* hf_balance */
    uint32_t failures_max;           /* in a row, that eject; 0: nothing is ejected. Default 5 */
    uint32_t ejected_max_hundredths; /* of all endpoints; default 50, but always one at least */
    uint32_t load_hundredths;        /* HASH: calls in flight beyond the mean; default 25 */
    uint32_t count;                  /* of the endpoints */
    int64_t eject_ms;                /* > 0; default 10,000 */
    int64_t eject_max_ms;            /* >= eject_ms; default 300,000 */
    int64_t slow_start_ms;           /* 0 (default): none */
    hf_endpoint *endpoints;          /* the caller's; must outlive the balancer */
    uint64_t in_flight;              /* of all */
    uint64_t none;                   /* picks that found no endpoint */
} hf_balancer;

/*
 * Sets up a balancer over `count` endpoints, none of them down or ejected. HF_E_ARGUMENT: NULL,
 * count 0 or above HF_ENDPOINTS_MAX, a weight above 1,000, or with HASH two endpoints of one key;
 * HF_E_ENUM.
 * Thread: any, one at a time for each balancer. Since 0.1.
 */
HF_API int hf_balancer_init(hf_balancer *balancer, hf_endpoint *endpoints, uint32_t count,
                            uint32_t how);

/*
 * Picks the endpoint of a call: 1 and *index, which must be reported; or 0 when every endpoint is
 * down or ejected (*index is untouched). `hash` is for HASH: 64 well-mixed bits, e.g. a hash of the
 * customer. Takes time in proportion to the number of endpoints. HF_E_ARGUMENT, HF_E_ABI.
 * Thread: any, one at a time for each balancer. Since 0.1.
 */
HF_API int hf_balancer_pick(hf_balancer *balancer, int64_t now_ms, uint64_t hash, uint32_t *index);

/*
 * Reports how a call ended: an hf_breaker_outcome. HF_BREAKER_UNUSED only lowers in_flight.
 * HF_E_ARGUMENT also for an index that is out of range, or whose endpoint has no call in flight;
 * HF_E_ENUM, HF_E_ABI.
 * Thread: any, one at a time for each balancer. Since 0.1.
 */
HF_API int hf_balancer_report(hf_balancer *balancer, int64_t now_ms, uint32_t index,
                              uint32_t outcome);

/*
 * Sets the result of a health check: `up` 1 or 0. An endpoint that was down and is up begins its
 * slow start, and is not ejected any more. HF_E_ARGUMENT, HF_E_ABI.
 * Thread: any, one at a time for each balancer. Since 0.1.
 */
HF_API int hf_balancer_health(hf_balancer *balancer, int64_t now_ms, uint32_t index, uint32_t up);

#ifdef __cplusplus
}
#endif

#endif

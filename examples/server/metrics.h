/*
 * metrics.h - the server's own figures beside those of the engine, as Prometheus text.
 */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include "exchange.h"

enum { METRICS_ROUTES = 128, METRICS_CLASSES = 6, METRICS_BUCKETS = 14 };

typedef struct metrics {
    uint64_t requests[METRICS_ROUTES][METRICS_CLASSES]; /* by route and hundreds of the status */
    uint64_t unrouted[METRICS_CLASSES];
    uint64_t aborted;                  /* connections that ended before the response was sent */
    uint64_t buckets[METRICS_BUCKETS]; /* of latencies; the last one has no bound */
    uint64_t sum_ns;
} metrics;

/* Counts a request that is over. */
void metrics_count(metrics *m, const exchange *x, uint64_t ns);

/* Answers with all figures. */
void metrics_answer(exchange *x);

#endif

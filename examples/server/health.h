/*
 * health.h - whether the process runs, and whether it takes work.
 */
#ifndef SERVER_HEALTH_H
#define SERVER_HEALTH_H

#include "exchange.h"

/* GET /livez: 200 while the loop turns. */
void health_live(exchange *x);

/* GET /readyz: 200 while requests are taken; 503 from SIGTERM on, and while the store cannot write.
 */
void health_ready(exchange *x);

#endif

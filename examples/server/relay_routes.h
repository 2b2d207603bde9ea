/*
 * relay_routes.h - what operators see of endpoints and dead letters, and do about them.
 */
#ifndef SERVER_RELAY_ROUTES_H
#define SERVER_RELAY_ROUTES_H

#include "exchange.h"

/* GET /v1/webhooks. */
void relay_list(exchange *x);

/* GET /v1/webhooks/dead. */
void letter_list(exchange *x);

/* POST /v1/webhooks/dead/{endpoint}/{event}/retry and .../drop. */
void letter_retry(exchange *x);
void letter_drop(exchange *x);

#endif

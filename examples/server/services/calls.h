/*
 * calls.h - several calls of branches in one request.
 *
 *     POST /v1/branches/try        {"calls": [{"txn": "...", "branch": 1, "epoch": 1, ...}, ...]}
 *     POST /v1/branches/confirm    the same
 *     POST /v1/branches/cancel     the same
 *
 * Each call is done as one of branch.h, which has its names in the path. The response has the
 * status 200 and {"answers": [...]}: for each call, in its order, the branch or the problem that a
 * request of its own would have been answered with. The calls are independent of each other.
 */
#ifndef SERVER_SERVICES_CALLS_H
#define SERVER_SERVICES_CALLS_H

#include "exchange.h"

enum { CALLS_MAX = 64 }; /* of one request */

void calls_try(exchange *x);
void calls_confirm(exchange *x);
void calls_cancel(exchange *x);

/* A part of the request has been answered. */
void calls_answered(exchange *x);

#endif

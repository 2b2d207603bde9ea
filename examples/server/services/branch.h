/*
 * branch.h - branches of transactions that another instance coordinates: TCC over HTTP.
 *
 *     POST /v1/branches/{txn}/{branch}/try        {"epoch": 1, "attempt": 1, "moves": [...]}
 *     POST /v1/branches/{txn}/{branch}/confirm    {"epoch": 1, "attempt": 1}
 *     POST /v1/branches/{txn}/{branch}/cancel     {"epoch": 1, "attempt": 1}
 *
 * "caller" may be added: the store of the coordinator, which owns the branch that it makes.
 *
 * A try holds the moves, a confirm posts them, a cancel releases them. Each call may come again,
 * late, or before the call that should precede it. calls.h has several calls in one request.
 */
#ifndef SERVER_SERVICES_BRANCH_H
#define SERVER_SERVICES_BRANCH_H

#include "exchange.h"

#include <jansson.h>

void branch_try(exchange *x);
void branch_confirm(exchange *x);
void branch_cancel(exchange *x);

/* Does the call of a phase whose transaction and branch are x->params; `body` has the rest of it,
 * and is released. */
void branch_call(exchange *x, uint32_t phase, json_t *body);

#endif

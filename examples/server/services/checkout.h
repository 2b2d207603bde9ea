/*
 * checkout.h - POST /v1/orders of the role order: a transaction over the services, see
 * coordinator.h.
 *
 * The id of the order is the idempotency key. Its transactions have ids that are made from the key
 * and the number of a round: a round is cancelled when its instance does not answer or is short of
 * stock, and the next one asks another instance.
 */
#ifndef SERVER_SERVICES_CHECKOUT_H
#define SERVER_SERVICES_CHECKOUT_H

#include "exchange.h"

void checkout_begin(exchange *x);

#endif

/*
 * draft.h - what a request for an order asks of each participant, as payloads of branches.
 *
 *     moves of the inventory   the tracked lines: the item of the sku, to the world
 *     moves of the payment     the payments: the customer's account, to the world
 *     record                   the order with untracked lines, and a report of each payment
 */
#ifndef SERVER_SERVICES_DRAFT_H
#define SERVER_SERVICES_DRAFT_H

#include "coordinator.h"
#include "digest.h"

/* Texts live in the exchange's memory, until its response has been handed over. */
typedef struct draft {
    const char *moves[SERVICES]; /* JSON; NULL: there are none */
    const char *record;
    const char *customer;
    const uint32_t *tracked; /* by move of the inventory: the number of its line, from 1 */
    uint32_t tracked_count;
    uint32_t payment_count;   /* a move of the payment each */
    char digest[DIGEST_TEXT]; /* of the request */
} draft;

/* Makes the draft of the order with the id x->key. False: a problem was answered. `body` is the
 * caller's, and changed. */
bool draft_make(exchange *x, json_t *body, draft *out);

#endif

/*
 * refusal.h - why a service has refused an order, as the client of the order is to see it.
 *
 * A service knows moves of a transaction; the client knows lines and payments. So a refusal that a
 * service gives of "move 2" is answered as one of the line or payment that the move is of, and
 * problem.c adds the place in the body.
 */
#ifndef SERVER_SERVICES_REFUSAL_H
#define SERVER_SERVICES_REFUSAL_H

#include "draft.h"

#define NO_STOCK "no instance has the stock, %u of %u were asked"

/* The refused branch of a transaction. Texts are those of the transaction. */
typedef struct refusal {
    uint32_t service; /* SERVICES: none of the services refused it */
    int error;        /* of the library; 0: the text names none */
    const char *text; /* the detail of the error, or why the transaction was cancelled */
} refusal;

/* How far the inventories have been asked for an order. */
typedef struct asking {
    uint32_t asked; /* instances, the last one included */
    uint32_t count; /* of all instances; 0: it is not known */
    bool was_short; /* one of them had the items, and too few */
} asking;

void refusal_read(const exchange *x, const hf_txn_view *view, refusal *out);

/* Whether an inventory lacks what is ordered: another one may have it. */
bool refusal_lacks(const refusal *r);

/* Answers the request with the refusal. */
void refusal_answer(exchange *x, const draft *order, const refusal *r, const asking *by);

#endif

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

enum { ASKED_TEXT = 80 };

/* The refused branch of a transaction. Texts are those of the transaction. */
typedef struct refusal {
    uint32_t service; /* SERVICES: none of the services refused it */
    int error;        /* of the library; 0: the text names none */
    const char *text; /* the detail of the error, or why the transaction was cancelled */
} refusal;

/* How far the instances of the service that refused have been asked for an order. */
typedef struct asking {
    uint32_t asked; /* instances, the last one included */
    uint32_t count; /* of all instances; 0: it is not known */
    int shortest; /* the error of one of them that had the accounts, and too little; 0: none had */
} asking;

void refusal_read(const exchange *x, const hf_txn_view *view, refusal *out);

/* Whether the instance lacks what is ordered: another one of its service may have it. */
bool refusal_lacks(const refusal *r);

/* Whether it has the accounts, and too little on one of them. */
bool refusal_is_short(const refusal *r);

/* Writes that no instance of a service has what is ordered, and how many were asked. */
void refusal_asked(uint32_t service_no, uint32_t asked, uint32_t count, char out[ASKED_TEXT]);

/* Answers the request with the refusal. */
void refusal_answer(exchange *x, const draft *order, const refusal *r, const asking *by);

#endif

/*
 * coordinator.h - the role order: who takes part in its transactions.
 *
 *     participant   is called                                        what it does
 *     inventory     at the instance that the branch's payload names  holds and posts stock
 *     payment       the same                                         holds and posts money
 *     order         in this store, last (ONE_PHASE)                  records the order
 *
 * The order is recorded when all that it takes is held, and its record is the decision to confirm.
 * So an order exists exactly when its transaction is confirmed.
 */
#ifndef SERVER_SERVICES_COORDINATOR_H
#define SERVER_SERVICES_COORDINATOR_H

#include "lines.h"
#include "participant.h"

enum { SERVICE_INVENTORY, SERVICE_PAYMENT, SERVICES };

#define PARTICIPANT_ORDER "order" /* the services' participants have their names */

/* Reason of a cancellation, before the service and the instance that did not answer. */
#define REASON_UNAVAILABLE "UNAVAILABLE"

typedef struct coordinator {
    client *client;
    service services[SERVICES];
    participant participants[SERVICES];
} coordinator;

/* Reads the file of the setting "service_token"; without a path the token is empty. False: the
 * reason is in `error`. */
bool coordinator_read_token(const char *path, char out[CLIENT_TOKEN], char error[LINES_ERROR]);

/* False: a reason was printed. */
bool coordinator_open(struct server *s);

/* The settings and s->service_token were read anew; takes a server without a coordinator. */
void coordinator_reload(struct server *s);

/* Sends what the participants have to call; takes a server without a coordinator. */
void coordinator_send(struct server *s);

/* Takes a server without one. Its memory is freed when the loop has run to its end. */
void coordinator_close(struct server *s);

#endif

/*
 * record.h - the order's own record, as the last participant of its transaction.
 *
 * The payload of the branch is what draft.h makes of the request. Recording the order is final, so
 * the participant is ONE_PHASE: what became of it is read from the store.
 */
#ifndef SERVER_SERVICES_RECORD_H
#define SERVER_SERVICES_RECORD_H

struct server;

/* Registers the participant. An error of the library. */
int record_register(struct server *s);

#endif

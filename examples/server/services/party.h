/*
 * party.h - a service as a participant: its branches are called over HTTP, see branch.h.
 *
 * The payload of a branch is {"endpoint": "ADDRESS:PORT", "moves": [...]}: an instance has a store
 * of its own, so a branch is confirmed or cancelled where it was tried, however long that instance
 * is away. A try that gets no answer cancels its transaction, because another instance may have
 * what it asks for; the branch is then cancelled as soon as the instance answers again.
 */
#ifndef SERVER_SERVICES_PARTY_H
#define SERVER_SERVICES_PARTY_H

#include "service.h"

struct server;

typedef struct party {
    struct server *server;
    service *service;
    client *client;
} party;

/* Registers the participant; `p` lives as long as the engine. An error of the library. */
int party_register(party *p, struct server *s, service *of, client *with);

#endif

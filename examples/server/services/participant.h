/*
 * participant.h - a service as a participant: its branches are called over HTTP, see branch.h.
 *
 * The payload of a branch is {"endpoint": "ADDRESS:PORT", "moves": [...]}: an instance has a store
 * of its own, so a branch is confirmed or cancelled where it was tried, however long that instance
 * is away. A try that gets no answer cancels its transaction, because another instance may have
 * what it asks for; the branch is then cancelled as soon as the instance answers again.
 */
#ifndef SERVER_SERVICES_PARTICIPANT_H
#define SERVER_SERVICES_PARTICIPANT_H

#include "common/json_text.h"
#include "service.h"

struct server;
struct calling;

enum { PARTICIPANT_PHASES = 3 }; /* TRY, CONFIRM and CANCEL: hf_phase */

/* Calls that become requests at the end of the turn, the oldest first. */
typedef struct participant_queue {
    struct calling *first; /* NULL: it is empty */
    struct calling *last;
} participant_queue;

typedef struct participant {
    struct server *server;
    service *service;
    client *client;
    participant_queue queues[SERVICE_INSTANCES][PARTICIPANT_PHASES];
    uint64_t waits; /* the set of instances with a queue that is not empty */
    json_text body; /* of the request that is made; its memory is used again */
} participant;

/* Registers the participant; `p` lives as long as the engine. An error of the library. */
int participant_register(participant *p, struct server *s, service *of, client *with);

/* Sends the calls that were made since the last time; called in each turn of the loop. */
void participant_send(participant *p);

/* Frees calls that were not sent; the engine and the client are closed. */
void participant_close(participant *p);

#endif

/*
 * relay.h - posts the events of the store to endpoints as signed webhooks.
 *
 * Each endpoint has a relay of its own with a cursor in the store, named "webhook/NAME". A message
 * is a CloudEvent in JSON, signed as Standard Webhooks says; its webhook-id is the id of the store
 * and the CloudEvent's, the same whenever it is sent. Messages of an endpoint are sent one after
 * the other, at least once. An endpoint that is new begins behind the last event.
 *
 * A message that is not taken is sent again after a growing time. After the attempts that the
 * settings allow it becomes a dead letter, which dead.h describes, and the next message is sent.
 * An endpoint that answers 410 is sent nothing more until the settings are read anew.
 */
#ifndef SERVER_RELAY_H
#define SERVER_RELAY_H

#include "endpoint.h"

#include <holdfast.h>
#include <stdbool.h>
#include <uv.h>

struct server;
struct transfers;

typedef struct relay relay;

/* All relays of a server. */
typedef struct relays {
    struct server *server;
    struct transfers *curl;
    hf_subscription *subscription;
    relay *first;
    bool ended; /* nothing is begun any more */
} relays;

/* The figures of an endpoint, for operators and metrics. */
typedef struct relay_figures {
    const char *name;
    const char *state;  /* "STARTING", "ACTIVE", "WAITING", "STOPPED" */
    const char *last;   /* how the last attempt ended; "" before the first */
    uint64_t position;  /* events up to this number are delivered, dead or not subscribed to */
    uint64_t lag;       /* events after it */
    uint64_t delivered; /* messages since the server began, as the next two */
    uint64_t failed;    /* attempts */
    uint64_t buried;    /* messages that became dead letters */
    uint64_t dead;      /* letters that there are now */
    unsigned attempts;  /* of the message that is being sent */
    uint64_t stopped;   /* 1: nothing is posted */
} relay_figures;

/*
 * Begins a relay for each endpoint and runs the loop until each has its position, so that no event
 * of a later request is missed. The endpoints are taken over. False: there is no memory.
 */
bool relays_open(relays *all, struct server *s, endpoints *taken);

/* Takes over the endpoints of a file that was read anew. */
void relays_reload(relays *all, endpoints *taken);

/* Begins nothing more; what is under way continues. */
void relays_end(relays *all);

/* Whether nothing is under way, and the store has how far each endpoint has come. */
bool relays_idle(const relays *all);

/* Abandons what is under way; frees everything when the loop has run. The engine is closed. */
void relays_close(relays *all);

/* The figures of the relay at that position; false: there is none. */
bool relay_at(const relays *all, size_t index, relay_figures *out);

#endif

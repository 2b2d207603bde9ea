/*
 * service.h - the instances of another service: which one takes the next call, and which of them
 * work.
 *
 * Each instance is asked for /readyz every health_ms. An instance that fails the check is skipped
 * until it passes; an instance that does not answer a call is skipped until the next check. A
 * breaker for each instance keeps calls that belong to it alone, as a confirm does, from waiting
 * for it without an answer.
 */
#ifndef SERVER_SERVICES_SERVICE_H
#define SERVER_SERVICES_SERVICE_H

#include "client.h"

#include <holdfast.h>

enum { SERVICE_ADDRESS = 80, SERVICE_INSTANCES = 64, SERVICE_NONE = SERVICE_INSTANCES };

typedef struct instance {
    struct service *service;
    char address[SERVICE_ADDRESS]; /* ADDRESS:PORT */
    hf_breaker breaker;
    bool is_checked; /* a check is under way */
    bool is_down;
    uint64_t requests; /* with calls of branches */
    uint64_t calls;
} instance;

typedef struct service {
    const char *name; /* static */
    client *client;
    int64_t health_ms;
    uint32_t count;
    instance instances[SERVICE_INSTANCES];
    hf_endpoint endpoints[SERVICE_INSTANCES];
    hf_balancer balancer;
    uv_timer_t timer;
} service;

/* What a service is made from. */
typedef struct service_settings {
    const char *name;      /* static */
    const char *addresses; /* "ADDRESS:PORT,ADDRESS:PORT" */
    int64_t balance;       /* hf_balance */
    int64_t health_ms;
} service_settings;

/* False: the list of addresses is empty, too long or malformed. */
bool service_open(service *s, const service_settings *from, client *with, uv_loop_t *loop);

/* Ends the checks; the client is closed before. */
void service_close(service *s);

/* The instance for a new transaction, or SERVICE_NONE. `hash` is that of the customer; the
 * instances of the set `without`, a bit for each, are not picked. */
uint32_t service_pick(service *s, uint64_t hash, uint64_t without);

/* The set with that instance; the empty set for SERVICE_NONE. */
uint64_t service_bit(uint32_t at);

/* How a transaction went with the instance that was picked for it: hf_breaker_outcome. */
void service_report(service *s, uint32_t at, uint32_t outcome);

/* The instance with that address; NULL: it is none of the settings, or no longer. */
instance *service_find(service *s, const char *address);

/* Whether a call may be made to an instance now, and how a call ended: hf_breaker_outcome. */
bool instance_allow(instance *i, uint64_t *pass);
void instance_report(instance *i, uint64_t pass, uint32_t outcome);

/* Counts a request with so many calls. */
void instance_called(instance *i, uint32_t calls);

/* Figures of an instance. */
uint64_t instance_is_up(const instance *i); /* 1, or 0 */
uint64_t instance_requests(const instance *i);
uint64_t instance_calls(const instance *i);

/* 64 well-mixed bits of a text. */
uint64_t service_hash(const char *text);

#endif

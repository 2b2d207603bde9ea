/*
 * server.h - the server: one loop, one engine, one listening address.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "auth.h"
#include "events.h"
#include "exchange.h"
#include "http.h"
#include "log.h"
#include "metrics.h"
#include "relay.h"
#include "services/client.h"
#include "services/tried.h"
#include "settings.h"
#include "webhook.h"

#include <holdfast.h>
#include <stdatomic.h>
#include <uv.h>

/* Work that belongs to no request: its address, with the lowest bit set, is the user_data of its
 * operations. */
typedef struct task {
    void (*done)(struct task *t, const hf_completion *done);
} task;

#define TASK_BIT UINT64_C(1)

struct coordinator;

typedef struct server {
    settings settings;
    auth auth;
    webhooks webhooks;
    server_log log;
    atomic_int_fast64_t engine_level; /* hf_log_level: which lines of the engine are printed */
    uv_loop_t *loop;
    hf_engine *engine;
    hf_id store; /* hf_health_info.store */
    http *http;
    metrics metrics;
    streams streams;
    relays relays;
    char service_token[CLIENT_TOKEN]; /* that calls of services have; empty: none */
    struct coordinator *coordinator;  /* of the role order, else NULL */
    tried tried;                      /* of the roles payment and inventory */
    uint64_t event_seq;               /* the last event of which a completion has come */
    bool draining;                    /* SIGTERM came: /readyz fails */
    bool closing;                     /* nothing is submitted any more */
    uv_check_t check;
    uv_timer_t drain;
    uv_signal_t signals[3];
    uint64_t drain_ends_ns;
    uint64_t log_ends_ns; /* how long its last lines are waited for; 0: not yet */
    int exit_code;
    exchange *open; /* those that are not over */
    unsigned open_count;
    unsigned part_count; /* of these: parts of others */
    exchange *free;      /* kept for later requests */
    unsigned free_count;
} server;

/* The head of a request has come, of `bytes` bytes: finds its route, checks who sends it and what
 * its headers say. A problem is answered at once. */
void server_head(exchange *x, size_t bytes);

/* The request is whole: does what its route says. */
void server_request(exchange *x);

/* The response is sent, or the connection has ended: writes the log and counts. */
void server_completed(exchange *x);

/* Submits one operation of the exchange, whose x->done is called when it has completed; an error,
 * and nothing is called or answered, when the engine does not take it. */
int server_try(exchange *x, const hf_op *op);

/* Submits a chain of operations for a task, whose function is called for each of them; an error,
 * and it is not called, when the engine does not take them. */
int server_submit_task(server *s, task *t, hf_op *ops, uint32_t count);

/*
 * Submits one operation of the exchange; x->done is called when it has completed. An error at once
 * is answered, and nothing is called.
 */
void server_submit(exchange *x, const hf_op *op);

#endif

/*
 * client.h - requests of the server to other services, on its own loop.
 *
 * Every request has a time limit and at most CLIENT_BODY_MAX bytes of an answer. Connections are
 * kept and used again.
 */
#ifndef SERVER_SERVICES_CLIENT_H
#define SERVER_SERVICES_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

enum { CLIENT_BODY_MAX = 65536, CLIENT_URL = 240, CLIENT_TOKEN = 200 };

typedef struct client client;

/* What came back. */
typedef struct client_answer {
    long status;       /* of HTTP; 0: no answer came, or none that was whole */
    const char *error; /* why none came; "" when one did */
    const char *type;  /* its Content-Type; "" when it said none */
    const char *body;
    size_t bytes;
} client_answer;

/* A request has ended; the answer lives until the function returns. */
typedef void (*client_done)(void *data, const client_answer *answer);

typedef struct client_request {
    const char *url;
    const char *body; /* JSON, sent by POST; NULL: a GET */
    size_t body_bytes;
    int64_t limit_ms; /* for the whole of it */
    client_done done;
    void *data;
} client_request;

/* `token` is sent as a bearer token, unless it is empty; it is copied, and shorter than
 * CLIENT_TOKEN. */
client *client_open(uv_loop_t *loop, const char *token);

/* Requests that begin from now on have that token; those under way keep theirs. */
void client_token(client *c, const char *token);

/* Begins a request, whose texts are copied. `done` is called later, never inside of this call. */
void client_send(client *c, const client_request *request);

/* Ends all requests, each with an answer of the status 0, and frees everything. Takes NULL. */
void client_close(client *c);

#endif

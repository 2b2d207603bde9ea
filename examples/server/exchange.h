/*
 * exchange.h - one request and its response.
 *
 * The server's handlers see a request as an exchange: its line, its headers, its whole body, and
 * what they answer. An exchange lives from the head of its request to the end of its response; what
 * it has allocated is kept for the next one.
 */
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include "arena.h"
#include "auth.h"
#include "common/json_text.h"
#include "common/ops_json.h"
#include "trace.h"

#include <holdfast.h>
#include <stdbool.h>
#include <stdint.h>

struct MHD_Connection;
struct server;
struct route;
struct stream;

/* Request headers that the server looks at. */
typedef enum header_id {
    HEADER_AUTHORIZATION,
    HEADER_CONTENT_ENCODING,
    HEADER_CONTENT_LENGTH,
    HEADER_CONTENT_TYPE,
    HEADER_HOST,
    HEADER_IDEMPOTENCY_KEY,
    HEADER_IF_MATCH,
    HEADER_IF_NONE_MATCH,
    HEADER_LAST_EVENT_ID,
    HEADER_ORIGIN,
    HEADER_TRACEPARENT,
    HEADER_TRANSFER_ENCODING,
    HEADER_WEBHOOK_ID,
    HEADER_WEBHOOK_SIGNATURE,
    HEADER_WEBHOOK_TIMESTAMP,
    HEADERS
} header_id;

enum {
    EXCHANGE_PARAMS = 4,
    EXCHANGE_PARAM_BYTES = 200,
    EXCHANGE_HEADERS_OUT = 6,
    KEY_OTHER_DAYS = 2
};

/* A header of the response. */
typedef struct header_out {
    const char *name; /* static */
    char value[400];
} header_out;

typedef struct exchange {
    struct exchange *next; /* in the list of those that are open, or free */
    struct exchange *previous;
    struct server *server;
    struct MHD_Connection *connection;

    /* The request */
    struct exchange *whole;       /* the request that this call is a part of; NULL: none */
    struct exchange *parts;       /* the first of its own parts */
    struct exchange *next_part;   /* of the same request */
    const char *method;           /* until the response is sent, as the next two */
    const char *path;             /* as it was sent: percent escapes are in it */
    const char *headers[HEADERS]; /* NULL: not sent */
    unsigned repeated;            /* bits by header: sent more than once */
    bool malformed;               /* a header is none that every reader reads alike */
    bool target_cut;              /* its target has a NUL, and is read up to it */
    bool many_names;              /* its query has more names than QUERY_NAMES, and is not read */
    uint64_t content_length;      /* 0 when none is said */
    char *body;
    size_t body_bytes;
    size_t body_capacity;
    bool body_large; /* more came than is allowed; the body is not kept */
    uint64_t begun_ns;
    trace trace;

    /* What the server made of it */
    const struct route *route;                          /* NULL: none fits */
    char params[EXCHANGE_PARAMS][EXCHANGE_PARAM_BYTES]; /* of the path, decoded */
    char actor[TOKEN_NAME];                             /* the caller's name; empty: none */
    hf_id key;                                          /* its idempotency key; all zero: none */
    bool has_key;
    hf_id other_days[KEY_OTHER_DAYS]; /* ids that the key may stand for instead, see key.c */
    uint32_t other_day_count;         /* 0: the key is an id */
    arena arena;                      /* of the documents of its body */
    ops_memory memory;                /* of the operation that is read from it */
    const void *args;                 /* of that operation */
    uint64_t seq_before;              /* the last event known when the operation was submitted */
    void (*done)(struct exchange *x, const hf_completion *done); /* of the operation that runs */
    uint64_t outstanding; /* completions and parts that are waited for */
    uint32_t step;        /* of handlers with several operations */
    void *work;           /* of a handler, in `memory`; NULL: none */
    uint32_t phase;       /* hf_phase: of a call of a branch */
    uint32_t attempt;     /* of that call, from 1 */
    uint64_t epoch;       /* of the engine that makes it */
    char caller[40];      /* the store of that engine; empty: the call does not say it */

    /* The response */
    unsigned status;  /* 0: not answered yet */
    const char *code; /* of the problem, for the log; NULL: none */
    const char *content_type;
    json_text out;
    struct stream *stream; /* its body, when it has no end; NULL: x->out is */
    header_out headers_out[EXCHANGE_HEADERS_OUT];
    size_t header_count;
    bool close;     /* the connection ends with the response */
    bool suspended; /* the connection waits for the answer */
    bool queued;    /* the response has been handed to the connection */
    bool gone;      /* the connection ended first */
} exchange;

/* An exchange for a new request, empty; it is the server's until exchange_release. */
exchange *exchange_take(struct server *server);

/* Releases an exchange and its parts. */
void exchange_release(exchange *x);

/* Frees what was read from the request: the answer is there and nothing of it is needed any more.
 */
void exchange_forget(exchange *x);

/* Frees those that are kept for later. */
void exchange_free_all(struct server *server);

/* Appends to the body; false, and nothing of it is kept, when it becomes larger than `max`. */
bool exchange_body(exchange *x, const char *bytes, size_t count, size_t max);

/* Adds a header to the response; `name` is static, the value is copied. */
void exchange_header(exchange *x, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Answers with what is in x->out; the answer of a part is noted by its whole. */
void exchange_answer(exchange *x, unsigned status, const char *content_type);

#define TYPE_JSON "application/json"

/* The monotonic clock in ns. */
uint64_t now_ns(void);

#endif

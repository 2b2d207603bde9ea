/*
 * route.h - the table of resources: method and path, who may ask, and what is done.
 *
 * Most rows name an operation of the library: its arguments are read from the body, the path and
 * the query by the operation's shape, so the row has all that a description of the interface needs.
 */
#ifndef SERVER_ROUTE_H
#define SERVER_ROUTE_H

#include "exchange.h"

/* One name of the query: it sets the argument `field`, and `also` to `value` when that is not set.
 */
typedef struct query_name {
    const char *name; /* NULL ends the list */
    const char *field;
    const char *also;
    const char *value;
} query_name;

/* A column of the last record of a page, and the argument of the next page that it becomes. */
typedef struct page_key {
    const char *column; /* NULL ends the list */
    const char *field;
} page_key;

/* How pages of a list follow each other. */
typedef struct paging {
    const char *table;
    const page_key *keys;
} paging;

/* The roles of a server that have a resource, as bits by the value of the setting "role". */
#define IN_ALL       1u
#define IN_PAYMENT   2u
#define IN_INVENTORY 4u
#define IN_ORDER     8u

/* Flags of a route. */
#define ROUTE_KEY   1u /* needs an Idempotency-Key */
#define ROUTE_MATCH 2u /* needs If-Match */

typedef struct route {
    const char *method;
    const char *path; /* "{field}" is an argument; dots go into structs */
    unsigned where;   /* IN_* bits */
    void (*handle)(exchange *x);
    uint32_t op;     /* hf_op_type; HF_OP_NONE: the handler knows */
    unsigned roles;  /* ROLE_* bits; 0: anyone, without a token */
    unsigned status; /* of success */
    unsigned flags;
    const char *location;    /* of what is made: its id follows; NULL: nothing is made */
    const char *fixed;       /* arguments that are always the same, as JSON; NULL: none */
    const query_name *query; /* NULL: no query */
    const paging *page;      /* NULL: no list */
    const char *summary;
} route;

/* The rows, by position; NULL behind the last one. */
const route *route_at(size_t index);

/* Whether a server of that role has the resource. */
bool route_is_served(const route *r, int64_t role);

/*
 * Finds the row of x->method and x->path and decodes the parameters of the path into x->params.
 * False: the problem has been answered.
 */
bool route_find(exchange *x);

/* The name of the parameter at that position of the path, in `out`; false: there is none. */
bool route_param(const route *r, size_t index, char out[40]);

/* Decodes percent escapes of `bytes` bytes; false: malformed, too long, or a control character. */
bool percent_decode(const char *text, size_t bytes, char *out, size_t capacity);

#endif

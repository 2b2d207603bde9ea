/*
 * events.h - events of the store: pages, and a stream of server-sent events.
 *
 * A stream holds one page at a time and reads the next one when the client has taken it, so a slow
 * client costs no memory. One subscription of the engine wakes all streams that wait for an event.
 */
#ifndef SERVER_EVENTS_H
#define SERVER_EVENTS_H

#include "exchange.h"

#include <sys/types.h>
#include <uv.h>

/* One stream. */
typedef struct stream {
    struct stream *next, *previous;
    exchange *x;
    hf_events_read_args args; /* of the next page */
    size_t sent;              /* of what x->out has */
    bool idle;                /* suspended, and nothing is being read for it */
    bool ended;
} stream;

/* All streams of a server. */
typedef struct streams {
    stream *first;
    hf_subscription *subscription;
    uv_timer_t beat;
} streams;

/* Begins; ends all streams, each with its whole page; frees the timer when the loop has run. */
void streams_open(streams *all, uv_loop_t *loop);
void streams_end(streams *all);
void streams_close(streams *all);

/* GET /v1/events. */
void events_page(exchange *x);

/* GET /v1/events/stream. */
void events_stream(exchange *x);

/*
 * Copies what comes next into `out`. Returns how many bytes, 0 when the connection must wait until
 * the exchange is answered again, -1 at the end of the stream.
 */
ssize_t stream_read(exchange *x, char *out, size_t capacity);

/* The connection has ended. */
void stream_release(exchange *x);

#endif

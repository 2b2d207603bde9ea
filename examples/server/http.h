/*
 * http.h - HTTP/1.1 on the server's loop, by libmicrohttpd.
 *
 * The daemon has no thread: its epoll descriptor is watched by the loop, which runs it when there
 * is something to do. A connection whose answer waits for a commit is suspended, and continues when
 * the answer is there.
 */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H

#include "exchange.h"

#include <uv.h>

typedef struct http http;

enum { HTTP_ERROR = 200 };

/* Listens; NULL, with the reason in `error`, when it cannot. */
http *http_open(struct server *server, char error[HTTP_ERROR]);

/* The address and port that it listens on. */
const char *http_address(const http *h);

/* Stops to listen; connections that are open continue, each until its next response. */
void http_quiesce(http *h);

/* Ends all connections and frees everything. No exchange may wait for an answer. */
void http_close(http *h);

/* An exchange has its answer: its connection continues at the next http_run. */
void http_answered(exchange *x);

/* Whether a line of that header fits: a list may be sent in several lines (RFC 9110, 5.3). */
bool http_line_fits(const exchange *x, header_id id, bool (*fits)(const char *, const char *),
                    const char *entry);

/* Lets connections that got their answers continue; does nothing when there are none. */
void http_run(http *h);

/* Open connections. */
unsigned http_connections(const http *h);

#endif

/*
 * transfers.h - libcurl's multi interface on a libuv loop: HTTP requests without a thread, and
 * without a call that blocks.
 *
 *     transfers_open(loop, on_done) -> transfers_add(easy) -> ... -> on_done(easy, result)
 *
 * A request without CURLOPT_TIMEOUT_MS has no limit of time: the caller sets one.
 */
#ifndef COMMON_TRANSFERS_H
#define COMMON_TRANSFERS_H

#include <curl/curl.h>
#include <uv.h>

typedef struct transfers transfers;

/* A request has ended. It has been taken out: the handle is the callee's to clean up or to add
 * again. */
typedef void (*transfers_done)(CURL *easy, CURLcode result);

/* NULL: there is no memory. */
transfers *transfers_open(uv_loop_t *loop, transfers_done done);

/* Begins a request; 0, or an error of curl, and then the handle is still the caller's alone. */
CURLMcode transfers_add(transfers *t, CURL *easy);

/* Ends a request without a call of `done`. */
void transfers_remove(transfers *t, CURL *easy);

/* Frees everything as soon as the loop has run; no request may be under way. Takes NULL. */
void transfers_close(transfers *t);

#endif

/*
 * digest.h - a digest of JSON, which distinguishes a repeat of a request from another request.
 *
 * The same content has the same digest, in whatever order and with whatever space it is written.
 */
#ifndef SERVER_SERVICES_DIGEST_H
#define SERVER_SERVICES_DIGEST_H

#include "exchange.h"

#include <jansson.h>

enum { DIGEST_TEXT = 65 }; /* hexadecimal digits of SHA-256 and the NUL */

/* Uses memory of the exchange. */
void digest_json(exchange *x, const json_t *value, char out[DIGEST_TEXT]);

/* The value as a text, which lives in the memory of the exchange; `flags` are jansson's. */
const char *digest_text(exchange *x, const json_t *value, size_t flags);

#endif

/*
 * card.h - a payment provider over HTTP for holdfast: libcurl's multi interface on the host's loop.
 *
 * What it speaks is the small protocol of fake_provider.py; a real provider differs in paths and
 * JSON, not in shape: one request a command, the idempotency key in a header, and a lookup by key.
 */
#ifndef HOLDFAST_EXAMPLES_CARD_H
#define HOLDFAST_EXAMPLES_CARD_H

#include <holdfast.h>
#include <uv.h>

typedef struct card card;

/* Registers the provider `name` that is reached at `url`. NULL: hf_engine_detail says why not. */
card *card_open(uv_loop_t *loop, hf_engine *engine, const char *name, const char *url);

/*
 * Abandons the requests under way without answering, and frees everything as soon as the loop has
 * run. Call it when the engine has been closed, or is closing.
 */
void card_close(card *provider);

#endif

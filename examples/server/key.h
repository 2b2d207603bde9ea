/*
 * key.h - idempotency keys: the header, requests that run under one, and what became of one.
 */
#ifndef SERVER_KEY_H
#define SERVER_KEY_H

#include "exchange.h"

/*
 * Reads the header Idempotency-Key into x->key. False: a problem was answered, because it is
 * missing or malformed, or because another request with it runs.
 */
bool key_read(exchange *x);

/* Finds out which id the key stands for, then handles the request. */
void key_settle(exchange *x);

/* Whether the completion is that of an earlier request with the same key and content. */
bool key_is_replay(const exchange *x, const hf_completion *done);

/* GET /v1/operations/{key}. */
void key_lookup(exchange *x);

#endif

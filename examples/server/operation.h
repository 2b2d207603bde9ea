/*
 * operation.h - requests that are one operation of the library.
 */
#ifndef SERVER_OPERATION_H
#define SERVER_OPERATION_H

#include "exchange.h"

#include <jansson.h>

/* Reads the arguments of x->route->op from the request, submits it, and answers when it is done. */
void operation_begin(exchange *x);

/* The body as an object, an empty one when there is none; the caller releases it. NULL: a problem
 * was answered. */
json_t *operation_body(exchange *x);

/* The same as operation_begin, but for the body: `args`, which are released, take its place. */
void operation_submit(exchange *x, json_t *args);

/* Reads the arguments of x->route->op, whose body `args` is released; they live in x->memory.
 * False: a problem was answered. */
bool operation_read(exchange *x, json_t *args, ops_line *out);

/* Answers with the result of an operation that ended well, or with the problem that it had. */
void operation_answer(exchange *x, const hf_completion *done);

#endif

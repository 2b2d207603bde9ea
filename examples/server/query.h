/*
 * query.h - names of the query of a request as arguments of an operation.
 */
#ifndef SERVER_QUERY_H
#define SERVER_QUERY_H

#include "exchange.h"

#include <jansson.h>

/*
 * Sets the argument of that path ("key.place") in `args` to `value`, which is released in any case.
 * False: it is set already, or a part of the path is no object.
 */
bool args_set(json_t *args, const char *path, json_t *value);

/* Sets the arguments that the query names, as the route allows. False: a problem was answered. */
bool query_read(exchange *x, json_t *args);

/* Whether the query has the name. */
bool query_has(const exchange *x, const char *name);

/* No resource has as many names. */
enum { CURSOR_TEXT = 1000, QUERY_NAMES = 12 };

/*
 * The cursor behind the last record of a page: an opaque text that holds for the same query alone.
 * False: the page was the last one.
 */
bool cursor_make(const exchange *x, const hf_completion *done, char out[CURSOR_TEXT]);

#endif

/*
 * json_read.h - reads a JSON text of RFC 8259 into values of jansson, in one pass.
 *
 * It takes what json_loadb takes with JSON_REJECT_DUPLICATES, and is several times as fast, because
 * it looks at a text in runs of bytes, not byte by byte through a callback.
 */
#ifndef COMMON_JSON_READ_H
#define COMMON_JSON_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { JSON_READ_DEPTH = 1000 }; /* levels of objects and arrays that are read at most */

/* Why and where a text is refused. */
typedef struct json_wrong {
    const char *why; /* static */
    int line;        /* from 1 */
    int column;      /* in characters, from 1 */
    bool is_deep;    /* it has more levels than were allowed */
} json_wrong;

/*
 * Reads `bytes` bytes, which are one object or array. An object has each name once. A number
 * without fraction and exponent is an integer of 64 bits. `depth_max` is the number of levels that
 * are allowed, 1..JSON_READ_DEPTH.
 *
 * Returns a value that the caller owns; NULL, and *wrong is set, when the text is refused. `wrong`
 * may be NULL.
 */
json_t *json_read(const char *text, size_t bytes, size_t depth_max, json_wrong *wrong);

#endif

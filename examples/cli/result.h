/*
 * result.h - what a read returned, as JSON.
 */
#ifndef CLI_RESULT_H
#define CLI_RESULT_H

#include <holdfast.h>
#include <jansson.h>

/*
 * The result of a read or an erasure that ended well, as an object that the caller releases; NULL
 * for everything else. Records have all columns of their table, named as in SQL; null is none.
 */
json_t *result_json(const hf_completion *done);

#endif

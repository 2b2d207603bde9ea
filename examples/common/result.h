/*
 * result.h - what an operation returned, as JSON.
 */
#ifndef COMMON_RESULT_H
#define COMMON_RESULT_H

#include "json_text.h"

#include <holdfast.h>

/*
 * Writes the result of an operation that ended well as one object; false, and nothing is written,
 * when the operation was refused or has none. Records have all columns of their table, named as in
 * SQL; null is none.
 */
bool result_write(json_text *out, const hf_completion *done);

/* The version of the one record that a result shows; 0: it shows none, or one without versions. */
uint64_t result_version(const hf_completion *done);

/* Whether the operation is asked for its result: a read, or an erasure. */
bool result_is_asked(uint32_t type);

#endif

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

/* One member of a result: a record of the table, or a list of them. */
typedef struct result_member {
    const char *name;
    const char *table;
    bool list;
} result_member;

enum { RESULT_MEMBERS = 5 };

/* The members of an operation's result that have records; returns how many. A result may have more
 * members of its own. */
uint32_t result_members(uint32_t type, result_member out[RESULT_MEMBERS]);

/* Whether the operation is asked for its result: a read, or an erasure. */
bool result_is_asked(uint32_t type);

#endif

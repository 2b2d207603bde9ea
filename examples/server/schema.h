/*
 * schema.h - JSON Schema of what the library's tables and shapes say of records and arguments.
 */
#ifndef SERVER_SCHEMA_H
#define SERVER_SCHEMA_H

#include "common/json_text.h"

#include <holdfast.h>

struct route;

/* The schema of a table's records, as results show them. */
void schema_record(json_text *out, const hf_table *table);

/* The schema of one argument; that of a part of an account, which has no field, when it is NULL. */
void schema_field(json_text *out, const hf_field *field);

/* Members of an object: a schema for each kind of element that arguments have, by its name. */
void schema_elements(json_text *out);

/* The schema of the body of a route that is an operation: its arguments but for those of the path.
 */
void schema_body(json_text *out, const struct route *r);

#endif

/*
 * A schema and the one before it, made from the tables of this version: what every store has to
 * migrate. The later one has a column, an index and a table more, and lacks an index.
 */
#ifndef HF_TESTS_STORE_EACH_SCHEMA_H
#define HF_TESTS_STORE_EACH_SCHEMA_H

#include <holdfast/store.h>

/* The schemas are made by the first call. */
const hf_schema *each_schema_before(void);
const hf_schema *each_schema_after(void);

#endif

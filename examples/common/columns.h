/*
 * columns.h - what the columns of stored records mean as text.
 */
#ifndef COMMON_COLUMNS_H
#define COMMON_COLUMNS_H

#include <holdfast.h>
#include <stddef.h>
#include <stdint.h>

/* The table of the schema with that name, which must be there. */
const hf_table *record_table_of(const char *name);

enum { TIME_TEXT = 48 };
#define TIME_TEXT_MIN_MS (-INT64_C(62135596800000)) /* the year 1 */
#define TIME_TEXT_MAX_MS INT64_C(253402300799999)   /* the end of the year 9999 */

/* A time in ISO 8601, in `text`; NULL for none, and outside of these bounds. */
const char *time_text(int64_t ms, char text[TIME_TEXT]);

/* The names of attention bits, with commas; `text` has `bytes`. */
void attention_text(uint32_t bits, char *text, size_t bytes);

#endif

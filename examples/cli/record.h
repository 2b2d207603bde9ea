/*
 * record.h - records as rows of tables, led by the columns the library declares for its stores.
 */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "table.h"

#include <holdfast.h>

/* Which columns of which records are shown. */
typedef struct record_view {
    const char *title;
    const char *table;          /* as in hf_store_schema */
    const char *const *columns; /* NULL-terminated */
} record_view;

extern const record_view view_orders;
extern const record_view view_lines;
extern const record_view view_legs;
extern const record_view view_adjustments;
extern const record_view view_payments;
extern const record_view view_accounts;
extern const record_view view_units;
extern const record_view view_items;
extern const record_view view_holds;
extern const record_view view_events;
extern const record_view view_cursors;
extern const record_view view_txns;
extern const record_view view_branches;
extern const record_view view_attempts;

/* The table of the schema with that name, which must be there. */
const hf_table *record_table_of(const char *name);

/* A table for records of a view. */
table *record_table(const record_view *view);

/* Adds one record. */
void record_row(table *t, const record_view *view, const void *record);

enum { TIME_TEXT = 48 };

/* A time in ISO 8601, in `text`; NULL for none. */
const char *time_text(int64_t ms, char text[TIME_TEXT]);

/* The names of attention bits, with commas; `text` has `bytes`. */
void attention_text(uint32_t bits, char *text, size_t bytes);

#endif

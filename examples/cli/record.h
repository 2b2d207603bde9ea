/*
 * record.h - records as rows of tables, led by the columns the library declares for its stores.
 */
#ifndef CLI_RECORD_H
#define CLI_RECORD_H

#include "amounts.h"
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

/* A table for records of a view. */
table *record_table(const record_view *view);

/*
 * Adds one record. `all`: the units that amounts are printed in; NULL: the integers as stored.
 * `unit` is that of amounts for which the record names none: the currency of the order; or NULL.
 */
void record_row(table *t, const record_view *view, const void *record, const amounts *all,
                const char *unit);

#endif

/*
 * when.h - times as people write them.
 */
#ifndef COMMON_WHEN_H
#define COMMON_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* Days since 1970-01-01 of a date of the Gregorian calendar. */
int64_t when_days(int year, int month, int day);

/*
 * Reads "2026-01-31", "2026-01-31T09:30", "2026-01-31T09:30:15" or "2026-01-31T09:30:15.250", each
 * with or without "Z", as UTC, from 1970 to 9999, into milliseconds since 1970. False when the text
 * is none of these or the date does not exist.
 */
bool when_read(const char *text, int64_t *out);

#endif

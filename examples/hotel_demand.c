/*
 * hotel_demand.c - bookings with the shape of real hotel demand, and the reader of a file of them.
 *
 * A file is CSV with the columns of the published "Hotel booking demand" data, found by their
 * names. There is no booking id: equal rows are different bookings. Months are English names, days
 * have no hours, and the rate (adr) may be 0 or below. Fields may stand in quotes and have blanks
 * behind.
 */
#define _XOPEN_SOURCE 700 /* strptime */
#include "hotel_demand.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400, YEAR = 365, MONTHS = 12, PERCENT = 100, CENTS = 100, TEN = 10 };
enum { FIELDS_MAX = 64, TEXT = 128, YEAR_1970 = 70, YEARS_MAX = 200 };
enum { ROOMS = 125 }; /* percent of the stays of an average night; the data have no number */

static const char *const outcomes[] = {"Canceled", "Check-Out", "No-Show"};
static const char *const deposits[] = {"No Deposit", "Refundable", "Non Refund"};
static demand all = {.first_day = LONG_MAX, .first_night = LONG_MAX};
static const char *heads[FIELDS_MAX], *fields[FIELDS_MAX]; /* of the file, of a row */
static int width;

static void check(int good, const char *what, const char *why)
{
    if (good)
        return;
    fprintf(stderr, "%s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static size_t kind_of(const char *name)
{
    for (size_t i = 0; i < all.kind_count; i++)
        if (strcmp(all.kinds[i].name, name) == 0)
            return i;
    check(all.kind_count < KINDS_MAX, name, "too many kinds of rooms");
    snprintf(all.kinds[all.kind_count].name, KIND_BYTES, "%.63s", name);
    return all.kind_count++;
}

/* Only a cancelled booking has an end of its own, which is not before it was made. */
static void add(booking b)
{
    check(b.nights >= 0 && b.nights <= NIGHTS_MAX, "nights of a stay", "too many, or below zero");
    check(all.booking_count < BOOKINGS_MAX, "bookings", "too many");
    if (b.outcome != CANCELED)
        b.ended = b.arrival;
    else if (b.ended < b.booked)
        b.ended = b.booked;
    all.first_day = b.booked < all.first_day ? b.booked : all.first_day;
    all.first_night = b.arrival < all.first_night ? b.arrival : all.first_night;
    all.last_night = b.arrival + b.nights > all.last_night ? b.arrival + b.nights : all.last_night;
    all.kinds[b.kind].rooms += b.outcome == CHECK_OUT ? b.nights : 0;
    all.bookings[all.booking_count++] = b;
}

static const demand *finish(void)
{
    check(all.booking_count > 0, "bookings", "there are none");
    for (size_t i = 0; i < all.kind_count; i++)
        all.kinds[i].rooms =
            1 + all.kinds[i].rooms * ROOMS / PERCENT / (all.last_night - all.first_night + 1);
    return &all;
}

static long day_of(const char *text, const char *format)
{
    struct tm date = {.tm_mday = 1};
    const char *end = strptime(text, format, &date);
    check(end != NULL && *end == '\0' && date.tm_year >= YEAR_1970 && date.tm_year < YEARS_MAX,
          text, "is no date");
    return mktime(&date) / DAY_S;
}

static long pick(long count)
{
    static unsigned short seed[3];
    return nrand48(seed) % count;
}

/* Most stay a few nights, a few a month; many book late, some two years ahead; summers are full. */
const demand *demand_made_up(long count)
{
    static const long nights[] = {1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 7, 7};
    static const long season[] = {4, 5, 7, 8, 9, 9, 10, 12, 9, 8, 5, 5}; /* of 12, by month */
    static const char *const kinds[] = {"City Hotel/A", "City Hotel/D", "Resort Hotel/A"};
    enum { CANCELLED = 37, GONE = 1, LONG_STAYS = 1, WAITERS = 5, PAID_FIRST = 13 }; /* percent */
    enum { LEAD_MAX = 2 * YEAR, MONTH = 30, RATE_MAX = 20000, USUAL = 16, KINDS = 3 };
    const long start = day_of("2016-01-01", "%Y-%m-%d");
    for (long i = 0; i < count; i++) {
        long day = pick(YEAR);
        while (season[day * MONTHS / YEAR] <= pick(MONTHS))
            day = pick(YEAR);
        const long lead = pick(LEAD_MAX + 1) * pick(PERCENT) / PERCENT * pick(PERCENT) / PERCENT;
        const long fate = pick(PERCENT), paid = pick(PERCENT);
        booking b = {.kind = kind_of(kinds[pick(KINDS)]), .arrival = start + day};
        b.booked = b.arrival - lead;
        b.ended = b.booked + pick(lead + 1);
        b.nights = pick(PERCENT) < LONG_STAYS ? pick(MONTH + 1) : nights[pick(USUAL)];
        b.outcome = fate < CANCELLED ? CANCELED : fate < CANCELLED + GONE ? NO_SHOW : CHECK_OUT;
        b.deposit = paid == 0 ? REFUNDABLE : paid < PAID_FIRST ? NON_REFUND : NO_DEPOSIT;
        b.waits = pick(PERCENT) < WAITERS;
        b.rate = pick(PERCENT) == 0 ? 0 : pick(RATE_MAX);
        add(b);
    }
    return finish();
}

/* Cuts a row into its fields; returns how many. */
static int split(char *row, const char **parts)
{
    int count = 0;
    while (row != NULL && count < FIELDS_MAX) {
        const char *const stops = *row == '"' ? "\"" : ",\r\n";
        row += *row == '"';
        char *end = row + strcspn(row, stops), *comma = strchr(end, ',');
        while (end > row && end[-1] == ' ')
            end--;
        *end = '\0';
        parts[count++] = row;
        row = comma == NULL ? NULL : comma + 1;
    }
    return count;
}

static int find(const char *text, const char *const *list, int count)
{
    int i = 0;
    while (i < count && strcmp(text, list[i]) != 0)
        i++;
    check(i < count, text, "is missing or not known");
    return i;
}

static const char *field(const char *name)
{
    return fields[find(name, heads, width)];
}

static long number(const char *name)
{
    char *end;
    const long value = strtol(field(name), &end, TEN);
    check(end != field(name) && *end == '\0', field(name), "is no whole number");
    return value;
}

/* Cents of "75.5"; a rate below zero is free. */
static long rate(const char *text)
{
    char *end;
    long cents = strtol(text, &end, TEN) * CENTS;
    check(end != text && (*end == '.' || *end == '\0'), text, "is no rate");
    for (long unit = CENTS / TEN; *end != '\0' && *++end != '\0'; unit /= TEN)
        cents += *end >= '0' && *end <= '9' ? unit * (*end - '0') : 0;
    return *text == '-' ? 0 : cents;
}

static booking read_row(void)
{
    char text[TEXT];
    snprintf(text, TEXT, "%s/%s", field("hotel"), field("reserved_room_type"));
    booking b = {.kind = kind_of(text)};
    snprintf(text, TEXT, "%s-%s-%s", field("arrival_date_year"), field("arrival_date_month"),
             field("arrival_date_day_of_month"));
    b.arrival = day_of(text, "%Y-%B-%d");
    b.booked = b.arrival - number("lead_time");
    b.nights = number("stays_in_weekend_nights") + number("stays_in_week_nights");
    b.waits = number("days_in_waiting_list") > 0;
    b.rate = rate(field("adr"));
    b.deposit = find(field("deposit_type"), deposits, DEPOSITS);
    b.outcome = find(field("reservation_status"), outcomes, OUTCOMES);
    b.ended = day_of(field("reservation_status_date"), "%Y-%m-%d");
    return b;
}

const demand *demand_of_file(const char *path)
{
    FILE *file = fopen(path, "r");
    check(file != NULL, path, "cannot be read");
    char *head = NULL, *row = NULL;
    size_t head_space = 0, row_space = 0;
    width = getline(&head, &head_space, file) > 0 ? split(head, heads) : 0;
    while (getline(&row, &row_space, file) > 0) {
        check(split(row, fields) == width, path, "a row has another length");
        add(read_row());
    }
    free(head);
    free(row);
    fclose(file);
    return finish();
}

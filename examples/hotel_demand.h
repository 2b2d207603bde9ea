/*
 * hotel_demand.h - what guests ask of a hotel in a year: made up, or read from a file. It is the
 * input of hotel.c and knows nothing of holdfast.
 */
#ifndef HOTEL_DEMAND_H
#define HOTEL_DEMAND_H

#include <stddef.h>

enum { BOOKINGS_MAX = 1000000, KINDS_MAX = 64, KIND_BYTES = 64, NIGHTS_MAX = 128 };

enum { CANCELED, CHECK_OUT, NO_SHOW, OUTCOMES };
enum { NO_DEPOSIT, REFUNDABLE, NON_REFUND, DEPOSITS };

/* What a guest asks for, and what comes of it. */
typedef struct booking {
    int outcome, deposit;        /* as numbered above */
    int waits;                   /* the guest accepts a place on the wait-list */
    size_t kind;                 /* of room */
    long booked, arrival, ended; /* days since 1970 */
    long nights;                 /* 0: the room is used on the day of arrival only */
    long rate;                   /* cents a night */
} booking;

/* A kind of room: the hotel and its type of room. */
typedef struct room_kind {
    char name[KIND_BYTES];
    long rooms;
} room_kind;

typedef struct demand {
    booking bookings[BOOKINGS_MAX];
    size_t booking_count;
    room_kind kinds[KINDS_MAX];
    size_t kind_count;
    long first_day; /* on which somebody books */
    long first_night, last_night;
} demand;

/* So many bookings, always the same; or those of a file. What is wrong is printed, and ends the
 * program. */
const demand *demand_made_up(long count);
const demand *demand_of_file(const char *path);

#endif

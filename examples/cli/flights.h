/*
 * flights.h - groups of lines that were submitted and have not ended: one operation, or a chain.
 *
 * A group keeps the text of its lines until it has ended, so that it can be submitted once more.
 * The user_data of an operation names its group and its position there.
 */
#ifndef CLI_FLIGHTS_H
#define CLI_FLIGHTS_H

#include "answers.h"

typedef struct flight {
    char *text; /* the lines one after the other, each of them ends with a zero byte */
    size_t text_bytes, text_room;
    uint64_t lines[HF_CHAIN_MAX]; /* their numbers */
    uint32_t index;               /* of the group in flights.all */
    uint32_t count;               /* of lines */
    uint32_t answered;
    hf_completion *refused; /* by position, status 0: not refused; NULL: no line was refused */
    int again;              /* the RETRYABLE error of a line; 0: none */
    struct flight *next;
} flight;

/* Zero it before its first use. */
typedef struct flights {
    flight **all;
    size_t count, room;
    flight *idle;        /* groups that are not used */
    flight *again;       /* groups to be submitted once more, in the order of their answers */
    flight **again_last; /* where the next one is added */
    answers *answers;    /* what has ended goes there */
} flights;

/* A new empty group. */
flight *flights_begin(flights *f);

/* Adds a line, and gives the user_data of its operation. */
uint64_t flight_add(flight *g, uint64_t line, const char *text, size_t bytes);

/* Takes the answer of one operation. A group that may be repeated is added to `again`. */
void flights_answer(flights *f, const hf_completion *done);

/* Whether an operation that ended with the error may succeed when it is submitted once more. */
bool flights_may_repeat(int error);

/* Takes all groups out of `again`; the first one. */
flight *flights_take_again(flights *f);

/* Makes a group ready to be submitted once more. */
void flight_reset(flight *g);

/* Gives the answers of a group that is not repeated, and ends it. */
void flights_end(flights *f, flight *g);

/* The lowest line of the groups in `again`; 0: there is none. */
uint64_t flights_first_again(const flights *f);

/* Frees everything. */
void flights_fini(flights *f);

#endif

/*
 * booking.h - a participant that reserves over HTTP: /try, /confirm and /cancel of
 * examples/provider/fake_provider.py. A connection a call; what is not understood is UNKNOWN.
 */
#ifndef HOLDFAST_TESTS_BOOKING_H
#define HOLDFAST_TESTS_BOOKING_H

#include <holdfast.h>
#include <uv.h>

typedef struct booking {
    uv_loop_t *loop;
    hf_engine *engine;
    int port; /* on loopback */
} booking;

/* Registers it as "booking"; the payload of its branches is the amount as text. */
int booking_register(booking *b);

#endif

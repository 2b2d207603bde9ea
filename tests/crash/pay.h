/*
 * pay.h - what the load asks for: each operation follows from its cycle and number.
 */
#ifndef HOLDFAST_TESTS_PAY_H
#define HOLDFAST_TESTS_PAY_H

#include "booking.h"

enum { PAY_PAGE = 256 };

typedef struct load {
    uv_loop_t *loop;
    hf_engine *engine;
    booking booking;
    uv_timer_t tick;
    uint32_t cycle;
    uint32_t number; /* of the next operation */
    uint32_t in_flight;
    uint32_t found;      /* rows of the last list */
    hf_id ids[PAY_PAGE]; /* of its transactions */
} load;

/* Ends the process when `code` is an error. */
void pay_check(load *l, const char *what, int code);

/* Submits one operation; what it brings is taken from the completions. */
void pay_submit(load *l, uint32_t type, const void *args);

/* The operation of that cycle and number: an order, a transaction, or something about one. */
void pay_ask(load *l, uint32_t cycle, uint32_t number);

/* The same when it is a transaction, which may be submitted again; else nothing. */
void pay_repeat(load *l, uint32_t cycle, uint32_t number);

/* Items, wallets and the till, when they are not there. */
void pay_open_accounts(load *l);

#endif

/*
 * load.h - puts load on an engine and measures it: one thread, one loop, callbacks.
 *
 * Closed loop: a fixed number of orders is in flight, each callback begins the next. Open loop:
 * orders begin at a fixed rate, whatever has ended, and each is measured from when it was to
 * begin, so that waiting behind a slow one counts (no coordinated omission).
 *
 * An order has two lines, takes stock of two items out of 10,000 and pays from one of 10,000
 * wallets. Uses the public headers only.
 */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "choice.h"
#include "latency.h"

#include <holdfast.h>
#include <stdbool.h>

#define LOAD_IN_FLIGHT_MAX 16384u

/* What is done again and again. */
typedef enum load_form {
    LOAD_CHECKOUT = 0,  /* held, sold, authorized and captured in one durable step */
    LOAD_TWO_PHASE = 1, /* placed until a deadline, then paid and confirmed: two durable steps */
    LOAD_GET = 2,       /* an order read by its id, with lines and payments */
    LOAD_LIST = 3,      /* the newest 20 orders of a customer */
    LOAD_PEEK = 4,      /* an order in the read cache, or as GET when it is not there */
    LOAD_PEEK_MANY = 5, /* the same of all orders in flight, in one call */
} load_form;

#define LOAD_FORMS 6u

/* The read cache of an engine. */
typedef enum load_cache {
    LOAD_CACHE_DEFAULT = 0,
    LOAD_CACHE_NONE = 1,
    LOAD_CACHE_ALL = 2, /* large enough for every order that reads choose from */
} load_cache;

extern const char *const load_form_names[LOAD_FORMS];

/* What is run. It ends after `operations` or `seconds`, whichever comes first; 0: not by it. */
typedef struct load_case {
    uint64_t operations;
    double seconds;
    double rate; /* open loop: operations a second; 0: closed loop */
    uint32_t form;
    uint32_t spread;    /* choice_spread; of single orders that are read ZIPF has exponent 1 */
    uint32_t in_flight; /* 1..LOAD_IN_FLIGHT_MAX; open loop: at most so many */
    uint32_t cache;     /* load_cache of the engine that the case is for */
} load_case;

/* What was measured. */
typedef struct load_result {
    uint64_t operations;
    uint64_t batches;
    double seconds;
    double cpu_s;           /* of the whole process */
    uint64_t engine_bytes;  /* allocated by the engine at the end */
    uint64_t engine_most;   /* and at most */
    uint64_t resident_most; /* of the process, bytes */
    uint64_t dirty_bytes;   /* that the store lacks at the end */
    uint64_t journal_bytes; /* of the journal's files at the end */
    uint64_t checkpoints;
    latency latency;
} load_result;

/* How an engine is opened. */
typedef struct load_options {
    const char *url;
    const char *durability; /* a name that load_durability knows */
    uint64_t journal_bytes; /* at most; 0: the engine's default */
    int64_t clock_ms;       /* a virtual clock that stands still; 0: the real one */
    hf_log_cb log;          /* receives the engine's lines; NULL: nobody does */
    uint32_t log_level;
    const char *metrics; /* file for the engine's figures; NULL: none */
    bool is_inline;      /* no thread beside the caller's */
    uint32_t cache;      /* load_cache */
} load_options;

typedef struct load load;

/* By name: "default" (the engine's), "journal", "store" or "none"; -1: there is no such. */
int load_durability(const char *name, uint32_t *out);

/* Opens an engine; NULL: no memory, else see load_error. */
load *load_open(const load_options *options);

/* "" while nothing failed, else what and why. */
const char *load_error(const load *l);

/* Ends and frees; takes NULL. -1 when closing failed. */
int load_close(load *l);

/* These return 0, or -1 with load_error. */

/* Makes the items and wallets in a store that has none. */
int load_fill(load *l);

/* Runs a case. Reads are of orders that runs of this engine placed. */
int load_run(load *l, const load_case *c, load_result *out);

/* Waits until the store has all that is in the journal, for two minutes at most. */
int load_settle(load *l);

/* An order that was placed, for those who write the like. */
typedef struct load_order {
    hf_id order;
    hf_id payment;
    char skus[2][CHOICE_NAME_BYTES + 1];
    char wallet[CHOICE_NAME_BYTES + 1];
    uint64_t seq; /* of the last event */
} load_order;

/* Runs one durable step of the first order of a form: step 0, then, of TWO_PHASE, step 1. */
int load_step(load *l, uint32_t form, uint32_t step, load_order *of);

hf_engine *load_engine(load *l);

/* Waits for one event of the loop, for those who call the engine themselves. */
void load_turn(load *l);

#endif
